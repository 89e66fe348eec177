package org.bellwether.node;

import java.util.function.Consumer;
import org.bellwether.api.Ack;
import org.bellwether.api.Command;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.ReadCaller;
import org.bellwether.machine.Machine;
import org.jspecify.annotations.Nullable;

/// A caller waiting for an outcome. It is answered once; a later answer finds nobody.
class Call {
    final long deadlineNanos;
    private @Nullable Consumer<? super Outcome> reply;

    Call(long deadlineNanos, Consumer<? super Outcome> reply) {
        this.deadlineNanos = deadlineNanos;
        this.reply = reply;
    }

    final void answer(Outcome outcome) {
        var waiting = reply;
        if (waiting == null) return;
        reply = null;
        waiting.accept(outcome);
    }

    final boolean isAnswered() {
        return reply == null;
    }

    final boolean isOverdue(long nowNanos) {
        return nowNanos - deadlineNanos >= 0;
    }

    /// Who waits, if he can say more.
    final @Nullable ReadCaller caller() {
        return reply instanceof ReadCaller it ? it : null;
    }

    /// A read.
    static class Question extends Call {
        final Read read;
        /// Whether what it needs was read from a slow disk.
        boolean fetched;

        Question(Read read, long deadlineNanos, Consumer<? super Outcome> reply) {
            super(deadlineNanos, reply);
            this.read = read;
        }

        /// Whether it is to be answered together with the one before.
        boolean joins() {
            var caller = caller();
            return caller != null && caller.joins();
        }
    }

    /// A write, encoded as log and peers will carry it.
    static final class Write extends Call {
        final byte[] command;
        /// What it is if it is for the list of nodes; null if it is for the tables.
        final Command.@Nullable Change change;
        final Ack ack;
        /// The first version of the state machine's rules by which it can be performed.
        final int version;
        /// Whether the tables can only become smaller by it: such writes are taken for longer when a disk is full.
        final boolean onlyRemoves;
        /// How often it was passed on to get here.
        final int hops;

        Write(byte[] encoded, Command command, Ack ack, int hops, long deadlineNanos,
                Consumer<? super Outcome> reply) {
            super(deadlineNanos, reply);
            this.command = encoded;
            this.change = command instanceof Command.Change it ? it : null;
            this.ack = ack;
            this.version = Machine.versionOf(command);
            this.onlyRemoves = Machine.onlyRemoves(command);
            this.hops = hops;
        }
    }
}
