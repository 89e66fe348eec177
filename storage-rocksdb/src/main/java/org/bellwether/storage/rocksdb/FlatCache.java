package org.bellwether.storage.rocksdb;

import java.util.HashMap;
import java.util.Map;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// Short rows that were asked for or written lately, as [RowRecords] in a ring of arrays, so that a row which changes
/// leaves nothing behind for the collector. Where the ring comes round to an array again, the rows in it that were used
/// since then stay, up to half of it, and the others go: about the least recently used ones.
final class FlatCache {
    /// What a row takes beside its record, about: its key once more, and the map's objects.
    private static final int ENTRY_BYTES = 112;

    private final int chunkBytes;
    private final int chunksMax;
    /// Of one chunk.
    private final int rowsMax;
    private final RowRecords records = new RowRecords();
    private final Map<Bytes, Entry> rows = new HashMap<>();
    private int filling = -1;
    private int rowsInFilling;

    private static final class Entry {
        int place;
        boolean isUsed;
    }

    FlatCache(long bytesMax) {
        this.chunkBytes = (int) Math.min(RowRecords.CHUNK_BYTES_MAX, bytesMax / 8);
        this.chunksMax = chunkBytes == 0 ? 0 : (int) (bytesMax / 3 * 2 / chunkBytes);
        this.rowsMax = chunksMax == 0 ? 0 : (int) (bytesMax / 3 / ENTRY_BYTES / chunksMax);
    }

    boolean isFor(Bytes key, Versioned row) {
        return RowRecords.bytesMax(key, row) <= chunkBytes / 4;
    }

    @Nullable
    Versioned get(Bytes key) {
        var entry = rows.get(key);
        if (entry == null) return null;
        entry.isUsed = true;
        return records.value(entry.place);
    }

    void put(Bytes key, Versioned row) {
        var entry = rows.get(key);
        if (entry != null && records.overwrite(entry.place, row)) {
            entry.isUsed = true;
            return;
        }
        int bytes = RowRecords.bytesMax(key, row);
        while (filling < 0 || rowsInFilling >= rowsMax || records.freeBytes(filling) < bytes)
            goOn();
        // It may have gone on the way.
        entry = rows.computeIfAbsent(key, _ -> new Entry());
        entry.place = records.append(filling, key, row);
        entry.isUsed = false;
        rowsInFilling++;
    }

    void remove(Bytes key) {
        rows.remove(key);
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
            var key = records.key(place);
            var entry = rows.get(key);
            if (entry == null || entry.place != place) continue;
            if (entry.isUsed && kept + length <= chunkBytes / 2 && rowsInFilling < rowsMax / 2) {
                entry.place = records.move(place, kept);
                entry.isUsed = false;
                kept += length;
                rowsInFilling++;
            } else {
                rows.remove(key);
            }
        }
        records.fillAgainFrom(filling, kept);
    }

    /// About.
    long bytes() {
        return (long) records.chunks() * chunkBytes + (long) rows.size() * ENTRY_BYTES;
    }
}
