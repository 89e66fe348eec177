package org.bellwether.server.resp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Looks whether a request has come whole, an array of a few bulk strings with nothing odd about it, as nearly all have: that
/// takes a third of what it takes to keep one's place behind every byte. Whatever else comes is left where it is, to
/// [RequestParser], which alone can wait, and alone knows what is wrong with it.
final class WholeRequest {
    private static final int ARGUMENTS_MAX = 16;
    /// Of numbers that surely fit into an int.
    private static final int DIGITS_MAX = 9;
    private static final int NONE = -1;

    private final int[] starts = new int[ARGUMENTS_MAX];
    private final int[] ends = new int[ARGUMENTS_MAX];
    private int at;

    /// The arguments of the request that begins here, copied, and their bytes consumed; null, and nothing consumed, for any
    /// other.
    byte @Nullable [][] read(ByteBuffer in, RequestLimits limits) {
        byte[] bytes = in.array();
        int end = in.arrayOffset() + in.limit();
        at = in.arrayOffset() + in.position();
        int count = number('*', bytes, end);
        if (count <= 0 || count > ARGUMENTS_MAX || count > limits.argumentsMax()) return null;
        int room = limits.requestBytesMax();
        for (int i = 0; i < count; i++) {
            int length = number('$', bytes, end);
            if (length < 0 || length > limits.argumentBytesMax() || length > room) return null;
            room -= length;
            starts[i] = at;
            ends[i] = at + Math.min(length, end - at);
            at = ends[i];
            if (!isLineEnd(bytes, end)) return null;
            at += 2;
        }
        // Not before all of it is known to be there: what is only announced costs nothing.
        var arguments = new byte[count][];
        for (int i = 0; i < count; i++)
            arguments[i] = Arrays.copyOfRange(bytes, starts[i], ends[i]);
        in.position(at - in.arrayOffset());
        return arguments;
    }

    /// What stands between this mark and the end of its line.
    private int number(char mark, byte[] bytes, int end) {
        if (at >= end || bytes[at] != mark) return NONE;
        int first = ++at;
        int value = 0;
        while (at < end && at - first < DIGITS_MAX && bytes[at] >= '0' && bytes[at] <= '9')
            value = 10 * value + bytes[at++] - '0';
        int digits = at - first;
        if (digits == 0 || (digits > 1 && bytes[first] == '0') || !isLineEnd(bytes, end))
            return NONE;
        at += 2;
        return value;
    }

    private boolean isLineEnd(byte[] bytes, int end) {
        return end - at >= 2 && bytes[at] == '\r' && bytes[at + 1] == '\n';
    }
}
