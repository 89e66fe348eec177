package org.bellwether.node;

import org.bellwether.api.ChangeFeed;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.bellwether.api.Ack;
import org.bellwether.api.Backup;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.ClusterView;
import org.bellwether.api.Command;
import org.bellwether.api.Comparison;
import org.bellwether.api.Consistency;
import org.bellwether.api.KeyValueStore;
import org.bellwether.api.Limits;
import org.bellwether.api.Messages;
import org.bellwether.api.NodeId;
import org.bellwether.api.NodeView;
import org.bellwether.api.Outcome;
import org.bellwether.api.Outcome.Busy;
import org.bellwether.api.Read;
import org.bellwether.api.RemovedException;
import org.bellwether.log.LogStore;
import org.bellwether.log.LogStore.Room;
import org.bellwether.log.Recovered;
import org.bellwether.machine.Machine;
import org.bellwether.machine.Payload;
import org.bellwether.raft.Effects;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Envelope;
import org.bellwether.raft.Event;
import org.bellwether.raft.Message;
import org.bellwether.raft.Position;
import org.bellwether.raft.Raft;
import org.bellwether.raft.RaftConfig;
import org.bellwether.raft.Synced;
import org.bellwether.storage.StorageException;
import org.bellwether.transport.PeerMessage;
import org.bellwether.transport.SnapshotHead;
import org.bellwether.transport.Transport;
import org.jspecify.annotations.Nullable;

/// One node: performs what the core decides. Everything here runs on its [Loop], and nothing blocks.
///
/// A turn of the loop goes like this. What arrives (a request, a message, a finished sync, a tick) is
/// turned into an event for the core at once, except for writes and linearizable reads, which gather until
/// the end of the turn: the writes become one log entry, the reads one ticket. Whatever the core wants done
/// is done in the order that [Effects] prescribes. At the end of the turn everything sent leaves together.
public final class Node implements KeyValueStore, Messages, ChangeFeed {
    private static final Duration DISK_RETRY = Duration.ofSeconds(1);
    private static final Duration MOVE_PATIENCE = Duration.ofSeconds(5);

    private final NodeParts parts;
    private final Loop loop;
    private final Limits limits;
    private final NodeId self;
    private final Machine machine;
    private final LogWriter logWriter;
    private final Writes writes;
    private final Applying applying;
    private final Reads reads;
    private final Caretaker caretaker;
    private final Changes changes;
    private final EventLog events;
    private final Housekeeping housekeeping;
    private final Divergence divergence;
    private final ClusterTime time;
    private final Upgrade upgrade;
    private final int heartbeatTicks;
    private final Cluster cluster;
    private final Broadcast broadcast;
    private final Leadership leadership;
    private final Departure departure;

    private State state = State.NEW;
    private @Nullable Raft raft;
    private @Nullable Startup startup;
    private boolean turnScheduled;
    /// Whether an [Event.Announce] is to come.
    private boolean announces;
    private long ticks;
    private boolean roomToLead = true;
    /// Whether the leader was asked to note where this node is.
    private boolean moving;

    private enum State {
        NEW, STARTING, RUNNING, CLOSED
    }

    public Node(NodeParts given) {
        this.loop = new GuardedLoop(given.loop(), this::halt);
        this.parts = given.on(loop);
        this.limits = parts.limits();
        this.self = parts.identity().node();
        this.machine = new Machine(parts.storage(), parts.deciders().machineVersion(),
                parts.limits());
        this.applying = new Applying(parts.storage(), new Tables());
        this.caretaker = new Caretaker(self, parts.config());
        this.events = new EventLog(Limits.EVENTS_MAX, parts.wallMillis());
        this.logWriter = new LogWriter(parts.log(), parts.disk(), loop, new DiskEvents());
        var host = new PartsHost();
        this.leadership = new Leadership(parts, host, events, new Office());
        this.writes = new Writes(parts, host, events, new Turns());
        this.departure = new Departure(parts, host, writes);
        this.changes = new Changes(parts, host, events, writes, caretaker);
        this.housekeeping = new Housekeeping(parts, logWriter, host, events, new Trust(),
                this::replaced);
        this.divergence = housekeeping.divergence();
        this.reads = new Reads(parts, machine, host, housekeeping::scan);
        this.time = new ClusterTime(parts, machine, host);
        this.upgrade = new Upgrade(self, parts.deciders().machineVersion(), machine, time, host);
        this.heartbeatTicks = parts.config().ticks(parts.config().heartbeat());
        this.broadcast = new Broadcast(self, limits, host);
        this.cluster = new Cluster(parts, host, events, logWriter, housekeeping);
    }

    // Life cycle.

    /// Opens the log on the disk thread, applies what is known to be committed, then takes part.
    ///
    /// @param started run on the loop once the node takes part; a failure goes to [NodeParts#onHalt]
    public void start(Runnable started) {
        if (state != State.NEW) throw new IllegalStateException("a node is started once");
        state = State.STARTING;
        startup = new Startup(parts.log(), parts.disk(), loop, parts.storage(),
                limits.appendBytesMax(), new Starting(started));
        startup.run();
    }

    private final class Starting implements Startup.Owner {
        private final Runnable started;

        Starting(Runnable started) {
            this.started = started;
        }

        @Override
        public void apply(Entry entry) {
            Node.this.apply(entry);
        }

        @Override
        public void ready(Recovered recovered, Room room) {
            takePart(recovered, room, started);
        }

        @Override
        public void failed(Throwable why) {
            halt(why);
        }

        @Override
        public boolean isStarting() {
            return state == State.STARTING;
        }
    }

    private void takePart(Recovered recovered, Room room, Runnable started) {
        var config = parts.config();
        var core = parts.deciders().cores().create(self,
                new RaftConfig(config.ticks(config.heartbeat()),
                        config.ticks(config.electionTimeout()), config.ticks(config.hintMax()),
                        limits.uncommittedBytesMax(), limits.windowBytesMax(),
                        limits.appendBytesMax(),
                        limits.appendsInFlightMax()),
                parts.dice(), recovered);
        var membership = core.membership();
        if (!membership.cluster().equals(parts.identity().cluster())) {
            throw new IllegalStateException(
                    "this folder belongs to cluster " + parts.identity().cluster()
                            + ", but its log to cluster " + membership.cluster());
        }
        raft = core;
        state = State.RUNNING;
        writes.start(recovered);
        cluster.start(recovered);
        // Of an earlier term than any in which this process may lead.
        time.found(0);
        logWriter.start(room);
        parts.transport().start(new Links());
        cluster.follow(core.membership());
        loop.schedule(config.tick(), this::tick);
        started.run();
    }

    /// Hands leadership over, if this node has it.
    ///
    /// @param to   whom to; null for the voter that is furthest
    /// @param done told, once, whether this node does not lead any more and knows who does
    public void transfer(@Nullable NodeId to, Duration timeout, Consumer<Boolean> done) {
        if (state != State.RUNNING || !raft().leads()) {
            done.accept(true);
            return;
        }
        leadership.handOver(to, loop.nanoTime() + timeout.toNanos(),
                end -> done.accept(end == Transfers.End.DONE));
    }

    /// Waits until everybody has heard of the writes that were handed to this node: they would be *unknown* if it stopped.
    ///
    /// @param patience after that it is over, however it stands
    /// @param quiet    run on the loop
    public void awaitQuiet(Duration patience, Runnable quiet) {
        departure.awaitQuiet(patience, quiet);
    }

    /// Stops taking part, answers whoever still waits, closes transport and storage and, on the disk thread,
    /// the log.
    ///
    /// @param closed run on the loop at the end
    public void close(Runnable closed) {
        if (state == State.CLOSED) {
            closed.run();
            return;
        }
        try {
            fallSilent("the node is closing");
        } finally {
            // What is under way in the background may still want to tell the loop.
            parts.background().execute(() -> loop.execute(() -> logWriter.close(closed)));
        }
    }

    private void fallSilent(String why) {
        state = State.CLOSED;
        logWriter.stop();
        try (var _ = parts.storage(); var _ = parts.transport()) {
            var nothing = new Outcome.Overloaded(Busy.NOT_READY, why);
            reads.answerAll(nothing);
            changes.answerAll(nothing);
            writes.close(why);
            leadership.close();
            housekeeping.close(nothing);
        }
    }

    /// Nothing that this node says can be trusted any more, so it says nothing. What fails after that changes nothing.
    private void halt(Throwable why) {
        if (state == State.CLOSED) return;
        try {
            fallSilent("the node has stopped: " + why.getMessage());
        } catch (Throwable broken) {
            why.addSuppressed(broken);
        }
        parts.onHalt().accept(why);
    }

    private void guard(Runnable task) {
        if (state == State.CLOSED) return;
        try {
            task.run();
        } catch (Throwable broken) {
            halt(broken);
        }
    }

    /// Told on the loop whenever the leader or the term changes, as this node sees it.
    public void onLeaderChange(Runnable listener) {
        leadership.listen(listener);
    }

    /// Told on the loop when this node is asked to leave the cluster, and takes no more writes. It may be refused: then it
    /// goes on.
    public void onLeaving(Runnable listener) {
        departure.listen(listener);
    }

    /// Told on the loop of every event, also of those that are not new.
    public void onEvent(Consumer<ClusterEvent> listener) {
        events.listen(listener);
    }

    // Requests.

    @Override
    public void write(Command command, Ack ack, Duration timeout,
            Consumer<? super Outcome> reply) {
        var refusal = writes.refusal(command, ack);
        if (refusal != null) {
            reply.accept(new Outcome.Refused(refusal));
        } else if (state == State.RUNNING && departure.isAskedBy(command)) {
            departure.leave(command, ack, parts.deadlineNanos(timeout), reply);
        } else if (state != State.RUNNING || departure.isUnderWay()) {
            reply.accept(notReady());
        } else {
            writes.add(command, ack, parts.deadlineNanos(timeout), reply);
        }
    }

    @Override
    public void read(Read read, Consistency consistency, Duration timeout,
            Consumer<? super Outcome> reply) {
        var refusal = limits.check(read);
        if (refusal != null) {
            reply.accept(new Outcome.Refused(refusal));
        } else if (state != State.RUNNING) {
            reply.accept(notReady());
        } else {
            try {
                reads.add(read, consistency, timeout, reply);
            } catch (StorageException broken) {
                halt(broken);
                reply.accept(notReady());
            }
        }
    }

    @Override
    public void expect(List<Bytes> keys) {
        if (state == State.RUNNING) parts.storage().expect(keys);
    }

    @Override
    public void publish(Bytes channel, Bytes message) {
        broadcast.publish(channel, message);
    }

    @Override
    public void listen(Listener listener) {
        broadcast.listen(listener);
    }

    @Override
    public void follow(Follower follower) {
        machine.follow(follower);
    }

    @Override
    public void unfollow(Follower follower) {
        machine.unfollow(follower);
    }

    @Override
    public @Nullable Backup backup() {
        if (state != State.RUNNING || reads.freshAsOfNanos() == null) return null;
        return housekeeping.backup(raft(), cluster.settledEntry());
    }

    @Override
    public void compare(long index, Duration timeout, Consumer<? super Comparison> opened,
            Consumer<String> refused) {
        if (state == State.RUNNING) {
            housekeeping.compare(index, timeout, opened, refused);
        } else {
            refused.accept(Objects.requireNonNullElse(whyNotReady(), "the node is closing"));
        }
    }

    private Outcome notReady() {
        return new Outcome.Overloaded(Busy.NOT_READY, Objects.requireNonNullElse(whyNotReady(),
                "the node is closing"));
    }

    private @Nullable String whyNotReady() {
        if (state == State.CLOSED) return "the node is closing";
        if (departure.isUnderWay()) return "the node is leaving the cluster";
        if (state != State.RUNNING)
            return startup == null ? "the node was not started" : startup.how();
        var freshAsOf = reads.freshAsOfNanos();
        if (freshAsOf == null) return "not level with a leader since it was started";
        if (divergence.suspicion() != null) return divergence.suspicion();
        // Twice the longest that an election timer waits: a plain failover is no reason to leave the pool.
        long patience = parts.config().electionTimeout().toNanos() * 4;
        long stale = loop.nanoTime() - freshAsOf;
        return stale <= patience
                ? null
                : "not level with a leader for " + stale / 1_000_000 + " ms";
    }

    // The turn.

    private void scheduleTurn() {
        if (turnScheduled) return;
        turnScheduled = true;
        loop.atEndOfTurn(() -> {
            turnScheduled = false;
            guard(this::endTurn);
        });
    }

    private void endTurn() {
        if (state != State.RUNNING) return;
        writes.place(raft());
        reads.confirm();
        writes.sendOwed();
        parts.transport().flush();
    }

    // Effects.

    private void step(Event event) {
        var core = raft();
        long began = loop.nanoTime();
        var effects = core.step(event);
        reads.stepped(core, began);
        perform(effects);
        writes.progressed(core);
        leadership.look(core);
        if (state == State.RUNNING) cluster.follow(core.membership());
        if (core.hasNews()) announceSoon(core.commitIndex());
    }

    /// Under load the next append does it sooner.
    private void announceSoon(long committed) {
        if (announces) return;
        announces = true;
        loop.schedule(Limits.COMMIT_NEWS_WAIT, () -> {
            announces = false;
            if (state == State.RUNNING) guard(() -> step(new Event.Announce(committed)));
        });
    }

    private void perform(Effects effects) {
        logWriter.submit(effects.persist(), effects.sendWhenSynced());
        if (effects.persist() != null) reads.coming(effects.persist().entries());
        for (var envelope : effects.sendNow())
            send(envelope);
        applying.take(effects);
        for (var fetch : effects.fetch()) {
            logWriter.read(fetch.fromIndex(), fetch.bytesMax(),
                    entries -> guard(() -> step(new Event.Fetched(fetch.peer(), entries))));
        }
        if (effects.snapshotFrom() != null) housekeeping.fetchFrom(effects.snapshotFrom());
        if (writes.isWaiting()) scheduleTurn();
    }

    private void apply(Entry entry) {
        // A snapshot was installed, of which the core does not know yet.
        if (entry.index() <= parts.storage().applied()) return;
        // One was installed that the core has been past: this comes again, from the log.
        if (divergence.isReapplying()) return;
        perform(entry);
    }

    private void perform(Entry entry) {
        switch (entry.kind()) {
            case COMMANDS -> {
                int version = machine.version();
                var outcomes = machine.apply(entry.index(), entry.payload());
                writes.applied(entry.position(), outcomes);
                if (Payload.isMarker(entry.payload())) divergence.marked(entry.position());
                if (machine.version() != version) raised(entry);
            }
            case EMPTY -> machine.pass(entry.index());
            case MEMBERSHIP -> {
                machine.pass(entry.index());
                cluster.settle(entry, isNew(entry.position()));
                writes.applied(entry.position(), call -> changes
                        .done(raft(), Objects.requireNonNull(call.change), cluster.settled()));
            }
        }
        writes.applied(entry.position());
        time.applied(entry);
        // Not under the feet of the step that is under way, and not as late as the next tick: writes wait for it.
        if (upgrade.isToCome()) loop.execute(() -> guard(this::lookAtRules));
        housekeeping.applied(entry);
    }

    private void raised(Entry entry) {
        events.add(Kind.STATE_MACHINE_RAISED, null, entry.position(), isNew(entry.position()),
                "the state machine goes on by version " + machine.version() + " of its rules");
    }

    /// A snapshot took the place of the tables.
    private void replaced(SnapshotHead head) {
        events.add(Kind.SNAPSHOT_INSTALLED, self, head.position().term(),
                "the state as of entry " + head.position().index() + " was installed, "
                        + head.mark().keys() + " keys");
        time.found(head.position().term());
        machine.replaced();
        cluster.settle(head.membership(), false);
        writes.replaced(head.position());
    }

    /// Of entries from before this node was started, or while it was away, nobody knows when they were new.
    private boolean isNew(Position at) {
        if (state != State.RUNNING) return false;
        return reads.freshAsOfNanos() != null || raft().leads() && raft().term() == at.term();
    }

    private void send(Envelope envelope) {
        send(envelope.to(), new PeerMessage.Consensus(envelope.message()));
    }

    private void send(NodeId to, PeerMessage message) {
        parts.transport().send(to, message);
        scheduleTurn();
    }

    private final class Office implements Leadership.Owner {
        @Override
        public void tookOffice() {
            // Of an office before this one: what becomes of it is for nobody to say here.
            writes.abandonAppended("this node leads anew, and the write was not confirmed before");
            caretaker.begin();
        }

        @Override
        public void lostOffice(boolean handedOver) {
            if (handedOver) {
                writes.leaveAppended();
            } else {
                writes.abandonAppended(
                        "this node lost its office before a majority confirmed the write");
            }
        }

        @Override
        public void othersLead() {
            writes.giveBack(changes);
            cluster.othersLead();
        }

        @Override
        public boolean isServed(Raft core) {
            return cluster.isServed(core);
        }
    }

    private final class PartsHost implements Host {
        @Override
        public @Nullable Raft core() {
            return state == State.RUNNING ? raft : null;
        }

        @Override
        public boolean logHasRoom() {
            return !logWriter.isFull() && !cluster.isMajorityFull(raft());
        }

        @Override
        public boolean logHasRoomFor(long recordBytes) {
            return logWriter.hasRoomFor(recordBytes);
        }

        @Override
        public void step(Event event) {
            Node.this.step(event);
        }

        @Override
        public void scheduleTurn() {
            Node.this.scheduleTurn();
        }

        @Override
        public void guard(Runnable task) {
            Node.this.guard(task);
        }

        @Override
        public boolean propose(byte[] payload) {
            return logHasRoom() && proposeRemoval(payload);
        }

        @Override
        public boolean proposeRemoval(byte[] payload) {
            boolean takes = raft().acceptsProposals() && !parts.storage().congested()
                    && logHasRoomFor(LogStore.recordBytes(payload.length));
            if (takes) Node.this.step(new Event.Propose(List.of(payload)));
            return takes;
        }

        @Override
        public boolean trusted() {
            return divergence.suspicion() == null;
        }

        @Override
        public Outcome notReady() {
            return Node.this.notReady();
        }

        @Override
        public void send(NodeId to, PeerMessage message) {
            Node.this.send(to, message);
        }

        @Override
        public void fail(Throwable why) {
            halt(why);
        }
    }

    private final class Turns implements Writes.Owner {
        @Override
        public void change(List<Call.Write> asked) {
            for (var call : upgrade.admit(asked)) {
                if (call.change instanceof Command.Transfer(var to)) {
                    leadership.handOver(to, call);
                } else {
                    changes.add(call);
                }
            }
            if (!changes.isEmpty()) changes.advance(raft());
        }

        @Override
        public List<Call.Write> admit(List<Call.Write> asked) {
            return upgrade.admit(asked);
        }

        @Override
        public boolean isSettled() {
            return time.isSet(raft()) && !upgrade.isToCome();
        }

        @Override
        public long stamp() {
            return time.stamp();
        }
    }

    private final class Trust implements Divergence.Owner {
        @Override
        public void suspected() {
            writes.abandonAppended("this node's tables are not the majority's");
            reads.answerAll(notReady());
        }

        @Override
        public void reapply(Entry entry) {
            perform(entry);
        }

        @Override
        public void readLog(long fromIndex, Consumer<List<Entry>> then) {
            logWriter.read(fromIndex, limits.appendBytesMax(),
                    entries -> guard(() -> then.accept(entries)));
        }

        @Override
        public Entry membership() {
            return cluster.settledEntry();
        }

        @Override
        public boolean tellLeader(PeerMessage.Doubt doubt) {
            return cluster.tellLeader(raft(), doubt);
        }
    }

    private final class Tables implements Applying.Owner {
        @Override
        public void apply(Entry entry) {
            Node.this.apply(entry);
        }

        @Override
        public void advanced() {
            reads.advanced();
        }

        @Override
        public void readable(long ticket) {
            reads.readable(ticket);
        }
    }

    private final class DiskEvents implements LogWriter.Owner {
        @Override
        public void synced(Synced synced, List<Envelope> promises) {
            guard(() -> {
                release(promises);
                step(new Event.DiskSynced(synced));
            });
        }

        @Override
        public void release(List<Envelope> promises) {
            for (var envelope : promises)
                send(envelope);
        }

        @Override
        public void diskFailed(Throwable failure) {
            halt(failure);
        }
    }

    // Peers.

    private final class Links implements Transport.Receiver {
        @Override
        public void received(NodeId from, PeerMessage message) {
            guard(() -> {
                cluster.heard(from);
                switch (message) {
                    case PeerMessage.Consensus(var about) -> consensus(from, about);
                    case PeerMessage.Forward forward ->
                        writes.received(from, forward, loop.nanoTime());
                    case PeerMessage.Forwarded answers -> writes.received(from, answers);
                    case PeerMessage.Report report -> {
                        divergence.reported(from, report);
                        upgrade.reported(from, report.versionMax());
                        if (report.speaks()) cluster.speaks(from);
                    }
                    case PeerMessage.OfNodes word -> cluster.received(raft(), from, word);
                    case PeerMessage.Published published -> broadcast.received(published);
                    case PeerMessage.OfSnapshot about ->
                        housekeeping.received(from, about, cluster.settledEntry());
                }
            });
        }

        @Override
        public void connected(NodeId peer) {
            guard(() -> {
                step(new Event.Connected(peer));
                housekeeping.connected(peer);
            });
        }

        @Override
        public void disconnected(NodeId peer) {
            guard(() -> {
                writes.linkClosed(peer);
                step(new Event.Disconnected(peer));
            });
        }

        @Override
        public void expelled(NodeId by) {
            cluster.expelled();
        }

        @Override
        public void undelivered(NodeId peer) {
            guard(() -> writes.linkClosed(peer));
        }
    }

    private void consensus(NodeId from, Message message) {
        // A disk without room takes no entries; heartbeats still count as contact.
        boolean noRoom = message instanceof Message.Append append && !append.entries().isEmpty()
                && (!logWriter.hasRoomFor(LogWriter.bytesOf(append.entries()))
                        || parts.storage().congested());
        if (!noRoom) step(new Event.Received(from, message));
    }

    // Time.

    private void tick() {
        if (state != State.RUNNING) return;
        loop.schedule(parts.config().tick(), this::tick);
        guard(() -> {
            if (logWriter.hasRoomToLead() != roomToLead) {
                roomToLead = !roomToLead;
                step(new Event.RoomToLead(roomToLead));
            }
            applying.tick();
            cluster.tick(raft());
            step(new Event.Tick());
            if (raft().leads()) time.tick(raft());
            if (++ticks % heartbeatTicks == 0) heartbeat();
        });
    }

    /// The slower clock: what need not be exact to a tick.
    private void heartbeat() {
        long now = loop.nanoTime();
        var patience = parts.config().diskPatience();
        if (logWriter.isSilentFor(patience, now)) {
            throw new IllegalStateException(
                    "the disk has not answered for " + patience.toSeconds() + " s");
        }
        logWriter.tick(now, DISK_RETRY);
        if (departure.isOver(cluster.wasRemoved())) {
            halt(new RemovedException(self));
            return;
        }
        changes.expire(now);
        writes.expire(raft(), now);
        reads.expire(now);
        leadership.tryAgain(raft(), now);
        housekeeping.look(raft(), now);
        cluster.look(raft(), housekeeping.bytesApplied(), now);
        if (raft().leader() != null && !moving) moveIfElsewhere();
        if (reads.probe() || writes.isWaiting()) scheduleTurn();
        if (raft().leads()) {
            caretaker.look(raft());
            lookAtRules();
            changes.advance(raft());
            cluster.tell(raft(), now);
        }
    }

    private void lookAtRules() {
        if (state == State.RUNNING && raft().leads()) upgrade.look(raft());
    }

    /// The list of nodes has other addresses than this node was started with.
    private void moveIfElsewhere() {
        var move = cluster.move(raft());
        if (move == null) return;
        moving = true;
        write(move, MOVE_PATIENCE, _ -> loop.schedule(DISK_RETRY, () -> moving = false));
    }

    // Views.

    @Override
    public NodeView node() {
        var core = raft;
        if (core == null) {
            return new NodeView(parts.seat().self(), false, null, 0, false,
                    parts.storage().revision(), parts.storage().applied(), null, whyNotReady());
        }
        var listed = core.membership().find(self);
        var leader = core.leader();
        var freshAsOf = reads.freshAsOfNanos();
        return new NodeView(listed == null ? parts.seat().self() : listed, core.leads(),
                leader == null ? null : cluster.find(core, leader), core.term(),
                leader != null && cluster.isServed(core), parts.storage().revision(),
                parts.storage().applied(),
                freshAsOf == null ? null : Duration.ofNanos(loop.nanoTime() - freshAsOf),
                whyNotReady());
    }

    @Override
    public ClusterView cluster() {
        return cluster.view(raft(), reads.freshAsOfNanos());
    }

    @Override
    public List<ClusterEvent> events(long after) {
        return events.after(after);
    }

    @Override
    public long clusterMillis() {
        return time.millis();
    }

    @Override
    public Limits limits() {
        return limits;
    }

    /// The core, for invariants and tests; on the loop only, and once the node takes part.
    public Raft raft() {
        if (raft == null) throw new IllegalStateException("the node has not started yet");
        return raft;
    }
}
