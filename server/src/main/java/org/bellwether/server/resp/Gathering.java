package org.bellwether.server.resp;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.jspecify.annotations.Nullable;

/// The answers to reads of several keys, put together into one: of all, or of the first that failed.
final class Gathering {
    private final Result[] results;
    private final Consumer<? super Outcome> whole;
    private int missing;
    private long bytes;
    private @Nullable Outcome failure;

    Gathering(int count, Consumer<? super Outcome> whole) {
        this.results = new Result[count];
        Arrays.fill(results, Result.Absent.ABSENT);
        this.whole = whole;
        this.missing = count;
    }

    void start(List<Bytes> keys, Session session) {
        var consistency = session.consistency();
        for (int i = 0; i < results.length; i++) {
            int index = i;
            session.server().store().read(new Read.Get(keys.get(i)), consistency, Call.TIMEOUT,
                    outcome -> put(index, outcome));
        }
    }

    private void put(int index, Outcome outcome) {
        var at = Revision.NONE;
        if (outcome instanceof Outcome.Applied(var result, var revision)) {
            at = revision;
            if (result instanceof Result.Found(var found)) bytes += found.value().length();
            if (bytes <= Limits.RESP_REPLY_BYTES_MAX) results[index] = result;
        } else if (failure == null) {
            failure = outcome;
        }
        if (--missing > 0) return;
        if (failure != null) {
            whole.accept(failure);
        } else if (bytes > Limits.RESP_REPLY_BYTES_MAX) {
            whole.accept(new Outcome.Refused(new Refusal.OverLimit("reply", bytes,
                    Limits.RESP_REPLY_BYTES_MAX, "bytes")));
        } else {
            whole.accept(new Outcome.Applied(new Result.Batch(List.of(results)), at));
        }
    }
}
