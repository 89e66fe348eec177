package org.bellwether.server.resp;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Consistency;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.ReadCaller;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.jspecify.annotations.Nullable;

/// One request from its arrival to its reply. It is also what the store answers, so that a request needs no
/// object more than this one.
///
/// What the answer looks like is only written down at the end of the turn, by the connection: not under the
/// feet of the node, whom a reply that cannot be made must not stop.
final class Call implements ReadCaller {
    /// As long as HTTP waits if it is not asked for something else.
    static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Outcome NO_LEADER = new Outcome.Overloaded(Outcome.Busy.NO_LEADER,
            "there is no leader, and a request before this one has waited for one in vain");
    /// Of a request that waits, beside its arguments: this object, its list of arguments, its place in a queue. A queued
    /// `PING` takes 155 bytes in all.
    static final int OBJECT_BYTES = 128;
    /// Of one argument, in memory: array, header, reference.
    private static final int ARGUMENT_BYTES = 24;

    /// Of one key in a reply that has many, beside its bytes.
    static final int KEY_BYTES = 48;

    private static final String EXEC = "exec";
    /// What a client of RESP2 may ask for while it listens to a channel.
    private static final Set<String> FOR_LISTENERS = Set.of("subscribe", "unsubscribe",
            "psubscribe", "punsubscribe", "ping", "quit", "reset");
    private static final Set<String> NEVER_QUEUED = Set.of("multi", EXEC, "discard", "watch",
            "quit", "reset");

    private static final Set<String> FOLLOWING = Set.of("client|tracking", "client|caching");

    private final RespConnection connection;
    private final Arguments arguments;
    /// null if it is none, or is not one as it stands.
    private final @Nullable CommandInfo command;
    private final Action action;
    /// Where keys stand of which a client may keep copies.
    private final List<KeySpec> readable;
    /// How many of its arguments are keys; 1 if it concerns none.
    private final int keyCount;
    private final int bytes;
    private final boolean endsTransaction;
    /// Why it is no command.
    private final @Nullable String refusal;

    private @Nullable Shape shape;
    private @Nullable Outcome outcome;
    private @Nullable Reply reply;
    private List<Bytes> tracked = List.of();
    private boolean writes;
    private boolean silent;
    /// How much it may yet be answered with.
    private long expectedBytes;
    /// How much of its answer is held.
    private long replyBytes;

    /// A reply that does not come out of the store.
    @FunctionalInterface
    interface Reply {
        void write(RespWriter out);
    }

    /// @throws IllegalArgumentException if nobody performs this command
    Call(RespConnection connection, CommandInfo command, Arguments arguments) {
        this.connection = connection;
        this.arguments = arguments;
        this.command = command;
        this.action = chosen(command, arguments);
        this.readable = command.is(CommandFlag.READONLY) ? command.keys() : List.of();
        this.keyCount = keyCount(command.keys(), arguments.count());
        this.bytes = bytes(arguments);
        this.endsTransaction = command.name().equals(EXEC);
        this.refusal = null;
    }

    /// One that is no command, or is not one as it stands.
    ///
    /// @param command that it was to be, if any
    /// @param refusal the reply
    Call(RespConnection connection, @Nullable CommandInfo command, Arguments arguments,
            String refusal) {
        boolean ends = command != null && command.name().equals(EXEC);
        this.connection = connection;
        this.arguments = arguments;
        this.command = null;
        this.action = new Action.AtOnce(ends
                ? TransactionActions.refused(refusal)
                : (_, _, out) -> out.error(refusal));
        this.readable = List.of();
        this.keyCount = 1;
        this.bytes = bytes(arguments);
        this.endsTransaction = ends;
        this.refusal = refusal;
    }

    private static Action chosen(CommandInfo command, Arguments arguments) {
        if (command.action() == null)
            throw new IllegalArgumentException(command.name() + " does nothing");
        if (command.action() instanceof Action.Writes(var _, var bare) && bare != null
                && arguments.count() == -command.arity())
            return bare;
        return command.action();
    }

    private static int keyCount(List<KeySpec> specs, int arguments) {
        if (specs.isEmpty() || specs.getFirst().last() >= 0) return 1;
        var spec = specs.getFirst();
        return Math.max(1, (arguments - spec.first()) / spec.step());
    }

    private static int bytes(Arguments arguments) {
        return arguments.bytes() + ARGUMENT_BYTES * arguments.count();
    }

    // For the command.

    Arguments arguments() {
        return arguments;
    }

    Session session() {
        return connection.session();
    }

    /// Whether its reply may hold something that a client keeps a copy of.
    boolean isRead() {
        return !readable.isEmpty() || endsTransaction();
    }

    /// The client may keep copies of what these read.
    void track(List<Call> reading) {
        tracked = reading.stream().flatMap(Call::readKeys).toList();
        session().tracking().reads(tracked);
    }

    private Stream<Bytes> readKeys() {
        return readable.stream().flatMap(spec -> IntStream
                .iterate(spec.first(), at -> at <= spec.lastAmong(arguments.count()),
                        at -> at + spec.step())
                .mapToObj(arguments::bytes));
    }

    void write(Command asked, Shape made) {
        write(asked, TIMEOUT, made);
    }

    /// When there is room for what the answer may be.
    void write(Command asked, Duration timeout, Shape made) {
        shape = made;
        writes = true;
        if (connection.isLeaderless()) {
            accept(NO_LEADER);
            return;
        }
        var store = session().server().store();
        expectedBytes = made.valueBytesMax(store.limits());
        if (expectedBytes == 0) {
            store.write(asked, timeout, this);
        } else {
            connection.account().admit(expectedBytes, () -> store.write(asked, timeout, this));
        }
    }

    void read(Read asked, Shape made) {
        shape = made;
        ask(asked, this);
    }

    /// Asks the store, by the consistency of this connection.
    void ask(Read asked, Consumer<? super Outcome> then) {
        var consistency = session().consistency();
        if (consistency instanceof Consistency.Linearizable && connection.isLeaderless()) {
            then.accept(NO_LEADER);
        } else {
            session().server().store().read(asked, consistency, TIMEOUT, then);
        }
    }

    /// All of the same moment. They may be more than one read gives back.
    ///
    /// @param made out of a [org.bellwether.api.Result.Batch]
    void readAll(List<Bytes> keys, Shape made) {
        shape = made;
        new Gathering(this, keys, true).start();
    }

    /// The same without their values, and not of one moment: that they are there, and since when.
    void findAll(List<Bytes> keys, Shape made) {
        shape = made;
        new Gathering(this, keys, false).start();
    }

    /// Whoever asks the store himself answers with [#accept].
    void expect(Shape made) {
        shape = made;
    }

    void perform(Plan plan) {
        // Beside what it may be under way is decided by the one, what is asked by the other.
        if (action instanceof Action.Reads != plan.step() instanceof Read)
            throw new IllegalStateException(name() + " is not what it was started as");
        switch (plan.step()) {
            case Command.Plain command -> write(command, plan.shape());
            case Read.GetMany(var keys) -> readAll(keys, plan.shape());
            case Read.Plain read -> read(read, plan.shape());
        }
    }

    /// @throws CommandError if it cannot be a part of a transaction
    void requireInTransaction() {
        if (refusal != null) throw new CommandError(refusal);
        if (name().startsWith("flush")) KeyActions.requireFlush(session());
        // What the other commands read is followed or not before any of them is answered.
        if (FOLLOWING.contains(name()))
            throw new CommandError("ERR Command not allowed inside a transaction");
        if (action instanceof Action.Alone(var _, var within) && within == null)
            throw new CommandError("ERR Command not allowed inside a transaction");
    }

    void answer(Reply made) {
        if (isAnswered()) throw new IllegalStateException("a command was answered twice");
        session().tracking().reads(tracked);
        reply = made;
        connection.answered();
    }

    void refuse(String error) {
        answer(out -> out.error(error));
    }

    /// Whether anybody may still hear the answer.
    boolean isWanted() {
        return connection.isOpen();
    }

    /// Whether the connection ends after this: its client has ended its side and may be gone altogether, or was sent
    /// away. Nobody should be waited for on its behalf without a bound.
    boolean isLastOfItsClient() {
        return connection.isEnding();
    }

    /// Keeps so much for the reply.
    ///
    /// @return false if there is no room for it
    boolean hold(long bytes) {
        if (!connection.account().hold(bytes)) return false;
        replyBytes += bytes;
        return true;
    }

    /// What a read is answered with for which there is no room.
    Outcome noRoom() {
        return new Outcome.Overloaded(Outcome.Busy.FULL, "replies and requests of all Redis clients"
                + " take more than " + session().server().holdings().bytesMax() + " bytes");
    }

    @Override
    public @Nullable Outcome refusal() {
        return isWanted() && !connection.account().isTight() ? null : noRoom();
    }

    @Override
    public void accept(Outcome heard) {
        if (isAnswered()) throw new IllegalStateException("a command was answered twice");
        var kept = writes && expectedBytes == 0 ? withoutValue(heard) : heard;
        long more = bytes(kept) - replyBytes;
        if (writes) {
            connection.account().holdAll(more);
            replyBytes += more;
        } else if (!hold(more)) {
            // Nothing has changed, so that it is no lie.
            kept = noRoom();
        }
        outcome = kept;
        session().tracking().reads(tracked);
        connection.account().met(expectedBytes);
        connection.answered();
    }

    /// A condition that does not hold says what is there, which few replies do.
    private static Outcome withoutValue(Outcome heard) {
        if (!(heard instanceof Outcome.Refused(Refusal.ConditionFailed(var current, var at)))
                || current == null)
            return heard;
        return new Outcome.Refused(
                new Refusal.ConditionFailed(Shapes.withoutValue(current), at));
    }

    private static long bytes(Outcome answer) {
        return answer instanceof Outcome.Applied(Result.Page(var keys), var _)
                ? answer.valueBytes() + (long) KEY_BYTES * keys.size()
                : answer.valueBytes();
    }

    // For the connection.

    Action action() {
        return action;
    }

    /// `NULL` if it is no command: what `CLIENT LIST` says then.
    String name() {
        return command == null ? "NULL" : command.name();
    }

    /// Whether a node that does not lead may serve it to a client of Redis Cluster.
    boolean isServedByReplica(Session session) {
        return switch (action) {
            case Action.AtOnce _ -> true;
            case Action.Alone _, Action.Reads _ ->
                firstKey() == null || session.readsHere() && !mayWrite();
            case Action.Writes _ -> false;
        };
    }

    private boolean mayWrite() {
        return command != null && command.is(CommandFlag.WRITE);
    }

    /// null if it concerns none.
    byte @Nullable [] firstKey() {
        return command == null || command.keys().isEmpty()
                ? null
                : arguments.get(command.keys().getFirst().first());
    }

    /// Whether it is served before `AUTH`.
    boolean isForStrangers() {
        return command == null || command.is(CommandFlag.NO_AUTH);
    }

    /// Of its arguments, in memory, until it is answered.
    int bytes() {
        return bytes;
    }

    /// Of memory, from its answer until that is written.
    long replyBytes() {
        return replyBytes;
    }

    int keyCount() {
        return keyCount;
    }

    boolean endsTransaction() {
        return endsTransaction;
    }

    boolean isForListeners() {
        return command == null || FOR_LISTENERS.contains(command.name());
    }

    /// Whether it is done at once even between `MULTI` and `EXEC`.
    boolean isAboutTransactions() {
        return command == null ? endsTransaction : NEVER_QUEUED.contains(command.name());
    }

    /// The client does not want to be answered.
    void silence() {
        silent = true;
    }

    boolean isSilent() {
        return silent;
    }

    boolean foundNoLeader() {
        return outcome instanceof Outcome.Overloaded(var cause, var _)
                && cause == Outcome.Busy.NO_LEADER;
    }

    boolean isAnswered() {
        return outcome != null || reply != null;
    }

    void writeReply(RespWriter out) {
        if (reply != null) {
            reply.write(out);
        } else {
            writeOutcome(out);
        }
    }

    private void writeOutcome(RespWriter out) {
        var made = shape;
        var heard = outcome;
        if (made == null || heard == null) throw new IllegalStateException("not answered");
        switch (heard) {
            case Outcome.Applied(var result, var at) -> {
                session().saw(at, writes);
                made.applied(result, out);
            }
            case Outcome.Refused(Refusal.ConditionFailed(var current, var at)) -> {
                session().saw(at, false);
                made.conditionFailed(current, out);
            }
            // Only who asks for less than a majority hears this, and nobody here does.
            case Outcome.Accepted _ -> throw new IllegalStateException("not asked for");
            case Outcome.Refused _, Outcome.NotLeader _, Outcome.Overloaded _, Outcome.Unknown _ ->
                out.error(OutcomeErrors.of(heard));
        }
    }
}
