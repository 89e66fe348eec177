package org.bellwether.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.bellwether.api.NodeId;
import org.bellwether.api.Revision;
import org.bellwether.api.Token;
import org.bellwether.log.Recovered;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Message;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.bellwether.raft.Raft;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Storage;
import org.bellwether.transport.PeerMessage;
import org.jspecify.annotations.Nullable;

/// What must be true after every event (Raft, figure 3, and the table in ARCHITECTURE.md), seen from outside: from what goes to
/// the disks, over the wires and into the tables, and from what a core says of itself.
///
/// It keeps the one true history: the committed log, as the first node to commit a position had it. What
/// nodes do is held against that.
final class Invariants {
    private final World world;
    private final boolean blind;
    private final NodeId[] ids;
    private final Watched[] nodes;

    /// What stands at each position, wherever and whenever it was written: Log Matching.
    private final Map<Position, Content> contents = new HashMap<>();
    private final Map<Long, Integer> leaders = new HashMap<>();

    /// The committed log. Index 0 is before the first entry.
    private final List<Committed> committed = new ArrayList<>();
    /// Nodes whose disks are gone, by who they were.
    private final Map<NodeId, Watched> gone = new HashMap<>();
    private final ListRules lists;
    private final TableRules tables = new TableRules(new TablesOwner());
    private final List<Revision> acknowledged = new ArrayList<>();
    private final List<Told> told = new ArrayList<>();
    private final Set<Position> syncedSomewhere = new HashSet<>();

    private IntConsumer onVote = _ -> {
    };
    private IntConsumer onOffice = _ -> {
    };

    private record Content(long previousTerm, int payloadCrc) {}

    private record Told(Token write, boolean kept) {}

    /// @param knownInTerm no node was in a later term when this was first seen to be committed
    private record Committed(Position position, long knownInTerm) {}

    /// @param blind sees nothing wrong, so that it shows what clients notice by themselves
    Invariants(World world, NodeId[] ids, int founders, Entry bootstrap, boolean blind) {
        this.blind = blind;
        this.world = world;
        this.ids = ids;
        this.nodes = new Watched[ids.length];
        committed.add(new Committed(Position.NONE, 0));
        contents.put(bootstrap.position(), new Content(0, bootstrap.payloadCrc()));
        for (int i = 0; i < ids.length; i++) {
            nodes[i] = new Watched();
            if (i < founders) nodes[i].hasBootstrap();
        }
        lists = new ListRules(world, new ListsOwner(), bootstrap);
    }

    private final class ListsOwner implements ListRules.Owner {
        @Override
        public void require(boolean holds, Supplier<String> otherwise) {
            Invariants.this.require(holds, otherwise);
        }

        @Override
        public boolean isCommitted(Position position) {
            return position.index() < committed.size()
                    && committed.get((int) position.index()).position().equals(position);
        }

        @Override
        public @Nullable Watched watched(NodeId node) {
            int index = indexOf(node);
            return index >= 0 ? nodes[index] : gone.get(node);
        }
    }

    private final class TablesOwner implements TableRules.Owner {
        @Override
        public void require(boolean holds, Supplier<String> otherwise) {
            Invariants.this.require(holds, otherwise);
        }

        @Override
        public List<Membership> lists() {
            return lists.current(List.of(nodes));
        }

        @Override
        public long spoiltVoters(Membership list) {
            return lists.count(list, voter -> voter.spoilt);
        }
    }

    /// A newcomer has its ID, and a log that begins as all logs do.
    void joined(int node, NodeId id) {
        require(!gone.containsKey(id),
                () -> name(node) + " is back as who it was, without its disk");
        ids[node] = id;
        nodes[node].hasBootstrap();
    }

    /// Whether every list of nodes that may be in effect has a majority of voters whose disks are there, and is going to
    /// have one without this node's.
    boolean canLose(int node) {
        return lists.current(List.of(nodes)).stream().allMatch(list -> 2 * list.voters().stream()
                .filter(voter -> indexOf(voter) >= 0 && indexOf(voter) != node)
                .count() > list.voters().size());
    }

    /// Its disk is gone, and with it who it was: whatever comes back is somebody else.
    void wiped(int node) {
        gone.put(ids[node], nodes[node]);
        ids[node] = new NodeId(new UUID(-1, ids.length + gone.size()));
        nodes[node] = new Watched();
    }

    Watched copyOf(int node) {
        return nodes[node].copy();
    }

    /// Whether Raft can bear that this node forgets all that it has promised since: it has voted for nobody else and goes by
    /// the same list, and of what it has acknowledged every list that may be in effect has a majority without it.
    boolean canGoBack(int node, Watched before) {
        var now = nodes[node];
        var last = now.lastSynced();
        return now.promisedTerm == before.promisedTerm && now.votes.equals(before.votes)
                && now.list != null && now.list.equals(before.list)
                && !now.onceSpoilt && now.unsureFrom == Long.MAX_VALUE
                && lists.current(List.of(nodes)).stream().allMatch(list -> lists.isMajority(list,
                        voter -> voter != now && voter.hasSynced(last)));
    }

    /// It has its disks of that time.
    void wentBack(int node, Watched to) {
        nodes[node] = to;
    }

    /// Whether this node was taken out of the list, for good.
    boolean wasRemoved(NodeId node) {
        return lists.wasRemoved(node);
    }

    void saysItWasRemoved(int node) {
        require(lists.wasRemoved(ids[node]),
                () -> name(node) + " takes itself for removed, and is not");
    }

    /// Tells when a node gives a vote and when one takes office: moments at which harm is most likely to
    /// show.
    void watch(IntConsumer votes, IntConsumer offices) {
        onVote = votes;
        onOffice = offices;
    }

    private void violated(String what) {
        if (!blind) world.violated(what);
    }

    private void require(boolean holds, Supplier<String> otherwise) {
        if (!holds) violated(otherwise.get());
    }

    private static String name(int node) {
        return "n" + (node + 1);
    }

    // The disk.

    void opened(int node, Recovered recovered) {
        var watched = nodes[node];
        var base = recovered.base();
        require(base.index() < committed.size()
                && committed.get((int) base.index()).position().equals(base),
                () -> "%s has cut its log through %s, which is not committed".formatted(name(node),
                        base));
        var terms = new Watched.Terms();
        // What it has cut off was committed.
        for (int index = 1; index < Math.min(base.index(), committed.size()); index++)
            terms.add(committed.get(index).position().term());
        var starts = recovered.termStarts();
        for (int i = 0; i < starts.size(); i++) {
            long end = i + 1 < starts.size()
                    ? starts.get(i + 1).index() - 1
                    : recovered.last().index();
            for (long index = starts.get(i).index(); index <= end; index++)
                terms.add(starts.get(i).term());
        }
        world.note(node, "log opened", recovered.last(), recovered.last().index());
        long sure = Math.min(watched.synced.last(), watched.unsureFrom - 1);
        for (long index = 1; index <= sure; index++) {
            if (terms.at(index) != watched.synced.at(index)) {
                violated("%s forgot what it had synced: entry %d was of term %d, is %d"
                        .formatted(name(node), index, watched.synced.at(index), terms.at(index)));
                break;
            }
        }
        if (recovered.ballot().term() < watched.promisedTerm) {
            violated("%s forgot its term: it promised something in term %d and starts in %s"
                    .formatted(name(node), watched.promisedTerm, recovered.ballot()));
        }
        var promised = watched.votes.get(recovered.ballot().term());
        if (promised != null && !promised.equals(recovered.ballot().vote())) {
            violated(
                    "%s forgot its vote: it starts with %s and voted for %s in that term".formatted(
                            name(node), recovered.ballot(), name(indexOf(promised))));
        }
        watched.unsynced.clear();
        watched.everSynced.clear();
        for (long index = 1; index <= terms.last(); index++)
            watched.everSynced.add(new Position(terms.at(index), index));
        watched.written = terms;
        watched.synced = new Watched.Terms();
        watched.synced.copyFrom(terms);
        watched.unsureFrom = Long.MAX_VALUE;
        watched.checkedCommit = 0;
        watched.applied = watched.given;
        watched.base = base.index();
        watched.ledTerm = 0;
        watched.inOfficeTerm = 0;
        watched.term = 0;
        watched.localRevision = 0;
    }

    /// What a process finds before it opens its log.
    void tablesFound(int node, Storage found) {
        tables.found(name(node), nodes[node], found);
    }

    /// It has applied something wrongly.
    void spoilt(int node) {
        tables.spoilt(nodes[node]);
    }

    /// Whether right tables would still be a majority's if this node's became wrong.
    boolean canSpoil(int node) {
        return lists.current(List.of(nodes)).stream().allMatch(list -> {
            long wrong = lists.count(list, voter -> voter.spoilt || voter == nodes[node]);
            return 2 * wrong < list.voters().size();
        });
    }

    /// It says that its tables are not the majority's.
    void suspectsItself(int node) {
        tables.suspectsItself(name(node), nodes[node]);
    }

    boolean wrongTablesMayStay() {
        return tables.isUndecidable();
    }

    void installed(int node, Storage storage) {
        tables.installed(name(node), nodes[node], storage);
    }

    void cut(int node, Position base) {
        if (base.index() > nodes[node].base) world.evidence().count(Evidence.Of.LOG_CUTS);
        nodes[node].base = Math.max(nodes[node].base, base.index());
    }

    /// The log begins anew behind a snapshot: up to there it counts for as good as written, since that is committed
    /// and the tables are durable.
    void restarts(int node, Position base) {
        world.evidence().count(Evidence.Of.LOG_RESTARTS);
        var watched = nodes[node];
        if (base.index() >= committed.size()
                || !committed.get((int) base.index()).position().equals(base)) {
            violated("%s begins its log anew at %s, which is not committed".formatted(name(node),
                    base));
            return;
        }
        var terms = new Watched.Terms();
        long differs = base.index() + 1;
        for (int index = (int) base.index(); index >= 1; index--) {
            if (watched.written.at(index) != committed.get(index).position().term())
                differs = index;
        }
        for (int index = 1; index <= base.index(); index++)
            terms.add(committed.get(index).position().term());
        watched.unsureFrom = Math.min(watched.unsureFrom, differs);
        watched.written = terms;
        watched.base = base.index();
        watched.unsynced.clear();
        watched.unsynced.add(base);
    }

    void writes(int node, Persist group) {
        var watched = nodes[node];
        var restart = group.restart();
        if (restart != null) restarts(node, restart.base());
        if (group.truncateFrom() > 0 && group.truncateFrom() <= watched.written.last()) {
            world.evidence().count(Evidence.Of.TRUNCATIONS);
            watched.unsureFrom = Math.min(watched.unsureFrom, group.truncateFrom());
            watched.written.cutFrom(group.truncateFrom());
        }
        for (var entry : group.entries()) {
            long previous = watched.written.at(entry.index() - 1);
            require(entry.index() == watched.written.last() + 1,
                    () -> "%s writes %s after %d entries".formatted(name(node), entry,
                            watched.written.last()));
            var content = new Content(previous, entry.payloadCrc());
            var known = contents.putIfAbsent(entry.position(), content);
            require(known == null || known.equals(content),
                    () -> "%s writes %s as %s; elsewhere it is %s".formatted(name(node), entry,
                            content, known));
            if (entry.kind() == Entry.Kind.MEMBERSHIP) lists.written(watched, entry);
            watched.written.add(entry.term());
            watched.unsynced.add(entry.position());
        }
    }

    void synced(int node) {
        var watched = nodes[node];
        watched.synced.copyFrom(watched.written);
        watched.everSynced.addAll(watched.unsynced);
        syncedSomewhere.addAll(watched.unsynced);
        watched.unsynced.clear();
        watched.unsureFrom = Long.MAX_VALUE;
    }

    // The wires.

    void sent(int node, int to, PeerMessage message) {
        if (!(message instanceof PeerMessage.Consensus(var inner))) return;
        var watched = nodes[node];
        switch (inner) {
            case Message.VoteReply reply -> {
                if (reply.granted() && reply.kind() != Message.VoteKind.PRE_VOTE) {
                    voted(node, reply.term(), ids[to]);
                    onVote.accept(node);
                }
            }
            case Message.VoteRequest request -> {
                if (request.kind() != Message.VoteKind.PRE_VOTE) {
                    voted(node, request.term(), ids[node]);
                    onVote.accept(node);
                }
            }
            case Message.AppendAck ack -> {
                watched.promisedTerm = Math.max(watched.promisedTerm, ack.term());
                // An ack waits for its sync, and meanwhile a later leader may have had the entry cut off. That
                // does no harm: whoever was voted for later was measured by a log that had the entry.
                require(isInFrontOfBase(watched, ack.matched())
                        || watched.everSynced.contains(ack.matched()),
                        () -> "%s acknowledges %s, which its disk has not synced".formatted(
                                name(node), ack.matched()));
            }
            // The others promise nothing.
            default -> {
            }
        }
    }

    private boolean isInFrontOfBase(Watched watched, Position position) {
        return position.index() <= watched.base
                && committed.get((int) position.index()).position().equals(position);
    }

    private void voted(int node, long term, NodeId vote) {
        var watched = nodes[node];
        watched.promisedTerm = Math.max(watched.promisedTerm, term);
        var earlier = watched.votes.putIfAbsent(term, vote);
        require(earlier == null || earlier.equals(vote),
                () -> "%s votes twice in term %d: for %s and for %s".formatted(name(node), term,
                        name(indexOf(vote)), name(indexOf(vote.equals(earlier) ? vote : earlier))));
    }

    private int indexOf(@Nullable NodeId id) {
        return Arrays.asList(ids).indexOf(id);
    }

    // The tables.

    void applied(int node, List<Storage.Change> changes, Mark mark) {
        tables.applied(name(node), nodes[node], changes, mark, false);
    }

    /// As before, over tables that were emptied first.
    void replaced(int node, List<Storage.Change> changes, Mark mark) {
        tables.applied(name(node), nodes[node], changes, mark, true);
    }

    long stamp() {
        return tables.stamp();
    }

    boolean isAnythingExpiring() {
        return tables.isAnythingExpiring();
    }

    /// A client was told that its write is done. Checked at the end of the turn.
    void acknowledged(Revision revision) {
        acknowledged.add(revision);
    }

    /// A client was told that the leader alone has its write.
    void accepted(Token write) {
        require(syncedSomewhere.contains(new Position(write.term(), write.index())),
                () -> "the write " + write + " was accepted, and no disk has synced it");
    }

    /// A client was told that its write was kept, or that it was lost. Checked at the end of the turn.
    void told(Token write, boolean kept) {
        told.add(new Told(write, kept));
    }

    private void checkTold(Token write, boolean kept) {
        int known = committed.size() - 1;
        boolean there = write.index() <= known
                && committed.get((int) write.index()).position().term() == write.term();
        boolean past = committed.get((int) Math.min(known, write.index())).position()
                .term() > write.term();
        require(kept ? there : past, () -> "the write " + write + " was said to be "
                + (kept ? "kept" : "lost") + ", but it " + (there ? "is" : "is not")
                + " committed");
    }

    void readLocally(int node, Revision at) {
        var watched = nodes[node];
        require(at.number() >= watched.localRevision,
                () -> "a local read on %s went back from revision %d to %s".formatted(name(node),
                        watched.localRevision, at));
        watched.localRevision = Math.max(watched.localRevision, at.number());
    }

    /// By itself, without asking anybody: so nobody may have been elected since.
    void servedByLease(int node, long term) {
        leaders.forEach((later, other) -> require(later <= term,
                () -> "%s, leader of term %d, served by lease after %s led in term %d".formatted(
                        name(node), term, name(other), later)));
    }

    // The core, after each turn of its node.

    void check(int node, @Nullable Raft raft) {
        var watched = nodes[node];
        if (raft != null) {
            checkOffice(node, watched, raft);
            if (raft.leads()) lists.checkChanges(name(node), raft);
            checkCommit(node, watched, raft);
            if (!raft.membership().equals(watched.list)) {
                watched.list = raft.membership();
                tables.doubt();
            }
            require(raft.appliedIndex() <= raft.commitIndex(),
                    () -> "%s hands out %d, committed is %d".formatted(name(node),
                            raft.appliedIndex(), raft.commitIndex()));
            require(watched.applied <= Math.max(raft.appliedIndex(), watched.given),
                    () -> "%s has applied %d, handed out was %d".formatted(name(node),
                            watched.applied, raft.appliedIndex()));
        }
        require(watched.applied < committed.size(),
                () -> "%s has applied %d, and nobody has committed more than %d".formatted(
                        name(node), watched.applied, committed.size() - 1));
        require(watched.applied <= Math.max(watched.synced.last(), watched.given),
                () -> "%s has applied %d, its disk has synced %d".formatted(name(node),
                        watched.applied, watched.synced.last()));
        for (var revision : acknowledged)
            checkAcknowledged(revision);
        acknowledged.clear();
        for (var each : told)
            checkTold(each.write, each.kept);
        told.clear();
    }

    private void checkOffice(int node, Watched watched, Raft raft) {
        require(raft.term() >= watched.term,
                () -> "%s went back to term %d".formatted(name(node), raft.term()));
        watched.term = raft.term();
        if (!raft.leads() || watched.ledTerm == raft.term()) return;
        long term = raft.term();
        watched.ledTerm = term;
        world.evidence().count(Evidence.Of.ELECTIONS);
        world.note(node, "leads", term, term);
        onOffice.accept(node);
        var list = raft.membership();
        // Its own vote it need not send.
        lists.checkCandidate(name(node), ids[node], raft);
        require(lists.isMajority(list,
                voter -> voter == watched || ids[node].equals(voter.votes.get(term))),
                () -> "%s leads in term %d without the votes of a majority of %s".formatted(
                        name(node), term, list.voters()));
        Integer other = leaders.putIfAbsent(term, node);
        require(other == null || other == node,
                () -> "two leaders in term %d: %s and %s".formatted(term, name(node),
                        name(other == null ? -1 : other)));
        for (int index = committed.size() - 1; index > 0; index--) {
            var entry = committed.get(index);
            boolean certainlyBefore = entry.knownInTerm() < term;
            if (index < raft.base().index()) break;
            if (certainlyBefore && (raft.last().index() < index
                    || raft.termAt(index) != entry.position().term())) {
                violated(
                        "%s leads in term %d without %s, which was committed before".formatted(
                                name(node), term, entry.position()));
            }
        }
    }

    private void checkCommit(int node, Watched watched, Raft raft) {
        long commit = raft.commitIndex();
        // Raft §5.4.2, figure 8. In the turn of its election a node may still learn of others' commits; later by a
        // snapshot that arrives when who asked for it already leads.
        boolean inOffice = raft.leads() && watched.inOfficeTerm == raft.term();
        require(!inOffice || commit <= Math.max(watched.checkedCommit, watched.given)
                || raft.termAt(commit) == raft.term(),
                () -> "%s, leader of term %d, commits %d by counting copies of an entry of term %d"
                        .formatted(name(node), raft.term(), commit, raft.termAt(commit)));
        watched.inOfficeTerm = raft.leads() ? raft.term() : 0;
        require(commit >= watched.checkedCommit,
                () -> "%s takes back its commit index, %d".formatted(name(node), commit));
        if (raft.last().index() < commit) {
            violated("%s has committed %d and its log ends at %s".formatted(name(node),
                    commit, raft.last()));
            return;
        }
        // The last one again: a log matches wherever its end does, so this finds what was cut off.
        long from = Math.max(raft.base().index(), watched.checkedCommit);
        for (long index = Math.max(1, from); index <= commit; index++) {
            var position = new Position(raft.termAt(index), index);
            if (index == committed.size()) {
                commit(node, raft, position);
            } else {
                var known = committed.get((int) index).position();
                require(known.equals(position),
                        () -> "%s has %s committed where %s was committed before".formatted(
                                name(node), position, known));
            }
        }
        watched.checkedCommit = commit;
    }

    private void commit(int node, Raft raft, Position position) {
        long latestTerm = 0;
        for (var watched : nodes)
            latestTerm = Math.max(latestTerm, watched.term);
        var list = raft.membership();
        require(position.index() == 1
                || lists.anyMajoritySince(raft, position, voter -> voter.hasSynced(position)),
                () -> "%s takes %s for committed; it is synced on %d of %d voters".formatted(
                        name(node), position, lists.count(list, voter -> voter.hasSynced(position)),
                        list.voters().size()));
        committed.add(new Committed(position, latestTerm));
        if (lists.settle(position)) tables.doubt();
    }

    private void checkAcknowledged(Revision revision) {
        int entry = tables.entryOf(revision.number());
        if (entry > tables.appliedThrough() || entry >= committed.size()) {
            violated("a write was acknowledged at revision " + revision
                    + ", which is not committed");
        }
    }

    long committedThrough() {
        return committed.size() - 1L;
    }

    long appliedBy(int node) {
        return nodes[node].applied;
    }
}
