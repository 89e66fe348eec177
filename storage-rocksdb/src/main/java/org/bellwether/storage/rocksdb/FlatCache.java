package org.bellwether.storage.rocksdb;

import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.RowIndex;
import org.jspecify.annotations.Nullable;

/// Short rows that were asked for or written lately, as [RowRecords] in a ring of arrays, so that a row which changes
/// leaves nothing behind for the collector. Where the ring comes round to an array again, the rows in it that were used
/// since then stay, up to half of it, and the others go: about the least recently used ones.
final class FlatCache {
    private final int chunkBytes;
    private final int chunksMax;
    /// Of one chunk.
    private final int rowsMax;
    private final RowRecords records = new RowRecords();
    /// Marked: those that were used since they were put or last kept.
    private final RowIndex rows = new RowIndex(records);
    private int filling = -1;
    private int rowsInFilling;

    FlatCache(long bytesMax) {
        this.chunkBytes = (int) Math.min(RowRecords.CHUNK_BYTES_MAX, bytesMax / 8);
        this.chunksMax = chunkBytes == 0
                ? 0
                : (int) Math.min(RowRecords.CHUNKS_MAX, bytesMax / 5 * 4 / chunkBytes);
        this.rowsMax = chunksMax == 0 ? 0 : (int) (bytesMax / 5 / RowIndex.ROW_BYTES / chunksMax);
    }

    boolean isFor(Bytes key, Versioned row) {
        return RowRecords.bytesMax(key, row) <= chunkBytes / 4;
    }

    @Nullable
    Versioned get(Bytes key) {
        int slot = rows.find(key);
        if (slot < 0) return null;
        rows.mark(slot);
        return records.value(rows.place(slot));
    }

    /// [RowIndex#warm]
    void warm(List<Bytes> keys) {
        rows.warm(keys);
    }

    void put(Bytes key, Versioned row) {
        int slot = rows.find(key);
        if (slot >= 0 && records.overwrite(rows.place(slot), row)) {
            rows.mark(slot);
            return;
        }
        int bytes = RowRecords.bytesMax(key, row);
        while (filling < 0 || rowsInFilling >= rowsMax || records.freeBytes(filling) < bytes)
            goOn();
        int place = records.append(filling, key, row);
        // It may have moved or gone on the way.
        slot = rows.find(key);
        if (slot < 0)
            rows.add(key, place);
        else
            rows.move(slot, place);
        rowsInFilling++;
    }

    void remove(Bytes key) {
        int slot = rows.find(key);
        if (slot >= 0) rows.remove(slot);
    }

    private void goOn() {
        int next = filling + 1;
        rowsInFilling = 0;
        if (next == records.chunks() && next < chunksMax) {
            filling = records.addChunk(chunkBytes);
        } else {
            filling = next % records.chunks();
            sweep();
        }
    }

    private void sweep() {
        int kept = 0;
        int end = records.filledBytes(filling);
        for (int at = 0, next; at < end; at = next) {
            int place = RowRecords.place(filling, at);
            int length = records.length(place);
            next = at + length;
            int slot = rows.at(place);
            if (slot < 0) continue;
            if (rows.isMarked(slot) && kept + length <= chunkBytes / 2
                    && rowsInFilling < rowsMax / 2) {
                rows.move(slot, records.move(place, kept));
                kept += length;
                rowsInFilling++;
            } else {
                rows.remove(slot);
            }
        }
        records.fillAgainFrom(filling, kept);
    }

    /// About.
    long bytes() {
        return (long) records.chunks() * chunkBytes + (long) rows.size() * RowIndex.ROW_BYTES;
    }
}
