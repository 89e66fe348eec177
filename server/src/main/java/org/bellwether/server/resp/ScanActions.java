package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.jspecify.annotations.Nullable;

/// Which keys there are: `SCAN`, `KEYS`, `RANDOMKEY`. Keys are read in pages and in their order, so that nobody else
/// waits for long.
final class ScanActions {
    private static final int COUNT = 10;
    private static final int RANDOM_STEP_MAX = 64;
    private static final Glob EVERY = compiled(new byte[]{'*'});

    private ScanActions() {}

    private static Glob compiled(byte[] pattern) {
        var glob = Glob.compile(pattern);
        if (glob == null) throw new CommandError("ERR the pattern is too long");
        return glob;
    }

    static void scan(Call call) {
        var arguments = call.arguments();
        var cursors = call.session().server().cursors();
        long cursor = cursor(arguments.get(1));
        long count = COUNT;
        var pattern = EVERY;
        boolean typed = true;
        for (int i = 2; i < arguments.count(); i += 2) {
            boolean more = i + 1 < arguments.count();
            if (more && arguments.is(i, "count")) {
                count = WholeNumber.parse(arguments.get(i + 1));
                if (count < 1) throw CommandError.syntax();
            } else if (more && arguments.is(i, "match")) {
                pattern = compiled(arguments.get(i + 1));
            } else if (more && arguments.is(i, "type")) {
                typed = arguments.is(i + 1, "string");
            } else {
                throw CommandError.syntax();
            }
        }
        var after = cursor == 0 ? null : cursors.key(cursor);
        if (cursor != 0 && after == null) {
            throw new CommandError("ERR invalid cursor: it is of another node, or too old; begin"
                    + " anew with 0");
        }
        int page = (int) Math.min(count, Limits.SCAN_KEYS_MAX);
        var wanted = pattern;
        boolean any = typed;
        call.read(new Read.Scan(after, page), (result, out) -> {
            var keys = ((Result.Page) result).keys();
            out.array(2);
            out.bulkString(keys.size() < page ? 0 : cursors.of(keys.getLast()));
            write(any ? matching(keys, wanted::matches) : List.of(), out);
        });
    }

    private static long cursor(byte[] text) {
        try {
            long cursor = WholeNumber.parse(text);
            if (cursor >= 0) return cursor;
        } catch (CommandError none) {
            // falls through to the one message
        }
        throw new CommandError("ERR invalid cursor");
    }

    private static List<Bytes> matching(List<Bytes> keys, Predicate<byte[]> wanted) {
        var matching = new ArrayList<Bytes>();
        for (var key : keys) {
            if (wanted.test(key.array())) matching.add(key);
        }
        return matching;
    }

    private static void write(List<Bytes> keys, RespWriter out) {
        out.array(keys.size());
        for (var key : keys)
            out.bulkString(key);
    }

    // All of them.

    static void keys(Call call) {
        var pattern = compiled(call.arguments().get(1));
        call.expect((result, out) -> write(((Result.Page) result).keys(), out));
        new Listing(call, pattern::matches, Integer.MAX_VALUE).next(null);
    }

    static void countKeysInSlot(Call call) {
        ClusterActions.requireCluster(call.session());
        int slot = slot(call);
        call.expect((result, out) -> out.integer(((Result.Page) result).keys().size()));
        new Listing(call, key -> KeySlot.of(key) == slot, Integer.MAX_VALUE).next(null);
    }

    static void keysInSlot(Call call) {
        ClusterActions.requireCluster(call.session());
        int slot = slot(call);
        long most = WholeNumber.parse(call.arguments().get(3));
        if (most < 0) throw new CommandError("ERR Invalid number of keys");
        call.expect((result, out) -> write(((Result.Page) result).keys(), out));
        new Listing(call, key -> KeySlot.of(key) == slot,
                (int) Math.min(most, Integer.MAX_VALUE)).next(null);
    }

    private static int slot(Call call) {
        return WholeNumber.parse(call.arguments().get(2), 0, KeySlot.COUNT - 1,
                "ERR Invalid or out of range slot");
    }

    /// Reads page after page, each in a turn of its own.
    private static final class Listing implements Consumer<Outcome> {
        private final Call call;
        private final Predicate<byte[]> wanted;
        private final int most;
        private final List<Bytes> found = new ArrayList<>();
        private long bytes;

        private Listing(Call call, Predicate<byte[]> wanted, int most) {
            this.call = call;
            this.wanted = wanted;
            this.most = most;
        }

        private void next(@Nullable Bytes after) {
            var session = call.session();
            session.server().store().read(new Read.Scan(after, Limits.SCAN_KEYS_MAX),
                    session.consistency(), Call.TIMEOUT, this);
        }

        @Override
        public void accept(Outcome outcome) {
            if (!(outcome instanceof Outcome.Applied(Result.Page(var keys), var at))) {
                call.accept(outcome);
                return;
            }
            for (var key : matching(keys, wanted)) {
                if (found.size() == most) break;
                found.add(key);
                bytes += key.length();
            }
            if (bytes > Limits.RESP_REPLY_BYTES_MAX) {
                call.accept(new Outcome.Refused(new Refusal.OverLimit("reply", bytes,
                        Limits.RESP_REPLY_BYTES_MAX, "bytes")));
            } else if (keys.size() < Limits.SCAN_KEYS_MAX || found.size() == most
                    || !call.isWanted()) {
                call.accept(new Outcome.Applied(new Result.Page(found), at));
            } else {
                call.session().server().loop().execute(() -> next(keys.getLast()));
            }
        }
    }

    // One of them.

    /// Some steps further than last time. That is even chance only over many calls, but of keys in an order there is
    /// none that could be drawn without counting.
    static void randomkey(Call call) {
        var server = call.session().server();
        int steps = 1 + ThreadLocalRandom.current().nextInt(RANDOM_STEP_MAX);
        draw(call, steps, server.drawnKey());
    }

    private static void draw(Call call, int steps, @Nullable Bytes after) {
        var session = call.session();
        call.expect((result, out) -> {
            var keys = ((Result.Page) result).keys();
            if (keys.isEmpty()) {
                out.nullBulkString();
            } else {
                out.bulkString(keys.getLast());
            }
        });
        session.server().store().read(new Read.Scan(after, steps), session.consistency(),
                Call.TIMEOUT, outcome -> {
                    boolean page = outcome instanceof Outcome.Applied(Result.Page _, var _);
                    var keys = page ? keys(outcome) : List.<Bytes>of();
                    session.server().setDrawnKey(keys.isEmpty() ? null : keys.getLast());
                    if (page && keys.isEmpty() && after != null) {
                        draw(call, steps, null);
                    } else {
                        call.accept(outcome);
                    }
                });
    }

    private static List<Bytes> keys(Outcome outcome) {
        return ((Result.Page) ((Outcome.Applied) outcome).result()).keys();
    }
}
