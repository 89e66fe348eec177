package org.bellwether.log;

import java.util.Arrays;

/// What is known about one segment file: its header, where its records end, and where every 64th is.
final class Segment {
    /// A lookup steps over at most this many records less one.
    static final int MARK_DISTANCE = 64;

    final SegmentHeader header;
    final String name;

    private long nextIndex;
    private long end = SegmentHeader.BYTES;
    private long[] marks = new long[4];

    Segment(SegmentHeader header) {
        this.header = header;
        this.name = header.name();
        this.nextIndex = header.firstIndex();
    }

    long firstIndex() {
        return header.firstIndex();
    }

    /// Index of the record that would be appended next.
    long nextIndex() {
        return nextIndex;
    }

    boolean isEmpty() {
        return nextIndex == firstIndex();
    }

    /// Where in the file the next record goes.
    long end() {
        return end;
    }

    /// The same place in the whole log.
    long endOffset() {
        return header.baseOffset() + end;
    }

    /// Takes note of a record at the end.
    void append(long recordBytes) {
        long ordinal = nextIndex - firstIndex();
        if (ordinal % MARK_DISTANCE == 0) {
            int mark = (int) (ordinal / MARK_DISTANCE);
            if (mark == marks.length) marks = Arrays.copyOf(marks, 2 * mark);
            marks[mark] = end;
        }
        nextIndex++;
        end += recordBytes;
    }

    /// Forgets the record at `index`, which starts at `position` of the file, and all after it.
    void cut(long index, long position) {
        nextIndex = index;
        end = position;
    }

    /// Index of the last marked record that is not after `index`.
    long markedIndex(long index) {
        return index - (index - firstIndex()) % MARK_DISTANCE;
    }

    /// Where in the file that record starts.
    long markedPosition(long index) {
        return marks[(int) ((index - firstIndex()) / MARK_DISTANCE)];
    }
}
