package org.bellwether.machine;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;

/// What one entry of the log holds for the state machine; `docs/formats.md` draws it. By version 1 of the rules it is
/// commands, or the version that comes into effect with it. From version 2 on it also says the cluster's time,
/// and may hold keys to be removed because they have expired.
///
/// @param raisedTo the version of the rules that the state machine goes on by; 0 if it stays
/// @param stamp    the cluster's time, in milliseconds since 1970; 0 if it does not say
/// @param due      keys that have expired, if they still have when this is applied
public record Payload(int raisedTo, long stamp, List<Bytes> due, List<Command> commands) {
    /// What stands in front of the commands, at most.
    public static final int HEADER_BYTES = 16;
    /// Length before each command.
    public static final int COMMAND_HEADER_BYTES = 4;
    /// What a key that is due takes more than its bytes.
    public static final int DUE_HEADER_BYTES = 4;

    /// Where version 1 has the number of commands.
    private static final int STAMPED = -1;
    private static final int DUE = -2;
    private static final int RAISE_BYTES = 16;

    /// These encoded commands, in order.
    ///
    /// @param stamp 0 by version 1 of the rules, which know no time
    public static byte[] of(long stamp, List<byte[]> encoded) {
        int bytes = stamp == 0 ? 4 : HEADER_BYTES;
        for (var command : encoded)
            bytes += COMMAND_HEADER_BYTES + command.length;
        var into = ByteBuffer.allocate(bytes);
        if (stamp != 0) into.putInt(STAMPED).putLong(stamp);
        into.putInt(encoded.size());
        for (var command : encoded)
            into.putInt(command.length).put(command);
        return into.array();
    }

    /// It is now so late that these have expired.
    public static byte[] due(long stamp, List<Bytes> keys) {
        var into = new Encoder(64).i32(DUE).i64(stamp).i32(keys.size());
        for (var key : keys)
            into.bytes(key);
        return into.toBytes();
    }

    /// Changes nothing: whoever applies it notes what the tables come to.
    public static byte[] marker() {
        return of(0, List.of());
    }

    /// A marker behind which the state machine goes on by another version of its rules.
    ///
    /// @param stamp so that rules that know time are never without one
    public static byte[] raise(int version, long stamp) {
        return ByteBuffer.allocate(RAISE_BYTES).putInt(0).putInt(version).putLong(stamp).array();
    }

    public static boolean isMarker(byte[] payload) {
        return payload.length >= 4 && ByteBuffer.wrap(payload).getInt() == 0;
    }

    /// Whether it says how late it was.
    public static boolean isStamped(byte[] payload) {
        return isMarker(payload)
                ? payload.length == RAISE_BYTES
                : payload.length >= 4 && ByteBuffer.wrap(payload).getInt() < 0;
    }

    /// @throws IllegalArgumentException if these bytes are no payload
    static Payload decode(byte[] payload) {
        var from = new Decoder(payload);
        if (isMarker(payload) && payload.length == RAISE_BYTES) {
            from.i32();
            int version = from.i32();
            long stamp = from.i64();
            if (version < 2 || stamp < 1) {
                throw Decoder.malformed(
                        "a state machine of version " + version + " at a time of " + stamp);
            }
            return new Payload(version, stamp, List.of(), List.of());
        }
        int head = from.i32();
        long stamp = head < 0 ? from.i64() : 0;
        if (head < DUE || head < 0 && stamp <= 0)
            throw Decoder.malformed("a head of " + head + " with a time of " + stamp);
        if (head == DUE) {
            var due = from.list(DUE_HEADER_BYTES, "keys", from::bytes);
            from.end("the last key");
            return new Payload(0, stamp, due, List.of());
        }
        // Version 1 has the number there already.
        var all = head == STAMPED ? from : new Decoder(payload);
        int count = all.count(COMMAND_HEADER_BYTES, "commands");
        var commands = new ArrayList<Command>(count);
        for (int i = 0; i < count; i++)
            commands.add(CommandCodec.decode(all.part()));
        all.end("the last command");
        return new Payload(0, stamp, List.of(), commands);
    }
}
