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
    private boolean complete;

    /// Consumes the line, or what has come of it. Called again after INCOMPLETE; a new number begins after
    /// COMPLETE.
    Progress read(ByteBuffer in) {
        if (complete) clear();
        byte[] bytes = in.array();
        int end = in.arrayOffset() + in.limit();
        int at = in.arrayOffset() + in.position();
        var progress = Progress.INCOMPLETE;
        while (progress == Progress.INCOMPLETE && at < end)
            progress = process(bytes[at++]);
        in.position(at - in.arrayOffset());
        complete = progress == Progress.COMPLETE;
        return progress;
    }

    long value() {
        return negative ? -magnitude : magnitude;
    }

    private Progress process(byte b) {
        if (carriageReturn) return b == '\n' ? Progress.COMPLETE : Progress.INVALID;
        if (b >= '0' && b <= '9' && mayContinueWith(b)) {
            magnitude = 10 * magnitude + (b - '0');
            digits++;
            return Progress.INCOMPLETE;
        }
        if (b == '\r' && digits > 0) {
            carriageReturn = true;
            return Progress.INCOMPLETE;
        }
        if (b == '-' && digits == 0 && !negative) {
            negative = true;
            return Progress.INCOMPLETE;
        }
        return Progress.INVALID;
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
        complete = false;
    }
}
