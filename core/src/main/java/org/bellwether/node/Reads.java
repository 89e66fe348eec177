package org.bellwether.node;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.bellwether.api.Consistency;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.machine.Machine;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Event;
import org.bellwether.raft.Raft;
import org.bellwether.storage.Storage;
import org.jspecify.annotations.Nullable;

/// What callers ask, from how fresh it must be to the answer: at once, when the core has confirmed the read, when a certain
/// write is applied, or when what it needs was read from a slow disk.
final class Reads {
    private final NodeParts parts;
    private final Storage storage;
    private final Loop loop;
    private final Host host;
    private final Lease lease;
    private final long leaseNanos;
    private final ReadQueue queue;
    private final LaterReads later;
    private final ReadAhead ahead;
    private final ReadPortions portions;

    /// Whoever reads pages of keys.
    interface Scanner {
        void scan(Read.Scan scan, long deadlineNanos, Consumer<? super Outcome> reply);
    }

    Reads(NodeParts parts, Machine machine, Host host, Scanner scanner) {
        this.parts = parts;
        this.storage = parts.storage();
        this.loop = parts.loop();
        this.host = host;
        this.lease = parts.deciders().lease();
        this.leaseNanos = parts.config().lease().toNanos();
        this.queue = new ReadQueue(parts.limits());
        this.ahead = new ReadAhead(storage, parts.limits(), loop, new Fetched());
        this.portions = new ReadPortions(parts, machine, ahead, host, scanner);
        this.later = new LaterReads(parts.limits(), storage, portions::add);
    }

    private final class Fetched implements ReadAhead.Owner {
        @Override
        public void answer(Call.Question asked) {
            portions.add(asked);
        }

        @Override
        public void guard(Runnable task) {
            host.guard(task);
        }
    }

    /// Of a node that takes part. The clock is looked at for what has to wait: that is a thirtieth of a read in a pipeline.
    void add(Read read, Consistency consistency, Duration timeout,
            Consumer<? super Outcome> reply) {
        switch (consistency) {
            case Consistency.Linearizable _ ->
                confirmThenAnswer(read, parts.deadlineNanos(timeout), reply);
            case Consistency.Lease _ -> {
                if (!mayServeByLease()) {
                    confirmThenAnswer(read, parts.deadlineNanos(timeout), reply);
                } else if (!answersAtOnce(read, reply)) {
                    portions.add(new Call.Question(read, parts.deadlineNanos(timeout), reply));
                }
            }
            // What was acknowledged before a restart may not be applied yet: absent would be a lie.
            case Consistency.Local _ -> {
                if (freshAsOfNanos() == null) {
                    reply.accept(host.notReady());
                } else if (!answersAtOnce(read, reply)) {
                    portions.add(new Call.Question(read, parts.deadlineNanos(timeout), reply));
                }
            }
            case Consistency.AfterWrite floor ->
                later.add(core(), read, floor, parts.deadlineNanos(timeout), reply);
        }
    }

    /// @return false if it was not, and may have to wait
    private boolean answersAtOnce(Read read, Consumer<? super Outcome> reply) {
        return read instanceof Read.Plain plain
                && portions.answersAtOnce(plain, reply);
    }

    private Raft core() {
        return Objects.requireNonNull(host.core(), "the node takes part");
    }

    private void confirmThenAnswer(Read read, long deadlineNanos,
            Consumer<? super Outcome> reply) {
        queue.add(new Call.Question(read, deadlineNanos, reply), portions.size());
        host.scheduleTurn();
    }

    /// The clock is looked at now: since this node was asked it may have been stopped for long. And nobody may have
    /// seen anywhere what is not in these tables yet.
    private boolean mayServeByLease() {
        return lease.holds(loop.nanoTime(), leaseNanos)
                && storage.applied() >= core().commitIndex();
    }

    /// The core has made a step, which began then.
    void stepped(Raft core, long beganNanos) {
        lease.stepped(core, beganNanos);
    }

    /// At the end of a turn: asks the core to confirm what the turn brought.
    void confirm() {
        long ticket = queue.ticketForTurn(loop.nanoTime());
        if (ticket > 0) host.step(new Event.Read(ticket));
    }

    /// Entries are on their way to the log, and then to be applied.
    void coming(List<Entry> entries) {
        ahead.entries(entries);
    }

    /// Everything up to this ticket is confirmed, and applied.
    void readable(long ticket) {
        queue.release(ticket, portions::addAll);
    }

    /// More is applied than before.
    void advanced() {
        var core = host.core();
        if (core != null) later.advanced(core);
    }

    /// Asks for a proof of freshness with the next turn, unless a ticket is out already.
    boolean probe() {
        return queue.probe();
    }

    /// When this node was last proven to be level; null if not in this life.
    @Nullable
    Long freshAsOfNanos() {
        return queue.freshAsOfNanos();
    }

    void expire(long nowNanos) {
        queue.expire(nowNanos);
        later.expire(nowNanos);
        ahead.expire(nowNanos);
        portions.expire(nowNanos);
    }

    void answerAll(Outcome outcome) {
        queue.answerAll(outcome);
        later.answerAll(outcome);
        ahead.answerAll(outcome);
        portions.answerAll(outcome);
    }
}
