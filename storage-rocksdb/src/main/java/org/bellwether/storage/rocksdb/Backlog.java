package org.bellwether.storage.rocksdb;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.bellwether.api.Bytes;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Storage;
import org.bellwether.storage.Storage.Change;
import org.jspecify.annotations.Nullable;

/// What was committed and RocksDB has not got yet: the generation that is being filled, and those before it.
///
/// *Threads.* Of the loop, but for [#oldest] and [#written], which are of one other at a time.
final class Backlog {
    /// Above it a commit is refused: more than a node comes to that heeds [Storage#congested], which is much earlier.
    static final long BYTES_MAX = bytesMax(Runtime.getRuntime().maxMemory());

    /// From a gigabyte of heap on always the same, also where the collector keeps some of that to itself. At the least what such
    /// a node comes to, a memtable and the entries that are on their way, with room to spare.
    static long bytesMax(long heapBytes) {
        return Math.clamp(heapBytes / 7, 64 << 20, 128 << 20);
    }

    private Generation filling = new Generation(false);
    /// The newest first.
    private final AtomicReference<List<Generation>> frozen = new AtomicReference<>(List.of());
    private final AtomicLong frozenBytes = new AtomicLong();

    void commit(List<Change> changes, Mark mark) {
        filling.commit(changes, mark);
    }

    /// [RowIndex#warm], where the next commit goes.
    void warm(List<Bytes> keys) {
        filling.warm(keys);
    }

    /// As the first commit of all. What was filled before is frozen.
    void replace(List<Change> changes, Mark mark) {
        freeze();
        filling = new Generation(true);
        filling.commit(changes, mark);
    }

    /// What has been committed until now stays as it is.
    void freeze() {
        if (filling.isEmpty()) return;
        var ended = filling;
        filling = new Generation(false);
        frozenBytes.addAndGet(ended.bytes());
        frozen.updateAndGet(before -> {
            var now = new ArrayList<Generation>(before.size() + 1);
            now.add(ended);
            now.addAll(before);
            return List.copyOf(now);
        });
    }

    long fillingBytes() {
        return filling.bytes();
    }

    long bytes() {
        return filling.bytes() + frozenBytes.get();
    }

    boolean isFrozen() {
        return !frozen.get().isEmpty();
    }

    /// The newest one that can tell what became of the key; null if RocksDB has to be asked.
    @Nullable
    Generation whoKnows(Bytes key) {
        if (filling.knows(key)) return filling;
        for (var generation : frozen.get()) {
            if (generation.knows(key)) return generation;
        }
        return null;
    }

    /// All of them, the newest first, up to the one before which nothing counts. Of the last, [Generation#replacesAll]
    /// tells whether what is in RocksDB does.
    List<Generation> seen() {
        var seen = new ArrayList<Generation>();
        if (!filling.isEmpty()) seen.add(filling);
        seen.addAll(frozen.get());
        for (int i = 0; i < seen.size(); i++) {
            if (seen.get(i).replacesAll()) return List.copyOf(seen.subList(0, i + 1));
        }
        return List.copyOf(seen);
    }

    @Nullable
    Generation oldest() {
        var now = frozen.get();
        return now.isEmpty() ? null : now.getLast();
    }

    /// The oldest one is in RocksDB.
    void written() {
        var was = frozen.getAndUpdate(now -> List.copyOf(now.subList(0, now.size() - 1)));
        frozenBytes.addAndGet(-was.getLast().bytes());
    }
}
