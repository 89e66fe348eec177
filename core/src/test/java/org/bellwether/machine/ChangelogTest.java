package org.bellwether.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.ChangeFeed;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Expiry;
import org.bellwether.api.KeyChange;
import org.bellwether.api.Read;
import org.bellwether.api.Revision;
import org.bellwether.storage.MemoryStorage;
import org.junit.jupiter.api.Test;

/// What is told of applied entries. That each command is told as Redis would, the front end's tests show.
class ChangelogTest {
    private static final Bytes A = Bytes.utf8("a");
    private static final Bytes B = Bytes.utf8("b");
    private static final Bytes ONE = Bytes.utf8("1");

    private final MemoryStorage storage = new MemoryStorage();
    private final Machine machine = new Machine(storage);
    private final Told told = new Told();

    private final class Told implements ChangeFeed.Follower {
        final List<String> lines = new ArrayList<>();

        @Override
        public void changed(KeyChange change) {
            assertTrue(change.at().compareTo(storage.revision()) <= 0, "told before it was there");
            lines.add(change.kind() + " " + change.key() + " " + change.at()
                    + (change.after() == null ? "" : " " + change.after().value()));
        }

        @Override
        public void cleared(Revision at) {
            lines.add("cleared " + at);
        }

        @Override
        public void jumped(Revision to) {
            lines.add("jumped " + to);
        }
    }

    ChangelogTest() {
        machine.apply(1, Payload.raise(Machine.VERSION, 1_000));
        machine.follow(told);
    }

    private void apply(long stamp, Command... commands) {
        var encoded = new ArrayList<byte[]>();
        for (var command : commands)
            encoded.add(CommandCodec.encode(command));
        machine.apply(storage.applied() + 1, Payload.of(stamp, encoded));
    }

    @Test
    void inTheOrderOfTheLogWithTheirRevisions() {
        apply(1_000, new Command.Put(A, ONE), new Command.Delete(B),
                new Command.Transaction(List.of(), List.of(new Command.Put(B, ONE),
                        new Read.Get(B), new Command.Rename(B, A, true))));
        assertEquals(List.of("SET a 1 1", "SET b 2 1", "RENAMED_FROM b 3", "RENAMED_TO a 3 1"),
                told.lines);
    }

    @Test
    void aKeyWhoseTimeHasComeIsToldWhenItsRowGoes() {
        apply(1_000, new Command.Put(A, ONE, Condition.ALWAYS, new Expiry.In(10), false));
        machine.apply(storage.applied() + 1, Payload.due(1_010, List.of(A)));
        assertEquals(List.of("SET a 1 1", "EXPIRY_SET a 1 1", "EXPIRED a 2"), told.lines);
    }

    @Test
    void whatIsMissedIsSaid() {
        apply(1_000, new Command.Put(A, ONE), new Command.Clear());
        machine.replaced();
        machine.unfollow(told);
        apply(1_000, new Command.Put(A, ONE));
        assertEquals(List.of("SET a 1 1", "cleared 2", "jumped 2"), told.lines);
    }
}
