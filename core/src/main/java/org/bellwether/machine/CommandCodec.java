package org.bellwether.machine;

import org.bellwether.api.RespAddresses;
import org.jspecify.annotations.Nullable;
import org.bellwether.api.Address;
import org.bellwether.api.Amendment;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Command.Expire.When;
import org.bellwether.api.Condition;
import org.bellwether.api.Expiry;
import org.bellwether.api.NodeId;
import org.bellwether.api.Read;
import org.bellwether.api.Step;
import org.bellwether.api.Watch;

/// Commands as bytes: encoded once where they arrive, carried as they are through forwards, log and peers,
/// decoded where they are applied. `docs/formats.md` draws them.
public final class CommandCodec {
    private static final byte PUT = 1;
    private static final byte DELETE = 2;
    private static final byte BATCH = 3;
    /// The first two with what version 2 of the rules brings.
    private static final byte PUT_2 = 4;
    private static final byte DELETE_2 = 5;
    private static final byte EDIT = 6;
    private static final byte EXPIRE = 7;
    private static final byte RENAME = 8;
    private static final byte COPY = 9;
    private static final byte CLEAR = 10;
    private static final byte TRANSACTION = 11;

    private static final byte JOIN = 16;
    private static final byte REMOVE = 17;
    private static final byte MOVE = 18;
    private static final byte SET_VOTERS = 19;
    private static final byte TRANSFER = 20;
    private static final byte MOVE_WITH_RESP = 21;
    private static final byte SET_LEASE_READS = 22;

    private static final byte GET = 32;
    private static final byte GET_MANY = 33;
    private static final byte COUNT = 34;
    private static final byte SIZE = 35;

    private static final byte ALWAYS = 0;
    private static final byte ABSENT = 1;
    private static final byte EXISTS = 2;
    private static final byte AT = 3;
    private static final byte VALUE_IS = 4;
    private static final byte VALUE_IS_NOT = 5;

    private static final byte EXPIRES_NEVER = 0;
    private static final byte EXPIRES_AS_BEFORE = 1;
    private static final byte EXPIRES_AT = 2;
    private static final byte EXPIRES_IN = 3;

    private static final byte ADD = 0;
    private static final byte ADD_DECIMAL = 1;
    private static final byte APPEND = 2;
    private static final byte OVERWRITE = 3;

    private static final int SMALL = 64;

    private CommandCodec() {}

    public static byte[] encode(Command command) {
        var into = new Encoder(command instanceof Command.Put put ? plainPutBytes(put) : SMALL);
        write(command, into);
        return into.toBytes();
    }

    /// Nearly all that is written is this.
    private static int plainPutBytes(Command.Put put) {
        return 1 + (put.condition() instanceof Condition.At ? 9 : 1) + 4 + put.key().length() + 4
                + put.value().length();
    }

    private static void write(Command command, Encoder into) {
        switch (command) {
            case Command.Plain plain -> writePlain(plain, into);
            case Command.Transaction(var watches, var steps) -> {
                into.u8(TRANSACTION).i32(watches.size());
                for (var watch : watches)
                    into.bytes(watch.key()).i64(watch.modified().number());
                into.i32(steps.size());
                for (var step : steps) {
                    switch (step) {
                        case Command.Plain plain -> writePlain(plain, into);
                        case Read.Plain read -> write(read, into);
                    }
                }
            }
            case Command.Join join -> into.u8(JOIN).uuid(join.nonce()).text(join.name())
                    .address(join.peer()).address(join.http());
            case Command.Remove(var node) -> into.u8(REMOVE).uuid(node.uuid());
            case Command.Move(var node, var peer, var http, var resp) -> {
                into.u8(resp.isNone() ? MOVE : MOVE_WITH_RESP).uuid(node.uuid()).address(peer)
                        .address(http);
                if (!resp.isNone()) {
                    optional(into, resp.standalone());
                    optional(into, resp.cluster());
                }
            }
            case Command.SetVoters(int target) -> into.u8(SET_VOTERS).i32(target);
            case Command.SetLeaseReads(boolean on) -> into.u8(SET_LEASE_READS).bool(on);
            case Command.Transfer(var to) -> {
                into.u8(TRANSFER).bool(to != null);
                if (to != null) into.uuid(to.uuid());
            }
        }
    }

    private static void writePlain(Command.Plain command, Encoder into) {
        switch (command) {
            case Command.Single single -> writeSingle(single, into);
            case Command.Batch(var commands) -> {
                into.u8(BATCH).i32(commands.size());
                for (var single : commands)
                    writeSingle(single, into);
            }
            case Command.Edit(var key, var how, var condition) -> {
                write(condition, into.u8(EDIT));
                write(how, into.bytes(key));
            }
            case Command.Expire expire -> {
                write(expire.expiry(), into.u8(EXPIRE).bytes(expire.key()));
                into.u8(code(expire.when())).bool(expire.givesBack());
            }
            case Command.Rename(var from, var to, boolean replaces) ->
                into.u8(RENAME).bytes(from).bytes(to).bool(replaces);
            case Command.Copy(var from, var to, boolean replaces) ->
                into.u8(COPY).bytes(from).bytes(to).bool(replaces);
            case Command.Clear() -> into.u8(CLEAR);
        }
    }

    private static void writeSingle(Command.Single single, Encoder into) {
        switch (single) {
            case Command.Put put -> {
                boolean plain = put.expiry() instanceof Expiry.Never && !put.givesBack();
                write(put.condition(), into.u8(plain ? PUT : PUT_2));
                into.bytes(put.key()).bytes(put.value());
                if (plain) return;
                write(put.expiry(), into);
                into.bool(put.givesBack());
            }
            case Command.Delete delete -> {
                write(delete.condition(), into.u8(delete.givesBack() ? DELETE_2 : DELETE));
                into.bytes(delete.key());
            }
        }
    }

    private static void write(Read.Plain read, Encoder into) {
        switch (read) {
            case Read.Get(var key) -> into.u8(GET).bytes(key);
            case Read.GetMany(var keys) -> {
                into.u8(GET_MANY).i32(keys.size());
                for (var key : keys)
                    into.bytes(key);
            }
            case Read.Count(var keys) -> {
                into.u8(COUNT).i32(keys.size());
                for (var key : keys)
                    into.bytes(key);
            }
            case Read.Size() -> into.u8(SIZE);
        }
    }

    private static void write(Amendment how, Encoder into) {
        switch (how) {
            case Amendment.Add(long number) -> into.u8(ADD).i64(number);
            case Amendment.AddDecimal(var number) -> into.u8(ADD_DECIMAL).bytes(number);
            case Amendment.Append(var bytes) -> into.u8(APPEND).bytes(bytes);
            case Amendment.Overwrite(int offset, var bytes) ->
                into.u8(OVERWRITE).i32(offset).bytes(bytes);
        }
    }

    private static void write(Expiry expiry, Encoder into) {
        switch (expiry) {
            case Expiry.Never _ -> into.u8(EXPIRES_NEVER);
            case Expiry.Keep _ -> into.u8(EXPIRES_AS_BEFORE);
            case Expiry.At(long millis) -> into.u8(EXPIRES_AT).i64(millis);
            case Expiry.In(long millis) -> into.u8(EXPIRES_IN).i64(millis);
        }
    }

    private static void write(Condition condition, Encoder into) {
        switch (condition) {
            case Condition.Always _ -> into.u8(ALWAYS);
            case Condition.Absent _ -> into.u8(ABSENT);
            case Condition.Exists _ -> into.u8(EXISTS);
            case Condition.At(var modified) -> into.u8(AT).i64(modified.number());
            case Condition.ValueIs(var value) -> into.u8(VALUE_IS).bytes(value);
            case Condition.ValueIsNot(var value) -> into.u8(VALUE_IS_NOT).bytes(value);
        }
    }

    private static int code(When when) {
        return switch (when) {
            case ALWAYS -> 0;
            case STAYS -> 1;
            case EXPIRES -> 2;
            case LATER -> 3;
            case EARLIER -> 4;
            case EXPIRES_EARLIER -> 5;
        };
    }

    /// @throws IllegalArgumentException if these bytes are no command
    public static Command decode(byte[] encoded) {
        return decode(new Decoder(encoded));
    }

    static Command decode(Decoder from) {
        byte code = from.u8();
        var command = switch (code) {
            case TRANSACTION -> new Command.Transaction(
                    from.list(12, "watched keys", () -> new Watch(from.bytes(), from.revision())),
                    from.list(1, "steps", () -> readStep(from.u8(), from)));
            case JOIN, REMOVE, MOVE, MOVE_WITH_RESP, SET_VOTERS, SET_LEASE_READS, TRANSFER ->
                readChange(code, from);
            default -> readPlain(code, from);
        };
        from.end("a command");
        return command;
    }

    private static void optional(Encoder into, @Nullable Address address) {
        into.bool(address != null);
        if (address != null) into.address(address);
    }

    private static @Nullable Address optional(Decoder from) {
        return from.bool() ? from.address() : null;
    }

    private static Command.Change readChange(byte code, Decoder from) {
        return switch (code) {
            case JOIN -> new Command.Join(from.uuid(), from.text(), from.address(),
                    from.address());
            case REMOVE -> new Command.Remove(new NodeId(from.uuid()));
            case MOVE -> new Command.Move(new NodeId(from.uuid()), from.address(),
                    from.address());
            case MOVE_WITH_RESP -> new Command.Move(new NodeId(from.uuid()), from.address(),
                    from.address(), new RespAddresses(optional(from), optional(from)));
            case SET_VOTERS -> new Command.SetVoters(from.i32());
            case SET_LEASE_READS -> new Command.SetLeaseReads(from.bool());
            case TRANSFER -> new Command.Transfer(from.bool() ? new NodeId(from.uuid()) : null);
            default -> throw Decoder.malformed("no change has code " + code);
        };
    }

    private static Step readStep(byte code, Decoder from) {
        return switch (code) {
            case GET -> new Read.Get(from.bytes());
            case GET_MANY -> new Read.GetMany(from.list(4, "keys", from::bytes));
            case COUNT -> new Read.Count(from.list(4, "keys", from::bytes));
            case SIZE -> new Read.Size();
            default -> readPlain(code, from);
        };
    }

    private static Command.Plain readPlain(byte code, Decoder from) {
        return switch (code) {
            case BATCH ->
                new Command.Batch(from.list(1, "commands", () -> readSingle(from.u8(), from)));
            case EDIT -> {
                var condition = readCondition(from);
                yield new Command.Edit(from.bytes(), readAmendment(from), condition);
            }
            case EXPIRE ->
                new Command.Expire(from.bytes(), readExpiry(from), readWhen(from), from.bool());
            case RENAME -> new Command.Rename(from.bytes(), from.bytes(), from.bool());
            case COPY -> new Command.Copy(from.bytes(), from.bytes(), from.bool());
            case CLEAR -> new Command.Clear();
            default -> readSingle(code, from);
        };
    }

    private static Command.Single readSingle(byte code, Decoder from) {
        return switch (code) {
            case PUT, PUT_2 -> {
                var condition = readCondition(from);
                Bytes key = from.bytes();
                Bytes value = from.bytes();
                yield code == PUT
                        ? new Command.Put(key, value, condition)
                        : new Command.Put(key, value, condition, readExpiry(from), from.bool());
            }
            case DELETE, DELETE_2 -> {
                var condition = readCondition(from);
                yield new Command.Delete(from.bytes(), condition, code == DELETE_2);
            }
            default -> throw Decoder.malformed("no command has code " + code);
        };
    }

    private static Condition readCondition(Decoder from) {
        byte code = from.u8();
        return switch (code) {
            case ALWAYS -> Condition.ALWAYS;
            case ABSENT -> Condition.ABSENT;
            case EXISTS -> Condition.EXISTS;
            case AT -> new Condition.At(from.revision());
            case VALUE_IS -> new Condition.ValueIs(from.bytes());
            case VALUE_IS_NOT -> new Condition.ValueIsNot(from.bytes());
            default -> throw Decoder.malformed("no condition has code " + code);
        };
    }

    private static Expiry readExpiry(Decoder from) {
        byte code = from.u8();
        return switch (code) {
            case EXPIRES_NEVER -> Expiry.NEVER;
            case EXPIRES_AS_BEFORE -> Expiry.KEEP;
            case EXPIRES_AT -> new Expiry.At(from.i64());
            case EXPIRES_IN -> new Expiry.In(from.i64());
            default -> throw Decoder.malformed("no expiry has code " + code);
        };
    }

    private static Amendment readAmendment(Decoder from) {
        byte code = from.u8();
        return switch (code) {
            case ADD -> new Amendment.Add(from.i64());
            case ADD_DECIMAL -> new Amendment.AddDecimal(from.bytes());
            case APPEND -> new Amendment.Append(from.bytes());
            case OVERWRITE -> new Amendment.Overwrite(from.i32(), from.bytes());
            default -> throw Decoder.malformed("no amendment has code " + code);
        };
    }

    private static When readWhen(Decoder from) {
        byte code = from.u8();
        for (var when : When.values()) {
            if (code(when) == code) return when;
        }
        throw Decoder.malformed("nothing is expired when " + code);
    }
}
