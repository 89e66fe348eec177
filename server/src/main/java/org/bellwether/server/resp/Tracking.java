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
/// heard of while reads are under way is told behind their replies.
final class Tracking {
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
    /// @param prefixes of keys
    record Options(Mode mode, boolean noLoop, List<Bytes> prefixes) {}

    /// Told together, when so many reads have been answered.
    private static final class Batch {
        private final Set<Bytes> keys = new LinkedHashSet<>();
        private boolean everything;
        private long bytes;
        private long behind;

        void add(Bytes key) {
            if (everything || !keys.add(key)) return;
            bytes += key.length() + Limits.RESP_STALE_KEY_BYTES;
            if (bytes > Limits.RESP_STALE_BYTES_MAX) addEverything();
        }

        void addEverything() {
            everything = true;
            keys.clear();
            bytes = 0;
        }

        void write(RespWriter out) {
            out.push(out.isResp3() ? 2 : 3);
            out.bulkString(out.isResp3() ? "invalidate" : "message");
            if (!out.isResp3()) out.bulkString(CHANNEL);
            if (everything) {
                out.nullBulkString();
            } else {
                out.array(keys.size());
                keys.forEach(out::bulkString);
            }
        }
    }

    private final RespConnection connection;
    private final TrackedKeys all;
    private final int keyBytesMax;
    private final Set<Bytes> keys = new HashSet<>();
    private final Deque<Batch> batches = new ArrayDeque<>();
    private @Nullable Options options;
    /// Who is told instead; null for the client itself, or if that one is gone.
    private @Nullable RespConnection redirect;
    private long redirectId;
    /// Whether `CLIENT CACHING` speaks of what comes now.
    private boolean chosen;
    private boolean broken;

    Tracking(RespConnection connection, TrackedKeys all, int keyBytesMax) {
        this.connection = connection;
        this.all = all;
        this.keyBytesMax = keyBytesMax;
    }

    /// null if it is off.
    @Nullable
    Options options() {
        return options;
    }

    /// With prefixes in addition to those there are.
    ///
    /// @param instead who is told; null for the client itself
    void begin(Options wanted, @Nullable RespConnection instead) {
        var before = options;
        var prefixes = new LinkedHashSet<>(before == null ? List.of() : before.prefixes());
        prefixes.addAll(wanted.prefixes());
        options = new Options(wanted.mode(), wanted.noLoop(), List.copyOf(prefixes));
        redirect = instead;
        redirectId = instead == null ? 0 : instead.session().id();
        chosen = false;
        broken = false;
        if (before == null) all.add(this);
    }

    void end() {
        if (options == null) return;
        all.remove(this, keys);
        keys.clear();
        batches.clear();
        options = null;
        redirect = null;
        redirectId = 0;
        chosen = false;
    }

    void choose() {
        chosen = true;
    }

    boolean isChosen() {
        return chosen;
    }

    boolean isBroadcast() {
        return options != null && options.mode() == Mode.BCAST;
    }

    /// Of who is told instead; 0 if nobody is.
    long redirectId() {
        return redirectId;
    }

    /// Whether that one is gone.
    boolean isBroken() {
        return broken;
    }

    /// A connection has ended.
    void lost(RespConnection ended) {
        if (redirect == ended) redirect = null;
    }

    /// Of its prefixes, and of the stale keys that it is yet to be told of.
    long heldBytes() {
        if (options == null) return 0;
        long held = 0;
        for (var prefix : options.prefixes())
            held += prefix.length();
        for (var batch : batches)
            held += batch.bytes;
        return held;
    }

    int prefixCount() {
        return options == null ? 0 : options.prefixes().size();
    }

    // What it reads.

    /// Whether it may keep copies of what is read now, and would be told of changes.
    boolean follows() {
        if (options == null) return false;
        return switch (options.mode()) {
            case READ -> true;
            case OPTIN -> chosen;
            case OPTOUT -> !chosen;
            case BCAST -> all.isCutOff();
        };
    }

    /// A command was started, and no transaction is open.
    void began(String command) {
        if (chosen && !command.startsWith("client|")) chosen = false;
    }

    /// Before they are read and after it: so no change between is missed.
    void reads(List<Bytes> more) {
        if (options == null) return;
        for (var key : more) {
            if (all.isCutOff()) stale(key);
            // Longer ones there are not.
            if (isBroadcast() || key.length() > keyBytesMax) continue;
            keys.add(key);
            all.read(key, this);
        }
    }

    /// Of one that is not followed any more.
    void forget(Bytes key) {
        keys.remove(key);
    }

    // What it is told.

    void stale(Bytes key) {
        open().add(key);
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
        open().addEverything();
        connection.answered();
    }

    /// The first batch waits for the reads that were under way when it began and for none that was started since, so that
    /// it leaves also when there is always one under way. What comes meanwhile is in the next one.
    private Batch open() {
        long behind = connection.unanswered().readsStarted();
        var last = batches.peekLast();
        if (last == null || last.behind != behind && batches.size() < BATCHES_MAX)
            batches.add(new Batch());
        batches.getLast().behind = behind;
        return batches.getLast();
    }

    /// What can be told now. Who does not take its replies is told later.
    void tell() {
        while (!batches.isEmpty()
                && batches.getFirst().behind <= connection.unanswered().readsWritten()
                && !connection.isClogged())
            tell(batches.removeFirst());
    }

    /// As Redis does: in RESP3 as a message of its own kind; in RESP2 only to another connection, which listens.
    private void tell(Batch batch) {
        if (redirectId == 0) {
            if (connection.out().isResp3()) connection.push(batch::write);
        } else if (redirect == null) {
            broken = true;
            if (connection.out().isResp3()) connection.push(this::writeBroken);
        } else if (redirect.out().isResp3() || !redirect.session().subscriptions().isEmpty()) {
            if (redirect.mayHear(batch.bytes)) redirect.push(batch::write);
        }
    }

    private void writeBroken(RespWriter out) {
        out.push(2);
        out.bulkString("tracking-redir-broken");
        out.integer(redirectId);
    }
}
