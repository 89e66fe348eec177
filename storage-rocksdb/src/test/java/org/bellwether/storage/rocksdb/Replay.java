package org.bellwether.storage.rocksdb;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bellwether.storage.Marks;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Storage;
import org.bellwether.storage.Storage.Change;

/// A log of which every entry can be computed from its index, so that any state can be checked against the
/// replay up to its applied index.
final class Replay {
    private static final int KEYS = 500;

    final NavigableMap<Bytes, Versioned> model = new TreeMap<>();
    private final int valueBytes;
    private long applied;

    Replay(int valueBytes) {
        this.valueBytes = valueBytes;
    }

    Replay through(long index) {
        while (applied < index)
            next();
        return this;
    }

    long applied() {
        return applied;
    }

    Revision revision() {
        return new Revision(applied);
    }

    List<Change> next() {
        applied++;
        var random = new SplittableRandom(applied);
        var changes = new ArrayList<Change>();
        for (int i = random.nextInt(6); i > 0; i--) {
            var key = Bytes.utf8("key-" + random.nextInt(KEYS));
            if (random.nextInt(4) == 0) {
                changes.add(Marks.change(key, null));
                model.remove(key);
            } else {
                var bytes = new byte[random.nextInt(valueBytes)];
                Arrays.fill(bytes, (byte) applied);
                var value = new Versioned(Bytes.wrap(bytes), revision(), revision(), applied);
                changes.add(Marks.change(key, value));
                model.put(key, value);
            }
        }
        return changes;
    }

    void commitNext(Storage storage) {
        var changes = next();
        Marks.commit(storage, changes, applied, revision());
    }

    static long flush(Storage storage) {
        try (var now = storage.view()) {
            return storage.flush(now);
        }
    }

    static NavigableMap<Bytes, Versioned> contents(Storage storage) {
        var contents = new TreeMap<Bytes, Versioned>();
        try (var view = storage.view()) {
            view.scan(Bytes.EMPTY, (key, value) -> {
                contents.put(key, value);
                return true;
            });
        }
        return contents;
    }
}
