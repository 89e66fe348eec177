package org.bellwether.storage;

import org.bellwether.api.Revision;

/// What the state machine says of the tables as a whole. It is written with every commit, so whatever is found
/// after a crash tells how far it is and what it should come to.
///
/// @param applied  index of the last entry whose changes are in the tables; 0 for none
/// @param revision the store's write counter as of there
/// @param version  by which version of its rules the state machine applies the next entry
/// @param stamp    the cluster's time as of there, in milliseconds since 1970; 0 if no entry has said
public record Mark(long applied, Revision revision, int version, long stamp, Totals totals) {
    /// Of tables to which nothing was ever applied.
    public static final Mark NONE = new Mark(0, Revision.NONE, 1, 0, Totals.NONE);

    public Mark {
        if (applied < 0) throw new IllegalArgumentException("applied index " + applied);
        if (stamp < 0) throw new IllegalArgumentException("a time of " + stamp);
        if (version < 1) throw new IllegalArgumentException("state machine version " + version);
    }

    /// The same after an entry that changed nothing.
    public Mark at(long index) {
        return new Mark(index, revision, version, stamp, totals);
    }

    public long keys() {
        return totals.keys();
    }
}
