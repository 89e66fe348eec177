package org.bellwether.storage;

import org.bellwether.api.Bytes;
import org.jspecify.annotations.Nullable;

/// A frozen copy of the rows. They have no order: the reader makes one with its first scan, on its own time. Keeping
/// them sorted made every new key five times as expensive for the loop.
final class MemoryView implements View {
    private final MemoryRecords rows;
    private final Mark mark;
    private final Bytes origin;
    private volatile @Nullable RowOrder order;
    private volatile boolean closed;
    private volatile boolean isRead;

    MemoryView(MemoryRecords rows, Mark mark, Bytes origin) {
        this.rows = rows;
        this.mark = mark;
        this.origin = origin;
    }

    Bytes origin() {
        return origin;
    }

    /// Whether nobody looks at the rows any more. Whoever begins to says so first, and then looks whether the view is
    /// still open; this looks the other way round.
    boolean isLeft() {
        return closed && !isRead;
    }

    @Override
    public Mark mark() {
        return mark;
    }

    @Override
    public @Nullable Bytes scan(Bytes from, Visitor visitor) {
        isRead = true;
        try {
            requireOpen();
            return scanOrdered(from, visitor);
        } finally {
            isRead = false;
        }
    }

    private @Nullable Bytes scanOrdered(Bytes from, Visitor visitor) {
        var ordered = order;
        if (ordered == null) {
            ordered = new RowOrder(rows, rows.places());
            order = ordered;
        }
        for (int rank = ordered.rankOf(from); rank < ordered.size(); rank++) {
            requireOpen();
            var key = rows.key(ordered.place(rank));
            if (!visitor.visit(key, rows.value(ordered.place(rank)))) return View.after(key);
        }
        return null;
    }

    private void requireOpen() {
        if (closed) throw new IllegalStateException("the view is closed");
    }

    @Override
    public void close() {
        closed = true;
    }
}
