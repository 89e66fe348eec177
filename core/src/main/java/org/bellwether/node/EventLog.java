package org.bellwether.node;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.bellwether.api.ClusterEvent;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Position;
import org.jspecify.annotations.Nullable;

/// The latest things that happened, for people who want to know why. In memory only: a start tells of
/// those lists of nodes again that it applies again, without the time at which they were new.
final class EventLog {
    private final int eventsMax;
    private final LongSupplier wallMillis;
    private final Deque<ClusterEvent> events = new ArrayDeque<>();
    private final List<Consumer<ClusterEvent>> listeners = new ArrayList<>();
    private long last;

    /// @param wallMillis milliseconds since 1970
    EventLog(int eventsMax, LongSupplier wallMillis) {
        this.eventsMax = eventsMax;
        this.wallMillis = wallMillis;
    }

    /// Happens now, and no log entry tells of it.
    void add(Kind kind, @Nullable NodeId node, long term, String text) {
        add(kind, node, new Position(term, 0), true, text);
    }

    /// @param at   the log entry that tells of it; its index is 0 if none does
    /// @param isNew whether it happens now
    void add(Kind kind, @Nullable NodeId node, Position at, boolean isNew, String text) {
        if (events.size() == eventsMax) events.removeFirst();
        var event = new ClusterEvent(++last,
                isNew ? Instant.ofEpochMilli(wallMillis.getAsLong()) : null, kind, node, at.term(),
                at.index(), text);
        events.addLast(event);
        for (var listener : listeners)
            listener.accept(event);
    }

    void listen(Consumer<ClusterEvent> listener) {
        listeners.add(listener);
    }

    /// Those with a larger number, the newest last.
    List<ClusterEvent> after(long number) {
        return events.stream().filter(event -> event.number() > number).toList();
    }

    /// One list of nodes took the place of another.
    void changed(Membership before, Membership now, Position at, boolean isNew) {
        for (var member : before.members()) {
            if (now.find(member.id()) == null) {
                add(Kind.NODE_REMOVED, member.id(), at, isNew,
                        member.name() + " was removed from the cluster");
            }
        }
        for (var member : now.members()) {
            var old = before.find(member.id());
            if (old == null) {
                add(Kind.NODE_JOINED, member.id(), at, isNew, member.name() + " joined, reached at "
                        + member.http() + " and by nodes at " + member.peer());
            }
            if (member.voter() && (old == null || !old.voter())) {
                add(Kind.NODE_PROMOTED, member.id(), at, isNew, member.name() + " has a vote");
            }
            if (old != null) compare(old, member, at, isNew);
        }
        if (before.votersTarget() != now.votersTarget()) {
            add(Kind.VOTERS_TARGET_CHANGED, null, at, isNew,
                    "the cluster strives for " + now.votersTarget() + " voters, no longer for "
                            + before.votersTarget());
        }
        if (before.leaseReads() != now.leaseReads()) {
            add(Kind.LEASE_READS_CHANGED, null, at, isNew,
                    "lease reads are switched " + (now.leaseReads() ? "on" : "off"));
        }
    }

    private void compare(Member old, Member now, Position at, boolean isNew) {
        if (old.voter() && !now.voter()) {
            add(Kind.NODE_DEMOTED, now.id(), at, isNew,
                    now.name() + " has no vote any more, and goes on as a read replica");
        }
        if (!old.http().equals(now.http()) || !old.peer().equals(now.peer())) {
            add(Kind.NODE_MOVED, now.id(), at, isNew, now.name() + " is reached at " + now.http()
                    + " and by nodes at " + now.peer());
        }
    }
}
