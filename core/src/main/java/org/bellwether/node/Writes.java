package org.bellwether.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bellwether.api.Ack;
import org.bellwether.api.Command;
import org.bellwether.api.Limits;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.api.Outcome.Busy;
import org.bellwether.api.Refusal;
import org.bellwether.log.LogStore;
import org.bellwether.log.Recovered;
import org.bellwether.machine.CommandCodec;
import org.bellwether.machine.Payload;
import org.bellwether.raft.Event;
import org.bellwether.raft.Position;
import org.bellwether.raft.Raft;
import org.bellwether.transport.PeerMessage;
import org.jspecify.annotations.Nullable;

/// Writes on their way, from their callers to an outcome: through the [Inbox] and the log if this node
/// leads ([AppendedWrites]), else through the leader ([Forwards]).
final class Writes {
    private final Limits limits;
    private final NodeParts parts;
    private final Host host;
    private final Owner owner;
    private final Inbox inbox;
    private final LoneWrites lone;
    private final AppendedWrites appended;
    private final Forwards forwards;
    /// When the last batch was.
    private long proposedNanos;
    private boolean turnToCome;

    /// Whoever knows the rules, and the time.
    interface Owner {
        /// This node leads; changes of the list of nodes, or of who leads, are not for the tables.
        void change(List<Call.Write> changes);

        /// Those of these that the rules in effect can perform; the others are answered.
        List<Call.Write> admit(List<Call.Write> writes);

        /// Whether this leader has applied what those before it said of the time, and the first rules are in effect.
        boolean isSettled();

        /// The cluster's time, in milliseconds since 1970.
        long stamp();
    }

    Writes(NodeParts parts, Host host, EventLog events, Owner owner) {
        this.limits = parts.limits();
        this.parts = parts;
        this.host = host;
        this.owner = owner;
        this.inbox = new Inbox(limits);
        this.lone = new LoneWrites(events);
        this.appended = new AppendedWrites(lone);
        this.forwards = new Forwards(limits, (long) parts.dice().roll(Integer.MAX_VALUE) << 31,
                host::send);
    }

    boolean isWaiting() {
        return !inbox.isEmpty();
    }

    /// Whether somebody has yet to hear of a write.
    boolean areUnderWay() {
        return isWaiting() || appended.isWaiting() || forwards.isWaiting();
    }

    void start(Recovered recovered) {
        lone.recover(parts.identity().node(), recovered);
    }

    /// Of a client of this node.
    void add(Command command, Ack ack, long deadlineNanos, Consumer<? super Outcome> reply) {
        inbox.add(new Call.Write(CommandCodec.encode(command), command, ack, 0, deadlineNanos,
                reply));
        host.scheduleTurn();
    }

    /// Of clients of a node that takes this one for the leader.
    void received(NodeId from, PeerMessage.Forward forward, long nowNanos) {
        int millis = Math.clamp(forward.timeoutMillis(), 0, limits.timeoutMillisMax());
        long deadline = nowNanos + Duration.ofMillis(millis).toNanos();
        for (int i = 0; i < forward.commands().size(); i++) {
            int index = i;
            received(forward, forward.commands().get(i), deadline, outcome -> {
                forwards.owe(from, forward.id(), index, outcome);
                host.scheduleTurn();
            });
        }
        host.scheduleTurn();
    }

    /// Checked here too: what no node can apply must not get into the log, whoever passed it on.
    private void received(PeerMessage.Forward forward, byte[] encoded, long deadline,
            Consumer<Outcome> reply) {
        try {
            var command = CommandCodec.decode(encoded);
            var refusal = refusal(command, forward.ack());
            if (refusal == null) {
                inbox.add(new Call.Write(encoded, command, forward.ack(), forward.hops(), deadline,
                        reply));
            } else {
                reply.accept(new Outcome.Refused(refusal));
            }
        } catch (IllegalArgumentException notOne) {
            reply.accept(new Outcome.Refused(
                    new Refusal.Malformed("not a command: " + notOne.getMessage())));
        }
    }

    @Nullable
    Refusal refusal(Command command, Ack ack) {
        var refusal = limits.check(command);
        return refusal == null ? ack.check(command) : refusal;
    }

    void received(NodeId from, PeerMessage.Forwarded answers) {
        forwards.answered(from, answers);
    }

    /// At the end of a turn: gives the inbox to whoever can take it: the log if this node leads, else the leader.
    /// Otherwise it stays where it is, until a leader is found or its callers' patience ends.
    void place(Raft core) {
        // Somebody whose answers can be trusted is about to lead.
        if (core.leads() && !host.trusted()) return;
        if (core.leads()) owner.change(inbox.takeChanges());
        if (inbox.isEmpty()) return;
        var leader = core.leader();
        if (core.acceptsProposals()) {
            if (!host.logHasRoom()) keepRemovals();
            if (parts.storage().congested()) {
                inbox.answerAll(parts.storage().full()
                        ? new Outcome.Refused(new Refusal.StorageFull(
                                "the disk of the leader's tables has no room; reads go on"))
                        : new Outcome.Overloaded(Busy.FULL,
                                "the leader's tables are behind; reads go on"));
            } else if (owner.isSettled() && !isFilling()) { // within a round trip it is settled
                propose(core, owner.admit(inbox.takeAll()));
            }
        } else if (!core.leads() && leader != null && parts.transport().isLinked(leader)) {
            passOn(core, leader);
        }
    }

    /// On a full disk: what removes is taken as long as it fits into the room that is kept for it.
    private void keepRemovals() {
        long bytes = 0;
        for (var write : inbox.takeAll()) {
            // As if each were an entry by itself.
            long more = LogStore.recordBytes(Payload.HEADER_BYTES + Payload.COMMAND_HEADER_BYTES
                    + write.command.length);
            if (write.onlyRemoves && host.logHasRoomFor(bytes + more)) {
                bytes += more;
                inbox.add(write);
            } else {
                write.answer(new Outcome.Refused(new Refusal.StorageFull(write.onlyRemoves
                        ? "the leader's disk has no room left for the log; reads go on"
                        : "the leader's disk has no room for the log, but for deletes; reads go on")));
            }
        }
    }

    /// Every batch costs every node a sync, however small it is. So while one is under way the next one fills, unless it
    /// is worth a sync already, or the way is so long that waiting for it is what would cost.
    private boolean isFilling() {
        if (!appended.isWaiting() || inbox.bytes() >= Limits.BATCH_BYTES) return false;
        long left = proposedNanos + Limits.BATCH_WAIT.toNanos() - parts.loop().nanoTime();
        if (left <= 0) return false;
        if (!turnToCome) {
            turnToCome = true;
            parts.loop().schedule(Duration.ofNanos(left), () -> {
                turnToCome = false;
                host.scheduleTurn();
            });
        }
        return true;
    }

    private void propose(Raft core, List<Call.Write> writes) {
        if (writes.isEmpty()) return;
        proposedNanos = parts.loop().nanoTime();
        long stamp = owner.stamp();
        var payloads = new ArrayList<byte[]>();
        var callers = new ArrayList<List<Call.Write>>();
        int start = 0;
        while (start < writes.size()) {
            int end = start;
            long bytes = Payload.HEADER_BYTES;
            var commands = new ArrayList<byte[]>();
            while (end < writes.size()) {
                var command = writes.get(end).command;
                bytes += Payload.COMMAND_HEADER_BYTES + command.length;
                if (end > start && bytes > limits.entryBytesMax()) break;
                commands.add(command);
                end++;
            }
            payloads.add(Payload.of(stamp, commands));
            callers.add(writes.subList(start, end));
            start = end;
        }
        // Registered first: with a sole voter and a quick disk the entry may be applied before this returns.
        long index = core.last().index();
        for (var group : callers)
            appended.appended(new Position(core.term(), ++index), group);
        host.step(new Event.Propose(payloads));
    }

    private void passOn(Raft core, NodeId leader) {
        var fresh = new ArrayList<Call.Write>();
        for (var write : inbox.takeAll()) {
            if (write.hops >= limits.forwardHopsMax()) {
                write.answer(new Outcome.NotLeader(core.membership().find(leader)));
            } else {
                fresh.add(write);
            }
        }
        forwards.passOn(leader, fresh, parts.loop().nanoTime());
    }

    /// The last thing of a turn: what this node owes leaves together.
    void sendOwed() {
        forwards.sendOwed();
    }

    /// A list of nodes is about to be appended as the next entry.
    void appending(Raft core, Call.Write caller) {
        appended.appended(new Position(core.term(), core.last().index() + 1), List.of(caller));
    }

    /// The core has taken a step.
    void progressed(Raft core) {
        appended.progressed(core);
    }

    /// An entry was applied, whatever its kind.
    void applied(Position at) {
        lone.applied(at);
    }

    /// A snapshot took the place of the entries up to here.
    void replaced(Position at) {
        lone.replaced(at);
    }

    void applied(Position at, List<Outcome> outcomes) {
        appended.applied(at, outcomes);
    }

    /// A list of nodes was applied.
    void applied(Position at, Function<? super Call.Write, Outcome> outcome) {
        appended.applied(at, outcome);
    }

    /// Whoever leads now has all that this node has appended, and will commit it.
    void leaveAppended() {
        appended.leave();
    }

    /// What this node has appended is another leader's to commit, or nobody's to answer for.
    void abandonAppended(String why) {
        appended.abandon(why);
    }

    /// For another leader to do: nothing of it was appended.
    void giveBack(Changes changes) {
        changes.giveBack(inbox);
    }

    void linkClosed(NodeId peer) {
        forwards.linkClosed(peer);
    }

    void expire(Raft core, long nowNanos) {
        inbox.expire(nowNanos);
        appended.expire(nowNanos);
        forwards.expire(nowNanos);
        var leader = core.leader();
        if (leader != null)
            forwards.ledBy(leader, parts.config().electionTimeout(), nowNanos);
    }

    void close(String why) {
        inbox.answerAll(new Outcome.Overloaded(Busy.NOT_READY, why));
        appended.abandon(why);
        forwards.abandonAll(why);
    }
}
