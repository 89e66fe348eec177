package org.bellwether.storage;

import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// The rows of tables in memory, by their keys: [MemoryRecords] and where each of them is.
///
/// *Threads.* One at a time; what [#freeze] gives, any.
final class MemoryRows {
    private final MemoryRecords records = new MemoryRecords();
    private final RowIndex index = new RowIndex(records);

    @Nullable
    Versioned get(Bytes key) {
        int slot = index.find(key);
        return slot < 0 ? null : records.value(index.place(slot));
    }

    /// [RowIndex#warm]
    void warm(List<Bytes> keys) {
        index.warm(keys);
    }

    /// @return whether the key is new
    boolean put(Bytes key, Versioned row) {
        int slot = index.find(key);
        if (slot < 0) {
            index.add(key, records.append(key, row));
            return true;
        }
        int place = index.place(slot);
        if (!records.overwrite(place, key, row)) {
            index.move(slot, records.append(key, row));
            records.remove(place);
            tidy();
        }
        return false;
    }

    void remove(Bytes key) {
        int slot = index.find(key);
        if (slot < 0) return;
        int place = index.place(slot);
        index.remove(slot);
        records.remove(place);
        tidy();
    }

    private void tidy() {
        records.tidy((place, to) -> index.move(index.at(place), to));
    }

    /// Of the arrays in which they are.
    long bytes() {
        return records.bytes();
    }

    /// All of them as they are now, whatever happens here; it copies nothing but references to some hundred rows each.
    MemoryRecords freeze() {
        return records.freeze();
    }

    /// Nobody reads what was frozen any more; until then, changes cost more.
    void thaw() {
        records.thaw();
    }
}
