package org.bellwether.server.resp;

import java.util.Arrays;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.ReadCaller;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.jspecify.annotations.Nullable;

/// The answers to reads of several keys, put together into one: of all, or of the first that failed.
final class Gathering {
    private final Call call;
    private final List<Bytes> keys;
    private final boolean values;
    private final Result[] results;
    private int missing;
    private long bytes;
    private @Nullable Outcome failure;

    /// @param call   told when all are there
    /// @param values whether what the keys hold is wanted, all of it as of one moment
    Gathering(Call call, List<Bytes> keys, boolean values) {
        this.call = call;
        this.keys = keys;
        this.values = values;
        this.results = new Result[keys.size()];
        Arrays.fill(results, Result.Absent.ABSENT);
        this.missing = results.length;
    }

    void start() {
        for (int i = 0; i < results.length; i++) {
            call.ask(new Read.Get(keys.get(i)), new Part(i));
        }
    }

    private final class Part implements ReadCaller {
        private final int index;

        Part(int index) {
            this.index = index;
        }

        @Override
        public void accept(Outcome outcome) {
            put(index, outcome);
        }

        @Override
        public @Nullable Outcome refusal() {
            if (failure != null) return failure;
            if (bytes > Limits.RESP_REPLY_BYTES_MAX) return tooLong();
            return values ? call.refusal() : null;
        }

        @Override
        public boolean joins() {
            return values && index > 0;
        }
    }

    private Outcome tooLong() {
        return new Outcome.Refused(
                new Refusal.OverLimit("reply", bytes, Limits.RESP_REPLY_BYTES_MAX, "bytes"));
    }

    private void put(int index, Outcome outcome) {
        var at = Revision.NONE;
        if (outcome instanceof Outcome.Applied(var result, var revision)) {
            at = revision;
            if (result instanceof Result.Found found) keep(index, found);
        } else if (failure == null) {
            failure = outcome;
        }
        if (--missing > 0) return;
        if (failure != null) {
            call.accept(failure);
        } else if (bytes > Limits.RESP_REPLY_BYTES_MAX) {
            call.accept(tooLong());
        } else {
            call.accept(new Outcome.Applied(new Result.Batch(List.of(results)), at));
        }
    }

    private void keep(int index, Result.Found found) {
        if (!values) {
            results[index] = new Result.Found(Shapes.withoutValue(found.value()));
            return;
        }
        bytes += found.valueBytes();
        if (bytes > Limits.RESP_REPLY_BYTES_MAX) return;
        if (call.hold(found.valueBytes())) {
            results[index] = found;
        } else if (failure == null) {
            failure = call.noRoom();
        }
    }
}
