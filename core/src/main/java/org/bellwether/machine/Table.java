package org.bellwether.machine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// Keys and values as of one moment of the cluster's time: what has expired is absent, removed or not.
interface Table {
    @Nullable
    Versioned get(Bytes key);

    /// Number of keys, as [Read.Size] has it.
    long size();

    Revision revision();

    default Outcome answer(Read.Plain read) {
        return switch (read) {
            case Read.Get(var key) -> applied(found(key));
            case Read.GetMany(var keys) -> getMany(keys);
            case Read.Count(var keys) -> applied(new Result.Amount(count(keys)));
            case Read.Size() -> applied(new Result.Amount(size()));
        };
    }

    private Result found(Bytes key) {
        var value = get(key);
        return value == null ? Result.Absent.ABSENT : new Result.Found(value);
    }

    /// Who is named twice counts twice, but is looked up once: it may be large, and on the disk.
    private long count(List<Bytes> keys) {
        var isThere = new HashMap<Bytes, Boolean>();
        long count = 0;
        for (var key : keys) {
            if (isThere.computeIfAbsent(key, it -> get(it) != null)) count++;
        }
        return count;
    }

    private Outcome getMany(List<Bytes> keys) {
        var results = new ArrayList<Result>(keys.size());
        long bytes = 0;
        for (var key : keys) {
            var result = found(key);
            results.add(result);
            bytes += result.valueBytes();
            if (bytes > Limits.ANSWER_BYTES_MAX) return new Outcome.Refused(tooLong(bytes));
        }
        return applied(new Result.Batch(results));
    }

    static Refusal tooLong(long bytes) {
        return new Refusal.OverLimit("answer", bytes, Limits.ANSWER_BYTES_MAX, "bytes");
    }

    private Outcome applied(Result result) {
        return new Outcome.Applied(result, revision());
    }
}
