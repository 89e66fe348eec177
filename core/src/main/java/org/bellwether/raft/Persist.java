package org.bellwether.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One group for the disk, to be kept whole and in this order: ballot, restart, truncation, entries.
///
/// @param ballot       to be remembered; null if unchanged
/// @param restart      where the log is to begin anew, without entries; null if it goes on
/// @param truncateFrom entries from this index on are cut off first; 0 for none
/// @param entries      to be appended; gapless, the first follows what is left
/// @param commitIndex  known to be committed when this was written; a hint for a restart, never a promise
public record Persist(@Nullable Ballot ballot, @Nullable Restart restart, long truncateFrom,
        List<Entry> entries, long commitIndex) {
    /// @param base       the state as of here is durable
    /// @param membership the entry with the list of nodes in effect there
    public record Restart(Position base, Entry membership) {}

    public Persist(@Nullable Ballot ballot, long truncateFrom, List<Entry> entries,
            long commitIndex) {
        this(ballot, null, truncateFrom, entries, commitIndex);
    }

    public Persist {
        entries = List.copyOf(entries);
    }
}
