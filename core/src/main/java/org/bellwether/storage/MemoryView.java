package org.bellwether.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// The living table, corrected by pre-images: before the loop changes a key, it leaves in every open view
/// what the key was. Taking a view copies nothing; the loop pays for what it changes while one is open.
///
/// The loop first leaves the pre-image, then changes the table; a reader first looks at the table, then for
/// pre-images. So a reader that has met a change, be it a value, a new key or a missing one, also
/// meets the pre-image, and one that meets no pre-image had looked before the change.
///
/// The table has no order. The reader makes one with its first scan, on its own time: keeping the table sorted
/// made every new key five times as expensive for the loop.
final class MemoryView implements View {
    private final ConcurrentHashMap<Bytes, Versioned> table;
    private final Map<Bytes, Optional<Versioned>> preImages = new ConcurrentHashMap<>();
    private final Mark mark;
    private final Bytes origin;
    /// Every key that is seen here, and some that came later.
    private volatile Bytes @Nullable [] keys;
    private volatile boolean closed;

    MemoryView(ConcurrentHashMap<Bytes, Versioned> table, Mark mark, Bytes origin) {
        this.table = table;
        this.mark = mark;
        this.origin = origin;
    }

    /// On the loop, before the key changes.
    void preserve(Bytes key, @Nullable Versioned before) {
        preImages.putIfAbsent(key, Optional.ofNullable(before));
    }

    Bytes origin() {
        return origin;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public Mark mark() {
        return mark;
    }

    @Override
    public @Nullable Bytes scan(Bytes from, Visitor visitor) {
        requireOpen();
        var order = keys;
        if (order == null) {
            order = sortedKeys();
            keys = order;
        }
        int start = Arrays.binarySearch(order, from);
        for (int i = start < 0 ? -start - 1 : start; i < order.length; i++) {
            var key = order[i];
            var value = get(key);
            // No pre-image is left in a closed view, so what was just read may be too new.
            requireOpen();
            if (value != null && !visitor.visit(key, value)) return View.after(key);
        }
        return null;
    }

    private Bytes[] sortedKeys() {
        var all = new ArrayList<>(table.keySet());
        // After the table's: a key that was removed while they were collected has left its pre-image.
        all.addAll(preImages.keySet());
        all.sort(null);
        int count = 0;
        for (int i = 0; i < all.size(); i++) {
            if (i == 0 || !all.get(i).equals(all.get(i - 1))) all.set(count++, all.get(i));
        }
        return all.subList(0, count).toArray(Bytes[]::new);
    }

    private @Nullable Versioned get(Bytes key) {
        var now = table.get(key);
        var before = preImages.get(key);
        return before == null ? now : before.orElse(null);
    }

    private void requireOpen() {
        if (closed) throw new IllegalStateException("the view is closed");
    }

    @Override
    public void close() {
        closed = true;
    }
}
