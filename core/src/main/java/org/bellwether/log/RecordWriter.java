package org.bellwether.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.bellwether.disk.Disk.DiskFile;
import org.bellwether.raft.Entry;

/// Writes entries behind each other in one write of [whole blocks][LastBlock]. Payloads are handed down as they are.
final class RecordWriter {
    private static final int BUFFERS_PER_RECORD = 3;

    private final RecordCodec codec;
    private final LastBlock lastBlock = new LastBlock();
    private ByteBuffer headers = ByteBuffer.allocate(64 * RecordHeader.BYTES);

    RecordWriter(RecordCodec codec) {
        this.codec = codec;
    }

    /// What the records shall tell beside their entries.
    ///
    /// @param lastChecksum of the record before the first one
    record Known(long syncedOffset, long commitIndex, int lastChecksum) {}

    /// Appends to a segment.
    ///
    /// @return checksum of the last record
    int write(DiskFile file, Segment segment, List<Entry> entries, Known known)
            throws IOException {
        var before = lastBlock.before(file, segment.end());
        long at = segment.end() - before.remaining();
        var buffers = new ByteBuffer[BUFFERS_PER_RECORD * entries.size() + 2];
        if (headers.capacity() < entries.size() * RecordHeader.BYTES)
            headers = ByteBuffer.allocate(2 * entries.size() * RecordHeader.BYTES);
        int checksum = known.lastChecksum;
        int used = 0;
        buffers[used++] = before;
        for (int i = 0; i < entries.size(); i++) {
            var entry = entries.get(i);
            var context = new RecordCodec.Context(segment.endOffset(), known.syncedOffset,
                    known.commitIndex, checksum);
            int headerAt = i * RecordHeader.BYTES;
            checksum = codec.encode(entry, context, headers, headerAt);
            buffers[used++] = headers.slice(headerAt, RecordHeader.BYTES);
            buffers[used++] = ByteBuffer.wrap(entry.payload());
            buffers[used++] = Zeros.padding(RecordHeader.paddingBytes(entry.bytes()));
            segment.append(RecordHeader.recordBytes(entry.bytes()));
        }
        buffers[used] = Zeros.padding(LastBlock.missing(segment.end()));
        file.write(buffers, at);
        for (int i = 1; i < used; i++) {
            lastBlock.append(buffers[i]);
        }
        return checksum;
    }
}
