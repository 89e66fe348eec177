package org.bellwether.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.machine.Payload;
import org.bellwether.machine.Machine;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Raft;

/// Lets the state machine go on by newer rules when every node of the list knows them. The step is an entry of the
/// log, so all take it at the same place; there is no way back.
///
/// A node that is down holds the step up: it may be of any age. So does a program that is kept old on purpose. But a
/// cluster in which nothing was ever written begins with the newest rules that its leader knows.
final class Upgrade {
    private final NodeId self;
    private final int versionMax;
    private final Machine machine;
    private final ClusterTime time;
    private final Host host;
    private final Map<NodeId, Integer> newest = new HashMap<>();
    private long officeTerm;
    private int proposed;

    Upgrade(NodeId self, int versionMax, Machine machine, ClusterTime time, Host host) {
        this.self = self;
        this.versionMax = versionMax;
        this.machine = machine;
        this.time = time;
        this.host = host;
    }

    /// Of a node that takes this one for its leader.
    void reported(NodeId from, int itsVersionMax) {
        newest.put(from, itsVersionMax);
    }

    /// What can be performed, and read by everybody, by the rules in effect. The rest is refused before it gets into
    /// the log, for a node that knows no newer ones could not read it there.
    List<Call.Write> admit(List<Call.Write> writes) {
        int version = machine.version();
        var admitted = new ArrayList<Call.Write>(writes.size());
        for (var write : writes) {
            if (write.version <= version)
                admitted.add(write);
            else
                write.answer(new Outcome.Refused(Machine.tooEarly(write.version, version)));
        }
        return admitted;
    }

    /// Called at every heartbeat interval while this node leads.
    void look(Raft core) {
        if (officeTerm != core.term()) {
            officeTerm = core.term();
            newest.clear();
            proposed = 0;
        }
        reported(self, versionMax);
        // What is not applied yet may hold writes, and other rules.
        if (!time.isSet(core)) return;
        int common = isToCome() ? versionMax : commonTo(core.membership());
        if (common > Math.max(machine.version(), proposed)
                && host.propose(Payload.raise(common, time.millis()))) {
            proposed = common;
        }
    }

    /// Whether a cluster that begins is still to get its rules: within a round trip of its first leader's election.
    boolean isToCome() {
        return machine.isEmpty() && machine.version() < versionMax;
    }

    private int commonTo(Membership list) {
        int common = Integer.MAX_VALUE;
        for (var member : list.members())
            common = Math.min(common, newest.getOrDefault(member.id(), 1));
        return common;
    }
}
