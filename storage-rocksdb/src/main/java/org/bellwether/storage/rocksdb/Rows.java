package org.bellwether.storage.rocksdb;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.Totals;

/// Keys and values as RocksDB has them; `docs/formats.md` draws them.
final class Rows {
    /// Sorts before every key.
    private static final byte OWN = 0;
    private static final byte KEY = 1;
    private static final byte EXPIRY = 2;
    /// Expires never.
    private static final byte VALUE_VERSION = 1;
    private static final byte EXPIRING_VERSION = 2;
    /// Before there were totals.
    private static final byte MARK_VERSION_1 = 1;
    private static final byte MARK_VERSION = 2;
    private static final int VALUE_HEADER_BYTES = 1 + 3 * 8;
    private static final int MARK_1_BYTES = 1 + 3 * 8;
    private static final int MARK_BYTES = MARK_1_BYTES + 4 + 8 + 8;

    private Rows() {}

    static byte[] markKey() {
        return new byte[]{OWN, 'm'};
    }

    static byte[] originKey() {
        return new byte[]{OWN, 'o'};
    }

    static byte[] key(Bytes key) {
        var row = ByteBuffer.allocate(keyBytes(key));
        key(key, row);
        return row.array();
    }

    static int keyBytes(Bytes key) {
        return 1 + key.length();
    }

    static void key(Bytes key, ByteBuffer to) {
        to.put(KEY).put(key.array());
    }

    static boolean isKey(byte[] row) {
        return row.length > 0 && row[0] == KEY;
    }

    static Bytes key(byte[] row) {
        if (!isKey(row)) throw new StorageDamagedException("a row that is no key");
        var key = new byte[row.length - 1];
        System.arraycopy(row, 1, key, 0, key.length);
        return Bytes.wrap(key);
    }

    /// The first row behind all keys.
    static byte[] endOfKeys() {
        return new byte[]{KEY + 1};
    }

    /// Rows that sort by time, and have no value: which keys expire when.
    static byte[] expiry(Expiry expiry) {
        var key = expiry.key();
        return ByteBuffer.allocate(1 + 8 + key.length()).put(EXPIRY).putLong(expiry.at())
                .put(key.array()).array();
    }

    /// The first row behind all expiries.
    static byte[] endOfExpiries() {
        return new byte[]{EXPIRY + 1};
    }

    static Expiry expiry(byte[] row) {
        if (row.length < 9 || row[0] != EXPIRY)
            throw new StorageDamagedException("a row that is no expiry");
        return new Expiry(ByteBuffer.wrap(row).getLong(1),
                Bytes.wrap(Arrays.copyOfRange(row, 9, row.length)));
    }

    static byte[] value(Versioned value) {
        var row = ByteBuffer.allocate(valueBytes(value));
        value(value, row);
        return row.array();
    }

    static int valueBytes(Versioned value) {
        return VALUE_HEADER_BYTES + (expires(value) ? 8 : 0) + value.value().length();
    }

    static void value(Versioned value, ByteBuffer to) {
        to.put(expires(value) ? EXPIRING_VERSION : VALUE_VERSION)
                .putLong(value.created().number()).putLong(value.modified().number())
                .putLong(value.version());
        if (expires(value)) to.putLong(value.expires());
        to.put(value.value().array());
    }

    private static boolean expires(Versioned value) {
        return value.expires() != Versioned.NEVER;
    }

    static Versioned value(byte[] row) {
        return value(row, 0, row.length);
    }

    /// Of some of the bytes.
    static Versioned value(byte[] bytes, int at, int behind) {
        boolean expires = at < behind && bytes[at] == EXPIRING_VERSION;
        var from = versioned(bytes, at, behind, expires ? EXPIRING_VERSION : VALUE_VERSION,
                "value");
        try {
            var created = new Revision(from.getLong());
            var modified = new Revision(from.getLong());
            long version = from.getLong();
            long end = expires ? from.getLong() : Versioned.NEVER;
            var value = new byte[from.remaining()];
            from.get(value);
            return new Versioned(Bytes.wrap(value), created, modified, version, end);
        } catch (BufferUnderflowException | IllegalArgumentException damaged) {
            throw new StorageDamagedException(
                    "a value's row of " + (behind - at) + " bytes is damaged",
                    damaged);
        }
    }

    static byte[] mark(Mark mark) {
        return ByteBuffer.allocate(MARK_BYTES).put(MARK_VERSION).putLong(mark.applied())
                .putLong(mark.revision().number()).putLong(mark.keys()).putInt(mark.version())
                .putLong(mark.totals().digest()).putLong(mark.stamp()).array();
    }

    /// Whether the digest is not in it, and has to be made of the rows.
    static boolean isMarkWithoutDigest(byte[] row) {
        return row.length > 0 && row[0] == MARK_VERSION_1;
    }

    static Mark mark(byte[] row) {
        boolean first = isMarkWithoutDigest(row);
        var from = versioned(row, 0, row.length, first ? MARK_VERSION_1 : MARK_VERSION, "mark");
        if (row.length != (first ? MARK_1_BYTES : MARK_BYTES))
            throw new StorageDamagedException("a mark of " + row.length + " bytes");
        try {
            long applied = from.getLong();
            var revision = new Revision(from.getLong());
            long keys = from.getLong();
            int version = first ? 1 : from.getInt();
            var totals = new Totals(keys, first ? 0 : from.getLong());
            return new Mark(applied, revision, version, first ? 0 : from.getLong(), totals);
        } catch (IllegalArgumentException damaged) {
            throw new StorageDamagedException("the mark is damaged", damaged);
        }
    }

    private static ByteBuffer versioned(byte[] bytes, int at, int behind, byte version,
            String what) {
        if (at == behind) throw new StorageDamagedException("an empty row for a " + what);
        if (bytes[at] != version) {
            throw new StorageException("a " + what + " of version " + bytes[at]
                    + " in the tables; this program knows version " + version);
        }
        return ByteBuffer.wrap(bytes, at + 1, behind - at - 1);
    }
}
