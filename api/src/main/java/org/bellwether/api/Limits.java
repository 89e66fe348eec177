package org.bellwether.api;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The bounds of the house, in one place: of what arrives, and of what queues, waits and is held on its account. Only an
/// inner queue that one class alone knows has its bound there. What arrives over a bound is refused with an answer that
/// names it.
///
/// @param keyBytesMax            longest key
/// @param valueBytesMax          longest value
/// @param batchCommandsMax       commands in one [Command.Batch], steps of one [Command.Transaction], and what it watches
/// @param batchBytesMax          keys and values of one command together
/// @param timeoutMillisMax       longest wait a caller may ask for
/// @param inboxCommandsMax       writes waiting for their loop turn
/// @param inboxBytesMax          the same in bytes
/// @param pendingReadsMax        reads waiting for their read index
/// @param forwardsMax            writes passed on to the leader and not yet answered
/// @param forwardHopsMax         times one write may be passed on
/// @param entryBytesMax          payload of one log entry; above it a turn's batch becomes several entries
/// @param uncommittedBytesMax    entries appended by a leader and not yet committed
/// @param windowBytesMax         committed entries kept in memory for followers that are a little behind; what stays for
///                               longer than half a second grows old in the heap, and is dear to collect
/// @param appendBytesMax         entries in one append message
/// @param appendsInFlightMax     append messages sent to one follower and not yet answered
/// @param frameBytesMax          one frame between nodes
/// @param peerBufferBytesMax     bytes waiting to be written to one peer; above it the link is cut
/// @param httpPipelineMax        HTTP requests of one connection that are being answered
/// @param httpConnectionsMax     open HTTP connections
/// @param httpHeaderBytesMax     header block of one HTTP request
/// @param membersMax             nodes in a cluster
public record Limits(int keyBytesMax, int valueBytesMax, int batchCommandsMax, int batchBytesMax,
        int timeoutMillisMax, int inboxCommandsMax, int inboxBytesMax, int pendingReadsMax,
        int forwardsMax, int forwardHopsMax, int entryBytesMax, int uncommittedBytesMax,
        int windowBytesMax, int appendBytesMax, int appendsInFlightMax, int frameBytesMax,
        int peerBufferBytesMax, int httpPipelineMax, int httpConnectionsMax,
        int httpHeaderBytesMax, int membersMax) {

    /// Voters that may be asked for: an even larger majority would make every write slower.
    public static final int VOTERS_MAX = 9;
    /// A disk is slow that takes so long to make something durable, …
    public static final Duration SLOW_DISK = Duration.ofMillis(500);
    /// … and a node far behind that was not level for so long, or is so many entries behind.
    public static final Duration FAR_BEHIND = Duration.ofSeconds(10);
    public static final long FAR_BEHIND_ENTRIES = 2_000;
    /// A trouble that comes and goes is one until it was gone for so long.
    public static final Duration TROUBLE_AFTERGLOW = Duration.ofSeconds(5);
    /// The longest that a voter may be asked to be silent before it is replaced, but for never: 200 days, in ticks an int.
    public static final Duration DEAD_AFTER_MAX = Duration.ofDays(200);
    /// Events that each node remembers.
    public static final int EVENTS_MAX = 1_000;
    /// Snapshots that one node sends at the same time.
    public static final int SNAPSHOTS_SENT_MAX = 4;
    /// Backups that are read from one node at the same time.
    public static final int BACKUPS_MAX = 4;
    /// Comparisons of one node's tables with others', open or about to be.
    public static final int COMPARISONS_MAX = 4;
    /// Arguments of one Redis command.
    public static final int RESP_ARGUMENTS_MAX = 65_536;
    /// One line of the Redis protocol that is a command by itself; Redis's own limit.
    public static final int RESP_INLINE_BYTES_MAX = 65_536;
    /// Arguments of a Redis command whose sender has not said who it is; Redis's own limit.
    public static final int RESP_STRANGER_ARGUMENTS_MAX = 10;
    /// One such argument; Redis's own limit.
    public static final int RESP_STRANGER_ARGUMENT_BYTES_MAX = 16_384;
    /// Of the heap of a node. Below it a node says at its start that it may not last: the bounds here allow it to hold more
    /// at the same time.
    public static final long HEAP_BYTES_MIN = 512L * 1024 * 1024;
    /// What all HTTP clients make this node hold: requests, and answers that they have not taken. Less if a quarter of the
    /// heap is less. Above it reads and bodies are refused, and the connection that holds most is closed.
    public static final long HTTP_HELD_BYTES_MAX = 512L * 1024 * 1024;
    /// Reads of one HTTP connection that are under way at the same time, each holding what it has found.
    public static final int HTTP_READS_MAX = 16;
    /// Requests of one HTTP connection that are not answered yet; above it nothing more is read from it.
    public static final int HTTP_PIPELINE_BYTES_MAX = 4 * 1024 * 1024;
    /// Answers of one HTTP connection that are there and that its client does not take; above it no more are asked for.
    public static final int HTTP_UNSENT_BYTES_MAX = 4 * 1024 * 1024;
    /// Open connections of the Redis protocol.
    public static final int RESP_CONNECTIONS_MAX = 10_000;
    /// Redis commands of one connection that are not answered yet; above it nothing more is read from it.
    public static final int RESP_PIPELINE_MAX = 1_024;
    /// Keys that one connection reads at the same time, each holding what it has found; more only by one command.
    public static final int RESP_READS_MAX = 128;
    /// One reply that is made of many values.
    public static final int RESP_REPLY_BYTES_MAX = 32 * 1024 * 1024;
    /// Replies that a client has not taken; above it nothing more is done for it.
    public static final int RESP_UNSENT_BYTES_MAX = 16 * 1024 * 1024;
    /// Scans of Redis clients that each node knows to go on with.
    public static final int RESP_CURSORS_MAX = 4_096;
    /// Channels and patterns that one Redis client listens to.
    public static final int RESP_SUBSCRIPTIONS_MAX = 4_096;
    /// Names by which Redis clients may call the leader, and still be told of the next.
    public static final int RESP_MASTER_NAMES_MAX = 16;
    /// Names of those channels and patterns, together, and the tables of patterns that need one. In what is held for a
    /// client each counts as so much beside, which is what keeping it takes.
    public static final int RESP_SUBSCRIPTION_BYTES_MAX = 1024 * 1024;
    public static final int RESP_SUBSCRIPTION_BYTES = 400;
    /// Different patterns that all Redis clients of one port listen to: every message is compared with each of them, on
    /// the node's loop. One counts again for every 64 wildcards and bytes between its literal ends.
    public static final int RESP_PATTERNS_MAX = 16_384;
    /// What is remembered of the keys of which Redis clients of one port keep copies, or a 16th of the heap if that is
    /// less. Above it they are told to forget those that were read first.
    public static final long RESP_TRACKED_BYTES_MAX = 64L * 1024 * 1024;
    /// Beginnings of keys of which one Redis client keeps copies.
    public static final int RESP_PREFIXES_MAX = 64;
    /// Keys of stale copies that wait until a Redis client can be told; with more, it is to forget all it has. Each counts
    /// as so much beside its bytes.
    public static final int RESP_STALE_BYTES_MAX = 256 * 1024;
    public static final int RESP_STALE_KEY_BYTES = 64;
    /// A node that may be so far behind has Redis clients forget their copies.
    public static final Duration RESP_COPIES_PATIENCE = Duration.ofSeconds(2);
    /// What a Redis client calls itself, its library, or the leader.
    public static final int RESP_NAME_BYTES_MAX = 256;
    /// What all Redis clients of one port make this node hold: requests, transactions, replies, messages. Less if
    /// a quarter of the heap is less. Above it reads are refused, and the connection that holds most is closed.
    public static final long RESP_HELD_BYTES_MAX = 512L * 1024 * 1024;
    /// Replies that a Redis client has not taken that has not said who it is (CVE-2025-21605).
    public static final int RESP_STRANGER_UNSENT_BYTES_MAX = 16_384;
    /// Within this time a Redis client says who it is.
    public static final Duration RESP_STRANGER_TIME_MAX = Duration.ofSeconds(60);
    /// Keys of one [Read.GetMany] or [Read.Count].
    public static final int READ_KEYS_MAX = 16_384;
    /// Values that are looked up for reads in one turn of the loop, or one moment more; the next ones wait for the next turn.
    /// A read counts as so much at least.
    public static final int TURN_READ_BYTES = 1024 * 1024;
    public static final int TURN_READ_BYTES_MIN = 256;
    /// Keys of one [Read.Scan].
    public static final int SCAN_KEYS_MAX = 1_000;
    /// Values that one read or one transaction gives back, together, or one value more: it must fit into a frame.
    public static final int ANSWER_BYTES_MAX = 4 * 1024 * 1024;
    /// Expired keys that one entry of the log removes, and that a count of all keys looks for.
    public static final int DUE_KEYS_MAX = 256;
    /// The furthest that an expiry may be from 1970, or from now: some 140,000 years.
    public static final long EXPIRY_MILLIS_MAX = 1L << 52;
    /// While a batch of writes is on its way to a majority, the next one fills, until it is so large, …
    public static final int BATCH_BYTES = 32 * 1024;
    /// … or so long after the one before.
    public static final Duration BATCH_WAIT = Duration.ofMillis(1);
    /// So long the news that something is committed waits for a batch to ride along with.
    public static final Duration COMMIT_NEWS_WAIT = Duration.ofMillis(1);
    private static final int NAME_CHARS_MAX = 64;
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    public static final Limits DEFAULT = new Limits(8 * KIB, MIB, 16_384, 2 * MIB,
            60_000, 16_384, 8 * MIB, 65_536,
            16_384, 2, 4 * MIB, 16 * MIB,
            8 * MIB, MIB / 2, 32, 16 * MIB,
            64 * MIB, 128, 10_000,
            24 * KIB, 64);

    public Limits {
        require(keyBytesMax > 0 && valueBytesMax > 0,
                "keyBytesMax and valueBytesMax must be positive");
        require(batchBytesMax >= keyBytesMax + valueBytesMax,
                "batchBytesMax must hold at least one key and one value");
        require(valueBytesMax <= Integer.MAX_VALUE / 2 && keyBytesMax <= Integer.MAX_VALUE / 2
                && batchBytesMax <= Integer.MAX_VALUE / 2,
                "no limit may be above 1 GiB");
        require(entryBytesMax >= batchBytesMax + 64 * batchCommandsMax,
                "entryBytesMax must hold at least one batch");
        require(frameBytesMax >= entryBytesMax + appendBytesMax + 64 * KIB,
                "frameBytesMax must hold an append message with its last entry");
        require(uncommittedBytesMax >= 2 * entryBytesMax,
                "uncommittedBytesMax must hold at least two entries");
        require(peerBufferBytesMax >= 2 * frameBytesMax,
                "peerBufferBytesMax must hold at least two frames");
        require(httpHeaderBytesMax >= 3 * keyBytesMax,
                "httpHeaderBytesMax must hold a key whose every byte is percent-escaped");
    }

    /// One argument of a Redis command. Past it the connection ends, for its bytes would have to be read to be
    /// skipped; what is between it and the limit of a value is told so, and the connection lives.
    public int respArgumentBytesMax() {
        return 2 * Math.max(keyBytesMax, valueBytesMax);
    }

    /// All arguments of one Redis command together.
    public int respRequestBytesMax() {
        return 2 * batchBytesMax;
    }

    /// A published message and its channel together: as much as a key and its value.
    public int messageBytesMax() {
        return keyBytesMax + valueBytesMax;
    }

    /// The name of a channel, or a pattern, that somebody listens to: as long as a key, with what stands before it in a
    /// keyspace notification.
    public int channelBytesMax() {
        return keyBytesMax + 64;
    }

    /// Published messages among the bytes that wait to be written to one peer; above it they are dropped, so that what
    /// the nodes have to say to each other still goes through.
    public int peerMessagesBytesMax() {
        return peerBufferBytesMax / 4;
    }

    /// Why this command is over a limit or malformed; null if it is neither. The one place where sizes are
    /// checked, for every protocol.
    public @Nullable Refusal check(Command command) {
        return switch (command) {
            case Command.Plain plain -> {
                var refusal = checkPlain(plain);
                yield refusal != null ? refusal : checkBytes("command", bytes(plain));
            }
            case Command.Transaction transaction -> checkTransaction(transaction);
            case Command.Join join -> checkName(join.name());
            case Command.SetVoters(int target) -> target >= 1 && target <= VOTERS_MAX
                    ? null
                    : new Refusal.Malformed("a cluster strives for 1 to " + VOTERS_MAX
                            + " voters, not for " + target);
            case Command.Remove _, Command.Move _, Command.SetLeaseReads _, Command.Transfer _ -> null;
        };
    }

    /// @param name of a node
    public static Refusal.@Nullable Malformed checkName(String name) {
        if (name.length() > NAME_CHARS_MAX) {
            return new Refusal.Malformed("a node's name is at most " + NAME_CHARS_MAX
                    + " characters long, not " + name.length());
        }
        return name.chars().allMatch(c -> c > ' ' && c < 0x7f)
                ? null
                : new Refusal.Malformed("a node's name is printable ASCII without spaces");
    }

    public @Nullable Refusal check(Read read) {
        return switch (read) {
            case Read.Get(var key) -> checkKey(key);
            case Read.GetMany(var keys) -> checkKeys(keys);
            case Read.Count(var keys) -> checkKeys(keys);
            case Read.Size _ -> null;
            case Read.Scan(var after, int count) -> {
                if (count < 1) yield new Refusal.Malformed("a page of " + count + " keys");
                if (count > SCAN_KEYS_MAX)
                    yield new Refusal.OverLimit("page", count, SCAN_KEYS_MAX, "keys");
                yield after == null ? null : checkKey(after);
            }
        };
    }

    private @Nullable Refusal checkKeys(List<Bytes> keys) {
        if (keys.isEmpty()) return new Refusal.Malformed("a read of no keys");
        if (keys.size() > READ_KEYS_MAX)
            return new Refusal.OverLimit("read", keys.size(), READ_KEYS_MAX, "keys");
        return firstOf(keys, this::checkKey);
    }

    private @Nullable Refusal checkPlain(Command.Plain command) {
        return switch (command) {
            case Command.Single single -> checkSingle(single);
            case Command.Batch(var commands) -> {
                var refusal = checkCount("batch", "commands", commands.size());
                if (refusal == null) refusal = firstOf(commands, this::checkBatched);
                yield refusal != null ? refusal : checkBytes("batch", bytes(command));
            }
            case Command.Edit(var key, var how, var _) -> {
                var refusal = checkKey(key);
                yield refusal != null ? refusal : checkAmendment(how);
            }
            case Command.Expire expire -> {
                var refusal = checkKey(expire.key());
                yield refusal != null ? refusal : checkExpiry(expire.expiry());
            }
            case Command.Rename(var from, var to, var _) -> firstOf(List.of(from, to),
                    this::checkKey);
            case Command.Copy(var from, var to, var _) -> firstOf(List.of(from, to),
                    this::checkKey);
            case Command.Clear _ -> null;
        };
    }

    private @Nullable Refusal checkTransaction(Command.Transaction transaction) {
        var watches = transaction.watches();
        var steps = transaction.steps();
        var refusal = checkCount("transaction", "steps", steps.size());
        if (refusal == null && !watches.isEmpty())
            refusal = checkCount("transaction", "watched keys", watches.size());
        if (refusal == null) refusal = firstOf(watches, watch -> checkKey(watch.key()));
        if (refusal == null) {
            refusal = firstOf(steps, step -> switch (step) {
                case Command.Plain command -> checkPlain(command);
                case Read.Plain read -> check(read);
            });
        }
        if (refusal != null) return refusal;
        long bytes = 0;
        long parts = 0;
        for (var watch : watches)
            bytes += watch.key().length();
        for (var step : steps) {
            bytes += switch (step) {
                case Command.Plain command -> bytes(command);
                case Read.Plain read -> bytes(read);
            };
            parts += parts(step);
        }
        return parts > batchCommandsMax
                ? new Refusal.OverLimit("transaction", parts, batchCommandsMax, "commands and keys")
                : checkBytes("transaction", bytes);
    }

    /// Each takes a little more room than its bytes.
    private static long parts(Step step) {
        return switch (step) {
            case Command.Batch(var commands) -> commands.size();
            case Read.GetMany(var keys) -> keys.size();
            case Read.Count(var keys) -> keys.size();
            case Command.Plain _, Read.Get _, Read.Size _ -> 1;
        };
    }

    private @Nullable Refusal checkCount(String what, String unit, int count) {
        if (count == 0) return new Refusal.Malformed("a " + what + " without " + unit);
        return count <= batchCommandsMax
                ? null
                : new Refusal.OverLimit(what, count, batchCommandsMax, unit);
    }

    private @Nullable Refusal checkBytes(String what, long bytes) {
        return bytes <= batchBytesMax
                ? null
                : new Refusal.OverLimit(what, bytes, batchBytesMax, "bytes");
    }

    private static <T> @Nullable Refusal firstOf(List<? extends T> all,
            Function<? super T, @Nullable Refusal> check) {
        for (var each : all) {
            var refusal = check.apply(each);
            if (refusal != null) return refusal;
        }
        return null;
    }

    private @Nullable Refusal checkSingle(Command.Single single) {
        var refusal = checkKey(single.key());
        if (refusal != null || !(single instanceof Command.Put put)) return refusal;
        refusal = checkValue(put.value().length());
        return refusal != null ? refusal : checkExpiry(put.expiry());
    }

    /// The values of a whole batch would be more than fits into a frame.
    private @Nullable Refusal checkBatched(Command.Single single) {
        boolean givesBack = switch (single) {
            case Command.Put put -> put.givesBack();
            case Command.Delete delete -> delete.givesBack();
        };
        return givesBack
                ? new Refusal.Malformed("a batch gives nothing back")
                : checkSingle(single);
    }

    private @Nullable Refusal checkAmendment(Amendment how) {
        return switch (how) {
            case Amendment.Add _ -> null;
            case Amendment.AddDecimal(var number) -> checkValue(number.length());
            case Amendment.Append(var bytes) -> checkValue(bytes.length());
            case Amendment.Overwrite(int offset, var bytes) -> offset < 0
                    ? new Refusal.Malformed("an offset of " + offset)
                    : checkValue(bytes.isEmpty() ? 0 : (long) offset + bytes.length());
        };
    }

    /// Of a value that is given, or comes to be.
    public @Nullable Refusal checkValue(long bytes) {
        return bytes <= valueBytesMax
                ? null
                : new Refusal.OverLimit("value", bytes, valueBytesMax, "bytes");
    }

    private static @Nullable Refusal checkExpiry(Expiry expiry) {
        long millis = switch (expiry) {
            case Expiry.Never _, Expiry.Keep _ -> 0;
            case Expiry.At(long at) -> at;
            case Expiry.In(long in) -> in;
        };
        return millis >= -EXPIRY_MILLIS_MAX && millis <= EXPIRY_MILLIS_MAX
                ? null
                : new Refusal.Malformed("an expiry of " + millis + " ms is out of range");
    }

    private static long bytes(Command.Plain command) {
        return switch (command) {
            case Command.Put put -> (long) put.key().length() + put.value().length()
                    + bytes(put.condition());
            case Command.Delete delete ->
                (long) delete.key().length() + bytes(delete.condition());
            case Command.Batch(var commands) -> {
                long bytes = 0;
                for (var single : commands)
                    bytes += bytes(single);
                yield bytes;
            }
            case Command.Edit(var key, var how, var condition) ->
                key.length() + bytes(how) + bytes(condition);
            case Command.Expire expire -> expire.key().length();
            case Command.Rename(var from, var to, var _) -> (long) from.length() + to.length();
            case Command.Copy(var from, var to, var _) -> (long) from.length() + to.length();
            case Command.Clear _ -> 0;
        };
    }

    private static long bytes(Amendment how) {
        return switch (how) {
            case Amendment.Add _ -> 0;
            case Amendment.AddDecimal(var number) -> number.length();
            case Amendment.Append(var bytes) -> bytes.length();
            case Amendment.Overwrite(int _, var bytes) -> bytes.length();
        };
    }

    private static long bytes(Condition condition) {
        return switch (condition) {
            case Condition.Always _, Condition.Absent _, Condition.Exists _, Condition.At _ -> 0;
            case Condition.ValueIs(var value) -> value.length();
            case Condition.ValueIsNot(var value) -> value.length();
        };
    }

    private static long bytes(Read.Plain read) {
        return switch (read) {
            case Read.Get(var key) -> key.length();
            case Read.GetMany(var keys) -> bytes(keys);
            case Read.Count(var keys) -> bytes(keys);
            case Read.Size _ -> 0;
        };
    }

    private static long bytes(List<Bytes> keys) {
        long bytes = 0;
        for (var key : keys)
            bytes += key.length();
        return bytes;
    }

    private @Nullable Refusal checkKey(Bytes key) {
        if (key.isEmpty()) return new Refusal.Malformed("the key is empty");
        return key.length() <= keyBytesMax
                ? null
                : new Refusal.OverLimit("key", key.length(), keyBytesMax, "bytes");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) throw new IllegalArgumentException(otherwise);
    }
}
