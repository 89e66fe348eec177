package org.bellwether.node;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.machine.Machine;
import org.bellwether.machine.Payload;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Raft;
import org.bellwether.storage.Storage;

/// Puts the time into the log while this node leads: with everything that is appended, and when a key falls due,
/// so that it is absent on time even if nobody writes. The entry that says so also names the keys, and
/// their rows go. One such entry at a time, of at most [Limits#DUE_KEYS_MAX] keys: when very many keys end
/// together, all are absent at once, and their rows go in slices.
final class ClusterTime {
    /// The first version of the rules that knows time.
    private static final int VERSION = 2;

    private final Machine machine;
    private final Storage storage;
    private final Host host;
    private final Loop loop;
    private final Limits limits;
    private final ClusterClock clock;
    /// Of the last entry that is applied.
    private long appliedTerm;
    private long officeTerm;
    /// The entry that removes what was due, until it is applied.
    private long removing;

    ClusterTime(NodeParts parts, Machine machine, Host host) {
        this.machine = machine;
        this.storage = parts.storage();
        this.host = host;
        this.loop = parts.loop();
        this.limits = parts.limits();
        this.clock = new ClusterClock(parts.wallMillis());
    }

    /// In milliseconds since 1970, as it would be said now.
    long millis() {
        return clock.millis(loop.nanoTime());
    }

    /// Whether this leader can say how late it is. An earlier one's clock may have been behind this one, and keys that
    /// it has set would end too early, by as much: so nothing is stamped before its last entry is applied,
    /// which sets this clock by it. After an election that takes one round trip.
    boolean isSet(Raft core) {
        return appliedTerm == core.term();
    }

    /// What commands are appended with; 0 while the rules in effect know no time.
    long stamp() {
        return machine.version() < VERSION ? 0 : millis();
    }

    /// Tables were found or installed.
    ///
    /// @param term of the last entry that is in them
    void found(long term) {
        appliedTerm = term;
        clock.applied(storage.mark().stamp(), false, loop.nanoTime());
    }

    void applied(Entry entry) {
        appliedTerm = entry.term();
        if (entry.kind() != Entry.Kind.COMMANDS || !Payload.isStamped(entry.payload())) return;
        var core = host.core();
        boolean own = core != null && core.leads() && core.term() == appliedTerm;
        clock.applied(storage.mark().stamp(), own, loop.nanoTime());
    }

    /// Called at every tick while this node leads.
    void tick(Raft core) {
        if (officeTerm != core.term()) {
            officeTerm = core.term();
            removing = 0;
        }
        if (machine.version() < VERSION || !isSet(core) || storage.applied() < removing
                || !host.trusted()) {
            return;
        }
        long now = millis();
        var due = storage.expiring(now, Limits.DUE_KEYS_MAX);
        if (!due.isEmpty() && host.proposeRemoval(Payload.due(now, fitting(due))))
            removing = core.last().index();
    }

    private List<Bytes> fitting(List<Bytes> keys) {
        var fitting = new ArrayList<Bytes>(keys.size());
        long bytes = Payload.HEADER_BYTES;
        for (var key : keys) {
            bytes += Payload.DUE_HEADER_BYTES + key.length();
            if (bytes > limits.entryBytesMax()) break;
            fitting.add(key);
        }
        return fitting;
    }
}
