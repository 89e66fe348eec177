package org.bellwether.raft;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;

/// A few cores, a network that delivers when told, and disks that sync when told. Nodes are numbered from 1.
/// Nothing here decides anything: it moves what [Effects] says, in the order it prescribes.
final class Cores {
    static final RaftConfig CONFIG = new RaftConfig(10, 100, 5, 1 << 20, 1 << 20, 1 << 10, 4);

    final Membership membership;
    final List<Core> all = new ArrayList<>();
    final Deque<Sent> network = new ArrayDeque<>();
    private final Set<Integer> isolated = new HashSet<>();
    private final RaftConfig config;
    /// Sync at once, or wait for [Core#sync].
    boolean disksSync = true;
    /// Sees every message when it is sent.
    Consumer<Sent> watch = _ -> {};

    record Sent(int from, int to, Message message) {}

    private record Group(Persist persist, List<Envelope> promises) {}

    /// One node: its core, what its disk holds, and what it was given to apply.
    final class Core {
        final int number;
        final NodeId id;
        Raft raft;
        Ballot ballot = Ballot.INITIAL;
        final List<Entry> disk = new ArrayList<>();
        long knownCommit = 1;
        private final Deque<Group> unsynced = new ArrayDeque<>();
        final List<Entry> applied = new ArrayList<>();
        final List<Effects.Fetch> fetches = new ArrayList<>();
        long readableThrough;
        int roll;

        Core(int number) {
            this.number = number;
            this.id = id(number);
            disk.add(membership.bootstrapEntry());
            this.raft = make();
        }

        private Raft make() {
            var termStarts = new ArrayList<Position>();
            for (var entry : disk) {
                if (termStarts.isEmpty() || termStarts.getLast().term() != entry.term()) {
                    termStarts.add(entry.position());
                }
            }
            long committed = Math.min(knownCommit, disk.size());
            return new Raft(id, config, bound -> Math.min(roll, bound - 1), ballot, termStarts,
                    disk.getLast().position(), committed,
                    List.copyOf(disk.subList((int) committed, disk.size())),
                    List.of(membership.bootstrapEntry()));
        }

        Effects step(Event event) {
            var effects = raft.step(event);
            for (var envelope : effects.sendNow())
                post(envelope);
            if (effects.persist() != null || !unsynced.isEmpty()) {
                var persist = effects.persist() != null
                        ? effects.persist()
                        : new Persist(null, 0, List.of(), 0);
                unsynced.add(new Group(persist, effects.sendWhenSynced()));
            } else {
                for (var envelope : effects.sendWhenSynced())
                    post(envelope);
            }
            applied.addAll(effects.committed());
            readableThrough = Math.max(readableThrough, effects.readableThrough());
            fetches.addAll(effects.fetch());
            if (disksSync) sync();
            return effects;
        }

        private void post(Envelope envelope) {
            var sent = new Sent(number, number(envelope.to()), envelope.message());
            watch.accept(sent);
            network.add(sent);
        }

        /// The disk keeps everything it was given; what waited for it leaves; the core hears of it.
        void sync() {
            while (!unsynced.isEmpty()) {
                var promises = new ArrayList<Envelope>();
                boolean kept = false;
                while (!unsynced.isEmpty()) {
                    var group = unsynced.remove();
                    kept |= keep(group.persist);
                    promises.addAll(group.promises);
                }
                for (var envelope : promises)
                    post(envelope);
                if (kept) step(new Event.DiskSynced(new Synced(disk.getLast().position(), ballot)));
            }
        }

        private boolean keep(Persist persist) {
            if (persist.ballot() != null) ballot = persist.ballot();
            if (persist.truncateFrom() > 0) {
                disk.subList((int) persist.truncateFrom() - 1, disk.size()).clear();
            }
            disk.addAll(persist.entries());
            knownCommit = Math.max(knownCommit, Math.min(persist.commitIndex(), disk.size()));
            return persist.ballot() != null || persist.truncateFrom() > 0
                    || !persist.entries().isEmpty();
        }

        /// Loses what was not synced, and comes back.
        void restart() {
            unsynced.clear();
            applied.clear();
            readableThrough = 0;
            raft = make();
        }

        void tick(int times) {
            for (int i = 0; i < times; i++)
                step(new Event.Tick());
        }

        void receive(int from, Message message) {
            step(new Event.Received(id(from), message));
        }

        void propose(String value) {
            step(new Event.Propose(List.of(value.getBytes(UTF_8))));
        }

        void connect(int... peers) {
            for (int peer : peers)
                step(new Event.Connected(id(peer)));
        }

        /// Serves what the core wants from the log's medium.
        void serveFetches() {
            var wanted = List.copyOf(fetches);
            fetches.clear();
            for (var fetch : wanted) {
                var found = new ArrayList<Entry>();
                for (var entry : disk) {
                    if (entry.index() >= fetch.fromIndex() && found.size() < 8) found.add(entry);
                }
                step(new Event.Fetched(fetch.peer(), found));
            }
        }

        /// Puts entries on disk without a word to anybody: a past that a test starts from. Then restarts.
        void past(long term, long... terms) {
            for (long each : terms) {
                disk.add(Entry.of(new Position(each, disk.size() + 1), Entry.Kind.COMMANDS,
                        new byte[]{(byte) each}));
            }
            ballot = new Ballot(term, null);
            restart();
        }

        List<Long> logTerms() {
            return disk.stream().map(Entry::term).toList();
        }
    }

    Cores(int nodes) {
        this(nodes, nodes, CONFIG);
    }

    /// @param voters the first so many vote, the others learn
    Cores(int nodes, int voters, RaftConfig config) {
        this.config = config;
        var members = new ArrayList<Member>();
        for (int i = 1; i <= nodes; i++) {
            members.add(new Member(id(i), "n" + i, i <= voters, new Address("n" + i, 1),
                    new Address("n" + i, 2)));
        }
        membership = new Membership(new ClusterId(new UUID(9, 9)), members);
        for (int i = 1; i <= nodes; i++)
            all.add(new Core(i));
    }

    static NodeId id(int number) {
        return new NodeId(new UUID(0, number));
    }

    static int number(NodeId id) {
        return (int) id.uuid().getLeastSignificantBits();
    }

    Core node(int number) {
        return all.get(number - 1);
    }

    /// Links everybody with everybody.
    void connectAll() {
        for (var core : all) {
            for (var peer : all) {
                if (peer != core) core.connect(peer.number);
            }
        }
    }

    /// Whatever comes from or goes to this node is lost from now on.
    void isolate(int number) {
        isolated.add(number);
    }

    void heal() {
        isolated.clear();
    }

    /// Delivers until nothing is under way.
    void deliver() {
        for (int i = 0; !network.isEmpty(); i++) {
            if (i > 10_000) throw new AssertionError("the cluster talks for ever");
            var sent = network.remove();
            if (isolated.contains(sent.from) || isolated.contains(sent.to)) continue;
            node(sent.to).receive(sent.from, sent.message);
        }
    }

    void drop(Predicate<Message> which) {
        network.removeIf(sent -> which.test(sent.message));
    }

    /// Takes what was sent by this node and is still under way.
    List<Message> takeFrom(int number) {
        var taken = network.stream().filter(sent -> sent.from == number).map(Sent::message)
                .toList();
        network.removeIf(sent -> sent.from == number);
        return taken;
    }

    /// Lets this node's patience end and the others answer.
    void elect(int number) {
        for (int i = 0; i < 250 && !node(number).raft.leads(); i++) {
            node(number).tick(1);
            deliver();
        }
        if (!node(number).raft.leads())
            throw new AssertionError("node " + number + " was not elected");
    }

    /// Lets time pass for everybody, everything delivered.
    void pass(int ticks) {
        for (int i = 0; i < ticks; i++) {
            for (var core : all)
                core.tick(1);
            deliver();
        }
    }
}
