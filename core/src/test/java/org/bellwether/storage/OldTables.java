package org.bellwether.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Objects;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;

/// What is in the files `tables-format-1`, which a program wrote that knew no totals: keys `key-11` to `key-60`, the
/// first ten of them written twice.
public final class OldTables {
    private OldTables() {}

    public static void assertWhole(Storage storage) {
        assertEquals(2, storage.applied());
        assertEquals(new Revision(80), storage.revision());
        var sum = new Totals.Sum();
        try (var view = storage.view()) {
            view.scan(Bytes.EMPTY, sum);
        }
        assertEquals(50, sum.totals().keys());
        assertEquals(sum.totals(), storage.mark().totals());
        assertEquals(1, storage.mark().version());
        var again = Objects.requireNonNull(storage.get(Bytes.utf8("key-20")));
        assertEquals(Bytes.utf8("again 10"), again.value());
        assertEquals(2, again.version());
    }
}
