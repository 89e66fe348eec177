package org.bellwether.raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// One core with a disk below it: performs the core's effects the way a node does. What the disk has not
/// synced is gone after [#crash].
final class Core {
    /// Makes a core from what its disk kept; tests that plant a bug make another kind.
    @FunctionalInterface
    interface Maker {
        Raft make(Core core, List<Position> termStarts, List<Entry> tail, List<Entry> memberships);

        Maker HONEST = (core, termStarts, tail, memberships) -> new Raft(core.id, core.config,
                core::roll, core.keptBallot, core.keptBase, termStarts, core.keptLast(),
                core.keptCommit, tail,
                memberships);
    }

    /// A group on its way to the disk, and what leaves once it is there.
    private record Group(@Nullable Persist persist, List<Envelope> promises) {}

    final String name;
    final NodeId id;
    final RaftConfig config;
    private final Maker maker;

    // What survives power loss.
    /// The log, behind its base.
    final List<Entry> kept = new ArrayList<>();
    Position keptBase = Position.NONE;
    /// The saved state: what was applied when it was saved.
    private List<Entry> saved = List.of();
    Ballot keptBallot = Ballot.INITIAL;
    long keptCommit = 1;

    // What does not.
    private final Deque<Group> unsynced = new ArrayDeque<>();
    private final Deque<Effects.Fetch> unread = new ArrayDeque<>();
    final List<Entry> applied = new ArrayList<>();
    long readable;
    long lastTicket;
    @Nullable
    NodeId wantsSnapshotFrom;
    int lives;
    private @Nullable Raft raft;

    /// Whether groups wait for [#sync] and fetches for [#read].
    boolean diskWaits;
    /// What the next rolls give; when empty, [#usualRoll] does.
    final Deque<Integer> rolls = new ArrayDeque<>();
    IntUnaryOperator usualRoll;
    Consumer<Envelope> network = _ -> {
    };
    Consumer<Effects> watcher = _ -> {
    };

    Core(Member member, Entry bootstrap, RaftConfig config, Maker maker) {
        this.name = member.name();
        this.id = member.id();
        this.config = config;
        this.maker = maker;
        this.usualRoll = bound -> (member.number() - 1) * bound / member.of();
        kept.add(bootstrap);
        start();
    }

    /// @param number from 1; of `of` in all
    record Member(String name, NodeId id, int number, int of) {}

    int roll(int bound) {
        int roll = rolls.isEmpty() ? usualRoll.applyAsInt(bound) : rolls.removeFirst();
        if (roll < 0 || roll >= bound) throw new AssertionError(roll + " is not below " + bound);
        return roll;
    }

    Raft raft() {
        if (raft == null) throw new AssertionError(name + " is down");
        return raft;
    }

    boolean isUp() {
        return raft != null;
    }

    // Life and death.

    void start() {
        if (raft != null) throw new AssertionError(name + " is up");
        finishInstall();
        applied.clear();
        applied.addAll(saved.subList(0, (int) keptBase.index()));
        applied.addAll(kept.subList(0, (int) (keptCommit - keptBase.index())));
        var memberships = new ArrayList<>(saved.subList(0, (int) keptBase.index()));
        memberships.addAll(kept);
        memberships.removeIf(entry -> entry.kind() != Entry.Kind.MEMBERSHIP);
        wantsSnapshotFrom = null;
        readable = 0;
        lastTicket = 0;
        lives++;
        var termStarts = new ArrayList<Position>();
        if (keptBase.index() > 0) termStarts.add(keptBase);
        for (var entry : kept) {
            if (termStarts.isEmpty() || termStarts.getLast().term() != entry.term())
                termStarts.add(entry.position());
        }
        raft = maker.make(this, termStarts,
                List.copyOf(kept.subList((int) (keptCommit - keptBase.index()), kept.size())),
                memberships);
    }

    /// What a node does at its start: the saved state may be ahead of the log.
    private void finishInstall() {
        if (saved.isEmpty()) return;
        var position = saved.getLast().position();
        if (position.index() > keptBase.index() && !keeps(position))
            restartLog(position);
        keptCommit = Math.max(keptCommit, position.index());
    }

    private void restartLog(Position base) {
        kept.clear();
        keptBase = base;
        keptCommit = base.index();
    }

    boolean keeps(Position position) {
        long at = position.index() - keptBase.index();
        if (at == 0) return position.equals(keptBase);
        return at > 0 && at <= kept.size() && kept.get((int) at - 1).position().equals(position);
    }

    void crash() {
        raft = null;
        unsynced.clear();
        unread.clear();
    }

    Position keptLast() {
        return kept.isEmpty() ? keptBase : kept.getLast().position();
    }

    /// Begins anew with a log whose entries, after the bootstrap record, are of these terms.
    void had(long... terms) {
        crash();
        kept.subList(1, kept.size()).clear();
        for (long term : terms) {
            var position = new Position(term, kept.size() + 1);
            kept.add(Entry.of(position, Entry.Kind.COMMANDS, bytes(position.toString())));
        }
        keptBallot = new Ballot(keptLast().term(), null);
        keptCommit = 1;
        start();
    }

    /// Begins anew as one who has seen this term, and voted in it for somebody or not.
    void wasIn(long term, @Nullable NodeId vote) {
        crash();
        keptBallot = new Ballot(term, vote);
        start();
    }

    // Events.

    Effects step(Event event) {
        var effects = raft().step(event);
        // Checked before anything is performed: whoever watches sees what was promised, and when.
        watcher.accept(effects);
        if (effects.persist() != null || !effects.sendWhenSynced().isEmpty())
            unsynced.add(new Group(effects.persist(), effects.sendWhenSynced()));
        effects.sendNow().forEach(network);
        for (var entry : effects.committed())
            applied.add(entry);
        if (effects.snapshotFrom() != null) wantsSnapshotFrom = effects.snapshotFrom();
        readable = Math.max(readable, effects.readableThrough());
        unread.addAll(effects.fetch());
        releasePromises();
        if (!diskWaits) {
            sync();
            readAll();
        }
        return effects;
    }

    Effects receive(Core from, Message message) {
        return step(new Event.Received(from.id, message));
    }

    void tick() {
        step(new Event.Tick());
    }

    void tick(int times) {
        for (int i = 0; i < times; i++)
            tick();
    }

    // Snapshots.

    /// Saves the state as of this index, and lets the log lose what is in front of it.
    void cut(long index) {
        if (index <= saved.size()) return;
        saved = List.copyOf(applied.subList(0, (int) index));
        var base = saved.getLast().position();
        kept.subList(0, (int) (index - keptBase.index())).clear();
        keptBase = base;
        keptCommit = Math.max(keptCommit, index);
        step(new Event.Cut(base));
    }

    /// A snapshot has arrived: it is saved, and then installed.
    void install(List<Entry> state) {
        wantsSnapshotFrom = null;
        if (state.size() <= applied.size()) return;
        saved = List.copyOf(state);
        applied.clear();
        applied.addAll(state);
        var list = state.stream().filter(entry -> entry.kind() == Entry.Kind.MEMBERSHIP).toList()
                .getLast();
        step(new Event.Installed(state.getLast().position(), list));
    }

    /// Proposes one entry per text.
    void propose(String... texts) {
        step(new Event.Propose(List.of(texts).stream().map(Core::bytes).toList()));
    }

    static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /// Asks for a linearizable read; see [#mayServe].
    long read() {
        long ticket = ++lastTicket;
        step(new Event.Read(ticket));
        return ticket;
    }

    boolean mayServe(long ticket) {
        return readable >= ticket;
    }

    // The disk.

    boolean isDiskIdle() {
        return unsynced.isEmpty();
    }

    int unsyncedGroups() {
        return (int) unsynced.stream().filter(group -> group.persist != null).count();
    }

    /// Promises that came with no group wait only for the groups before them.
    private void releasePromises() {
        while (!unsynced.isEmpty() && unsynced.getFirst().persist == null)
            unsynced.removeFirst().promises.forEach(network);
    }

    /// Syncs everything written so far, one batch.
    void sync() {
        syncGroups(unsynced.size());
    }

    /// Syncs the oldest `count` groups as one batch.
    void syncGroups(int count) {
        var synced = syncSilently(count);
        if (synced != null) step(new Event.DiskSynced(synced));
    }

    /// The same, but the core is not told yet.
    @Nullable
    Synced syncSilently(int count) {
        boolean any = false;
        for (int i = 0; i < count && !unsynced.isEmpty(); i++) {
            var group = unsynced.removeFirst();
            if (group.persist != null) {
                keep(group.persist);
                any = true;
            }
            group.promises.forEach(network);
        }
        releasePromises();
        return any ? new Synced(keptLast(), keptBallot) : null;
    }

    private void keep(Persist group) {
        var ballot = group.ballot();
        if (ballot != null) keptBallot = ballot;
        var restart = group.restart();
        if (restart != null && !keeps(restart.base())) restartLog(restart.base());
        long base = keptBase.index();
        if (group.truncateFrom() > 0)
            kept.subList((int) (group.truncateFrom() - 1 - base), kept.size()).clear();
        for (var entry : group.entries()) {
            if (entry.index() != keptLast().index() + 1)
                throw new AssertionError(name + " leaves a gap before " + entry);
            kept.add(entry);
        }
        keptCommit = Math.min(Math.max(keptCommit, group.commitIndex()), keptLast().index());
    }

    Deque<Effects.Fetch> unread() {
        return unread;
    }

    void readAll() {
        while (!unread.isEmpty())
            readOne();
    }

    /// Answers the oldest fetch.
    void readOne() {
        var fetch = unread.removeFirst();
        var entries = new ArrayList<Entry>();
        int bytes = 0;
        long base = keptBase.index();
        boolean gone = fetch.fromIndex() <= base;
        for (long i = fetch.fromIndex(); !gone && i <= keptLast().index(); i++) {
            var entry = kept.get((int) (i - base) - 1);
            bytes += entry.bytes();
            if (!entries.isEmpty() && bytes > fetch.bytesMax()) break;
            entries.add(entry);
        }
        step(new Event.Fetched(fetch.peer(), entries));
    }

    /// The log as the core has it: what is kept, and what is on its way.
    List<Position> log() {
        var log = new ArrayList<Position>();
        for (long i = raft().base().index() + 1; i <= raft().last().index(); i++)
            log.add(new Position(raft().termAt(i), i));
        return log;
    }

    @Override
    public String toString() {
        return name;
    }
}
