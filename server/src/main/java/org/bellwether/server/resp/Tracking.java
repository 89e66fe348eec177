package org.bellwether.server.resp;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.jspecify.annotations.Nullable;

/// What one client keeps copies of (`CLIENT TRACKING`), and that it is told when a copy is stale.
///
/// A client that is told before it has the value drops nothing, and then keeps what is stale for good. So what is
/// heard of while replies are under way is told behind them.
final class Tracking {
    /// Of one key, here and with the server, beside its bytes.
    static final int KEY_BYTES = 300;
    private static final int BATCHES_MAX = 2;
    private static final Bytes CHANNEL = Bytes.utf8("__redis__:invalidate");

    enum Mode {
        /// Copies of whatever it reads.
        READ,
        /// Of that only which it announces.
        OPTIN,
        /// But of that which it excepts.
        OPTOUT,
        /// Nobody knows of what: it is told of every key with certain beginnings.
        BCAST
    }

    /// @param noLoop   whether what it writes itself is no news to it. It is told all the same: a change does not say
    ///                 whose it is, and to drop a copy in vain does no harm
    /// @param redirect who is told instead; null for itself
    /// @param prefixes of keys; without any, it may be any key
    record Options(Mode mode, boolean noLoop, @Nullable RespConnection redirect,
            List<Bytes> prefixes) {}

    /// Told together, when so many replies have been written. @param stale null for whatever there is
    private record Batch(@Nullable Set<Bytes> stale, long behind) {}

    private final RespConnection connection;
    private final TrackedKeys all;
    private final Set<Bytes> keys = new HashSet<>();
    private final Deque<Batch> batches = new ArrayDeque<>();
    private @Nullable Options options;
    private long keyBytes;
    /// Whether `CLIENT CACHING` speaks of what comes now.
    private boolean chosen;
    private boolean broken;

    Tracking(RespConnection connection, TrackedKeys all) {
        this.connection = connection;
        this.all = all;
    }

    /// null if it is off.
    @Nullable
    Options options() {
        return options;
    }

    /// With prefixes in addition to those there are.
    void begin(Options wanted) {
        var before = options;
        if (before == null) all.add(this);
        var prefixes = new LinkedHashSet<>(before == null ? List.of() : before.prefixes());
        prefixes.addAll(wanted.prefixes());
        options = new Options(wanted.mode(), wanted.noLoop(), wanted.redirect(),
                List.copyOf(prefixes));
        chosen = false;
        broken = false;
    }

    void end() {
        if (options == null) return;
        all.remove(this, keys);
        keys.clear();
        keyBytes = 0;
        batches.clear();
        options = null;
        chosen = false;
    }

    void choose() {
        chosen = true;
    }

    boolean isChosen() {
        return chosen;
    }

    /// Whether the one who was to be told instead is gone.
    boolean isBroken() {
        return broken;
    }

    long bytes() {
        return keyBytes;
    }

    int prefixCount() {
        return options == null ? 0 : options.prefixes().size();
    }

    // What it reads.

    /// Whether it may keep copies of what is read now.
    boolean follows() {
        if (options == null) return false;
        return switch (options.mode()) {
            case READ -> true;
            case OPTIN -> chosen;
            case OPTOUT -> !chosen;
            case BCAST -> false;
        };
    }

    /// A command has begun, and no transaction is open.
    void began(String command) {
        if (!command.startsWith("client|")) chosen = false;
    }

    /// Before they are read and after it: so no change between is missed.
    void reads(List<Bytes> more) {
        if (options == null) return;
        for (var key : more) {
            if (keys.add(key)) keyBytes += key.length() + KEY_BYTES;
            all.read(key, this);
        }
    }

    /// Of one that is not followed any more.
    void forget(Bytes key) {
        if (keys.remove(key)) keyBytes -= key.length() + KEY_BYTES;
    }

    // What it is told.

    void stale(Bytes key) {
        var batch = open();
        if (batch.stale == null) return;
        batch.stale.add(key);
        if (batch.stale.size() > Limits.RESP_STALE_KEYS_MAX) everythingIsStale();
        connection.answered();
    }

    /// As [#stale] if it has asked for such keys.
    void changed(Bytes key) {
        if (options == null) return;
        for (var prefix : options.prefixes()) {
            if (!startsWith(key, prefix)) continue;
            stale(key);
            return;
        }
    }

    static boolean startsWith(Bytes key, Bytes prefix) {
        int length = prefix.length();
        return key.length() >= length
                && Arrays.equals(key.array(), 0, length, prefix.array(), 0, length);
    }

    /// Whatever it has.
    void everythingIsStale() {
        long behind = connection.repliesStarted();
        var last = batches.peekLast();
        if (last != null && (last.behind == behind || batches.size() == BATCHES_MAX))
            batches.removeLast();
        batches.add(new Batch(null, behind));
        connection.answered();
    }

    /// The first batch waits for what was under way when it began and for nothing that was started since, so that it
    /// leaves also when there is always something under way. What comes meanwhile is in the next one.
    private Batch open() {
        long behind = connection.repliesStarted();
        var last = batches.peekLast();
        if (last != null && last.behind == behind) return last;
        batches.add(new Batch(batches.size() == BATCHES_MAX
                ? batches.removeLast().stale
                : new LinkedHashSet<>(), behind));
        return batches.getLast();
    }

    /// What can be told now.
    void tell() {
        while (!batches.isEmpty() && batches.getFirst().behind <= connection.repliesWritten()) {
            tell(batches.removeFirst().stale);
        }
    }

    /// As Redis does: in RESP3 as a message of its own kind; in RESP2 only to another connection, which listens.
    private void tell(@Nullable Set<Bytes> stale) {
        if (options == null) return;
        var redirect = options.redirect();
        var to = redirect == null ? connection : redirect;
        if (!to.isOpen()) {
            if (!broken && connection.out().isResp3()) {
                connection.push(out -> {
                    out.push(2);
                    out.bulkString("tracking-redir-broken");
                    out.integer(to.session().id());
                });
            }
            broken = true;
            return;
        }
        boolean listens = redirect != null && !to.session().subscriptions().isEmpty();
        if (!to.out().isResp3() && !listens) return;
        long bytes = 0;
        if (stale != null) {
            for (var key : stale)
                bytes += key.length();
        }
        if (to.mayHear(bytes)) to.push(out -> write(stale, out));
    }

    private static void write(@Nullable Set<Bytes> stale, RespWriter out) {
        out.push(out.isResp3() ? 2 : 3);
        out.bulkString(out.isResp3() ? "invalidate" : "message");
        if (!out.isResp3()) out.bulkString(CHANNEL);
        if (stale == null) {
            out.nullBulkString();
        } else {
            out.array(stale.size());
            stale.forEach(out::bulkString);
        }
    }
}
