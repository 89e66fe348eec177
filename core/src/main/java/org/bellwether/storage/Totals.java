package org.bellwether.storage;

import java.util.zip.CRC32C;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;

/// What all rows of a table come to, in any order: how many there are, and the sum of a number that
/// is made of each. Whoever changes a row knows the old and the new one, so this follows every change at no more than
/// the cost of those two, and two nodes that have applied the same entries can be compared by sixteen bytes.
///
/// That makes it good against faults, and no more: somebody who chooses values could make two tables come to
/// the same. [View#digest] is for that.
public record Totals(long keys, long digest) {
    public static final Totals NONE = new Totals(0, 0);

    public Totals {
        if (keys < 0) throw new IllegalArgumentException("a number of keys of " + keys);
    }

    @Override
    public String toString() {
        return keys + " keys, digest " + Long.toHexString(digest);
    }

    /// The sum while it is being made. As a visitor it adds what it is shown.
    public static final class Sum implements View.Visitor {
        private long keys;
        private long digest;

        public Sum() {
            this(NONE);
        }

        public Sum(Totals from) {
            this.keys = from.keys;
            this.digest = from.digest;
        }

        public void add(Bytes key, Versioned value) {
            keys++;
            digest += numberOf(key, value);
        }

        public void remove(Bytes key, Versioned value) {
            keys--;
            digest -= numberOf(key, value);
        }

        @Override
        public boolean visit(Bytes key, Versioned value) {
            add(key, value);
            return true;
        }

        public Totals totals() {
            return new Totals(keys, digest);
        }
    }

    /// CRC32C tells contents apart and costs next to nothing; the numbers of the history are mixed in as a whole, so
    /// that rows with the same contents do not come to the same.
    private static long numberOf(Bytes key, Versioned value) {
        var crc = new CRC32C();
        crc.update(key.array());
        crc.update(value.value().array());
        long number = mix(crc.getValue() << 32 | key.length());
        number = mix(number ^ value.created().number());
        number = mix(number ^ value.modified().number());
        number = mix(number ^ value.version());
        return value.expires() == Versioned.NEVER ? number : mix(number ^ value.expires());
    }

    /// The last step of MurmurHash3: every bit of the result hangs on every bit of the input.
    private static long mix(long bits) {
        long mixed = bits + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ mixed >>> 33) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ mixed >>> 33) * 0xC4CEB9FE1A85EC53L;
        return mixed ^ mixed >>> 33;
    }
}
