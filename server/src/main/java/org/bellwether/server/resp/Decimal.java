package org.bellwether.server.resp;

import io.netty.buffer.ByteBuf;

/// Integers as digits, written in place.
final class Decimal {
    private static final int LONGEST = 20;

    private Decimal() {}

    static void write(ByteBuf out, long value) {
        if (value >= 0 && value < 10) {
            out.writeByte('0' + (int) value);
            return;
        }
        int length = length(value);
        out.ensureWritable(LONGEST);
        int start = out.writerIndex();
        int at = start + length;
        // Below zero there is one number more than above: -9223372036854775808 has no positive.
        long left = value < 0 ? value : -value;
        do {
            out.setByte(--at, '0' - (int) (left % 10));
            left /= 10;
        } while (left != 0);
        if (value < 0) out.setByte(start, '-');
        out.writerIndex(start + length);
    }

    /// In characters, the sign included.
    static int length(long value) {
        int length = value < 0 ? 2 : 1;
        for (long left = value / 10; left != 0; left /= 10)
            length++;
        return length;
    }
}
