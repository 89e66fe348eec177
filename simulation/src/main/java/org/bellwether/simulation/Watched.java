package org.bellwether.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Position;
import org.jspecify.annotations.Nullable;

/// What the [Invariants] know of one node, beyond its present life: of a folder, in truth. Who comes back with an
/// empty one is somebody else.
final class Watched {
    /// Whether its tables are wrong, and whether it knows.
    boolean spoilt;
    /// Whether they once were: until the repaired ones are durable, the disk has the wrong ones.
    boolean onceSpoilt;
    boolean suspect;
    /// Term of each entry in its log as written, from index 1.
    Terms written = new Terms();
    /// As it would survive a loss of power, as far as it is known.
    Terms synced = new Terms();
    /// All positions of this life that were written and, before or after they were cut off again, synced.
    final Set<Position> everSynced = new HashSet<>();
    final List<Position> unsynced = new ArrayList<>();
    /// Index from which on unsynced truncations make it open what survives; none if above the end.
    long unsureFrom = Long.MAX_VALUE;
    final Map<Long, NodeId> votes = new HashMap<>();
    long promisedTerm;
    /// The list of nodes that it went by at the end of its latest turn.
    @Nullable
    Membership list;

    // Of this life.
    long checkedCommit;
    long applied;
    /// What its tables have applied without its log: found on the disk, or installed.
    long given;
    long base;
    long ledTerm;
    long inOfficeTerm;
    long term;
    long localRevision;

    /// A log as all begin.
    void hasBootstrap() {
        written.add(0);
        synced.add(0);
    }

    /// As it is now, of a folder that is copied now.
    Watched copy() {
        var copy = new Watched();
        copy.spoilt = spoilt;
        copy.onceSpoilt = onceSpoilt;
        copy.suspect = suspect;
        copy.written.copyFrom(written);
        copy.synced.copyFrom(synced);
        copy.unsureFrom = unsureFrom;
        copy.votes.putAll(votes);
        copy.promisedTerm = promisedTerm;
        copy.list = list;
        return copy;
    }

    /// The last of what would survive a loss of power.
    Position lastSynced() {
        return new Position(synced.at(synced.last()), synced.last());
    }

    boolean hasWritten(Position position) {
        return written.at(position.index()) == position.term();
    }

    boolean hasSynced(Position position) {
        return synced.at(position.index()) == position.term();
    }

    static final class Terms {
        private long[] terms = new long[64];
        private int size;

        long last() {
            return size;
        }

        long at(long index) {
            return index == 0 ? 0 : index > size ? -1 : terms[(int) index - 1];
        }

        void add(long term) {
            if (size == terms.length) terms = Arrays.copyOf(terms, 2 * size);
            terms[size++] = term;
        }

        void cutFrom(long index) {
            size = Math.min(size, (int) index - 1);
        }

        void copyFrom(Terms other) {
            terms = other.terms.clone();
            size = other.size;
        }
    }
}
