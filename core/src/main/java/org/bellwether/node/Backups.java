package org.bellwether.node;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bellwether.api.Backup;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Revision;
import org.bellwether.storage.Slice;
import org.bellwether.storage.TableFormat;
import org.bellwether.storage.View;
import org.bellwether.transport.SnapshotHead;
import org.jspecify.annotations.Nullable;

/// Backups that are being read from this node.
final class Backups {
    private final Background background;
    private final List<Reading> open = new ArrayList<>();

    Backups(Background background) {
        this.background = background;
    }

    /// Null if too many are being read already; the view is closed then.
    @Nullable
    Backup begin(View view, SnapshotHead head) {
        if (open.size() >= Limits.BACKUPS_MAX) {
            view.close();
            return null;
        }
        var reading = new Reading(view, head);
        open.add(reading);
        return reading;
    }

    void close() {
        List.copyOf(open).forEach(Reading::close);
    }

    private enum Part {
        HEAD, ROWS, END, NOTHING
    }

    private final class Reading implements Backup {
        private final View view;
        private final SnapshotHead head;
        private Part part = Part.HEAD;
        private Bytes from = Bytes.EMPTY;
        private boolean closed;

        Reading(View view, SnapshotHead head) {
            this.view = view;
            this.head = head;
        }

        @Override
        public Revision revision() {
            return head.mark().revision();
        }

        @Override
        public long keys() {
            return head.mark().keys();
        }

        @Override
        public void next(Consumer<? super byte @Nullable []> bytes, Consumer<String> failed) {
            switch (part) {
                case HEAD -> {
                    part = Part.ROWS;
                    bytes.accept(new TableFormat.Head(head.mark(), head.encode()).encode());
                }
                case ROWS -> background.read(
                        () -> Slice.read(view, from, TableFormat.BLOCK_BYTES), slice -> {
                            if (!closed) rows(slice, bytes, failed);
                        }, failure -> {
                            if (!closed) failed.accept(String.valueOf(failure.getMessage()));
                        });
                case END -> {
                    part = Part.NOTHING;
                    bytes.accept(TableFormat.end());
                }
                case NOTHING -> bytes.accept(null);
            }
        }

        private void rows(Slice slice, Consumer<? super byte @Nullable []> bytes,
                Consumer<String> failed) {
            if (slice.next() == null) {
                part = Part.END;
            } else {
                from = slice.next();
            }
            if (slice.keys() == 0) {
                next(bytes, failed);
            } else {
                bytes.accept(TableFormat.block(slice.rows()));
            }
        }

        @Override
        public void close() {
            if (closed) return;
            closed = true;
            open.remove(this);
            view.close();
        }
    }
}
