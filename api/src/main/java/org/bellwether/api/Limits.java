package org.bellwether.api;

import org.jspecify.annotations.Nullable;

/// Every bound of the house, in one place. Whatever queues, caches, batches, waits or retries has its
/// line here; what arrives over a bound is refused with an answer that names it.
///
/// @param keyBytesMax            longest key
/// @param valueBytesMax          longest value
/// @param batchCommandsMax       commands in one [Command.Batch]
/// @param batchBytesMax          keys and values of one [Command.Batch] together
/// @param timeoutMillisMax       longest wait a caller may ask for
/// @param inboxCommandsMax       writes waiting for their loop turn
/// @param inboxBytesMax          the same in bytes
/// @param pendingReadsMax        reads waiting for their read index
/// @param forwardsMax            writes passed on to the leader and not yet answered
/// @param forwardHopsMax         times one write may be passed on
/// @param entryBytesMax          payload of one log entry; above it a turn's batch becomes several entries
/// @param uncommittedBytesMax    entries appended by a leader and not yet committed
/// @param windowBytesMax         committed entries kept in memory for followers that are a little behind
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
    /// Open connections of the Redis protocol.
    public static final int RESP_CONNECTIONS_MAX = 10_000;
    /// Redis commands of one connection that are not answered yet; above it nothing more is read from it.
    public static final int RESP_PIPELINE_MAX = 1_024;
    /// Those of them that read at the same time, each holding what it has found.
    public static final int RESP_READS_MAX = 128;
    /// One reply that is made of many values.
    public static final int RESP_REPLY_BYTES_MAX = 32 * 1024 * 1024;
    /// Replies that a client has not taken; above it nothing more is done for it.
    public static final int RESP_UNSENT_BYTES_MAX = 16 * 1024 * 1024;
    private static final int NAME_CHARS_MAX = 64;
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    public static final Limits DEFAULT = new Limits(8 * KIB, MIB, 128, 2 * MIB,
            60_000, 16_384, 8 * MIB, 65_536,
            16_384, 2, 4 * MIB, 16 * MIB,
            32 * MIB, MIB / 2, 32, 16 * MIB,
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

    /// Why this command is over a limit or malformed; null if it is neither. The one place where sizes are
    /// checked, for every protocol.
    public @Nullable Refusal check(Command command) {
        return switch (command) {
            case Command.Single single -> checkSingle(single);
            case Command.Batch batch -> checkBatch(batch);
            case Command.Join join -> checkJoin(join);
            case Command.SetVoters(int target) -> target >= 1 && target <= VOTERS_MAX
                    ? null
                    : new Refusal.Malformed("a cluster strives for 1 to " + VOTERS_MAX
                            + " voters, not for " + target);
            case Command.Remove _, Command.Move _, Command.Transfer _ -> null;
        };
    }

    private static @Nullable Refusal checkJoin(Command.Join join) {
        if (join.name().length() > NAME_CHARS_MAX) {
            return new Refusal.Malformed("a node's name is at most " + NAME_CHARS_MAX
                    + " characters long, not " + join.name().length());
        }
        return join.name().chars().allMatch(c -> c > ' ' && c < 0x7f)
                ? null
                : new Refusal.Malformed("a node's name is printable ASCII without spaces");
    }

    public @Nullable Refusal check(Read read) {
        return switch (read) {
            case Read.Get(var key) -> checkKey(key);
        };
    }

    private @Nullable Refusal checkBatch(Command.Batch batch) {
        int count = batch.commands().size();
        if (count == 0) return new Refusal.Malformed("a batch without commands");
        if (count > batchCommandsMax) {
            return new Refusal.OverLimit("batch", count, batchCommandsMax, "commands");
        }
        long bytes = 0;
        for (var single : batch.commands()) {
            var refusal = checkSingle(single);
            if (refusal != null) return refusal;
            bytes += single.key().length();
            if (single instanceof Command.Put put) bytes += put.value().length();
        }
        return bytes <= batchBytesMax
                ? null
                : new Refusal.OverLimit("batch", bytes, batchBytesMax, "bytes");
    }

    private @Nullable Refusal checkSingle(Command.Single single) {
        var refusal = checkKey(single.key());
        if (refusal != null) return refusal;
        return single instanceof Command.Put put && put.value().length() > valueBytesMax
                ? new Refusal.OverLimit("value", put.value().length(), valueBytesMax, "bytes")
                : null;
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
