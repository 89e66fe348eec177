package org.bellwether.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Storage;
import org.bellwether.storage.Storage.Change;
import org.bellwether.storage.Totals;
import org.jspecify.annotations.Nullable;

/// The state machine. Given the same entries in the same order it comes to the same state and the same
/// outcomes, on every node and in every life; it reads no clock and rolls no dice.
///
/// A command that cannot be performed is refused, which is an outcome like any other. Bytes that are no
/// commands mean that the log is broken: that throws, and the node stops.
public final class Machine {
    /// The newest version of the rules by which commands change the state. A program applies every version up to
    /// its newest, so that a log means the same to all; the next one comes into effect through the log, when every node
    /// knows it. (Version 1 is the only one so far.)
    public static final int VERSION = 1;

    private final Storage storage;
    private final int versionMax;

    public Machine(Storage storage) {
        this(storage, VERSION);
    }

    /// @param versionMax the newest version of the rules that this program knows: [#VERSION], but in tests
    public Machine(Storage storage, int versionMax) {
        this.storage = storage;
        this.versionMax = versionMax;
    }

    /// The version of the rules in effect.
    public int version() {
        return storage.mark().version();
    }

    /// Applies the commands of one entry in order; the state changes all at once. One outcome per command: none for a
    /// marker.
    ///
    /// @throws IllegalStateException    if this is not the entry after the last one, or its version of the rules is
    ///                                  newer than this program
    /// @throws IllegalArgumentException if the payload holds something else than commands
    public List<Outcome> apply(long index, byte[] payload) {
        expect(index);
        var commands = CommandCodec.commands(payload);
        int raised = CommandCodec.versionRaisedTo(payload);
        if (raised > versionMax) throw new IllegalStateException(tooNew(raised));
        var turn = new Turn(storage.mark());
        // Two leaders may have had the same thought.
        turn.version = Math.max(turn.version, raised);
        var outcomes = new ArrayList<Outcome>(commands.size());
        for (var command : commands)
            outcomes.add(turn.perform(command));
        storage.commit(turn.changeList(), turn.mark(index));
        return outcomes;
    }

    /// Passes an entry that holds no commands.
    public void pass(long index) {
        expect(index);
        storage.commit(List.of(), storage.mark().at(index));
    }

    public Outcome read(Read read) {
        return switch (read) {
            case Read.Get(var key) -> {
                var value = storage.get(key);
                yield new Outcome.Applied(
                        value == null ? Result.Absent.ABSENT : new Result.Found(value),
                        storage.revision());
            }
        };
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

    /// The changes of one entry, seen by its later commands and not yet by anybody else.
    private final class Turn {
        private final Map<Bytes, Change> changes = new LinkedHashMap<>();
        private final long stamp;
        private final Totals.Sum sum;
        private int version;
        private Revision revision;

        Turn(Mark before) {
            this.stamp = before.stamp();
            this.version = before.version();
            this.sum = new Totals.Sum(before.totals());
            this.revision = before.revision();
        }

        Mark mark(long applied) {
            return new Mark(applied, revision, version, stamp, sum.totals());
        }

        List<Change> changeList() {
            return changes.isEmpty() ? List.of() : List.copyOf(changes.values());
        }

        Outcome perform(Command command) {
            return switch (command) {
                case Command.Single single -> performAlone(single);
                case Command.Batch batch -> performTogether(batch.commands());
                case Command.Change change ->
                    throw new IllegalArgumentException("not a command for the tables: " + change);
            };
        }

        private Outcome performAlone(Command.Single command) {
            var current = get(command.key());
            if (!holds(command.condition(), current)) {
                return new Outcome.Refused(new Refusal.ConditionFailed(current, revision));
            }
            var next = revision.next();
            var result = change(command, current, next);
            if (changes(command, current)) revision = next;
            return new Outcome.Applied(result, revision);
        }

        /// All conditions against the state before the batch; then all changes at one revision.
        private Outcome performTogether(List<Command.Single> commands) {
            for (var command : commands) {
                var current = get(command.key());
                if (!holds(command.condition(), current)) {
                    return new Outcome.Refused(new Refusal.ConditionFailed(current, revision));
                }
            }
            var next = revision.next();
            boolean changed = false;
            var results = new ArrayList<Result>(commands.size());
            for (var command : commands) {
                var current = get(command.key());
                changed |= changes(command, current);
                results.add(change(command, current, next));
            }
            if (changed) revision = next;
            return new Outcome.Applied(new Result.Batch(results), revision);
        }

        private @Nullable Versioned get(Bytes key) {
            var change = changes.get(key);
            return change != null ? change.value() : storage.get(key);
        }

        private Result change(Command.Single command, @Nullable Versioned current, Revision at) {
            return switch (command) {
                case Command.Put put -> {
                    var value = current == null
                            ? new Versioned(put.value(), at, at, 1)
                            : new Versioned(put.value(), current.created(), at,
                                    current.version() + 1);
                    change(put.key(), current, value);
                    yield new Result.Written(current == null);
                }
                case Command.Delete delete -> {
                    if (current != null) change(delete.key(), current, null);
                    yield new Result.Deleted(current != null);
                }
            };
        }

        private void change(Bytes key, @Nullable Versioned before, @Nullable Versioned after) {
            if (before != null) sum.remove(key, before);
            if (after != null) sum.add(key, after);
            var earlier = changes.get(key);
            changes.put(key, new Change(key, earlier == null ? before : earlier.before(), after));
        }
    }

    /// Deleting what is not there changes nothing, and takes no revision.
    private static boolean changes(Command.Single command, @Nullable Versioned current) {
        return command instanceof Command.Put || current != null;
    }

    private static boolean holds(Condition condition, @Nullable Versioned current) {
        return switch (condition) {
            case Condition.Always _ -> true;
            case Condition.Absent _ -> current == null;
            case Condition.Exists _ -> current != null;
            case Condition.At(var modified) ->
                current != null && current.modified().equals(modified);
        };
    }
}
