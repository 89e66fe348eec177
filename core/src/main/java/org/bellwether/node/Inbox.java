package org.bellwether.node;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;

/// Writes that wait for the end of their loop turn, or for a leader to give them to. Nothing in here was
/// appended or passed on, so whoever leaves it unserved leaves with "nothing happened".
final class Inbox {
    private final Limits limits;
    private List<Call.Write> writes = new ArrayList<>();
    private long bytes;
    private int changes;

    Inbox(Limits limits) {
        this.limits = limits;
    }

    boolean isEmpty() {
        return writes.isEmpty();
    }

    long bytes() {
        return bytes;
    }

    void add(Call.Write write) {
        if (writes.size() >= limits.inboxCommandsMax()
                || bytes + write.command.length > limits.inboxBytesMax()) {
            write.answer(
                    new Outcome.Overloaded(Outcome.Busy.FULL, "%d writes of %d bytes are waiting"
                            .formatted(writes.size(), bytes)));
            return;
        }
        writes.add(write);
        if (write.change != null) changes++;
        bytes += write.command.length;
    }

    List<Call.Write> takeAll() {
        var all = writes;
        writes = new ArrayList<>();
        bytes = 0;
        changes = 0;
        return all;
    }

    /// Those that are for the list of nodes; the others stay.
    List<Call.Write> takeChanges() {
        if (changes == 0) return List.of();
        var taken = new ArrayList<Call.Write>();
        for (var write : takeAll()) {
            if (write.change != null) {
                taken.add(write);
            } else {
                add(write);
            }
        }
        return taken;
    }

    void answerAll(Outcome outcome) {
        for (var write : takeAll())
            write.answer(outcome);
    }

    void expire(long nowNanos) {
        boolean someOverdue = false;
        for (var write : writes)
            someOverdue |= write.isOverdue(nowNanos);
        if (!someOverdue) return;
        for (var write : takeAll()) {
            if (write.isOverdue(nowNanos)) {
                write.answer(new Outcome.Overloaded(Outcome.Busy.NO_LEADER,
                        "no leader could take the write in time"));
            } else {
                add(write);
            }
        }
    }
}
