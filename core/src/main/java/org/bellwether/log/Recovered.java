package org.bellwether.log;

import java.util.List;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Position;

/// What a log still knew when it was opened. All of it is durable.
///
/// @param ballot      the last ballot that was kept
/// @param base        the position before the first entry that the log still holds; [Position#NONE] if it is
///                    whole. Known to be committed
/// @param termStarts  the first position of every term in the log, in order; gives any entry's term. If the log is
///                    not whole they begin with `base`, so that its term is among them
/// @param last        the end of the log; `base` if it is empty
/// @param commitIndex entries up to here are known to be committed; not before `base`
/// @param tail        the entries after `commitIndex`: they may or may not be committed
/// @param memberships the entries that carry a membership, in order: the bootstrap record, which a log always
///                    remembers, then the one in effect at `base` if that is another, then every later one
public record Recovered(Ballot ballot, Position base, List<Position> termStarts, Position last,
        long commitIndex, List<Entry> tail, List<Entry> memberships) {

    /// Whether the log has an entry at exactly this position, or begins after it.
    public boolean holds(Position position) {
        if (position.index() < base.index() || position.index() > last.index()) return false;
        if (position.equals(base)) return true;
        var term = termStarts.stream().filter(start -> start.index() <= position.index())
                .reduce((_, later) -> later);
        return term.isPresent() && term.get().term() == position.term();
    }

    /// The same log, of which more is known to be committed: what the tables have applied is.
    public Recovered committedThrough(long index) {
        if (index <= commitIndex) return this;
        if (index > last.index()) {
            throw new IllegalStateException("the tables have applied entry " + index
                    + ", but the log ends at " + last);
        }
        return new Recovered(ballot, base, termStarts, last, index,
                List.copyOf(tail.subList((int) (index - commitIndex), tail.size())), memberships);
    }

    /// What [LogStore#restart] makes of it.
    public Recovered restartedAt(Position position, Entry membership) {
        var kept = ballot.term() < position.term() ? new Ballot(position.term(), null) : ballot;
        var bootstrap = memberships.getFirst();
        return new Recovered(kept, position, List.of(position), position, position.index(),
                List.of(),
                membership.index() > 1 ? List.of(bootstrap, membership) : List.of(bootstrap));
    }
}
