package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import org.bellwether.api.Consistency;
import org.bellwether.api.Revision;
import org.jspecify.annotations.Nullable;

/// What is known of a client, and what it has agreed on with us, for the life of its connection.
final class Session {
    private static final String ONLY_USER = "default";

    private final RespServer server;
    private final RespConnection connection;
    private final long id;
    private final long openedNanos = System.nanoTime();

    private final Multi multi;
    private final Subscriptions subscriptions;
    private final Tracking tracking;

    private String name = "";
    private boolean spared;
    private String library = "";
    private String libraryVersion = "";
    private String lastCommand = "NULL";
    private boolean authenticated;
    /// Since when it is not known who the client is.
    private long strangeNanos = openedNanos;
    /// Whether it has said `READONLY`.
    private boolean readOnly;
    /// What it has chosen beyond that; null for what follows from that and from its port.
    private @Nullable Consistency chosenReads;
    /// Whether the client wants to be answered; not this time; not the next time.
    private boolean answered = true;
    private boolean skipping;
    private boolean skipsNext;

    /// The revision that this client has seen the store at, by any answer.
    private Revision seen = Revision.NONE;
    /// That of the last write that was acknowledged to it.
    private Revision written = Revision.NONE;
    /// How far this node was when that was asked for last.
    private Revision applied = Revision.NONE;

    Session(RespServer server, RespConnection connection, long id) {
        this.server = server;
        this.connection = connection;
        this.id = id;
        this.subscriptions = new Subscriptions(server.channels(), connection,
                server.store().limits().channelBytesMax());
        this.tracking = new Tracking(connection, server.trackedKeys(),
                server.store().limits().keyBytesMax());
        this.multi = new Multi(server.store().limits());
        this.authenticated = server.config().password() == null;
    }

    RespServer server() {
        return server;
    }

    RespConnection connection() {
        return connection;
    }

    long id() {
        return id;
    }

    long ageSeconds(long nowNanos) {
        return (nowNanos - openedNanos) / 1_000_000_000;
    }

    // Reads.

    /// Its own writes, and whatever else it was shown, a client sees again: a local read waits until this node
    /// has applied as much.
    Consistency consistency() {
        var wanted = reads();
        if (!wanted.equals(Consistency.LOCAL)) return wanted;
        if (seen.compareTo(applied) > 0) applied = server.store().node().revision();
        return seen.compareTo(applied) > 0 ? new Consistency.AtLeast(seen) : Consistency.LOCAL;
    }

    /// How fresh its reads are to be.
    Consistency reads() {
        if (chosenReads != null) return chosenReads;
        return readOnly ? Consistency.LOCAL : server.config().reads();
    }

    /// @param chosen null to choose nothing
    void chooseReads(@Nullable Consistency chosen) {
        chosenReads = chosen;
    }

    void setReadOnly(boolean wanted) {
        readOnly = wanted;
    }

    /// Whether the client wants to be served by this node, whoever leads.
    boolean readsHere() {
        return readOnly;
    }

    void saw(Revision revision, boolean wrote) {
        if (revision.compareTo(seen) > 0) seen = revision;
        if (wrote && revision.compareTo(written) > 0) written = revision;
    }

    Revision written() {
        return written;
    }

    // Who it is.

    boolean isAuthenticated() {
        return authenticated;
    }

    /// For how long it is not known who the client is; 0 if it is.
    long strangeForNanos(long nowNanos) {
        return authenticated ? 0 : nowNanos - strangeNanos;
    }

    /// Whether others are to go before it when clients hold too much.
    boolean isSpared() {
        return spared;
    }

    void spare(boolean wanted) {
        spared = wanted;
    }

    /// What it makes this node keep from one command to the next.
    long heldBytes() {
        return multi.heldBytes() + subscriptions.heldBytes() + tracking.heldBytes();
    }

    /// Lets the client in if it knows the password, at the same speed whether it is nearly right or not.
    ///
    /// @throws CommandError if it does not
    void authenticate(byte[] user, byte[] password) {
        var wanted = server.config().password();
        boolean known = MessageDigest.isEqual(user, ONLY_USER.getBytes(UTF_8))
                && (wanted == null || MessageDigest.isEqual(password, wanted.array()));
        if (!known) {
            throw new CommandError("WRONGPASS invalid username-password pair or user is disabled.");
        }
        authenticated = true;
        connection.setLimits(false);
    }

    void reset() {
        spared = false;
        authenticated = server.config().password() == null;
        strangeNanos = System.nanoTime();
        connection.setLimits(!authenticated);
        connection.out().setResp3(false);
        readOnly = false;
        chosenReads = null;
        answerFromHere(true);
        name = "";
        multi.end();
        subscriptions.end();
        tracking.end();
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    Tracking tracking() {
        return tracking;
    }

    Multi multi() {
        return multi;
    }

    String name() {
        return name;
    }

    void setName(String chosen) {
        name = chosen;
    }

    String library() {
        return library;
    }

    void setLibrary(String chosen) {
        library = chosen;
    }

    String libraryVersion() {
        return libraryVersion;
    }

    void setLibraryVersion(String chosen) {
        libraryVersion = chosen;
    }

    String lastCommand() {
        return lastCommand;
    }

    // Its commands.

    /// @param wanted whether this command and those behind it are answered
    void answerFromHere(boolean wanted) {
        answered = wanted;
        skipping = false;
        skipsNext = false;
    }

    void skipNextReply() {
        skipsNext = true;
    }

    /// Called before a command starts.
    void begin(String command) {
        lastCommand = command;
        skipping = skipsNext;
        skipsNext = false;
    }

    /// Whether the command that has begun is not answered.
    boolean isMute() {
        return !answered || skipping;
    }
}
