package org.bellwether.machine;

import org.bellwether.api.ChangeFeed;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Expiry;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Storage;
import org.jspecify.annotations.Nullable;

/// The state machine. Given the same entries in the same order it comes to the same state and the same
/// outcomes, on every node and in every life; it reads no clock and rolls no dice.
///
/// A command that cannot be performed is refused, which is an outcome like any other. Bytes that are no
/// commands mean that the log is broken: that throws, and the node stops.
///
/// Time comes with the entries. A key that expires is absent, for commands and reads alike, once an entry has been
/// applied that says that it is so late; its row goes when an entry names it.
public final class Machine implements Table, ChangeFeed {
    /// The newest version of the rules by which commands change the state. A program applies every version up to
    /// its newest, so that a log means the same to all; the next one comes into effect through the log, when every node
    /// knows it.
    ///
    /// 1. Puts, deletes and batches of them.
    /// 2. Time, and all that [#versionOf] does not say 1 to.
    /// 3. Lists of nodes that say that lease reads are on.
    public static final int VERSION = 3;

    /// Commands of which the rows are wanted from memory at once: as many rows as the processor's nearest cache holds.
    private static final int EXPECTED_MAX = 32;

    private final Storage storage;
    private final int versionMax;
    private final Limits limits;
    private long lookedUpBytes;
    private final List<ChangeFeed.Follower> followers = new ArrayList<>();

    public Machine(Storage storage) {
        this(storage, VERSION, Limits.DEFAULT);
    }

    /// @param versionMax the newest version of the rules that this program knows: [#VERSION], but in tests
    /// @param limits     of which the longest value counts here, and must be the same on every node
    public Machine(Storage storage, int versionMax, Limits limits) {
        this.storage = storage;
        this.versionMax = versionMax;
        this.limits = limits;
    }

    /// Whether nothing was ever written.
    public boolean isEmpty() {
        return storage.revision().equals(Revision.NONE);
    }

    /// The version of the rules in effect.
    public int version() {
        return storage.mark().version();
    }

    /// The first version of the rules by which this command can be performed.
    public static int versionOf(Command command) {
        return switch (command) {
            case Command.Single single -> versionOf(single);
            case Command.Batch(var commands) -> {
                int version = 1;
                for (var single : commands)
                    version = Math.max(version, versionOf(single));
                yield version;
            }
            // It changes no table. But nobody may find such a list in its log who cannot read it.
            case Command.SetLeaseReads _ -> 3;
            case Command.Change _ -> 1;
            case Command.Edit _, Command.Expire _, Command.Rename _, Command.Copy _, Command.Clear _, Command.Transaction _ ->
                2;
        };
    }

    private static int versionOf(Command.Single single) {
        boolean first = switch (single.condition()) {
            case Condition.Always _, Condition.Absent _, Condition.Exists _, Condition.At _ -> true;
            case Condition.ValueIs _, Condition.ValueIsNot _ -> false;
        };
        return switch (single) {
            case Command.Put put ->
                first && put.expiry() instanceof Expiry.Never && !put.givesBack() ? 1 : 2;
            case Command.Delete delete -> first && !delete.givesBack() ? 1 : 2;
        };
    }

    /// Whether the tables can only become smaller by it.
    public static boolean onlyRemoves(Command command) {
        return switch (command) {
            case Command.Delete _, Command.Clear _ -> true;
            case Command.Batch(var commands) -> commands.stream().allMatch(Machine::onlyRemoves);
            case Command.Transaction(var _, var steps) -> steps.stream().allMatch(
                    step -> step instanceof Read.Plain
                            || step instanceof Command.Plain plain && onlyRemoves(plain));
            case Command.Put _, Command.Edit _, Command.Expire _, Command.Rename _, Command.Copy _, Command.Change _ ->
                false;
        };
    }

    /// What a command is refused with that needs newer rules than those in effect.
    public static Refusal tooEarly(int needed, int version) {
        return new Refusal.Conflict("the cluster's rules are at version " + version
                + " until every node knows version " + needed + ", which this needs");
    }

    /// Applies the commands of one entry in order; the state changes all at once. One outcome per command: none for a
    /// marker, or for keys that are due.
    ///
    /// @throws IllegalStateException    if this is not the entry after the last one, or its version of the rules is
    ///                                  newer than this program
    /// @throws IllegalArgumentException if the payload holds something else than commands
    public List<Outcome> apply(long index, byte[] payload) {
        expect(index);
        var entry = Payload.decode(payload);
        if (entry.raisedTo() > versionMax)
            throw new IllegalStateException(tooNew(entry.raisedTo()));
        if (entry.stamp() > 0 && version() < 2 && entry.raisedTo() < 2)
            throw new IllegalArgumentException("a time, by rules that know none");
        var turn = new Turn(storage, limits, entry.commands().size(), version(), entry.stamp(),
                new Changelog(List.copyOf(followers)));
        turn.removeDue(entry.due());
        var outcomes = new ArrayList<Outcome>(entry.commands().size());
        var commands = entry.commands();
        for (int i = 0; i < commands.size(); i++) {
            if (i % EXPECTED_MAX == 0) lookAhead(commands, i);
            outcomes.add(turn.perform(commands.get(i)));
        }
        // Two leaders may have had the same thought.
        turn.commit(index, Math.max(version(), entry.raisedTo()));
        return outcomes;
    }

    private void lookAhead(List<Command> commands, int from) {
        int end = Math.min(from + EXPECTED_MAX, commands.size());
        if (end - from > 1) storage.expect(Touched.by(commands.subList(from, end)));
    }

    @Override
    public void follow(Follower follower) {
        if (!followers.contains(follower)) followers.add(follower);
    }

    @Override
    public void unfollow(Follower follower) {
        followers.remove(follower);
    }

    /// The tables are others than before.
    public void replaced() {
        for (var follower : List.copyOf(followers))
            follower.jumped(revision());
    }

    /// Passes an entry that holds no commands.
    public void pass(long index) {
        expect(index);
        storage.commit(List.of(), storage.mark().at(index));
    }

    /// Answers from what is applied.
    public Outcome read(Read.Plain read) {
        return answer(read);
    }

    /// Bytes of values that were looked up so far, whatever became of them.
    public long lookedUpBytes() {
        return lookedUpBytes;
    }

    @Override
    public @Nullable Versioned get(Bytes key) {
        var row = storage.get(key);
        if (row != null) lookedUpBytes += row.value().length();
        return row == null || row.isExpiredAt(storage.mark().stamp()) ? null : row;
    }

    @Override
    public long size() {
        var mark = storage.mark();
        return mark.stamp() == 0
                ? mark.keys()
                : mark.keys() - storage.expiring(mark.stamp(), Limits.DUE_KEYS_MAX).size();
    }

    @Override
    public Revision revision() {
        return storage.revision();
    }

    private String tooNew(int version) {
        return "the cluster's state machine is at version " + version
                + "; this program knows versions up to " + versionMax + ": use a newer one";
    }

    private void expect(long index) {
        if (version() > versionMax) throw new IllegalStateException(tooNew(version()));
        if (index != storage.applied() + 1) {
            throw new IllegalStateException("entry " + index + " cannot be applied to a state at "
                    + storage.applied());
        }
    }
}
