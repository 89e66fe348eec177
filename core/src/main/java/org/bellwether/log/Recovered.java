package org.bellwether.log;

import java.util.List;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;

/// What a log still knew when it was opened. All of it is durable.
///
/// @param ballot      the last ballot that was kept
/// @param termStarts  the first position of every term in the log, in order; gives any entry's term
/// @param last        the end of the log
/// @param commitIndex entries up to here are known to be committed
/// @param tail        the entries after `commitIndex`: they may or may not be committed
/// @param memberships the entries that carry a membership, in order
public record Recovered(Ballot ballot, List<Position> termStarts, Position last, long commitIndex,
        List<Entry> tail, List<Entry> memberships) {}
