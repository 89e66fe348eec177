package org.bellwether.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.bellwether.api.Ack;
import org.bellwether.api.Limits;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.PeerMessage.Answer;
import org.bellwether.transport.PeerMessage.Forward;
import org.bellwether.transport.PeerMessage.Forwarded;
import org.jspecify.annotations.Nullable;

/// Writes on their way through another node: those that this node passed on to the leader, and the answers
/// that it owes for those passed on to it.
///
/// What was passed on is sent once and never again by this node: when a link to the leader closes, every such
/// write is *unknown* at once, and its client decides.
final class Forwards {
    private final Limits limits;
    private final BiConsumer<NodeId, PeerMessage> send;
    private final Map<Long, Sent> sent = new LinkedHashMap<>();
    private int waiting;
    private long lastId;

    /// Answers of this turn, by whom they go to and which forward they belong to.
    private final Map<Origin, List<Answer>> owed = new LinkedHashMap<>();

    private static final class Sent {
        final NodeId to;
        final List<Call.Write> writes;
        /// Since when another node is known to lead; null while none is.
        @Nullable
        Long replacedNanos;

        Sent(NodeId to, List<Call.Write> writes) {
            this.to = to;
            this.writes = writes;
        }
    }

    private record Origin(NodeId node, long id) {}

    /// @param firstId ids are never reused by a node, not even by another life of it
    Forwards(Limits limits, long firstId, BiConsumer<NodeId, PeerMessage> send) {
        this.limits = limits;
        this.lastId = firstId;
        this.send = send;
    }

    boolean isWaiting() {
        return !sent.isEmpty();
    }

    void passOn(NodeId leader, List<Call.Write> writes, long nowNanos) {
        for (var ack : Ack.values()) {
            var alike = writes.stream().filter(write -> write.ack == ack).toList();
            if (ack == Ack.ALL) {
                // What the leader says of one at its deadline is worth hearing, and no two have the same.
                for (var write : alike)
                    passOn(leader, ack, List.of(write), nowNanos);
            } else if (!alike.isEmpty()) {
                passOn(leader, ack, alike, nowNanos);
            }
        }
    }

    private void passOn(NodeId leader, Ack ack, List<Call.Write> writes, long nowNanos) {
        var part = new ArrayList<Call.Write>();
        long bytes = 0;
        for (var write : writes) {
            if (waiting + part.size() >= limits.forwardsMax()) {
                write.answer(new Outcome.Overloaded(Outcome.Busy.FULL,
                        waiting + " writes passed on to the leader are waiting"));
                continue;
            }
            if (!part.isEmpty() && bytes + write.command.length > limits.entryBytesMax()) {
                send(leader, ack, part, nowNanos);
                part = new ArrayList<>();
                bytes = 0;
            }
            part.add(write);
            bytes += write.command.length;
        }
        if (!part.isEmpty()) send(leader, ack, part, nowNanos);
    }

    private void send(NodeId leader, Ack ack, List<Call.Write> writes, long nowNanos) {
        // Whose time is up sooner is told so here.
        long longest = 0;
        int hops = 0;
        var commands = new ArrayList<byte[]>(writes.size());
        for (var write : writes) {
            longest = Math.max(longest, write.deadlineNanos - nowNanos);
            hops = Math.max(hops, write.hops);
            commands.add(write.command);
        }
        // It is to get here in time.
        if (ack == Ack.ALL) longest -= longest / 4;
        long id = ++lastId;
        sent.put(id, new Sent(leader, writes));
        waiting += writes.size();
        int millis = Math.clamp(longest / 1_000_000, 1, limits.timeoutMillisMax());
        send.accept(leader, new Forward(id, hops + 1, millis, ack, commands));
    }

    void answered(NodeId from, Forwarded message) {
        var forward = sent.get(message.id());
        if (forward == null || !forward.to.equals(from)) return;
        for (var answer : message.answers()) {
            if (answer.index() < 0 || answer.index() >= forward.writes.size()) continue;
            forward.writes.get(answer.index()).answer(answer.outcome());
        }
        forgetIfDone(message.id(), forward);
    }

    private boolean forgetIfDone(long id, Sent forward) {
        for (var write : forward.writes) {
            if (!write.isAnswered()) return false;
        }
        sent.remove(id);
        waiting -= forward.writes.size();
        return true;
    }

    void linkClosed(NodeId peer) {
        abandon(peer, "the link to the leader closed after the write was passed on");
    }

    void abandonAll(String why) {
        abandon(null, why);
    }

    private void abandon(@Nullable NodeId peer, String why) {
        for (var entry : List.copyOf(sent.entrySet())) {
            if (peer != null && !entry.getValue().to.equals(peer)) continue;
            for (var write : entry.getValue().writes)
                write.answer(new Outcome.Unknown(why));
            forgetIfDone(entry.getKey(), entry.getValue());
        }
    }

    /// Called now and then with who leads. A leader that was unseated while it was silent will not answer;
    /// one that handed over will, once it has applied what it left to the next.
    ///
    /// @param patience for how long a former leader may be silent
    void ledBy(NodeId leader, Duration patience, long nowNanos) {
        for (var entry : List.copyOf(sent.entrySet())) {
            var forward = entry.getValue();
            if (forward.to.equals(leader)) {
                forward.replacedNanos = null;
            } else if (forward.replacedNanos == null) {
                forward.replacedNanos = nowNanos;
            } else if (nowNanos - forward.replacedNanos > patience.toNanos()) {
                for (var write : forward.writes) {
                    write.answer(new Outcome.Unknown("the leader was replaced before it answered"));
                }
                forgetIfDone(entry.getKey(), forward);
            }
        }
    }

    void expire(long nowNanos) {
        for (var entry : List.copyOf(sent.entrySet())) {
            for (var write : entry.getValue().writes) {
                if (write.isOverdue(nowNanos)) {
                    write.answer(new Outcome.Unknown("the leader has not answered in time"));
                }
            }
            forgetIfDone(entry.getKey(), entry.getValue());
        }
    }

    /// The other side: an outcome for a write that `origin` passed on to us.
    void owe(NodeId origin, long id, int index, Outcome outcome) {
        owed.computeIfAbsent(new Origin(origin, id), _ -> new ArrayList<>())
                .add(new Answer(index, outcome));
    }

    void sendOwed() {
        if (owed.isEmpty()) return;
        owed.forEach(this::sendOwed);
        owed.clear();
    }

    /// Answers carry values: those of one forward may be more together than fits into a frame.
    private void sendOwed(Origin to, List<Answer> answers) {
        int start = 0;
        long bytes = 0;
        for (int end = 0; end < answers.size(); end++) {
            bytes += answers.get(end).outcome().valueBytes();
            if (bytes <= limits.entryBytesMax() || end == start) continue;
            send.accept(to.node, new Forwarded(to.id, List.copyOf(answers.subList(start, end))));
            start = end;
            bytes = answers.get(end).outcome().valueBytes();
        }
        send.accept(to.node,
                new Forwarded(to.id, List.copyOf(answers.subList(start, answers.size()))));
    }
}
