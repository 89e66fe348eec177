package org.bellwether.storage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Storage.Change;

/// Marks for tests that change tables without a state machine.
public final class Marks {
    private Marks() {}

    /// What is true once these changes are made.
    public static Mark after(Storage storage, List<Change> changes, long applied,
            Revision revision) {
        var sum = new Totals.Sum(storage.mark().totals());
        var changed = new HashMap<Bytes, Versioned>();
        for (var change : changes) {
            var key = change.key();
            var before = changed.containsKey(key) ? changed.get(key) : storage.get(key);
            if (before != null) sum.remove(key, before);
            if (change.value() != null) sum.add(key, change.value());
            changed.put(key, change.value());
        }
        return new Mark(applied, revision, 1, sum.totals());
    }

    public static void commit(Storage storage, List<Change> changes, long applied,
            Revision revision) {
        storage.commit(changes, after(storage, changes, applied, revision));
    }

    public static Mark of(long applied, Revision revision, Map<Bytes, Versioned> rows) {
        var sum = new Totals.Sum();
        rows.forEach(sum::add);
        return new Mark(applied, revision, 1, sum.totals());
    }
}
