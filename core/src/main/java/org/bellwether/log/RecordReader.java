package org.bellwether.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.bellwether.disk.Disk.DiskFile;
import org.bellwether.raft.Entry;
import org.jspecify.annotations.Nullable;

/// Reads the records of one file after the other, through a window that is read ahead. Holds one record
/// at a time; what is allocated is bounded by the file, never by a length that was read from it.
final class RecordReader {
    private static final int WINDOW_BYTES = 64 * 1024;
    private static final ByteBuffer ZEROS = ByteBuffer.allocate(WINDOW_BYTES).asReadOnlyBuffer();

    private final RecordCodec codec;
    private ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES).limit(0);
    private long windowAt;
    private @Nullable DiskFile file;
    private long baseOffset;
    private long limit;

    RecordReader(RecordCodec codec) {
        this.codec = codec;
    }

    /// Turns to the bytes of a segment that come before `limit`. Forgets what was read before.
    void turnTo(DiskFile file, Segment segment, long limit) {
        this.file = file;
        this.baseOffset = segment.header.baseOffset();
        this.limit = limit;
        window.limit(0);
        windowAt = 0;
    }

    /// The header at this position of the file.
    ///
    /// @return null if there is none that can be trusted
    @Nullable
    RecordHeader header(long at) throws IOException {
        if (at + RecordHeader.BYTES > limit) return null;
        int windowPosition = load(at, RecordHeader.BYTES);
        return codec.decode(window, windowPosition, baseOffset + at);
    }

    /// Whether the record ends in front of the limit. To be asked before its payload is.
    boolean fits(RecordHeader header) {
        return header.offset() - baseOffset + header.recordBytes() <= limit;
    }

    /// Whether the payload can be trusted.
    boolean payloadIsGood(RecordHeader header) throws IOException {
        int at = loadPayload(header); // may replace the window
        return codec.verify(header, window, at);
    }

    /// The whole entry, verified; null if its payload is damaged.
    @Nullable
    Entry entry(RecordHeader header) throws IOException {
        int at = loadPayload(header);
        if (!codec.verify(header, window, at)) return null;
        byte[] payload = new byte[header.length()];
        window.get(at, payload);
        return new Entry(header.position(), header.kind(), payload, header.payloadCrc());
    }

    /// Eight bytes at this position, which must lie in front of the limit.
    long word(long at) throws IOException {
        int windowPosition = load(at, Long.BYTES);
        return window.getLong(windowPosition);
    }

    /// Where the zeros that begin here end: the place of the first byte that is none, or `to`. A log ends in megabytes
    /// of them, so they are not looked at one by one.
    long endOfZeros(long from, long to) throws IOException {
        for (long at = from; at < to;) {
            int windowPosition = load(at, 1);
            int bytes = (int) Math.min(Math.min(window.limit() - windowPosition, to - at),
                    WINDOW_BYTES);
            int zeros = window.slice(windowPosition, bytes).mismatch(ZEROS.slice(0, bytes));
            if (zeros >= 0) return at + zeros;
            at += bytes;
        }
        return to;
    }

    /// Behind the last byte that is not zero, or `from`.
    long endOfContent(long from, long to) throws IOException {
        long end = from;
        for (long at = endOfZeros(from, to); at < to; at = endOfZeros(end, to)) {
            end = at;
            int windowPosition = load(at, 1);
            while (end < to && windowPosition < window.limit() && window.get(windowPosition) != 0) {
                windowPosition++;
                end++;
            }
        }
        return end;
    }

    private int loadPayload(RecordHeader header) throws IOException {
        long at = header.offset() - baseOffset + RecordHeader.BYTES;
        return load(at, (int) (header.recordBytes() - RecordHeader.BYTES));
    }

    /// Makes bytes of the file available; returns where in the window they are.
    private int load(long at, int bytes) throws IOException {
        if (at < windowAt || at + bytes > windowAt + window.limit()) {
            if (file == null) throw new IllegalStateException("turned to no file");
            if (bytes > window.capacity()) window = ByteBuffer.allocate(bytes);
            window.clear().limit((int) Math.min(window.capacity(), limit - at));
            windowAt = at;
            int count = file.read(window, at);
            window.position(0).limit(count);
            if (count < bytes) {
                throw new IOException("the file ends at " + (at + count)
                        + ", it was longer a moment ago");
            }
        }
        return (int) (at - windowAt);
    }
}
