package org.bellwether.machine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.NodeId;
import org.bellwether.api.Revision;

/// Commands as bytes: encoded once where they arrive, carried as they are through forwards, log and peers,
/// decoded where they are applied. `docs/formats.md` draws them.
public final class CommandCodec {
    /// Count of commands at the head of a payload.
    public static final int PAYLOAD_HEADER_BYTES = 4;
    /// Length before each command in a payload.
    public static final int COMMAND_HEADER_BYTES = 4;

    private static final int VERSION_BYTES = 4;

    private static final byte PUT = 1;
    private static final byte DELETE = 2;
    private static final byte BATCH = 3;

    private static final byte JOIN = 16;
    private static final byte REMOVE = 17;
    private static final byte MOVE = 18;
    private static final byte SET_VOTERS = 19;
    private static final byte TRANSFER = 20;
    private static final byte MOVE_WITH_RESP = 21;

    private static final byte ALWAYS = 0;
    private static final byte ABSENT = 1;
    private static final byte EXISTS = 2;
    private static final byte AT = 3;

    private CommandCodec() {}

    public static byte[] encode(Command command) {
        var into = ByteBuffer.allocate(encodedBytes(command));
        write(command, into);
        return into.array();
    }

    private static int encodedBytes(Command command) {
        return switch (command) {
            case Command.Join join -> 1 + 16 + textBytes(join.name()) + addressBytes(join.peer())
                    + addressBytes(join.http());
            case Command.Remove _ -> 1 + 16;
            case Command.Move move ->
                1 + 16 + addressBytes(move.peer()) + addressBytes(move.http())
                        + (move.resp() == null ? 0 : addressBytes(move.resp()));
            case Command.SetVoters _ -> 1 + 4;
            case Command.Transfer(var to) -> 1 + 1 + (to == null ? 0 : 16);
            case Command.Put put -> 1 + conditionBytes(put.condition()) + 4 + put.key().length() + 4
                    + put.value().length();
            case Command.Delete delete -> 1 + conditionBytes(delete.condition()) + 4
                    + delete.key().length();
            case Command.Batch batch -> {
                int bytes = 1 + 4;
                for (var single : batch.commands())
                    bytes += encodedBytes(single);
                yield bytes;
            }
        };
    }

    private static int textBytes(String text) {
        return 4 + text.getBytes(UTF_8).length;
    }

    private static int addressBytes(Address address) {
        return textBytes(address.host()) + 4;
    }

    private static int conditionBytes(Condition condition) {
        return condition instanceof Condition.At ? 9 : 1;
    }

    private static void write(Command command, ByteBuffer into) {
        switch (command) {
            case Command.Put put -> {
                into.put(PUT);
                write(put.condition(), into);
                write(put.key(), into);
                write(put.value(), into);
            }
            case Command.Delete delete -> {
                into.put(DELETE);
                write(delete.condition(), into);
                write(delete.key(), into);
            }
            case Command.Batch batch -> {
                into.put(BATCH).putInt(batch.commands().size());
                for (var single : batch.commands())
                    write(single, into);
            }
            case Command.Join join -> {
                write(join.nonce(), into.put(JOIN));
                write(join.name(), into);
                write(join.peer(), into);
                write(join.http(), into);
            }
            case Command.Remove(var node) -> write(node.uuid(), into.put(REMOVE));
            case Command.Move move -> {
                write(move.node().uuid(), into.put(move.resp() == null ? MOVE : MOVE_WITH_RESP));
                write(move.peer(), into);
                write(move.http(), into);
                if (move.resp() != null) write(move.resp(), into);
            }
            case Command.SetVoters(int target) -> into.put(SET_VOTERS).putInt(target);
            case Command.Transfer(var to) -> {
                into.put(TRANSFER).put((byte) (to == null ? 0 : 1));
                if (to != null) write(to.uuid(), into);
            }
        }
    }

    private static void write(UUID uuid, ByteBuffer into) {
        into.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    }

    private static void write(String text, ByteBuffer into) {
        byte[] utf8 = text.getBytes(UTF_8);
        into.putInt(utf8.length).put(utf8);
    }

    private static void write(Address address, ByteBuffer into) {
        write(address.host(), into);
        into.putInt(address.port());
    }

    private static void write(Condition condition, ByteBuffer into) {
        switch (condition) {
            case Condition.Always _ -> into.put(ALWAYS);
            case Condition.Absent _ -> into.put(ABSENT);
            case Condition.Exists _ -> into.put(EXISTS);
            case Condition.At at -> into.put(AT).putLong(at.modified().number());
        }
    }

    private static void write(Bytes bytes, ByteBuffer into) {
        into.putInt(bytes.length()).put(bytes.array());
    }

    /// @throws IllegalArgumentException if these bytes are no command
    public static Command decode(byte[] encoded) {
        return decode(ByteBuffer.wrap(encoded));
    }

    /// The payload of one log entry: these encoded commands, in order.
    public static byte[] payload(List<byte[]> encoded) {
        int bytes = PAYLOAD_HEADER_BYTES;
        for (var command : encoded)
            bytes += COMMAND_HEADER_BYTES + command.length;
        var into = ByteBuffer.allocate(bytes).putInt(encoded.size());
        for (var command : encoded)
            into.putInt(command.length).put(command);
        return into.array();
    }

    /// The payload of an entry that changes nothing: whoever applies it notes what the tables come to.
    public static byte[] marker() {
        return payload(List.of());
    }

    /// The payload of a marker behind which the state machine goes on by another version of its rules.
    public static byte[] raise(int version) {
        return ByteBuffer.allocate(PAYLOAD_HEADER_BYTES + VERSION_BYTES).putInt(0).putInt(version)
                .array();
    }

    /// The version that a payload raises the state machine to; 0 if it does not.
    ///
    /// @throws IllegalArgumentException if that is no version
    static int versionRaisedTo(byte[] payload) {
        if (!isRaise(payload)) return 0;
        int version = ByteBuffer.wrap(payload).getInt(PAYLOAD_HEADER_BYTES);
        if (version < 1) throw malformed("a state machine of version " + version);
        return version;
    }

    private static boolean isRaise(byte[] payload) {
        return payload.length == PAYLOAD_HEADER_BYTES + VERSION_BYTES
                && ByteBuffer.wrap(payload).getInt() == 0;
    }

    /// The commands of a payload, in order.
    ///
    /// @throws IllegalArgumentException if these bytes are no payload
    static List<Command> commands(byte[] payload) {
        if (isRaise(payload)) return List.of();
        var from = ByteBuffer.wrap(payload);
        if (payload.length < PAYLOAD_HEADER_BYTES) throw malformed("a payload without a count");
        int count = from.getInt();
        if (count < 0 || count > from.remaining() / COMMAND_HEADER_BYTES) {
            throw malformed(
                    "a payload of " + payload.length + " bytes cannot hold " + count + " commands");
        }
        var commands = new ArrayList<Command>(count);
        for (int i = 0; i < count; i++) {
            commands.add(decode(ByteBuffer.wrap(payload, from.position() + COMMAND_HEADER_BYTES,
                    length(from))));
            from.position(from.position() + length(from) + COMMAND_HEADER_BYTES);
        }
        if (from.hasRemaining())
            throw malformed(from.remaining() + " bytes after the last command");
        return commands;
    }

    /// The length that stands at the buffer's position, which is not moved.
    private static int length(ByteBuffer from) {
        if (from.remaining() < 4) throw malformed("a length is cut short");
        int length = from.getInt(from.position());
        if (length < 0 || length > from.remaining() - 4) {
            throw malformed("a length of " + length + " where " + (from.remaining() - 4)
                    + " bytes are left");
        }
        return length;
    }

    private static Command decode(ByteBuffer from) {
        try {
            var command = switch (from.get(from.position())) {
                case BATCH -> readBatch(from);
                case JOIN, REMOVE, MOVE, MOVE_WITH_RESP, SET_VOTERS, TRANSFER -> readChange(from);
                default -> readSingle(from);
            };
            if (from.hasRemaining()) throw malformed(from.remaining() + " bytes after a command");
            return command;
        } catch (BufferUnderflowException | IndexOutOfBoundsException cut) {
            throw new IllegalArgumentException("a command is cut short", cut);
        }
    }

    private static Command readBatch(ByteBuffer from) {
        from.get();
        int count = from.getInt();
        if (count < 0 || count > from.remaining())
            throw malformed("a batch of " + count + " commands");
        var singles = new ArrayList<Command.Single>(count);
        for (int i = 0; i < count; i++)
            singles.add(readSingle(from));
        return new Command.Batch(singles);
    }

    private static Command.Change readChange(ByteBuffer from) {
        byte what = from.get();
        return switch (what) {
            case JOIN -> new Command.Join(readUuid(from), readText(from), readAddress(from),
                    readAddress(from));
            case REMOVE -> new Command.Remove(new NodeId(readUuid(from)));
            case MOVE -> new Command.Move(new NodeId(readUuid(from)), readAddress(from),
                    readAddress(from));
            case MOVE_WITH_RESP -> new Command.Move(new NodeId(readUuid(from)), readAddress(from),
                    readAddress(from), readAddress(from));
            case SET_VOTERS -> new Command.SetVoters(from.getInt());
            case TRANSFER -> new Command.Transfer(
                    from.get() == 0 ? null : new NodeId(readUuid(from)));
            default -> throw malformed("no change has code " + what);
        };
    }

    private static UUID readUuid(ByteBuffer from) {
        return new UUID(from.getLong(), from.getLong());
    }

    private static String readText(ByteBuffer from) {
        return new String(readBytes(from).array(), UTF_8);
    }

    private static Address readAddress(ByteBuffer from) {
        return new Address(readText(from), from.getInt());
    }

    private static Command.Single readSingle(ByteBuffer from) {
        byte what = from.get();
        return switch (what) {
            case PUT -> {
                var condition = readCondition(from);
                var key = readBytes(from);
                yield new Command.Put(key, readBytes(from), condition);
            }
            case DELETE -> {
                var condition = readCondition(from);
                yield new Command.Delete(readBytes(from), condition);
            }
            default -> throw malformed("no command has code " + what);
        };
    }

    private static Condition readCondition(ByteBuffer from) {
        byte what = from.get();
        return switch (what) {
            case ALWAYS -> Condition.ALWAYS;
            case ABSENT -> Condition.ABSENT;
            case EXISTS -> Condition.EXISTS;
            case AT -> new Condition.At(new Revision(from.getLong()));
            default -> throw malformed("no condition has code " + what);
        };
    }

    private static Bytes readBytes(ByteBuffer from) {
        var bytes = new byte[length(from)];
        from.getInt();
        from.get(bytes);
        return Bytes.wrap(bytes);
    }

    private static IllegalArgumentException malformed(String what) {
        return new IllegalArgumentException(what);
    }
}
