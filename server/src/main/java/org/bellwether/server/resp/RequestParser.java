package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The requests of one connection, out of its bytes as they arrive: arrays of bulk strings, and lines
/// (Redis serialization protocol specification, "Sending commands to a Redis server").
///
/// One that has come whole is [read at once][WholeRequest]. For the others it keeps its place between two reads, in the
/// midst of a number or of an argument. So no argument is looked at twice, and nothing of what was read has to be kept: the
/// read buffer is free as soon as [#next] returns. That has its bytes in an array: each of them is looked at, and anything
/// between the two would be there to be asked each time. An argument that has come whole is copied once, into the array in
/// which it goes to the log. One that comes in pieces grows with them, by doubling; what was announced is only a bound. So
/// a connection holds at most about twice what has arrived, whatever it has announced.
final class RequestParser {
    /// Of an argument that has not come whole: as much as is granted at once, lest a small one whose end is
    /// in the next packet be copied twice.
    static final int GRANTED_BYTES = 512;
    /// The same for the number of arguments.
    private static final int GRANTED_ARGUMENTS = 16;

    private static final byte[] EMPTY = new byte[0];
    private static final byte[][] NO_ARGUMENTS = new byte[0][];

    /// What the next byte belongs to.
    private enum Place {
        START, COUNT, DOLLAR, LENGTH, BYTES, CARRIAGE_RETURN, LINE_FEED, INLINE, BROKEN
    }

    private RequestLimits limits;
    private Place place = Place.START;
    /// What is said when no bytes are left: until something fails, that more are wanted.
    private Parsed last = Parsed.Incomplete.INSTANCE;
    private final WholeRequest whole = new WholeRequest();
    private final HeaderNumber number = new HeaderNumber();

    private byte[][] arguments = NO_ARGUMENTS;
    private int argumentsAnnounced;
    private int argumentsWhole;
    private int bytesAnnounced;

    private byte[] argument = EMPTY;
    private int length;
    private int arrived;

    private byte[] line = EMPTY;
    private int lineBytes;

    RequestParser(RequestLimits limits) {
        this.limits = limits;
    }

    /// From the next request on; what `AUTH` changes.
    void setLimits(RequestLimits limits) {
        this.limits = limits;
    }

    /// The next request. Called until it says Incomplete; after a ProtocolError or CrossProtocol it says the
    /// same forever, and throws away what comes.
    ///
    /// @param in whose bytes are in an array
    Parsed next(ByteBuffer in) {
        while (in.hasRemaining()) {
            var parsed = switch (place) {
                case START -> start(in);
                case COUNT -> count(in);
                case DOLLAR -> dollar(in);
                case LENGTH -> length(in);
                case BYTES -> bytes(in);
                case CARRIAGE_RETURN -> carriageReturn(in);
                case LINE_FEED -> lineFeed(in);
                case INLINE -> inline(in);
                case BROKEN -> broken(in);
            };
            if (parsed != null) return parsed;
        }
        return last;
    }

    /// Whether a request has begun to arrive and has not come to its end.
    boolean isUnderway() {
        return place != Place.START && place != Place.BROKEN;
    }

    /// Memory held for a request that has not come to its end, Java's headers of arrays not counted.
    int heldBytes() {
        int held = argument.length + line.length + arguments.length * Long.BYTES;
        for (int i = 0; i < argumentsWhole; i++)
            held += arguments[i].length;
        return held;
    }

    private @Nullable Parsed start(ByteBuffer in) {
        var arguments = whole.read(in, limits);
        if (arguments != null) return request(arguments);
        if (in.get(in.position()) == '*') {
            in.get();
            place = Place.COUNT;
        } else {
            place = Place.INLINE;
        }
        return null;
    }

    private @Nullable Parsed count(ByteBuffer in) {
        return switch (number.read(in)) {
            case INCOMPLETE -> null;
            case INVALID -> fail("invalid multibulk length");
            case COMPLETE -> begin(number.value());
        };
    }

    private @Nullable Parsed begin(long count) {
        if (count > limits.argumentsMax()) return tooManyArguments(count);
        if (count <= 0) {
            // A command without a name; Redis passes over it, and over one of fewer than no arguments as well.
            place = Place.START;
            return null;
        }
        argumentsAnnounced = (int) count;
        argumentsWhole = 0;
        bytesAnnounced = 0;
        arguments = new byte[Math.min(argumentsAnnounced, GRANTED_ARGUMENTS)][];
        place = Place.DOLLAR;
        return null;
    }

    private @Nullable Parsed dollar(ByteBuffer in) {
        byte b = in.get();
        if (b != '$') return fail("expected '$', got '" + (char) (b & 0xff) + "'");
        place = Place.LENGTH;
        return null;
    }

    private @Nullable Parsed length(ByteBuffer in) {
        return switch (number.read(in)) {
            case INCOMPLETE -> null;
            case INVALID -> fail("invalid bulk length");
            case COMPLETE -> beginArgument(number.value());
        };
    }

    private @Nullable Parsed beginArgument(long announced) {
        if (announced > limits.argumentBytesMax() && limits.stranger()) {
            return fail("unauthenticated bulk length");
        }
        if (announced < 0 || announced > limits.argumentBytesMax()) {
            return fail("invalid bulk length");
        }
        if (announced > limits.requestBytesMax() - bytesAnnounced) {
            return fail("too big request");
        }
        length = (int) announced;
        bytesAnnounced += length;
        arrived = 0;
        argument = EMPTY;
        place = length == 0 ? Place.CARRIAGE_RETURN : Place.BYTES;
        return null;
    }

    private @Nullable Parsed bytes(ByteBuffer in) {
        int more = Math.min(length - arrived, in.remaining());
        if (more == length) {
            int from = in.arrayOffset() + in.position();
            argument = Arrays.copyOfRange(in.array(), from, from + more);
            in.position(in.position() + more);
        } else {
            if (arrived + more > argument.length) {
                int room = Math.max(Math.max(arrived + more, 2 * arrived), GRANTED_BYTES);
                argument = Arrays.copyOf(argument, Math.min(length, room));
            }
            in.get(argument, arrived, more);
        }
        arrived += more;
        if (arrived == length) place = Place.CARRIAGE_RETURN;
        return null;
    }

    /// Redis skips these two unseen. Here a length that was wrong is noticed where it was wrong.
    private @Nullable Parsed carriageReturn(ByteBuffer in) {
        if (in.get() != '\r') return fail("expected CRLF after bulk string");
        place = Place.LINE_FEED;
        return null;
    }

    private @Nullable Parsed lineFeed(ByteBuffer in) {
        if (in.get() != '\n') return fail("expected CRLF after bulk string");
        if (argumentsWhole == arguments.length) {
            arguments = Arrays.copyOf(arguments,
                    Math.min(argumentsAnnounced, 2 * arguments.length));
        }
        arguments[argumentsWhole++] = argument;
        argument = EMPTY;
        if (argumentsWhole < argumentsAnnounced) {
            place = Place.DOLLAR;
            return null;
        }
        var whole = arguments;
        arguments = NO_ARGUMENTS;
        argumentsWhole = 0;
        return request(whole);
    }

    private @Nullable Parsed inline(ByteBuffer in) {
        int from = in.position();
        int end = from;
        while (end < in.limit() && in.get(end) != '\n')
            end++;
        int more = end - from;
        if (lineBytes + more > limits.inlineBytesMax()) {
            return fail("too big inline request");
        }
        if (lineBytes + more > line.length) {
            line = Arrays.copyOf(line, Math.max(lineBytes + more, 2 * lineBytes));
        }
        in.get(line, lineBytes, more);
        lineBytes += more;
        if (!in.hasRemaining()) return null;
        in.get();
        var whole = line;
        int length = lineBytes;
        line = EMPTY;
        lineBytes = 0;
        return inline(whole, length);
    }

    private @Nullable Parsed inline(byte[] whole, int length) {
        boolean carriageReturn = length > 0 && whole[length - 1] == '\r';
        var split = InlineCommand.split(whole, carriageReturn ? length - 1 : length);
        if (split == null) return fail("unbalanced quotes in request");
        if (split.size() > limits.argumentsMax()) return tooManyArguments(split.size());
        place = Place.START;
        return split.isEmpty() ? null : request(split.toArray(NO_ARGUMENTS));
    }

    private Parsed request(byte[][] array) {
        var request = new Arguments(array);
        if (request.is(0, "post") || request.is(0, "host:")) {
            return broken(new Parsed.CrossProtocol(new String(array[0], ISO_8859_1)));
        }
        place = Place.START;
        return new Parsed.Request(request);
    }

    private Parsed tooManyArguments(long count) {
        return fail(limits.stranger() && count <= Integer.MAX_VALUE
                ? "unauthenticated multibulk length"
                : "invalid multibulk length");
    }

    private Parsed fail(String why) {
        return broken(new Parsed.ProtocolError("ERR Protocol error: " + why));
    }

    private Parsed broken(Parsed verdict) {
        last = verdict;
        place = Place.BROKEN;
        arguments = NO_ARGUMENTS;
        argumentsWhole = 0;
        argument = EMPTY;
        line = EMPTY;
        return verdict;
    }

    private Parsed broken(ByteBuffer in) {
        in.position(in.limit());
        return last;
    }
}
