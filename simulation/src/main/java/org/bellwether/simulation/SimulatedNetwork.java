package org.bellwether.simulation;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.CRC32C;
import org.bellwether.api.NodeId;
import org.bellwether.transport.BadFrameException;
import org.bellwether.transport.PeerCodec;
import org.bellwether.transport.PeerMessage;
import org.jspecify.annotations.Nullable;

/// The wires between all nodes. One link per direction, as the transport's contract has it. Every message
/// travels as bytes. What is about the log is lost, doubled, overtaken and delayed; everything else is
/// only delayed, or lost with its link.
///
/// A blocked direction swallows bytes without anybody noticing, as a firewall does: what was sent waits (TCP
/// repeats it) and arrives when the direction opens again, unless the link was closed meanwhile.
final class SimulatedNetwork {
    private static final long TCP_FORGETS = 3 * World.SECOND;
    private static final int ROTTEN_PER_MILLION = 60_000;

    private final World world;
    private final Chance chance;
    private final Weather weather;
    private final NodeId[] ids;
    private final @Nullable SimulatedTransport[] endpoints;
    private final @Nullable Link[][] links;
    private final boolean[][] blocked;
    private boolean calm;

    /// How the network behaves for a whole run.
    ///
    /// @param lossPerMillion   of consensus messages; likewise doubled and overtaken
    /// @param delayMicrosMax   of a message, usually; one in a hundred takes ten times as long
    record Weather(int lossPerMillion, int doublePerMillion, int overtakePerMillion,
            int delayMicrosMax) {}

    /// One direction between two processes, from the moment it is opened until it is closed.
    private static final class Link {
        final SimulatedTransport from;
        final SimulatedTransport to;
        final Deque<Parcel> held = new ArrayDeque<>();
        long lastArrival;
        boolean open = true;
        /// Whether the receiver was told of the end, or of a newer link: nothing is delivered after that.
        boolean ended;

        Link(SimulatedTransport from, SimulatedTransport to) {
            this.from = from;
            this.to = to;
        }
    }

    private record Parcel(byte[] bytes, int crc, boolean mayBeLost, long sentAt) {}

    SimulatedNetwork(World world, Chance chance, Weather weather, NodeId[] ids) {
        this.world = world;
        this.chance = chance;
        this.weather = weather;
        this.ids = ids;
        this.endpoints = new SimulatedTransport[ids.length];
        this.links = new Link[ids.length][ids.length];
        this.blocked = new boolean[ids.length][ids.length];
    }

    int indexOf(NodeId id) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i].equals(id)) return i;
        }
        // A newcomer that has not heard yet that it was let in.
        return -1;
    }

    /// A newcomer has its ID.
    void name(int node, NodeId id) {
        ids[node] = id;
        for (var endpoint : endpoints) {
            if (endpoint != null && !endpoint.isClosed()) endpoint.link();
        }
    }

    NodeId id(int node) {
        return ids[node];
    }

    World world() {
        return world;
    }

    // Links.

    void started(SimulatedTransport endpoint) {
        int node = endpoint.node();
        endpoints[node] = endpoint;
        // Peers whose links led to an earlier life of this process hear now that nobody is there.
        for (int peer = 0; peer < ids.length; peer++) {
            var stale = links[peer][node];
            if (stale != null && stale.open && stale.to != endpoint)
                close(stale, chance.between(0, 20 * World.MILLI), -1);
        }
    }

    /// Opens a link, or tries again later.
    void dial(SimulatedTransport from, int to, long delay) {
        world.after(delay, () -> {
            if (from.isClosed() || endpoints[from.node()] != from || hasOpenLink(from, to)
                    || !isKnown(from, to)) {
                return;
            }
            var target = endpoints[to];
            boolean reachable = target != null && !target.isClosed() && !blocked[from.node()][to]
                    && !blocked[to][from.node()] && !target.loopIsStopped();
            if (target != null && reachable && target.expels(from.id()))
                from.tell(receiver -> receiver.expelled(target.id()));
            if (target != null && reachable && !target.expels(from.id())) {
                open(from, target);
                // Whose list is older dials back.
                if (!target.wants(from.node()) && !hasOpenLink(target, from.node()))
                    dial(target, from.node(), chance.between(0, World.MILLI));
            } else
                dial(from, to, chance.between(5 * World.MILLI, 80 * World.MILLI));
        });
    }

    /// One wants the other, and has not removed it.
    private boolean isKnown(SimulatedTransport from, int to) {
        var target = endpoints[to];
        return from.wants(to) || target != null && target.wants(from.node())
                && !from.expels(target.id());
    }

    boolean hasOpenLink(SimulatedTransport from, int to) {
        var link = links[from.node()][to];
        return link != null && link.open && link.from == from;
    }

    private void open(SimulatedTransport from, SimulatedTransport to) {
        var old = links[from.node()][to.node()];
        if (old != null && !old.ended) {
            old.open = false;
            old.ended = true;
            world.evidence().count(Evidence.Of.REPLACED_LINKS);
        }
        links[from.node()][to.node()] = new Link(from, to);
        world.note(to.node(), "link opened from n" + (from.node() + 1), null, 0);
        to.tell(receiver -> receiver.connected(from.id()));
    }

    /// @param senderHears   after how long; -1 if it never does
    /// @param receiverHears likewise
    private void close(Link link, long senderHears, long receiverHears) {
        if (!link.open) return;
        int from = link.from.node();
        int to = link.to.node();
        link.open = false;
        world.evidence().count(Evidence.Of.CLOSED_LINKS);
        world.note(from, "link closed to n" + (to + 1), null, 0);
        if (senderHears >= 0) {
            world.after(senderHears, () -> {
                link.from.tell(receiver -> receiver.undelivered(link.to.id()));
                dial(link.from, to, chance.between(World.MILLI, 50 * World.MILLI));
            });
        }
        if (receiverHears >= 0) {
            world.after(receiverHears, () -> {
                if (link.ended) return;
                link.ended = true;
                link.to.tell(receiver -> receiver.disconnected(link.from.id()));
            });
        }
    }

    /// One end does not want links with the other any more.
    void part(SimulatedTransport endpoint, int other) {
        var outgoing = links[endpoint.node()][other];
        if (outgoing != null && outgoing.from == endpoint)
            close(outgoing, 0, chance.between(0, 5 * World.MILLI));
        var incoming = links[other][endpoint.node()];
        if (incoming != null && incoming.to == endpoint)
            close(incoming, chance.between(0, 3 * World.MILLI), 0);
    }

    /// Cuts what is open between two nodes, one direction; both hear of it.
    ///
    /// @param replaced whether it comes back before the receiver hears that it was gone
    void cut(int from, int to, boolean replaced) {
        var link = links[from][to];
        if (link == null || !link.open) return;
        close(link, chance.between(0, 3 * World.MILLI),
                replaced
                        ? chance.between(200 * World.MILLI, 400 * World.MILLI)
                        : chance.between(0, 5 * World.MILLI));
    }

    /// The process behind this endpoint is gone.
    ///
    /// @param silently as when a machine loses power: nobody is told
    void died(SimulatedTransport endpoint, boolean silently) {
        int node = endpoint.node();
        if (endpoints[node] == endpoint) endpoints[node] = null;
        for (int peer = 0; peer < ids.length; peer++) {
            var outgoing = links[node][peer];
            boolean told = !silently && !blocked[node][peer];
            if (outgoing != null && outgoing.from == endpoint && outgoing.open) {
                if (told)
                    close(outgoing, -1, chance.between(0, 4 * World.MILLI));
                else
                    outgoing.open = false;
            }
            var incoming = links[peer][node];
            if (incoming != null && incoming.to == endpoint && incoming.open && told)
                close(incoming, chance.between(0, 4 * World.MILLI), -1);
        }
    }

    // Partitions.

    void block(int from, int to) {
        blocked[from][to] = true;
    }

    boolean isBlocked(int from, int to) {
        return blocked[from][to];
    }

    /// Both ends of what a partition has separated notice, as after a timeout of TCP.
    /// At once for all, as when a machine's card is reset, or sooner and later.
    void closeBlocked() {
        long latest = (chance.percent(50) ? 10 : 300) * World.MILLI;
        for (int from = 0; from < ids.length; from++) {
            for (int to = 0; to < ids.length; to++) {
                var link = links[from][to];
                if (link != null && (blocked[from][to] || blocked[to][from]))
                    close(link, chance.between(World.MILLI, latest),
                            chance.between(World.MILLI, latest));
            }
        }
    }

    void unblockAll() {
        for (int from = 0; from < ids.length; from++) {
            for (int to = 0; to < ids.length; to++) {
                if (!blocked[from][to]) continue;
                blocked[from][to] = false;
                var link = links[from][to];
                if (link != null) deliverHeld(link);
            }
        }
    }

    private void deliverHeld(Link link) {
        long arrival = world.now();
        for (var parcel : link.held) {
            arrival += chance.between(10 * World.MICRO, World.MILLI);
            world.at(arrival, () -> arrive(link, parcel));
        }
        link.lastArrival = Math.max(link.lastArrival, arrival);
        link.held.clear();
    }

    /// From now on nothing is lost, doubled or overtaken.
    void calmDown() {
        calm = true;
    }

    // Messages.

    void send(SimulatedTransport from, int to, PeerMessage message) {
        var link = links[from.node()][to];
        if (link == null || !link.open || link.from != from) return;
        byte[] bytes = PeerCodec.encode(rotten(message)).toBytes();
        var crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        boolean mayBeLost = message instanceof PeerMessage.Consensus;
        var parcel = new Parcel(bytes, (int) crc.getValue(), mayBeLost, world.now());
        world.note(from.node(), "→ n" + (to + 1), message, parcel.crc());
        if (mayBeLost && !calm && chance.perMillion(weather.lossPerMillion())) {
            world.evidence().count(Evidence.Of.LOST_MESSAGES);
            return;
        }
        travel(link, parcel);
        if (mayBeLost && !calm && chance.perMillion(weather.doublePerMillion())) {
            world.evidence().count(Evidence.Of.DOUBLED_MESSAGES);
            world.after(delay(), () -> arrive(link, parcel));
        }
    }

    /// Now and then a bit of a snapshot has changed in its giver's memory, where no checksum of the wire sees it.
    private PeerMessage rotten(PeerMessage message) {
        if (!(message instanceof PeerMessage.SnapshotSlice slice) || calm
                || slice.rows().length == 0 || !chance.perMillion(ROTTEN_PER_MILLION)) {
            return message;
        }
        world.evidence().count(Evidence.Of.ROTTEN_SLICES);
        var rows = slice.rows().clone();
        rows[chance.below(rows.length)] ^= (byte) (1 << chance.below(Byte.SIZE));
        return new PeerMessage.SnapshotSlice(slice.transfer(), slice.part(), slice.last(), rows);
    }

    private void travel(Link link, Parcel parcel) {
        long arrival = world.now() + delay();
        boolean overtakes = parcel.mayBeLost() && !calm
                && chance.perMillion(weather.overtakePerMillion());
        if (overtakes) {
            if (arrival < link.lastArrival) world.evidence().count(Evidence.Of.REORDERED_MESSAGES);
        } else {
            arrival = Math.max(arrival, link.lastArrival);
            link.lastArrival = arrival;
        }
        world.at(arrival, () -> arrive(link, parcel));
    }

    private long delay() {
        long micros = chance.between(weather.delayMicrosMax() / 8 + 1, weather.delayMicrosMax());
        return micros * World.MICRO * (!calm && chance.percent(1) ? 10 : 1);
    }

    private void arrive(Link link, Parcel parcel) {
        int from = link.from.node();
        int to = link.to.node();
        if (link.ended || endpoints[to] != link.to || link.to.isClosed()) return;
        if (blocked[from][to]) {
            if (link.open) {
                world.evidence().count(Evidence.Of.HELD_MESSAGES);
                link.held.add(parcel);
            }
            return;
        }
        if (parcel.mayBeLost() && world.now() - parcel.sentAt() > TCP_FORGETS) return;
        try {
            var message = PeerCodec.decode(ByteBuffer.wrap(parcel.bytes()));
            world.note(to, "← n" + (from + 1), message, parcel.crc());
            link.to.tell(receiver -> receiver.received(link.from.id(), message));
        } catch (BadFrameException unreadable) {
            world.violated("a frame that arrived unchanged cannot be read: "
                    + Failures.describe(unreadable));
        }
    }
}
