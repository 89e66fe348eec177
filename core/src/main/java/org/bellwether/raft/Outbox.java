package org.bellwether.raft;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// Collects the effects of one step.
final class Outbox {
    private List<Envelope> now = List.of();
    private List<Envelope> whenSynced = List.of();
    private @Nullable Ballot ballot;
    private Persist.@Nullable Restart restart;
    private long truncateFrom;
    private List<Entry> entries = List.of();
    private List<Entry> committed = List.of();
    private List<Effects.Fetch> fetches = List.of();
    private long readableThrough;
    private @Nullable Position appended;
    private @Nullable NodeId snapshotFrom;

    void send(NodeId to, Message message) {
        if (now.isEmpty()) now = new ArrayList<>();
        now.add(new Envelope(to, message));
    }

    void sendWhenSynced(NodeId to, Message message) {
        if (whenSynced.isEmpty()) whenSynced = new ArrayList<>();
        whenSynced.add(new Envelope(to, message));
    }

    void keep(Ballot latest) {
        ballot = latest;
    }

    void restart(Position base, Entry membership) {
        restart = new Persist.Restart(base, membership);
    }

    void truncate(long from) {
        if (!entries.isEmpty())
            throw new IllegalStateException("truncation after an append in one step");
        truncateFrom = from;
    }

    void append(Entry entry) {
        if (entries.isEmpty()) entries = new ArrayList<>();
        entries.add(entry);
    }

    void proposed(Position position) {
        appended = position;
    }

    void commit(Entry entry) {
        if (committed.isEmpty()) committed = new ArrayList<>();
        committed.add(entry);
    }

    void release(long ticket) {
        readableThrough = ticket;
    }

    void fetch(Effects.Fetch fetch) {
        if (fetches.isEmpty()) fetches = new ArrayList<>();
        fetches.add(fetch);
    }

    void fetchSnapshot(NodeId from) {
        snapshotFrom = from;
    }

    Effects take(long commitIndex) {
        boolean nothing = ballot == null && restart == null && truncateFrom == 0
                && entries.isEmpty();
        var persist = nothing
                ? null
                : new Persist(ballot, restart, truncateFrom, entries, commitIndex);
        var effects = new Effects(now, persist, whenSynced, committed, readableThrough, fetches,
                appended, snapshotFrom);
        now = List.of();
        whenSynced = List.of();
        ballot = null;
        restart = null;
        truncateFrom = 0;
        entries = List.of();
        committed = List.of();
        fetches = List.of();
        readableThrough = 0;
        appended = null;
        snapshotFrom = null;
        return effects;
    }
}
