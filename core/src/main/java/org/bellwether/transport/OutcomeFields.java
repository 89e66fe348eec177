package org.bellwether.transport;

import java.util.ArrayList;
import java.util.UUID;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.Outcome;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Token;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// The fields of an [Outcome] within a frame's head, as a leader sends it back for a forwarded write.
final class OutcomeFields {
    /// The least that any outcome takes.
    static final int BYTES_MIN = 2;

    private static final int APPLIED = 1;
    private static final int REFUSED = 2;
    private static final int NOT_LEADER = 3;
    private static final int OVERLOADED = 4;
    private static final int UNKNOWN = 5;
    private static final int ACCEPTED = 6;

    private static final int WRITTEN = 1;
    private static final int DELETED = 2;
    private static final int BATCH = 3;
    private static final int FOUND = 4;
    private static final int ABSENT = 5;
    private static final int JOINED = 6;
    private static final int DONE = 7;
    private static final int BEFORE = 8;
    private static final int TIMED = 9;
    private static final int AMOUNT = 10;
    private static final int TEXT = 11;
    private static final int PAGE = 12;
    private static final int STEPS = 13;
    private static final int REPLICATED = 14;

    private static final int CONDITION_FAILED = 1;
    private static final int OVER_LIMIT = 2;
    private static final int MALFORMED = 3;
    private static final int STORAGE_FULL = 4;
    private static final int CONFLICT = 5;
    private static final int ARITHMETIC = 6;
    private static final int LOST = 7;
    private static final int FORGOTTEN = 8;

    private static final int NOT_AN_INTEGER = 1;
    private static final int OVERFLOW = 2;
    private static final int NOT_A_DECIMAL = 3;
    private static final int NOT_FINITE = 4;
    /// What a member takes at least, with empty texts.
    private static final int MEMBER_BYTES_MIN = 16 + 4 + 1 + 8 + 8;

    private static final int FULL = 1;
    private static final int NOT_READY = 2;
    private static final int NO_LEADER = 3;

    private OutcomeFields() {}

    static void write(FieldWriter out, Outcome outcome) {
        switch (outcome) {
            case Outcome.Applied(var result, var at) -> {
                out.u8(APPLIED).i64(at.number());
                write(out, result);
            }
            case Outcome.Accepted(var token) -> write(out.u8(ACCEPTED), token);
            case Outcome.Refused(var why) -> {
                out.u8(REFUSED);
                write(out, why);
            }
            case Outcome.NotLeader(var leader) -> {
                out.u8(NOT_LEADER).bool(leader != null);
                if (leader != null) out.member(leader);
            }
            case Outcome.Overloaded(var cause, var what) ->
                out.u8(OVERLOADED).u8(code(cause)).text(what);
            case Outcome.Unknown(var why) -> out.u8(UNKNOWN).text(why);
        }
    }

    static Outcome read(FieldReader in) throws BadFrameException {
        return read(in, Inside.NOTHING);
    }

    /// What a result is read within. Nothing makes a batch within a batch, or a transaction within anything: refused,
    /// or depth would be unbounded.
    private enum Inside {
        NOTHING, REPLICATED, STEPS, BATCH
    }

    private static Outcome read(FieldReader in, Inside inside) throws BadFrameException {
        int type = in.u8("outcome");
        return switch (type) {
            case APPLIED -> {
                var at = in.revision("revision");
                yield new Outcome.Applied(readResult(in, inside), at);
            }
            case ACCEPTED -> new Outcome.Accepted(readToken(in));
            case REFUSED -> new Outcome.Refused(readRefusal(in));
            case NOT_LEADER ->
                new Outcome.NotLeader(in.bool("leader known") ? in.member("leader") : null);
            case OVERLOADED -> new Outcome.Overloaded(readBusy(in), in.text("what"));
            case UNKNOWN -> new Outcome.Unknown(in.text("why"));
            default -> throw new BadFrameException("no outcome has code " + type);
        };
    }

    private static void write(FieldWriter out, Result result) {
        switch (result) {
            case Result.Written(boolean created) -> out.u8(WRITTEN).bool(created);
            case Result.Deleted(boolean existed) -> out.u8(DELETED).bool(existed);
            case Result.Batch(var results) -> {
                out.u8(BATCH).i32(results.size());
                for (var each : results) {
                    if (each instanceof Result.Batch)
                        throw new IllegalArgumentException("a batch holds no batches");
                    write(out, each);
                }
            }
            case Result.Found(var value) -> write(out.u8(FOUND), value);
            case Result.Absent() -> out.u8(ABSENT);
            case Result.Joined(var node, var cluster, var bootstrap, var members) -> {
                out.u8(JOINED).node(node).i64(cluster.uuid().getMostSignificantBits())
                        .i64(cluster.uuid().getLeastSignificantBits()).bytes(bootstrap.array())
                        .i32(members.size());
                for (var member : members)
                    out.member(member);
            }
            case Result.Replicated(var inner, boolean everywhere) -> {
                if (inner instanceof Result.Replicated)
                    throw new IllegalArgumentException("a result is replicated once");
                write(out.u8(REPLICATED).bool(everywhere), inner);
            }
            case Result.Done() -> out.u8(DONE);
            case Result.Before(var value) -> writeOptional(out.u8(BEFORE), value);
            case Result.Timed(boolean done) -> out.u8(TIMED).bool(done);
            case Result.Amount(long value) -> out.u8(AMOUNT).i64(value);
            case Result.Text(var digits) -> out.u8(TEXT).bytes(digits.array());
            case Result.Page(var keys) -> {
                out.u8(PAGE).i32(keys.size());
                for (var key : keys)
                    out.bytes(key.array());
            }
            case Result.Steps(var outcomes) -> {
                out.u8(STEPS).i32(outcomes.size());
                for (var outcome : outcomes) {
                    if (outcome instanceof Outcome.Applied applied
                            && applied.result() instanceof Result.Steps) {
                        throw new IllegalArgumentException("a transaction holds no transactions");
                    }
                    write(out, outcome);
                }
            }
        }
    }

    private static void writeOptional(FieldWriter out, @Nullable Versioned value) {
        out.bool(value != null);
        if (value != null) write(out, value);
    }

    private static @Nullable Versioned readOptional(FieldReader in) throws BadFrameException {
        return in.bool("exists") ? readVersioned(in) : null;
    }

    private static Result readResult(FieldReader in, Inside inside) throws BadFrameException {
        int type = in.u8("result");
        return switch (type) {
            case WRITTEN -> new Result.Written(in.bool("created"));
            case DELETED -> new Result.Deleted(in.bool("existed"));
            case BATCH -> {
                if (inside == Inside.BATCH) throw new BadFrameException("a batch within a batch");
                int count = in.count(1, "results of a batch");
                var results = new ArrayList<Result>(count);
                for (int i = 0; i < count; i++)
                    results.add(readResult(in, Inside.BATCH));
                yield new Result.Batch(results);
            }
            case FOUND -> new Result.Found(readVersioned(in));
            case ABSENT -> Result.Absent.ABSENT;
            case JOINED -> readJoined(in);
            case DONE -> Result.Done.DONE;
            case REPLICATED -> {
                if (inside != Inside.NOTHING)
                    throw new BadFrameException("a replicated result within something else");
                boolean everywhere = in.bool("everywhere");
                yield new Result.Replicated(readResult(in, Inside.REPLICATED), everywhere);
            }
            case BEFORE -> new Result.Before(readOptional(in));
            case TIMED -> new Result.Timed(in.bool("done"));
            case AMOUNT -> new Result.Amount(in.i64("amount"));
            case TEXT -> new Result.Text(Bytes.wrap(in.bytes("digits")));
            case PAGE -> {
                int count = in.count(4, "keys of a page");
                var keys = new ArrayList<Bytes>(count);
                for (int i = 0; i < count; i++)
                    keys.add(Bytes.wrap(in.bytes("key")));
                yield new Result.Page(keys);
            }
            case STEPS -> {
                if (inside != Inside.NOTHING && inside != Inside.REPLICATED)
                    throw new BadFrameException("a transaction within something else");
                int count = in.count(BYTES_MIN, "steps");
                var outcomes = new ArrayList<Outcome>(count);
                for (int i = 0; i < count; i++)
                    outcomes.add(read(in, Inside.STEPS));
                yield new Result.Steps(outcomes);
            }
            default -> throw new BadFrameException("no result has code " + type);
        };
    }

    private static Result.Joined readJoined(FieldReader in) throws BadFrameException {
        var node = in.node("node");
        var cluster = new ClusterId(new UUID(in.i64("cluster"), in.i64("cluster")));
        var bootstrap = Bytes.wrap(in.bytes("bootstrap record"));
        int count = in.count(MEMBER_BYTES_MIN, "members");
        var members = new ArrayList<Member>(count);
        for (int i = 0; i < count; i++)
            members.add(in.member("member"));
        return new Result.Joined(node, cluster, bootstrap, members);
    }

    private static void write(FieldWriter out, Refusal refusal) {
        switch (refusal) {
            case Refusal.ConditionFailed(@Nullable Versioned current, var at) -> {
                out.u8(CONDITION_FAILED).i64(at.number());
                writeOptional(out, current);
            }
            case Refusal.OverLimit(var what, long actual, long limit, var unit) ->
                out.u8(OVER_LIMIT).text(what).i64(actual).i64(limit).text(unit);
            case Refusal.Malformed(var what) -> out.u8(MALFORMED).text(what);
            case Refusal.StorageFull(var what) -> out.u8(STORAGE_FULL).text(what);
            case Refusal.Conflict(var what) -> out.u8(CONFLICT).text(what);
            case Refusal.Lost(var token) -> write(out.u8(LOST), token);
            case Refusal.Forgotten(var token, long base) ->
                write(out.u8(FORGOTTEN), token).i64(base);
            case Refusal.Arithmetic(var fault) -> out.u8(ARITHMETIC).u8(code(fault));
        }
    }

    private static Refusal readRefusal(FieldReader in) throws BadFrameException {
        int type = in.u8("refusal");
        return switch (type) {
            case CONDITION_FAILED -> {
                var at = in.revision("revision");
                yield new Refusal.ConditionFailed(readOptional(in), at);
            }
            case OVER_LIMIT -> new Refusal.OverLimit(in.text("what"), in.i64("actual"),
                    in.i64("limit"), in.text("unit"));
            case MALFORMED -> new Refusal.Malformed(in.text("what"));
            case STORAGE_FULL -> new Refusal.StorageFull(in.text("what"));
            case CONFLICT -> new Refusal.Conflict(in.text("what"));
            case LOST -> new Refusal.Lost(readToken(in));
            case FORGOTTEN -> new Refusal.Forgotten(readToken(in), in.natural("base"));
            case ARITHMETIC -> new Refusal.Arithmetic(readFault(in));
            default -> throw new BadFrameException("no refusal has code " + type);
        };
    }

    private static FieldWriter write(FieldWriter out, Token token) {
        return out.i64(token.term()).i64(token.index());
    }

    private static Token readToken(FieldReader in) throws BadFrameException {
        long term = in.natural("term");
        long index = in.natural("index");
        if (term == 0 || index == 0) throw new BadFrameException("a token of zero");
        return new Token(term, index);
    }

    private static int code(Refusal.Fault fault) {
        return switch (fault) {
            case NOT_AN_INTEGER -> NOT_AN_INTEGER;
            case OVERFLOW -> OVERFLOW;
            case NOT_A_DECIMAL -> NOT_A_DECIMAL;
            case NOT_FINITE -> NOT_FINITE;
        };
    }

    private static Refusal.Fault readFault(FieldReader in) throws BadFrameException {
        int code = in.u8("fault");
        for (var fault : Refusal.Fault.values()) {
            if (code(fault) == code) return fault;
        }
        throw new BadFrameException("no fault has code " + code);
    }

    private static void write(FieldWriter out, Versioned value) {
        out.i64(value.created().number()).i64(value.modified().number()).i64(value.version())
                .i64(value.expires()).bytes(value.value().array());
    }

    private static Versioned readVersioned(FieldReader in) throws BadFrameException {
        var created = in.revision("created");
        var modified = in.revision("modified");
        long version = in.i64("version");
        long expires = in.natural("expiry");
        return new Versioned(Bytes.wrap(in.bytes("value")), created, modified, version, expires);
    }

    private static int code(Outcome.Busy cause) {
        return switch (cause) {
            case FULL -> FULL;
            case NOT_READY -> NOT_READY;
            case NO_LEADER -> NO_LEADER;
        };
    }

    private static Outcome.Busy readBusy(FieldReader in) throws BadFrameException {
        int code = in.u8("cause");
        return switch (code) {
            case FULL -> Outcome.Busy.FULL;
            case NOT_READY -> Outcome.Busy.NOT_READY;
            case NO_LEADER -> Outcome.Busy.NO_LEADER;
            default -> throw new BadFrameException("no cause has code " + code);
        };
    }
}
