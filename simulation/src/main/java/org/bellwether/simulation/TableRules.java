package org.bellwether.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.raft.Membership;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Storage;
import org.bellwether.storage.Totals;
import org.jspecify.annotations.Nullable;

/// What must be true of the tables: every node applies the same, what is found or installed is what the whole log comes
/// to, and wrong tables are found out and replaced by right ones as long as a majority has those.
final class TableRules {
    private final Owner owner;
    private final List<Application> applications = new ArrayList<>();
    /// The tables as whoever was first had them, and after each entry a sum over all keys: any state that is found
    /// or installed later must be one of these.
    private final Map<Bytes, Versioned> tables = new HashMap<>();
    private long tablesSum;
    /// The cluster's time as whoever was furthest has applied it.
    private long stamp;
    private final List<Long> tablesSums = new ArrayList<>(List.of(0L));
    /// Whether the wrong tables may have become the majority's: they were passed on before anybody had compared, or
    /// too few voters were left.
    private boolean undecidable;

    private record Application(int digest, long revision, long stamp) {}

    /// Whoever knows the nodes.
    interface Owner {
        void require(boolean holds, Supplier<String> otherwise);

        /// By which lists of nodes somebody may judge now.
        List<Membership> lists();

        /// Voters of a list whose tables are wrong.
        long spoiltVoters(Membership list);
    }

    TableRules(Owner owner) {
        this.owner = owner;
    }

    // Wrong tables.

    /// What a process finds before it opens its log.
    void found(String name, Watched watched, Storage found) {
        watched.given = found.applied();
        watched.applied = found.applied();
        boolean wrong = isWrong(found);
        owner.require(!wrong || watched.onceSpoilt || undecidable,
                () -> name + " finds a row that nobody has written");
        watched.spoilt = wrong;
        watched.suspect = false;
        doubt();
        check(name, found, "found");
    }

    private static boolean isWrong(Storage storage) {
        return storage.get(SpoilableStorage.WRONG) != null;
    }

    /// It has applied something wrongly.
    void spoilt(Watched watched) {
        watched.spoilt = true;
        watched.onceSpoilt = true;
        doubt();
    }

    /// To be called whenever somebody's tables are wrong, and whenever somebody goes by another list. Where right
    /// ones are no majority even for a moment, they may be taken for wrong ever after.
    void doubt() {
        if (undecidable) return;
        for (var list : owner.lists())
            undecidable |= 2 * owner.spoiltVoters(list) >= list.voters().size();
    }

    boolean isUndecidable() {
        return undecidable;
    }

    /// It says that its tables are not the majority's.
    void suspectsItself(String name, Watched watched) {
        owner.require(watched.spoilt || undecidable,
                () -> name + " takes its tables for wrong, and they are right");
        watched.suspect = true;
    }

    void installed(String name, Watched watched, Storage storage) {
        boolean wrong = isWrong(storage);
        owner.require(!wrong || !watched.suspect || undecidable,
                () -> name + " replaces its wrong tables by wrong ones, and a majority has the"
                        + " right ones");
        watched.spoilt = wrong;
        watched.onceSpoilt |= wrong;
        owner.require(watched.suspect || storage.applied() > watched.applied,
                () -> "%s went back from %d to a snapshot of %d".formatted(name, watched.applied,
                        storage.applied()));
        watched.suspect = false;
        watched.applied = storage.applied();
        watched.given = storage.applied();
        doubt();
        check(name, storage, "installed");
    }

    /// A snapshot and the log behind it come to the same as the whole log.
    private void check(String name, Storage storage, String how) {
        long applied = storage.applied();
        if (applied >= tablesSums.size()) {
            owner.require(false,
                    () -> "%s has %s tables as of %d; nobody has applied more than %d".formatted(
                            name, how, applied, tablesSums.size() - 1));
            return;
        }
        long[] sum = {0};
        var totals = new Totals.Sum();
        try (var view = storage.view()) {
            view.scan(Bytes.EMPTY, (key, value) -> {
                if (!key.equals(SpoilableStorage.WRONG)) sum[0] += sumOf(key, value);
                return totals.visit(key, value);
            });
        }
        owner.require(totals.totals().equals(storage.mark().totals()),
                () -> "%s has %s tables as of %d with %s; their rows come to %s".formatted(name,
                        how, applied, storage.mark().totals(), totals.totals()));
        long revision = applied == 0 ? 0 : applications.get((int) applied - 1).revision();
        owner.require(
                sum[0] == tablesSums.get((int) applied)
                        && storage.revision().number() == revision,
                () -> "%s has %s tables as of %d that are not what %d entries come to".formatted(
                        name, how, applied, applied));
    }

    private static long sumOf(Bytes key, @Nullable Versioned value) {
        if (value == null) return 0;
        long hash = 31L * key.hashCode() + value.value().hashCode();
        hash = hash * 0x9E3779B97F4A7C15L + value.modified().number();
        hash = hash * 0x9E3779B97F4A7C15L + value.created().number() * 7 + value.version();
        return hash ^ hash >>> 29;
    }

    // Applying.

    /// @param cleared over tables that were emptied first
    void applied(String name, Watched watched, List<Storage.Change> changes, Mark mark,
            boolean cleared) {
        long index = mark.applied();
        owner.require(index == watched.applied + 1,
                () -> "%s applies %d after %d".formatted(name, index, watched.applied));
        watched.applied = index;
        int digest = cleared ? 2 : 1;
        for (var change : changes) {
            digest = 31 * digest + change.key().hashCode();
            var value = change.value();
            digest = 31 * digest + (value == null
                    ? 0
                    : value.value().hashCode() * 7 + Long.hashCode(value.modified().number()));
        }
        var application = new Application(digest, mark.revision().number(), mark.stamp());
        if (index == applications.size() + 1) {
            first(name, application, changes, mark, cleared);
        } else if (index <= applications.size()) {
            var before = applications.get((int) index - 1);
            owner.require(before.equals(application),
                    () -> "%s applies %d as %s; elsewhere it was %s".formatted(name, index,
                            application, before));
        } else {
            owner.require(false, () -> "%s applies %d before anybody applied %d".formatted(name,
                    index, applications.size() + 1));
        }
    }

    private void first(String name, Application application, List<Storage.Change> changes,
            Mark mark, boolean cleared) {
        applications.add(application);
        long before = stamp;
        owner.require(mark.stamp() >= before, () -> "%s goes back in time with %d: from %d to %d"
                .formatted(name, mark.applied(), before, mark.stamp()));
        stamp = mark.stamp();
        if (cleared) {
            tables.clear();
            tablesSum = 0;
        }
        for (var change : changes) {
            tablesSum -= sumOf(change.key(), tables.get(change.key()));
            tablesSum += sumOf(change.key(), change.value());
            if (change.value() == null)
                tables.remove(change.key());
            else
                tables.put(change.key(), change.value());
        }
        tablesSums.add(tablesSum);
    }

    long stamp() {
        return stamp;
    }

    /// Whether a key is left that has an end.
    boolean isAnythingExpiring() {
        return tables.values().stream().anyMatch(value -> value.expires() != Versioned.NEVER);
    }

    /// Which entry has made this revision; one after the last that is applied if none has.
    int entryOf(long revision) {
        int index = 0;
        while (index < applications.size() && applications.get(index).revision() < revision)
            index++;
        return index + 1;
    }

    int appliedThrough() {
        return applications.size();
    }
}
