package org.bellwether.node;

import java.util.Comparator;
import java.util.function.Predicate;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Raft;
import org.jspecify.annotations.Nullable;

/// What a leader does about the list of nodes when nobody asks: as many voters as wanted, made of learners
/// that are level; a voter that has been silent for long replaced by one. Every step leaves a list whose
/// majority is there, and promotion comes before removal.
final class Caretaker {
    private final NodeId self;
    private final int silentTicksMax;
    private final long deadTicks;
    private final RollCall rollCall;
    /// The commit index of two looks ago and one look ago: who holds the log up to the older one keeps up.
    private long older;
    private long newer;

    Caretaker(NodeId self, ClusterConfig config) {
        this.self = self;
        this.silentTicksMax = config.ticks(config.electionTimeout());
        this.deadTicks = config.deadAfter().isZero()
                ? Long.MAX_VALUE
                : config.ticks(config.deadAfter());
        this.rollCall = new RollCall(
                Math.ceilDiv(silentTicksMax, config.ticks(config.heartbeat())));
    }

    /// Called at every heartbeat interval while this node leads.
    void look(Raft core) {
        older = newer;
        newer = core.commitIndex();
        rollCall.look();
    }

    /// Called when this node takes office.
    void begin() {
        older = Long.MAX_VALUE;
        newer = Long.MAX_VALUE;
        rollCall.end();
    }

    /// Its link is open, and since this node leads it was heard, within an election timeout.
    boolean isHeard(Raft core, NodeId node) {
        if (node.equals(self)) return true;
        var report = core.report(node);
        return report != null && report.heardEver() && mayBeHeard(core, node);
    }

    /// Its link is open, and it has not been silent for an election timeout since this node leads. A link of a machine
    /// that is gone stays open for a while, so this proves nothing; that it is closed does.
    boolean mayBeHeard(Raft core, NodeId node) {
        if (node.equals(self)) return true;
        var report = core.report(node);
        return report != null && report.linked() && report.silentTicks() < silentTicksMax;
    }

    private boolean isDead(Raft core, NodeId node) {
        if (node.equals(self)) return false;
        var report = core.report(node);
        return report != null && report.silentTicks() >= deadTicks;
    }

    /// The learner that could become a voter now; null if none is level.
    ///
    /// @param except not this one
    @Nullable
    NodeId levelLearner(Raft core, @Nullable NodeId except) {
        return core.membership().members().stream().filter(member -> !member.voter())
                .map(Member::id)
                .filter(id -> !id.equals(except) && isHeard(core, id) && matchOf(core, id) >= older)
                .max(Comparator.<NodeId>comparingLong(id -> matchOf(core, id))
                        .thenComparing(Comparator.reverseOrder()))
                .orElse(null);
    }

    /// Whether this list may become the next one.
    enum Safety {
        /// A majority of its voters is there.
        SAFE,
        /// It is known soon, at a heartbeat.
        ASKING,
        /// Too few of them are heard.
        UNSAFE
    }

    Safety safety(Raft core, Membership list) {
        var safety = Safety.ASKING;
        if (isMajority(list, voter -> isThere(core, voter))) {
            safety = Safety.SAFE;
        } else if (!isMajority(list, voter -> mayBeHeard(core, voter))) {
            safety = Safety.UNSAFE;
        }
        if (safety != Safety.ASKING) rollCall.end();
        return safety;
    }

    private boolean isThere(Raft core, NodeId voter) {
        return voter.equals(self)
                || rollCall.hasAnswered(core, voter) && mayBeHeard(core, voter);
    }

    private static boolean isMajority(Membership list, Predicate<NodeId> which) {
        return list.voters().stream().filter(which).count() > list.voters().size() / 2;
    }

    /// A step that should be made.
    ///
    /// @param dead the voter that it takes out because it was silent for so long
    record Step(Membership next, @Nullable Member dead) {}

    /// The next step that should be made, null if there is none.
    @Nullable
    Step next(Raft core) {
        var list = core.membership();
        int voters = list.voters().size();
        if (voters > list.votersTarget()) return fewerVoters(core, list);
        boolean wanted = voters < list.votersTarget() || dead(core, list) != null;
        var learner = wanted ? levelLearner(core, null) : null;
        return learner == null ? null : safeStep(core, list.withVoter(learner, true), null);
    }

    /// A dead voter leaves for ever; of the living, the one that is furthest behind learns again.
    private @Nullable Step fewerVoters(Raft core, Membership list) {
        var dead = dead(core, list);
        var leaving = dead != null ? dead : furthestBehind(core, list);
        if (leaving == null) return null;
        return dead == null
                ? safeStep(core, list.withVoter(leaving, false), null)
                : safeStep(core, list.without(leaving), list.find(dead));
    }

    private @Nullable Step safeStep(Raft core, Membership next, @Nullable Member dead) {
        return safety(core, next) == Safety.SAFE ? new Step(next, dead) : null;
    }

    private @Nullable NodeId dead(Raft core, Membership list) {
        return firstVoter(list, id -> isDead(core, id));
    }

    private @Nullable NodeId furthestBehind(Raft core, Membership list) {
        return list.members().stream().filter(Member::voter).map(Member::id)
                .filter(id -> !id.equals(self))
                .min(Comparator.<NodeId>comparingInt(id -> isHeard(core, id) ? 1 : 0)
                        .thenComparingLong(id -> matchOf(core, id)).thenComparing(id -> id))
                .orElse(null);
    }

    private static long matchOf(Raft core, NodeId id) {
        var report = core.report(id);
        return report == null ? 0 : report.matchIndex();
    }

    private static @Nullable NodeId firstVoter(Membership list, Predicate<NodeId> wanted) {
        return list.voters().stream().filter(wanted).findFirst().orElse(null);
    }
}
