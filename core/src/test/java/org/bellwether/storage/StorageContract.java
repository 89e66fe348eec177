package org.bellwether.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Storage.Change;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every storage promises. A new one adds a subclass and is held to the same.
abstract class StorageContract {
    private static final Bytes A = Bytes.utf8("a");
    private static final Bytes B = Bytes.utf8("b");

    private Storage storage = open();

    abstract Storage open();

    @BeforeEach
    void start() {
        storage = open();
    }

    @AfterEach
    void end() {
        storage.close();
    }

    private static Versioned value(long revision) {
        return new Versioned(Bytes.utf8("v" + revision), new Revision(revision),
                new Revision(revision), 1);
    }

    @Test
    void aNewStorageIsEmpty() {
        assertNull(storage.get(A));
        assertEquals(0, storage.applied());
        assertEquals(Revision.NONE, storage.revision());
        assertEquals(0, storage.size());
    }

    @Test
    void aCommitChangesKeysIndexAndRevisionTogether() {
        storage.commit(List.of(new Change(A, value(1)), new Change(B, value(2))), 5,
                new Revision(2));
        assertEquals(value(1), storage.get(A));
        assertEquals(5, storage.applied());
        assertEquals(new Revision(2), storage.revision());
        storage.commit(List.of(new Change(A, null), new Change(B, value(3))), 6, new Revision(3));
        assertNull(storage.get(A));
        assertEquals(value(3), storage.get(B));
        assertEquals(1, storage.size());
    }

    @Test
    void theAppliedIndexOnlyMovesForward() {
        storage.commit(List.of(), 5, Revision.NONE);
        var change = List.of(new Change(A, value(1)));
        assertThrows(IllegalArgumentException.class,
                () -> storage.commit(change, 5, new Revision(1)));
        assertThrows(IllegalArgumentException.class,
                () -> storage.commit(change, 4, new Revision(1)));
        assertNull(storage.get(A), "a refused commit changes nothing");
    }

    @Test
    void removingWhatIsNotThereIsNoError() {
        storage.commit(List.of(new Change(A, null)), 1, Revision.NONE);
        assertEquals(0, storage.size());
    }

    @Test
    void aScanShowsEveryKeyInUnsignedOrder() {
        var keys = List.of(Bytes.EMPTY, Bytes.wrap(new byte[]{0}), Bytes.wrap(new byte[]{0, 0}),
                Bytes.wrap(new byte[]{1}), Bytes.wrap(new byte[]{127}),
                Bytes.wrap(new byte[]{-128}),
                Bytes.wrap(new byte[]{-1}), Bytes.wrap(new byte[]{-1, 0}));
        long index = 0;
        for (var key : keys.reversed()) {
            storage.commit(List.of(new Change(key, value(1))), ++index, new Revision(index));
        }
        var seen = new ArrayList<Bytes>();
        storage.scan((key, _) -> seen.add(key));
        assertEquals(keys, seen);
    }
}
