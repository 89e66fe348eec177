package org.bellwether.server.resp;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.jspecify.annotations.Nullable;

/// One request from its arrival to its reply. It is also what the store answers, so that a request needs no
/// object more than this one.
///
/// What the answer looks like is only written down at the end of the turn, by the connection: not under the
/// feet of the node, whom a reply that cannot be made must not stop.
final class Call implements Consumer<Outcome> {
    /// As long as HTTP waits if it is not asked for something else.
    static final Duration TIMEOUT = Duration.ofSeconds(5);
    /// Of one argument, in memory: array, header, reference.
    private static final int ARGUMENT_BYTES = 24;

    private static final String EXEC = "exec";
    /// What a client of RESP2 may ask for while it listens to a channel.
    private static final Set<String> FOR_LISTENERS = Set.of("subscribe", "unsubscribe",
            "psubscribe", "punsubscribe", "ping", "quit", "reset");
    private static final Set<String> NEVER_QUEUED = Set.of("multi", EXEC, "discard", "watch",
            "quit", "reset");

    private final RespConnection connection;
    private final Arguments arguments;
    private final Action action;
    private final String name;
    /// Which argument it is; 0 if there is none.
    private final int firstKey;
    private final boolean forStrangers;
    private final boolean aboutTransactions;
    private final int bytes;
    /// Why it is no command, or is not one as it stands.
    private final @Nullable String refusal;

    private @Nullable Shape shape;
    private @Nullable Outcome outcome;
    private @Nullable Reply reply;
    private boolean writes;
    private boolean silent;

    /// A reply that does not come out of the store.
    @FunctionalInterface
    interface Reply {
        void write(RespWriter out);
    }

    /// @throws IllegalArgumentException if nobody performs this command
    Call(RespConnection connection, CommandInfo command, Arguments arguments) {
        this.connection = connection;
        this.arguments = arguments;
        this.action = required(command);
        this.name = command.name();
        this.firstKey = command.keys().isEmpty() ? 0 : command.keys().getFirst().first();
        this.forStrangers = command.is(CommandFlag.NO_AUTH);
        this.aboutTransactions = NEVER_QUEUED.contains(name);
        this.bytes = bytes(arguments);
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
        this.action = new Action.AtOnce(ends
                ? TransactionActions.refused(refusal)
                : (_, _, out) -> out.error(refusal));
        this.name = "NULL";
        this.firstKey = 0;
        this.forStrangers = true;
        this.aboutTransactions = ends;
        this.bytes = bytes(arguments);
        this.refusal = refusal;
    }

    private static Action required(CommandInfo command) {
        if (command.action() == null)
            throw new IllegalArgumentException(command.name() + " does nothing");
        return command.action();
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

    void write(Command asked, Shape made) {
        shape = made;
        writes = true;
        session().server().store().write(asked, TIMEOUT, this);
    }

    void write(Command asked, Duration timeout, Shape made) {
        shape = made;
        writes = true;
        session().server().store().write(asked, timeout, this);
    }

    void read(Read asked, Shape made) {
        shape = made;
        session().server().store().read(asked, session().consistency(), TIMEOUT, this);
    }

    /// All of the same moment: what is asked in one turn of the loop is answered in one. They may be more than one
    /// read gives back.
    ///
    /// @param made out of a [org.bellwether.api.Result.Batch]
    void readAll(List<Bytes> keys, Shape made) {
        shape = made;
        new Gathering(keys.size(), this).start(keys, session());
    }

    /// Whoever asks the store himself answers with [#accept].
    void expect(Shape made) {
        shape = made;
    }

    void perform(Plan plan) {
        switch (plan.step()) {
            case Command.Plain command -> write(command, plan.shape());
            case Read.GetMany(var keys) -> readAll(keys, plan.shape());
            case Read.Plain read -> read(read, plan.shape());
        }
    }

    /// @throws CommandError if it cannot be a part of a transaction
    void requireInTransaction() {
        if (refusal != null) throw new CommandError(refusal);
        if (action instanceof Action.Alone(var _, var within) && within == null)
            throw new CommandError("ERR Command not allowed inside a transaction");
    }

    void answer(Reply made) {
        if (isAnswered()) throw new IllegalStateException("a command was answered twice");
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

    /// Whether the client has ended its side. It may be gone altogether, and nobody should be waited for
    /// without a bound on its behalf.
    boolean isLastOfItsClient() {
        return connection.hasInputEnded();
    }

    @Override
    public void accept(Outcome heard) {
        if (isAnswered()) throw new IllegalStateException("a command was answered twice");
        outcome = heard;
        connection.answered();
    }

    // For the connection.

    Action action() {
        return action;
    }

    String name() {
        return name;
    }

    /// Whether a node that does not lead may serve it to a client of Redis Cluster, by its own state.
    boolean isServedByReplica(Session session) {
        return switch (action) {
            case Action.AtOnce _ -> true;
            case Action.Alone _ -> firstKey() == null;
            case Action.Reads _ -> firstKey() == null || session.readsHere();
            case Action.Writes _ -> false;
        };
    }

    /// null if it concerns none.
    byte @Nullable [] firstKey() {
        return firstKey == 0 ? null : arguments.get(firstKey);
    }

    /// Whether it is served before `AUTH`.
    boolean isForStrangers() {
        return forStrangers;
    }

    /// Of memory, until it is answered.
    int bytes() {
        return bytes;
    }

    boolean endsTransaction() {
        return name.equals(EXEC);
    }

    boolean isForListeners() {
        return FOR_LISTENERS.contains(name);
    }

    /// Whether it is done at once even between `MULTI` and `EXEC`.
    boolean isAboutTransactions() {
        return aboutTransactions;
    }

    /// The client does not want to be answered.
    void silence() {
        silent = true;
    }

    boolean isAnswered() {
        return outcome != null || reply != null;
    }

    void writeReply(RespWriter out) {
        int before = out.pendingBytes();
        if (reply != null) {
            reply.write(out);
        } else {
            writeOutcome(out);
        }
        if (silent) out.cutTo(before);
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
