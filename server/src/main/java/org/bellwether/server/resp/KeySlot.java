package org.bellwether.server.resp;

/// The slot of a key in a Redis cluster: CRC16 of the key, modulo 16384. We keep all slots in one place, but
/// a client that routes by slot wants to be told which one it asked for (`MOVED`, `CLUSTER KEYSLOT`).
///
/// Redis Cluster specification, "Key distribution model" and "Hash tags".
final class KeySlot {
    static final int COUNT = 16_384;

    /// x^16 + x^12 + x^5 + 1: CRC-16/XMODEM, which starts at zero and reflects nothing.
    private static final int POLYNOMIAL = 0x1021;
    private static final char[] TABLE = new char[256];

    static {
        for (int i = 0; i < TABLE.length; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
            }
            TABLE[i] = (char) crc;
        }
    }

    private KeySlot() {}

    /// Of the part between the first `{` and the first `}` behind it, if there is one and it is not
    /// empty; else of the whole key.
    static int of(byte[] key) {
        int open = indexOf(key, '{', 0);
        int close = open < 0 ? -1 : indexOf(key, '}', open + 1);
        boolean tagged = close > open + 1;
        int crc = tagged ? crc16(key, open + 1, close) : crc16(key, 0, key.length);
        return crc % COUNT;
    }

    static int crc16(byte[] bytes, int from, int to) {
        int crc = 0;
        for (int i = from; i < to; i++) {
            crc = (crc << 8 & 0xffff) ^ TABLE[(crc >>> 8) ^ (bytes[i] & 0xff)];
        }
        return crc;
    }

    private static int indexOf(byte[] bytes, char wanted, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == wanted) return i;
        }
        return -1;
    }
}
