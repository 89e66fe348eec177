package org.bellwether.storage;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Storage.Change;
import org.jspecify.annotations.Nullable;

/// Marks for tests that change tables without a state machine.
public final class Marks {
    private Marks() {}

    /// A change of which [#commit] finds out what was before.
    public static Change change(Bytes key, @Nullable Versioned value) {
        return new Change(key, null, value);
    }

    private static Mark after(Storage storage, List<Change> changes, long applied,
            Revision revision) {
        var sum = new Totals.Sum(storage.mark().totals());
        for (var change : changes) {
            if (change.before() != null) sum.remove(change.key(), change.before());
            if (change.value() != null) sum.add(change.key(), change.value());
        }
        return new Mark(applied, revision, 1, 0, sum.totals());
    }

    public static void commit(Storage storage, List<Change> changes, long applied,
            Revision revision) {
        var last = new LinkedHashMap<Bytes, Change>();
        for (var change : changes) {
            last.put(change.key(), new Change(change.key(), storage.get(change.key()),
                    change.value()));
        }
        var each = List.copyOf(last.values());
        storage.commit(each, after(storage, each, applied, revision));
    }

    public static Mark of(long applied, Revision revision, Map<Bytes, Versioned> rows) {
        var sum = new Totals.Sum();
        rows.forEach(sum::add);
        return new Mark(applied, revision, 1, 0, sum.totals());
    }
}
