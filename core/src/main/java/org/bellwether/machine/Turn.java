package org.bellwether.machine;

import org.bellwether.api.KeyChange.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Command.Expire.When;
import org.bellwether.api.Condition;
import org.bellwether.api.Expiry;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.api.Watch;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Storage;
import org.bellwether.storage.Storage.Change;
import org.bellwether.storage.Totals;
import org.jspecify.annotations.Nullable;

/// The changes of one entry, seen by its later commands and not yet by anybody else.
final class Turn implements Table {
    private final Storage storage;
    private final Limits limits;
    private final int version;
    private final long stamp;
    private final Changelog log;
    /// What was changed, in the order in which it was changed first.
    private final Map<Bytes, Row> rows;
    /// The last one that was asked for: a command asks several times, and the storage is slow to say.
    private @Nullable Row recent;
    /// Whether what the storage holds does not count any more.
    private boolean cleared;
    private Totals.Sum sum;
    private Revision revision;

    /// What is known of a key.
    private static final class Row {
        final Bytes key;
        final @Nullable Versioned before;
        @Nullable
        Versioned now;

        Row(Bytes key, @Nullable Versioned before) {
            this.key = key;
            this.before = before;
            this.now = before;
        }
    }

    /// @param commands how many there will be, about
    /// @param version  of the rules that are in effect in this entry
    /// @param stamp    the cluster's time as this entry says, if it does
    Turn(Storage storage, Limits limits, int commands, int version, long stamp, Changelog log) {
        this.storage = storage;
        this.rows = LinkedHashMap.newLinkedHashMap(commands);
        this.limits = limits;
        this.version = version;
        this.log = log;
        var before = storage.mark();
        // Two leaders' clocks may differ; time does not go back for that.
        this.stamp = Math.max(before.stamp(), stamp);
        this.sum = new Totals.Sum(before.totals());
        this.revision = before.revision();
    }

    /// @param nextVersion of the rules for the next entry
    void commit(long applied, int nextVersion) {
        var mark = new Mark(applied, revision, nextVersion, stamp, sum.totals());
        var all = new ArrayList<Change>(rows.size());
        for (var row : rows.values())
            all.add(new Change(row.key, row.before, row.now));
        if (cleared)
            storage.replace(all, mark);
        else
            storage.commit(all, mark);
        log.tell();
    }

    // What is there.

    private Row row(Bytes key) {
        var last = recent;
        if (last != null && last.key.equals(key)) return last;
        var row = rows.get(key);
        if (row == null) row = new Row(key, cleared ? null : storage.get(key));
        recent = row;
        return row;
    }

    @Override
    public @Nullable Versioned get(Bytes key) {
        var now = row(key).now;
        return now == null || now.isExpiredAt(stamp) ? null : now;
    }

    @Override
    public long size() {
        long size = sum.totals().keys();
        if (cleared || stamp == 0) return size;
        for (var key : storage.expiring(stamp, Limits.DUE_KEYS_MAX)) {
            if (isDue(key)) size--;
        }
        return size;
    }

    private boolean isDue(Bytes key) {
        var now = row(key).now;
        return now != null && now.isExpiredAt(stamp);
    }

    @Override
    public Revision revision() {
        return revision;
    }

    // Changing it.

    private void change(Bytes key, @Nullable Versioned after) {
        var row = row(key);
        if (row.now != null) sum.remove(key, row.now);
        if (after != null) sum.add(key, after);
        row.now = after;
        rows.put(row.key, row);
    }

    /// @return whether anything has changed: it has not if the end is past and the key was absent
    private boolean set(Bytes key, Bytes value, long expires, Revision at) {
        if (isPast(expires)) return remove(key);
        var current = get(key);
        // Nobody has removed its row yet, and now nobody will.
        if (isDue(key)) log.add(Kind.EXPIRED, key, at, null);
        change(key, current == null
                ? new Versioned(value, at, at, 1, expires)
                : new Versioned(value, current.created(), at, current.version() + 1, expires));
        return true;
    }

    /// @return whether there was something to remove
    private boolean remove(Bytes key) {
        if (get(key) == null) return false;
        change(key, null);
        return true;
    }

    private boolean isPast(long expires) {
        return expires != Versioned.NEVER && expires <= stamp;
    }

    private long end(Expiry expiry, @Nullable Versioned current) {
        return switch (expiry) {
            case Expiry.Never _ -> Versioned.NEVER;
            case Expiry.Keep _ -> current == null ? Versioned.NEVER : current.expires();
            // The year 1970 is past, whatever else is.
            case Expiry.At(long millis) -> Math.max(1, millis);
            case Expiry.In(long millis) -> Math.max(1, stamp + millis);
        };
    }

    /// Keys that the leader has found to be expired: meanwhile they may have been written again.
    void removeDue(List<Bytes> keys) {
        boolean changed = false;
        for (var key : keys) {
            if (!isDue(key)) continue;
            change(key, null);
            log.add(Kind.EXPIRED, key, revision.next(), null);
            changed = true;
        }
        if (changed) revision = revision.next();
    }

    // Commands.

    Outcome perform(Command command) {
        int needed = Machine.versionOf(command);
        if (needed > version) return new Outcome.Refused(Machine.tooEarly(needed, version));
        return switch (command) {
            case Command.Plain plain -> performPlain(plain);
            case Command.Transaction transaction -> perform(transaction);
            case Command.Change change ->
                throw new IllegalArgumentException("not a command for the tables: " + change);
        };
    }

    private Outcome performPlain(Command.Plain command) {
        return switch (command) {
            case Command.Single single -> performAlone(single);
            case Command.Batch(var commands) -> performTogether(commands);
            case Command.Edit edit -> perform(edit);
            case Command.Expire expire -> perform(expire);
            case Command.Rename(var from, var to, boolean replaces) -> {
                var outcome = copy(from, to, replaces);
                if (outcome instanceof Outcome.Applied && !from.equals(to)) {
                    remove(from);
                    log.add(Kind.RENAMED_FROM, from, revision, null);
                    log.add(Kind.RENAMED_TO, to, revision, get(to));
                }
                yield outcome;
            }
            case Command.Copy(var from, var to, boolean replaces) -> {
                var outcome = copy(from, to, replaces);
                if (outcome instanceof Outcome.Applied && !from.equals(to))
                    log.add(Kind.COPIED_TO, to, revision, get(to));
                yield outcome;
            }
            case Command.Clear _ -> clear();
        };
    }

    private Outcome applied(Result result) {
        return new Outcome.Applied(result, revision);
    }

    private Outcome failed(@Nullable Versioned current) {
        return new Outcome.Refused(new Refusal.ConditionFailed(current, revision));
    }

    /// What changes nothing takes no revision.
    private Outcome applied(Result result, boolean changed) {
        if (changed) revision = revision.next();
        return applied(result);
    }

    private Outcome performAlone(Command.Single command) {
        var current = get(command.key());
        if (!holds(command.condition(), current)) return failed(current);
        boolean changed = change(command, current, revision.next());
        return applied(result(command, current), changed);
    }

    /// All conditions against the state before the batch; then all changes at one revision.
    private Outcome performTogether(List<Command.Single> commands) {
        for (var command : commands) {
            var current = get(command.key());
            if (!holds(command.condition(), current)) return failed(current);
        }
        boolean changed = false;
        var results = new ArrayList<Result>(commands.size());
        for (var command : commands) {
            var current = get(command.key());
            changed |= change(command, current, revision.next());
            results.add(result(command, current));
        }
        return applied(new Result.Batch(results), changed);
    }

    private boolean change(Command.Single command, @Nullable Versioned current, Revision at) {
        boolean changed = switch (command) {
            case Command.Put put ->
                set(put.key(), put.value(), end(put.expiry(), current), at);
            case Command.Delete delete -> remove(delete.key());
        };
        if (changed) {
            boolean keepsEnd = command instanceof Command.Put put
                    && put.expiry() instanceof Expiry.Keep;
            log.set(command.key(), at, row(command.key()).now, !keepsEnd);
        }
        return changed;
    }

    private static Result result(Command.Single command, @Nullable Versioned before) {
        return switch (command) {
            case Command.Put put -> put.givesBack()
                    ? new Result.Before(before)
                    : new Result.Written(before == null);
            case Command.Delete delete -> delete.givesBack()
                    ? new Result.Before(before)
                    : new Result.Deleted(before != null);
        };
    }

    private Outcome perform(Command.Edit edit) {
        var current = get(edit.key());
        if (!holds(edit.condition(), current)) return failed(current);
        return switch (Edited.of(current == null ? null : current.value(), edit.how(), limits)) {
            case Edited.Made(var value, var result) -> {
                var at = revision.next();
                set(edit.key(), value, end(Expiry.KEEP, current), at);
                log.edited(edit.key(), edit.how(), at, row(edit.key()).now);
                yield applied(result, true);
            }
            case Edited.Unchanged(var result) -> applied(result);
            case Edited.Refused(var why) -> new Outcome.Refused(why);
        };
    }

    private Outcome perform(Command.Expire expire) {
        var current = get(expire.key());
        if (current == null)
            return applied(expire.givesBack() ? new Result.Before(null) : new Result.Timed(false));
        long end = end(expire.expiry(), current);
        boolean stays = current.expires() == Versioned.NEVER;
        boolean done = isWanted(expire.when(), current.expires(), end)
                && !(stays && end == Versioned.NEVER);
        boolean changed = done && end != current.expires()
                && set(expire.key(), current.value(), end, revision.next());
        if (changed) log.timed(expire.key(), revision.next(), row(expire.key()).now);
        return applied(expire.givesBack() ? new Result.Before(current) : new Result.Timed(done),
                changed);
    }

    private static boolean isWanted(When when, long now, long next) {
        boolean stays = now == Versioned.NEVER;
        // Never is later than any other end.
        long present = stays ? Long.MAX_VALUE : now;
        long wanted = next == Versioned.NEVER ? Long.MAX_VALUE : next;
        return switch (when) {
            case ALWAYS -> true;
            case STAYS -> stays;
            case EXPIRES -> !stays;
            case LATER -> wanted > present;
            case EARLIER -> wanted < present;
            case EXPIRES_EARLIER -> !stays && wanted < present;
        };
    }

    private Outcome copy(Bytes from, Bytes to, boolean replaces) {
        var source = get(from);
        if (source == null) return failed(null);
        var target = get(to);
        if (target != null && !replaces) return failed(target);
        boolean changed = !from.equals(to)
                && set(to, source.value(), source.expires(), revision.next());
        return applied(new Result.Written(target == null), changed);
    }

    private Outcome clear() {
        boolean changed = sum.totals().keys() > 0;
        cleared = true;
        rows.clear();
        recent = null;
        sum = new Totals.Sum();
        if (changed) log.cleared(revision.next());
        return applied(Result.Done.DONE, changed);
    }

    private Outcome perform(Command.Transaction transaction) {
        for (var watch : transaction.watches()) {
            var current = get(watch.key());
            if (!isAsWatched(watch, current)) return failed(current);
        }
        var outcomes = new ArrayList<Outcome>(transaction.steps().size());
        long bytes = 0;
        for (var step : transaction.steps()) {
            Outcome outcome;
            if (bytes > Limits.ANSWER_BYTES_MAX) {
                outcome = new Outcome.Refused(Table.tooLong(bytes));
            } else {
                outcome = switch (step) {
                    case Command.Plain command -> performPlain(command);
                    case Read.Plain read -> answer(read);
                };
            }
            bytes += outcome.valueBytes();
            outcomes.add(outcome);
        }
        return applied(new Result.Steps(outcomes));
    }

    private static boolean isAsWatched(Watch watch, @Nullable Versioned current) {
        return watch.modified().equals(current == null ? Revision.NONE : current.modified());
    }

    private static boolean holds(Condition condition, @Nullable Versioned current) {
        return switch (condition) {
            case Condition.Always _ -> true;
            case Condition.Absent _ -> current == null;
            case Condition.Exists _ -> current != null;
            case Condition.At(var modified) ->
                current != null && current.modified().equals(modified);
            case Condition.ValueIs(var value) -> current != null && current.value().equals(value);
            case Condition.ValueIsNot(var value) ->
                current == null || !current.value().equals(value);
        };
    }
}
