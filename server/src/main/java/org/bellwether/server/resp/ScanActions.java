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
import org.bellwether.api.Revision;
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
        new Listing(call, pattern::matches, Integer.MAX_VALUE, true).next(null);
    }

    static void countKeysInSlot(Call call) {
        ClusterActions.requireCluster(call.session());
        int slot = slot(call);
        call.expect(Shapes.NUMBER);
        new Listing(call, key -> KeySlot.of(key) == slot, Integer.MAX_VALUE, false).next(null);
    }

    static void keysInSlot(Call call) {
        ClusterActions.requireCluster(call.session());
        int slot = slot(call);
        long most = WholeNumber.parse(call.arguments().get(3));
        if (most < 0) throw new CommandError("ERR Invalid number of keys");
        call.expect((result, out) -> write(((Result.Page) result).keys(), out));
        new Listing(call, key -> KeySlot.of(key) == slot,
                (int) Math.min(most, Integer.MAX_VALUE), true).next(null);
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
        private final boolean keeps;
        private final List<Bytes> found = new ArrayList<>();
        private long count;
        private long bytes;

        /// @param keeps whether the keys are wanted, and not only how many they are
        private Listing(Call call, Predicate<byte[]> wanted, int most, boolean keeps) {
            this.call = call;
            this.wanted = wanted;
            this.most = most;
            this.keeps = keeps;
        }

        private void next(@Nullable Bytes after) {
            call.ask(new Read.Scan(after, Limits.SCAN_KEYS_MAX), this);
        }

        @Override
        public void accept(Outcome outcome) {
            if (!(outcome instanceof Outcome.Applied(Result.Page(var keys), var at))) {
                call.accept(outcome);
                return;
            }
            long held = bytes;
            for (var key : keys) {
                if (count == most) break;
                if (wanted.test(key.array())) add(key);
            }
            if (bytes > Limits.RESP_REPLY_BYTES_MAX) {
                call.accept(new Outcome.Refused(new Refusal.OverLimit("reply", bytes,
                        Limits.RESP_REPLY_BYTES_MAX, "bytes of memory")));
            } else if (!call.hold(bytes - held)) {
                call.accept(call.noRoom());
            } else if (keys.size() < Limits.SCAN_KEYS_MAX || count == most || !call.isWanted()) {
                call.accept(new Outcome.Applied(
                        keeps ? new Result.Page(found) : new Result.Amount(count), at));
            } else {
                call.session().server().loop().execute(() -> next(keys.getLast()));
            }
        }

        /// Very many short keys take more than their bytes.
        private void add(Bytes key) {
            count++;
            if (!keeps) return;
            found.add(key);
            bytes += key.length() + Call.KEY_BYTES;
        }
    }

    // One of them.

    /// Some steps further than last time. That is even chance only over many calls, but of keys in an order there is
    /// none that could be drawn without counting.
    static void randomkey(Call call) {
        call.expect((result, out) -> {
            var keys = ((Result.Page) result).keys();
            if (keys.isEmpty()) {
                out.nullBulkString();
            } else {
                out.bulkString(keys.getLast());
            }
        });
        new Draw(call).from(call.session().server().drawnKey());
    }

    /// Pages are of a view that may be older than what this client has done since. So a key is only given once it was
    /// found by a read that sees that. If it is gone, a page from the beginning is of a new view; and if all keys of
    /// that are gone, too, somebody removes them as fast as they are drawn.
    private static final class Draw {
        private final Call call;
        private final int steps = 1 + ThreadLocalRandom.current().nextInt(RANDOM_STEP_MAX);

        Draw(Call call) {
            this.call = call;
        }

        void from(@Nullable Bytes after) {
            call.ask(new Read.Scan(after, steps), outcome -> {
                if (outcome instanceof Outcome.Applied(Result.Page(var keys), var at)) {
                    choose(new ArrayList<>(keys), after == null, at);
                } else {
                    call.accept(outcome);
                }
            });
        }

        /// @param page  of this, the last that is still there; taken from as they turn out to be gone
        /// @param fresh whether the page is of a new view
        /// @param at    what the page shows
        private void choose(List<Bytes> page, boolean fresh, Revision at) {
            var server = call.session().server();
            if (page.isEmpty()) {
                server.setDrawnKey(null);
                if (fresh) {
                    call.accept(new Outcome.Applied(new Result.Page(List.of()), at));
                } else {
                    from(null);
                }
                return;
            }
            var key = page.removeLast();
            call.ask(new Read.Count(List.of(key)), found -> {
                if (!(found instanceof Outcome.Applied(Result.Amount(var count), var seenAt))) {
                    call.accept(found);
                } else if (count > 0) {
                    server.setDrawnKey(key);
                    call.accept(new Outcome.Applied(new Result.Page(List.of(key)), seenAt));
                } else {
                    choose(fresh ? page : new ArrayList<>(), fresh, at);
                }
            });
        }
    }
}
