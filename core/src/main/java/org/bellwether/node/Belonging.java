package org.bellwether.node;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bellwether.api.Command;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Membership;
import org.bellwether.transport.Transport;
import org.jspecify.annotations.Nullable;

/// Whom this node belongs to: the list of nodes that is applied, the links that follow it, and whether this node is
/// still in it.
final class Belonging {
    private final NodeId self;
    private final Seat seat;
    private final Transport transport;
    /// The list that the links follow, committed or not, and the one that is applied.
    private @Nullable Membership linked;
    private @Nullable Membership settled;
    private @Nullable Entry settledEntry;
    private boolean linksAreOld;
    /// Whether a peer says that this node was removed; our own log may never get as far.
    private boolean expelled;

    Belonging(NodeId self, Seat seat, Transport transport) {
        this.self = self;
        this.seat = seat;
        this.transport = transport;
    }

    /// The list that is applied; null before the first is.
    @Nullable
    Membership settledOrNone() {
        return settled;
    }

    Membership settled() {
        return Objects.requireNonNull(settled, "a list was applied");
    }

    /// The log entry that it came in.
    Entry settledEntry() {
        return Objects.requireNonNull(settledEntry, "a list was applied");
    }

    /// Whether a later list is applied already, or this one.
    boolean isPast(Entry list) {
        return settledEntry != null && list.index() <= settledEntry.index();
    }

    void settle(Entry entry, Membership list) {
        settledEntry = entry;
        settled = list;
        // Not at once: the answer to whoever asked for it may go over a link that is to close.
        linksAreOld = true;
    }

    /// Links follow the list in effect and, until that is settled, the one before: who is about to be removed
    /// is still needed, most of all if it leads. Who was removed is told so.
    void follow(Membership list) {
        if (list.equals(linked)) return;
        linked = list;
        link(list);
    }

    /// Who belongs, as far as this node knows: while the list in effect is older than this node, those whom it was told
    /// of when it came.
    List<Member> members(Membership inEffect) {
        boolean isOlder = inEffect.find(self) == null && !inEffect.wasRemoved(self)
                && !seat.contacts().isEmpty();
        return isOlder ? seat.contacts() : inEffect.members();
    }

    /// Called now and then.
    void followSettled() {
        if (!linksAreOld || linked == null) return;
        linksAreOld = false;
        link(linked);
    }

    private void link(Membership list) {
        var peers = new TreeMap<NodeId, Member>();
        if (list.find(self) == null) addAll(peers, seat.contacts());
        if (settled != null) addAll(peers, settled.members());
        addAll(peers, list.members());
        transport.connect(peers.values(), settled == null ? List.of() : settled.removed());
    }

    private static void addAll(Map<NodeId, Member> peers, List<Member> members) {
        for (var member : members)
            peers.put(member.id(), member);
    }

    void expelled() {
        expelled = true;
    }

    boolean isRemoved() {
        return expelled || settled != null && settled.wasRemoved(self);
    }

    /// What to ask of the leader if the list has other addresses than this node was started with; null if not.
    @Nullable
    Command move(Membership list) {
        var here = seat.self();
        var listed = list.find(self);
        boolean right = listed == null || listed.isAt(here.peer(), here.http(), here.resp());
        return right ? null : new Command.Move(self, here.peer(), here.http(), here.resp());
    }
}
