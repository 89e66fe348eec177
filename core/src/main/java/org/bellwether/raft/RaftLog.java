package org.bellwether.raft;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the core knows of its own log: the term of every entry (as the few positions where terms start),
/// the recent entries themselves, and the memberships in it. The rest is on disk only.
///
/// A log may have lost its beginning. Its *base* is the position before the first entry that is left: the last
/// one of which the term is known. Everything up to the base is committed and applied.
final class RaftLog {
    private Position base;
    /// The first one stands for the base, unless the log is whole.
    private final List<Position> termStarts;
    /// The one in effect at the base, and every later one.
    private final List<AppendedMembership> memberships = new ArrayList<>();
    private Position last;

    /// Recent entries: `window[i]` has index `windowFirst + i - windowHead`. A plain array list with a moving
    /// head, compacted now and then, since access by index is what appends need.
    private final ArrayList<Entry> window = new ArrayList<>();
    private int windowHead;
    private long windowFirst;
    private long windowBytes;

    /// The payload of the first entry of all; null if this log does not hold it.
    private final byte @Nullable [] bootstrap;

    private record AppendedMembership(long index, Membership membership) {}

    /// @param termStarts  of a log that is not whole they begin with `base`
    /// @param memberships in order; of those up to `base`, the last one counts
    RaftLog(Position base, List<Position> termStarts, Position last, long commitIndex,
            List<Entry> tail, List<Entry> memberships) {
        boolean covered = base.equals(Position.NONE)
                || (!termStarts.isEmpty() && termStarts.getFirst().equals(base));
        check(covered && commitIndex >= base.index(), "a log does not begin at its base, ", base);
        this.base = base;
        this.termStarts = new ArrayList<>(termStarts);
        this.last = last;
        this.windowFirst = commitIndex + 1;
        for (var entry : memberships) {
            this.memberships.add(
                    new AppendedMembership(entry.index(), Membership.decode(entry.payload())));
        }
        this.bootstrap = !memberships.isEmpty() && memberships.getFirst().index() == 1
                ? memberships.getFirst().payload()
                : null;
        forgetMembershipsBefore(base.index());
        long expected = commitIndex + 1;
        for (var entry : tail) {
            check(entry.index() == expected++, "gap in the recovered tail before ", entry);
            window.add(entry);
            windowBytes += entry.bytes();
        }
        if (expected != last.index() + 1) {
            throw new IllegalStateException("recovered tail ends at " + (expected - 1)
                    + " but the log at " + last);
        }
    }

    Position base() {
        return base;
    }

    Position last() {
        return last;
    }

    /// Whether the log has an entry at exactly this position, or begins after it. What was before the base it does
    /// not know any more.
    boolean holds(Position position) {
        return position.index() >= base.index() && position.index() <= last.index()
                && termAt(position.index()) == position.term();
    }

    /// Whether this log and that of the *leader of the current term* are the same up to this position of the
    /// leader's. In front of the base they always are: everything there is committed, so the leader has it too
    /// (Leader Completeness, Raft §5.4). Entries up to the base that such a leader sends are to be skipped. Of
    /// anybody else's log this says nothing.
    boolean agreesWithLeaderAt(Position position) {
        return position.index() < base.index() || holds(position);
    }

    /// Term of the entry at this index, or of the base.
    long termAt(long index) {
        if (index == base.index()) return base.term();
        if (index < base.index() || index > last.index()) {
            throw new IllegalArgumentException(
                    "index " + index + " is outside of the log, which begins after " + base
                            + " and ends at " + last);
        }
        int low = 0;
        int high = termStarts.size() - 1;
        if (termStarts.get(high).index() <= index) return termStarts.get(high).term();
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (termStarts.get(middle).index() <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return termStarts.get(low).term();
    }

    Position positionAt(long index) {
        return new Position(termAt(index), index);
    }

    /// The furthest position at or before `hint` whose term is not above the hint's: where two logs that
    /// differ may still agree. It jumps over whole terms at once (Raft §5.3, last paragraphs). [Position#NONE]
    /// if that is in front of the base: then this log cannot tell.
    Position furthestNotAfter(Position hint) {
        long index = Math.min(hint.index(), last.index());
        for (int i = termStarts.size() - 1; i >= 0 && index >= base.index(); i--) {
            var start = termStarts.get(i);
            if (start.index() > index) continue;
            if (start.term() <= hint.term()) return new Position(start.term(), index);
            index = start.index() - 1;
        }
        return Position.NONE;
    }

    void append(Entry entry) {
        check(entry.index() == last.index() + 1, "append leaves a gap: ", entry);
        check(entry.term() >= last.term(), "terms never fall: ", entry);
        if (entry.kind() == Entry.Kind.MEMBERSHIP) {
            memberships
                    .add(new AppendedMembership(entry.index(), Membership.decode(entry.payload())));
        }
        if (termStarts.isEmpty() || termStarts.getLast().term() != entry.term()) {
            termStarts.add(entry.position());
        }
        window.add(entry);
        windowBytes += entry.bytes();
        last = entry.position();
    }

    /// Cuts the log from this index on; gives the bytes that went.
    long truncateFrom(long index) {
        check(index >= windowFirst && index <= last.index(), "truncation outside of memory at ",
                index);
        long cut = 0;
        while (last.index() >= index) {
            var gone = window.removeLast();
            cut += gone.bytes();
            if (termStarts.getLast().index() == gone.index()) termStarts.removeLast();
            last = gone.index() == base.index() + 1 ? base : positionBefore(gone.index());
        }
        windowBytes -= cut;
        while (!memberships.isEmpty() && memberships.getLast().index >= index)
            memberships.removeLast();
        return cut;
    }

    private Position positionBefore(long index) {
        var run = termStarts.getLast();
        return new Position(run.term(), index - 1);
    }

    /// The entry at this index, which must be in memory.
    Entry entry(long index) {
        check(inMemory(index), "entry is not in memory: ", index);
        return window.get(windowHead + (int) (index - windowFirst));
    }

    boolean inMemory(long index) {
        return index >= windowFirst && index <= last.index();
    }

    /// Entries from `from` on, all in memory, at least one, as many as fit.
    List<Entry> slice(long from, int bytesMax) {
        var slice = new ArrayList<Entry>();
        long bytes = 0;
        for (long index = from; index <= last.index(); index++) {
            var entry = entry(index);
            bytes += entry.bytes();
            if (!slice.isEmpty() && bytes > bytesMax) break;
            slice.add(entry);
        }
        return slice;
    }

    /// Lets go of old entries up to `through` until the window is within its bound.
    void shrinkWindow(long through, long bytesMax) {
        while (windowBytes > bytesMax && windowFirst <= through)
            forgetFirst();
        compactWindow();
    }

    private void forgetFirst() {
        windowBytes -= window.get(windowHead).bytes();
        window.set(windowHead++, null);
        windowFirst++;
    }

    private void compactWindow() {
        if (windowHead > 64 && windowHead > window.size() / 2) {
            window.subList(0, windowHead).clear();
            windowHead = 0;
        }
    }

    /// Moves the base to this index: the log's beginning is gone, or no longer to be used. Everything up to there
    /// must have been handed out.
    void forgetThrough(long index) {
        if (index <= base.index()) return;
        var next = positionAt(index);
        while (!termStarts.isEmpty() && termStarts.getFirst().index() <= index)
            termStarts.removeFirst();
        termStarts.addFirst(next);
        forgetMembershipsBefore(index);
        while (windowFirst <= index)
            forgetFirst();
        compactWindow();
        base = next;
    }

    /// Begins anew after a position, of which a snapshot of the state was installed.
    ///
    /// @param membership the entry with the list of nodes in effect there
    void reset(Position newBase, Entry membership) {
        base = newBase;
        last = newBase;
        termStarts.clear();
        termStarts.add(newBase);
        memberships.clear();
        memberships.add(new AppendedMembership(membership.index(),
                Membership.decode(membership.payload())));
        window.clear();
        windowHead = 0;
        windowBytes = 0;
        windowFirst = newBase.index() + 1;
    }

    private void forgetMembershipsBefore(long index) {
        while (memberships.size() > 1 && memberships.get(1).index <= index)
            memberships.removeFirst();
    }

    /// The list of nodes in effect: the last one in the log, committed or not (thesis §4.1).
    @Nullable
    Membership membership() {
        return memberships.isEmpty() ? null : memberships.getLast().membership;
    }

    byte @Nullable [] bootstrap() {
        return bootstrap;
    }

    /// The list before the one in effect; null if that was the first.
    @Nullable
    Membership previousMembership() {
        int count = memberships.size();
        return count < 2 ? null : memberships.get(count - 2).membership;
    }

    /// Where the lists of nodes behind this index stand.
    List<Position> membershipsAfter(long index) {
        return memberships.stream().filter(each -> each.index > index)
                .map(each -> positionAt(each.index)).toList();
    }

    /// Where the list of nodes in effect stands.
    long membershipIndex() {
        return memberships.isEmpty() ? 0 : memberships.getLast().index;
    }

    private static void check(boolean holds, String otherwise, Object detail) {
        if (!holds) throw new IllegalStateException(otherwise + detail);
    }
}
