package org.bellwether.simulation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Position;
import org.bellwether.raft.Raft;
import org.jspecify.annotations.Nullable;

/// What must be true of the lists of nodes (thesis, chapter 4): one voter more or less at a time, the next only when
/// the last is committed, and majorities made of voters alone.
final class ListRules {
    private final World world;
    private final Owner owner;
    /// Every list of nodes that was ever written, and the last one that is committed.
    private final Map<Position, Membership> lists = new HashMap<>();
    private @Nullable Membership settledOrNone;
    private long settledIndex;

    /// Whoever knows the nodes and the committed log.
    interface Owner {
        void require(boolean holds, Supplier<String> otherwise);

        /// Whether this is committed, as the first node to commit its index had it.
        boolean isCommitted(Position position);

        /// What is known of a node, of one that is gone as well; null of one that has not heard yet who it is.
        @Nullable
        Watched watched(NodeId node);
    }

    ListRules(World world, Owner owner, Entry bootstrap) {
        this.world = world;
        this.owner = owner;
        lists.put(bootstrap.position(), Membership.decode(bootstrap.payload()));
    }

    @Nullable
    Membership settled() {
        return settledOrNone;
    }

    boolean wasRemoved(NodeId node) {
        return settledOrNone != null && settledOrNone.wasRemoved(node);
    }

    /// An entry with a list is in a node's log, behind what was written before.
    void written(Watched watched, Entry entry) {
        if (lists.putIfAbsent(entry.position(), Membership.decode(entry.payload())) != null) return;
        // Whoever wrote it first has made it.
        lists.keySet().forEach(earlier -> owner.require(
                earlier.index() >= entry.index() || !watched.hasWritten(earlier)
                        || owner.isCommitted(earlier),
                () -> "the list at %s was made while that at %s was not committed".formatted(
                        entry.position(), earlier)));
    }

    /// At the end of every turn of a leader.
    void checkChanges(String name, Raft raft) {
        var open = raft.unsettledLists();
        if (open.isEmpty() || open.getLast().term() != raft.term()) return;
        owner.require(open.size() == 1,
                () -> "%s, leader of term %d, has lists of nodes at %s, none of them committed"
                        .formatted(name, raft.term(), open));
        owner.require(raft.termAt(raft.commitIndex()) == raft.term(),
                () -> "%s, leader of term %d, makes a list at %s, and committed is only %d, of term %d"
                        .formatted(name, raft.term(), open.getLast(), raft.commitIndex(),
                                raft.termAt(raft.commitIndex())));
    }

    /// Thesis §4.2.2: a voter in its own list, or, until the last one is known to be committed, in that before it.
    void checkCandidate(String name, NodeId node, Raft raft) {
        long inEffect = 0;
        long before = 0;
        Membership previous = null;
        for (var each : lists.entrySet()) {
            long index = each.getKey().index();
            if (isIn(raft, each.getKey())) inEffect = Math.max(inEffect, index);
        }
        for (var each : lists.entrySet()) {
            long index = each.getKey().index();
            if (index >= inEffect || index < before || !isIn(raft, each.getKey())) continue;
            before = index;
            previous = each.getValue();
        }
        var last = previous;
        boolean open = inEffect > raft.commitIndex();
        owner.require(
                raft.membership().isVoter(node) || open && last != null && last.isVoter(node),
                () -> "%s leads in term %d and is no voter, by its own list %s".formatted(name,
                        raft.term(), raft.membership().voters()));
    }

    /// Whether a list that may have been in effect has a majority of voters of which that is true.
    boolean anyMajoritySince(Raft raft, Position position, Predicate<Watched> counts) {
        return listsSince(raft, position).stream().anyMatch(each -> isMajority(each, counts));
    }

    /// The lists that may have been in effect when the position was committed: what stands at the end of the
    /// turn may have been appended after it.
    private List<Membership> listsSince(Raft raft, Position position) {
        long inEffect = 0;
        for (var at : lists.keySet()) {
            if (isIn(raft, at) && at.index() <= position.index())
                inEffect = Math.max(inEffect, at.index());
        }
        var since = new ArrayList<Membership>();
        since.add(raft.membership());
        for (var each : lists.entrySet()) {
            if (isIn(raft, each.getKey()) && each.getKey().index() >= inEffect)
                since.add(each.getValue());
        }
        return since;
    }

    private boolean isIn(Raft raft, Position position) {
        if (position.index() < raft.base().index()) return owner.isCommitted(position);
        return position.index() <= raft.last().index()
                && raft.termAt(position.index()) == position.term();
    }

    /// A position is committed. Thesis §4.1: one voter more or less at a time. Who was removed stays removed.
    ///
    /// @return whether there is a list at it
    boolean settle(Position position) {
        var next = lists.get(position);
        if (next == null) return false;
        var before = settledOrNone;
        settledOrNone = next;
        settledIndex = position.index();
        if (before == null) return true;
        var came = new ArrayList<>(next.voters());
        came.removeAll(before.voters());
        var left = new ArrayList<>(before.voters());
        left.removeAll(next.voters());
        owner.require(came.size() + left.size() <= 1,
                () -> "the list at %s has %s more and %s less voters than the one before"
                        .formatted(position, came, left));
        for (var member : next.members()) {
            owner.require(!before.wasRemoved(member.id()),
                    () -> "the list at " + position + " has a member that was removed: " + member);
        }
        if (before.members().size() > next.members().size())
            world.evidence().count(Evidence.Of.REMOVALS);
        else if (!came.isEmpty())
            world.evidence().count(Evidence.Of.PROMOTIONS);
        else if (!left.isEmpty()) world.evidence().count(Evidence.Of.DEMOTIONS);
        return true;
    }

    /// The lists that may be in effect somewhere: the last one that is committed, and any that may follow it.
    ///
    /// @param nodes that may have one in their logs
    List<Membership> current(Collection<Watched> nodes) {
        var current = new ArrayList<Membership>();
        if (settledOrNone != null) current.add(settledOrNone);
        for (var each : lists.entrySet()) {
            var at = each.getKey();
            if (at.index() > settledIndex && nodes.stream().anyMatch(node -> node.hasWritten(at)))
                current.add(each.getValue());
        }
        for (var node : nodes) {
            if (node.list != null) current.add(node.list);
        }
        return current;
    }

    long count(Membership list, Predicate<Watched> counts) {
        return list.voters().stream().filter(voter -> {
            var watched = owner.watched(voter);
            return watched != null && counts.test(watched);
        }).count();
    }

    boolean isMajority(Membership list, Predicate<Watched> counts) {
        return count(list, counts) > list.voters().size() / 2;
    }
}
