package org.bellwether.node;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Command;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.api.Outcome.Busy;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.log.LogStore;
import org.bellwether.raft.Event;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Raft;
import org.jspecify.annotations.Nullable;

/// Changes of the list of nodes while this node leads, one at a time: what callers asked for, in order, and
/// when nobody asks, what the [Caretaker] finds. Nothing in here is appended yet, so whoever leaves it
/// unserved leaves with "nothing happened".
final class Changes {
    private static final Outcome NO_ROOM = new Outcome.Refused(new Refusal.StorageFull(
            "the leader's disk has no room left for the log, not even for a list of nodes"));

    private final NodeParts parts;
    private final Limits limits;
    private final Host host;
    private final EventLog events;
    private final Writes writes;
    private final Caretaker caretaker;
    private final Deque<Call.Write> asked = new ArrayDeque<>();

    /// What a change comes to.
    private sealed interface Verdict {
        record Refuse(String why) implements Verdict {}

        /// It is so already.
        record Answer(Result result) implements Verdict {}

        record Append(Membership next) implements Verdict {}

        /// Something else has to be done before it.
        record First(Membership next) implements Verdict {}

        /// It is known soon; this is asked again at the next heartbeat.
        record Wait() implements Verdict {}
    }

    /// @param writes hears of what is appended for a caller
    Changes(NodeParts parts, Host host, EventLog events, Writes writes, Caretaker caretaker) {
        this.parts = parts;
        this.limits = parts.limits();
        this.host = host;
        this.events = events;
        this.writes = writes;
        this.caretaker = caretaker;
    }

    boolean isEmpty() {
        return asked.isEmpty();
    }

    void add(Call.Write change) {
        if (asked.size() >= limits.membersMax()) {
            change.answer(new Outcome.Overloaded(Busy.FULL,
                    asked.size() + " changes of the list of nodes are waiting"));
        } else {
            asked.addLast(change);
        }
    }

    /// Makes the next step, if one is due and may be made now.
    void advance(Raft core) {
        while (!asked.isEmpty() && core.acceptsReconfiguration()) {
            var call = asked.getFirst();
            if (call.isAnswered()) {
                asked.removeFirst();
                continue;
            }
            switch (judge(core, Objects.requireNonNull(call.change))) {
                case Verdict.Refuse(var why) -> {
                    asked.removeFirst();
                    call.answer(new Outcome.Refused(new Refusal.Conflict(why)));
                }
                case Verdict.Answer(var result) -> {
                    asked.removeFirst();
                    call.answer(applied(result));
                }
                case Verdict.Append(var next) -> {
                    asked.removeFirst();
                    if (hasRoomFor(next))
                        propose(core, next, call);
                    else
                        call.answer(NO_ROOM);
                }
                case Verdict.Wait() -> {
                    return;
                }
                case Verdict.First(var next) -> {
                    if (hasRoomFor(next)) {
                        propose(core, next, null);
                    } else {
                        asked.removeFirst();
                        call.answer(NO_ROOM);
                    }
                }
            }
        }
        if (asked.isEmpty() && core.acceptsReconfiguration()) {
            var step = caretaker.next(core);
            if (step == null || !hasRoomFor(step.next())) return;
            if (step.dead() != null) tell(core, step.dead());
            propose(core, step.next(), null);
        }
    }

    private boolean hasRoomFor(Membership next) {
        return host.logHasRoomFor(LogStore.recordBytes(next.encode().length));
    }

    /// Whoever asked for it hears of it when it is applied.
    private void propose(Raft core, Membership next, Call.@Nullable Write caller) {
        if (caller != null) writes.appending(core, caller);
        host.step(new Event.Reconfigure(next));
    }

    private void tell(Raft core, Member dead) {
        events.add(Kind.VOTER_DEAD, dead.id(), core.term(),
                dead.name() + " was silent for " + parts.config().deadAfter().toMillis()
                        + " ms or more, and is taken out for good");
    }

    private Outcome applied(Result result) {
        return new Outcome.Applied(result, parts.storage().revision());
    }

    private Verdict judge(Raft core, Command.Change change) {
        var list = core.membership();
        return switch (change) {
            case Command.Join join -> judge(core, list, join);
            case Command.Remove(var node) -> judgeRemoval(core, list, node);
            case Command.Move(var node, var peer, var http, var resp) -> {
                var member = list.find(node);
                if (member == null) yield new Verdict.Refuse(stranger(list, node));
                yield member.isAt(peer, http, resp)
                        ? new Verdict.Answer(Result.Done.DONE)
                        : new Verdict.Append(list.withAddresses(node, peer, http, resp));
            }
            case Command.SetVoters(int target) -> list.votersTarget() == target
                    ? new Verdict.Answer(Result.Done.DONE)
                    : new Verdict.Append(list.withVotersTarget(target));
            case Command.SetLeaseReads(boolean on) -> list.leaseReads() == on
                    ? new Verdict.Answer(Result.Done.DONE)
                    : new Verdict.Append(list.withLeaseReads(on));
            case Command.Transfer _ ->
                throw new IllegalArgumentException("a transfer changes no list");
        };
    }

    private Verdict judge(Raft core, Membership list, Command.Join join) {
        var before = list.joinedBy(join.nonce());
        if (before != null) {
            return hasTakenPart(core, list, before)
                    ? new Verdict.Refuse(lostItsLog(list, before))
                    : new Verdict.Answer(joined(core, list, before));
        }
        if (list.members().size() >= limits.membersMax()) {
            return new Verdict.Refuse("the cluster has " + list.members().size()
                    + " nodes already, which is the limit");
        }
        for (var member : list.members()) {
            if (member.name().equals(join.name()))
                return new Verdict.Refuse("there is a node named " + member.name() + " already");
            // Its place may be taken over when it is gone, as by a machine whose disk was replaced.
            boolean samePlace = member.peer().equals(join.peer())
                    || member.http().equals(join.http());
            if (samePlace && caretaker.mayBeHeard(core, member.id())) {
                return new Verdict.Refuse("node " + member.name() + " is at " + member.peer()
                        + " and " + member.http() + ", and is heard");
            }
        }
        var newcomer = new Member(parts.ids().get(),
                join.name().isEmpty() ? freeName(list) : join.name(),
                false, join.peer(), join.http());
        return new Verdict.Append(list.with(newcomer, join.nonce()));
    }

    /// Whoever asks in has no log. One that others rely on must not come back without it, as if it had promised nothing.
    private static boolean hasTakenPart(Raft core, Membership list, NodeId node) {
        var report = core.report(node);
        return list.isVoter(node) || report != null && report.matchIndex() > 0;
    }

    private static String lostItsLog(Membership list, NodeId node) {
        var member = Objects.requireNonNull(list.find(node));
        return "node %s joined with this nonce, and has taken part since: if its log is lost, remove it, and join with an empty folder"
                .formatted(member.name());
    }

    private static String freeName(Membership list) {
        for (int number = 1;; number++) {
            String name = "n" + number;
            if (list.members().stream().noneMatch(member -> member.name().equals(name)))
                return name;
        }
    }

    private Verdict judgeRemoval(Raft core, Membership list, NodeId node) {
        if (list.wasRemoved(node)) return new Verdict.Answer(Result.Done.DONE);
        if (list.find(node) == null) return new Verdict.Refuse(stranger(list, node));
        if (!list.isVoter(node)) return new Verdict.Append(list.without(node));
        // Also where one is enough: then there are two for a moment.
        if (list.voters().size() <= list.votersTarget()) {
            var learner = caretaker.levelLearner(core, node);
            if (learner != null) {
                var grown = list.withVoter(learner, true);
                return ifSafe(core, grown, new Verdict.First(grown));
            }
        }
        if (list.voters().size() == 1)
            return new Verdict.Refuse(
                    "it is the only voter, and no replica is level to be the next");
        var next = list.without(node);
        return ifSafe(core, next, new Verdict.Append(next));
    }

    private Verdict ifSafe(Raft core, Membership next, Verdict step) {
        return switch (caretaker.safety(core, next)) {
            case SAFE -> step;
            case ASKING -> new Verdict.Wait();
            case UNSAFE -> new Verdict.Refuse(
                    "of the voters that would be left, too few are heard");
        };
    }

    private static String stranger(Membership list, NodeId node) {
        return "node " + node + " is not one of the " + list.members().size() + " nodes";
    }

    private static Result joined(Raft core, Membership list, NodeId node) {
        var first = Objects.requireNonNull(core.bootstrap(), "the log is whole");
        return new Result.Joined(node, list.cluster(), Bytes.wrap(first), list.members());
    }

    /// What whoever asked hears once the list is in the log for good.
    Outcome done(Raft core, Command.Change change, Membership list) {
        Result result = Result.Done.DONE;
        if (change instanceof Command.Join join) {
            result = joined(core, list, Objects.requireNonNull(list.joinedBy(join.nonce())));
        }
        return applied(result);
    }

    /// Gives everything back, for another leader to do.
    void giveBack(Inbox inbox) {
        while (!asked.isEmpty()) {
            var call = asked.removeFirst();
            if (!call.isAnswered()) inbox.add(call);
        }
    }

    void answerAll(Outcome outcome) {
        while (!asked.isEmpty())
            asked.removeFirst().answer(outcome);
    }

    void expire(long nowNanos) {
        for (var call : asked) {
            if (call.isOverdue(nowNanos)) {
                call.answer(new Outcome.Overloaded(Busy.FULL,
                        "another change of the list of nodes was not done in time"));
            }
        }
        asked.removeIf(Call::isAnswered);
    }
}
