package org.bellwether.raft;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bellwether.api.NodeId;

/// What must hold after every step of every core (Raft, figure 3), and what a promise must wait for.
final class Rules {
    private final Map<Long, NodeId> leaders = new HashMap<>();
    private final Map<Position, Made> made = new HashMap<>();
    private final Map<String, NodeId> votes = new HashMap<>();
    /// Whatever any node held for committed; index 1 is the bootstrap record.
    private final List<Position> committed = new ArrayList<>(List.of(new Position(0, 1)));

    /// An entry has one content, and one predecessor: this, for every entry of every log ever, is Log Matching.
    private record Made(Position previous, Entry.Kind kind, byte[] payload) {}

    /// @param effects of the step that just happened; not performed yet
    void check(Core core, Effects effects) {
        promisesWait(core, effects);
        if (effects.persist() != null) logMatching(core, effects.persist());
        applyingIsSynced(core, effects);
        electionSafety(core);
        committedNeverChanges(core);
    }

    List<Position> committed() {
        return committed;
    }

    private static void require(boolean holds, String rule, Core core, Object detail) {
        if (!holds) throw new AssertionError(rule + ", says " + core + ": " + detail);
    }

    private void promisesWait(Core core, Effects effects) {
        for (var envelope : effects.sendNow()) {
            boolean promise = switch (envelope.message()) {
                case Message.AppendAck _ -> true;
                case Message.VoteReply reply ->
                    reply.granted() && reply.kind() != Message.VoteKind.PRE_VOTE;
                case Message.VoteRequest request -> request.kind() != Message.VoteKind.PRE_VOTE;
                default -> false;
            };
            require(!promise, "promised before synced", core, envelope);
        }
    }

    /// @param envelope that leaves the node now
    void leaves(Core core, Envelope envelope) {
        switch (envelope.message()) {
            case Message.VoteReply reply when reply.granted()
                    && reply.kind() != Message.VoteKind.PRE_VOTE ->
                voted(core, reply.term(), envelope.to());
            case Message.VoteRequest request when request.kind() != Message.VoteKind.PRE_VOTE ->
                voted(core, request.term(), core.id);
            case Message.AppendAck ack -> require(keeps(core, ack.matched()),
                    "acknowledged what its disk does not hold", core, ack);
            default -> {
            }
        }
    }

    private void voted(Core core, long term, NodeId whom) {
        var earlier = votes.putIfAbsent(core + " in " + term, whom);
        require(earlier == null || earlier.equals(whom), "voted twice in a term", core, term);
        var kept = core.keptBallot;
        require(kept.term() > term || kept.term() == term && whom.equals(kept.vote()),
                "a vote left before it was synced", core, term);
    }

    private void logMatching(Core core, Persist persist) {
        for (var entry : persist.entries()) {
            var previous = new Position(core.raft().termAt(entry.index() - 1), entry.index() - 1);
            var now = new Made(previous, entry.kind(), entry.payload());
            var first = made.putIfAbsent(entry.position(), now);
            require(first == null
                    || first.previous.equals(previous) && first.kind == entry.kind()
                            && Arrays.equals(first.payload, entry.payload()),
                    "logs do not match", core, entry);
        }
    }

    private void applyingIsSynced(Core core, Effects effects) {
        long index = core.applied.size();
        for (var entry : effects.committed()) {
            require(entry.index() == ++index, "applied out of order", core, entry);
            require(entry.index() <= core.raft().commitIndex(), "applied early", core, entry);
            require(keeps(core, entry.position()), "applied before synced", core, entry);
        }
    }

    private void electionSafety(Core core) {
        if (!core.raft().leads()) return;
        var first = leaders.putIfAbsent(core.raft().term(), core.id);
        require(first == null || first.equals(core.id), "two leaders in a term", core,
                core.raft().term());
        // Leader Completeness: no leader may lack what was ever committed in an earlier term.
        if (first == null) {
            for (var position : committed)
                require(holds(core, position), "a leader lacks what is committed", core, position);
        }
    }

    private void committedNeverChanges(Core core) {
        long through = core.raft().commitIndex();
        long from = Math.max(core.raft().base().index(), Math.min(committed.size(), through - 64));
        for (long i = Math.max(1, from); i <= through; i++) {
            var position = new Position(core.raft().termAt(i), i);
            if (i <= committed.size()) {
                require(committed.get((int) i - 1).equals(position),
                        "two entries committed at one index", core, position);
            } else {
                committed.add(position);
            }
        }
    }

    private static boolean keeps(Core core, Position position) {
        return position.index() < core.keptBase.index() || core.keeps(position);
    }

    private static boolean holds(Core core, Position position) {
        return position.index() < core.raft().base().index()
                || position.index() <= core.raft().last().index()
                        && core.raft().termAt(position.index()) == position.term();
    }
}
