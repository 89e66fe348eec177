package org.bellwether.server.resp;

import java.nio.ByteBuffer;

/// The decimal number that a header line announces, digit by digit as they arrive. By the rules of Redis's
/// `string2ll` – no sign but a minus, no leading zero, no space – and with CR LF behind it, both
/// of them: what two readers could understand in two ways is refused.
final class HeaderNumber {
    /// Of numbers that surely fit into a long. No limit needs more.
    private static final int DIGITS_MAX = 18;

    enum Progress {
        INCOMPLETE, COMPLETE, INVALID
    }

    private long magnitude;
    private int digits;
    private boolean negative;
    private boolean carriageReturn;
    private Progress progress = Progress.INCOMPLETE;

    /// Consumes the line, or what has come of it. Called again after INCOMPLETE; a new number begins after
    /// COMPLETE.
    Progress read(ByteBuffer in) {
        if (progress == Progress.COMPLETE) clear();
        byte[] bytes = in.array();
        int end = in.arrayOffset() + in.limit();
        int at = in.arrayOffset() + in.position();
        boolean goesOn = true;
        while (goesOn && at < end)
            goesOn = process(bytes[at++]);
        in.position(at - in.arrayOffset());
        return progress;
    }

    long value() {
        return negative ? -magnitude : magnitude;
    }

    /// One byte; false ends the reading.
    private boolean process(byte b) {
        if (carriageReturn) {
            progress = b == '\n' ? Progress.COMPLETE : Progress.INVALID;
            return false;
        }
        if (b >= '0' && b <= '9' && mayContinueWith(b)) {
            magnitude = 10 * magnitude + (b - '0');
            digits++;
            return true;
        }
        if (b == '\r' && digits > 0) {
            carriageReturn = true;
            return true;
        }
        if (b == '-' && digits == 0 && !negative) {
            negative = true;
            return true;
        }
        progress = Progress.INVALID;
        return false;
    }

    private boolean mayContinueWith(byte digit) {
        if (digits == 0) return digit != '0' || !negative;
        return magnitude != 0 && digits < DIGITS_MAX;
    }

    private void clear() {
        magnitude = 0;
        digits = 0;
        negative = false;
        carriageReturn = false;
        progress = Progress.INCOMPLETE;
    }
}
