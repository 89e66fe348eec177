package org.bellwether.server.resp;

import java.util.List;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterView;
import org.bellwether.api.Member;
import org.jspecify.annotations.Nullable;

/// What `CLUSTER` answers where clients of Redis Cluster are served: one shard that has all slots, whose master is who
/// leads. All of it changes the moment the leader does. Until there is a new one the slots are still those of the last,
/// as Redis has it: there are clients that never ask again once they were told that nobody has them.
final class ClusterActions {
    private static final int LAST_SLOT = 16_383;

    private ClusterActions() {}

    /// Only for clients of Redis Cluster.
    static Action.Answer here(Action.Answer answer) {
        return (session, arguments, out) -> {
            requireCluster(session);
            answer.give(session, arguments, out);
        };
    }

    static void requireCluster(Session session) {
        if (!session.server().config().cluster())
            throw new CommandError("ERR This instance has cluster support disabled");
    }

    private static Replicas nodes(Session session) {
        return Replicas.asSeenBy(session.server());
    }

    private static String id(Member member) {
        return InfoText.id(member.id());
    }

    static void slots(Session session, Arguments arguments, RespWriter out) {
        var nodes = nodes(session);
        var latest = nodes.latestLeader();
        if (latest == null) {
            out.array(0);
            return;
        }
        var replicas = nodes.online(nodes.butFor(latest));
        out.array(1);
        out.array(3 + replicas.size());
        out.integer(0);
        out.integer(LAST_SLOT);
        slotNode(latest, nodes.address(latest), out);
        for (var peer : replicas)
            slotNode(peer.member(), nodes.address(peer), out);
    }

    private static void slotNode(Member member, Address address, RespWriter out) {
        out.array(4);
        out.bulkString(address.host());
        out.integer(address.port());
        out.bulkString(id(member));
        out.map(0);
    }

    static void shards(Session session, Arguments arguments, RespWriter out) {
        var nodes = nodes(session);
        var latest = nodes.latestLeader();
        var others = nodes.butFor(latest);
        out.array(1);
        out.map(3);
        out.bulkString("slots");
        out.array(latest == null ? 0 : 2);
        if (latest != null) {
            out.integer(0);
            out.integer(LAST_SLOT);
        }
        out.bulkString("nodes");
        out.array(others.size() + (latest == null ? 0 : 1));
        long offset = Replicas.offset(nodes.node().appliedIndex());
        if (latest != null)
            shardNode(latest, nodes.address(latest), "master", offset, nodes.leader() != null, out);
        for (var peer : others) {
            shardNode(peer.member(), nodes.address(peer), "replica",
                    Replicas.offset(peer.appliedIndex()), isUp(nodes, peer), out);
        }
        text("id", InfoText.id(nodes.cluster().id().uuid()), out);
    }

    private static void shardNode(Member member, Address address, String role, long offset,
            boolean up, RespWriter out) {
        out.map(7);
        text("id", id(member), out);
        out.bulkString("port");
        out.integer(address.port());
        text("ip", address.host(), out);
        text("endpoint", address.host(), out);
        text("role", role, out);
        out.bulkString("replication-offset");
        out.integer(offset);
        text("health", up ? "online" : "fail", out);
    }

    private static void text(String name, String value, RespWriter out) {
        out.bulkString(name);
        out.bulkString(value);
    }

    private static boolean isUp(Replicas nodes, ClusterView.Peer peer) {
        return peer.member().id().equals(nodes.node().self().id()) || nodes.isOnline(peer);
    }

    static void nodes(Session session, Arguments arguments, RespWriter out) {
        var nodes = nodes(session);
        var text = new StringBuilder();
        for (var peer : nodes.cluster().members()) {
            if (nodes.reached(peer.member()) != null) text.append(line(nodes, peer)).append('\n');
        }
        out.verbatim(text.toString());
    }

    private static String line(Replicas nodes, ClusterView.Peer peer) {
        var member = peer.member();
        var address = nodes.address(peer);
        var latest = nodes.latestLeader();
        boolean isLatest = latest != null && latest.id().equals(member.id());
        boolean self = member.id().equals(nodes.node().self().id());
        boolean up = isLatest ? nodes.leader() != null : isUp(nodes, peer);
        var flags = (self ? "myself," : "") + (isLatest ? "master" : "slave")
                + (up ? "" : ",fail");
        return String.join(" ", id(member),
                address.host() + ":" + address.port() + "@" + member.peer().port(), flags,
                isLatest || latest == null ? "-" : id(latest), "0", heard(peer),
                Long.toString(nodes.cluster().term()), up ? "connected" : "disconnected")
                + (isLatest ? " 0-" + LAST_SLOT : "");
    }

    /// When, in milliseconds since 1970.
    private static String heard(ClusterView.Peer peer) {
        var since = peer.sinceHeard();
        return since == null ? "0" : Long.toString(System.currentTimeMillis() - since.toMillis());
    }

    static void replicas(Session session, Arguments arguments, RespWriter out) {
        var nodes = nodes(session);
        var latest = nodes.latestLeader();
        var asked = arguments.text(2);
        if (nodes.cluster().members().stream().noneMatch(peer -> id(peer.member()).equals(asked)))
            throw new CommandError("ERR Unknown node " + asked);
        if (latest == null || !id(latest).equals(asked))
            throw new CommandError("ERR The specified node is not a master");
        var others = nodes.butFor(latest);
        out.array(others.size());
        for (var peer : others)
            out.bulkString(line(nodes, peer));
    }

    static void info(Session session, Arguments arguments, RespWriter out) {
        var nodes = nodes(session);
        boolean ok = nodes.leader() != null && nodes.node().notReady() == null;
        int known = (int) nodes.cluster().members().stream()
                .filter(peer -> nodes.reached(peer.member()) != null).count();
        int slots = nodes.latestLeader() == null ? 0 : LAST_SLOT + 1;
        int served = nodes.leader() == null ? 0 : slots;
        out.verbatim(String.join("\r\n", "cluster_enabled:1",
                "cluster_state:" + (ok ? "ok" : "fail"), "cluster_slots_assigned:" + slots,
                "cluster_slots_ok:" + served, "cluster_slots_pfail:0",
                "cluster_slots_fail:" + (slots - served),
                "cluster_known_nodes:" + known, "cluster_size:1",
                "cluster_current_epoch:" + nodes.cluster().term(),
                "cluster_my_epoch:" + nodes.cluster().term(), ""));
    }

    static void myid(Session session, Arguments arguments, RespWriter out) {
        out.bulkString(id(nodes(session).node().self()));
    }

    static void keyslot(Session session, Arguments arguments, RespWriter out) {
        out.integer(KeySlot.of(arguments.get(2)));
    }

    /// Links between our nodes are no matter of Redis clients.
    static void links(Session session, Arguments arguments, RespWriter out) {
        out.array(0);
    }

    // Where a command belongs.

    /// Why this node does not serve it; null if it does. A client of a cluster that is not sent away never learns that
    /// another node leads.
    static @Nullable String redirection(Session session, List<Call> calls) {
        var server = session.server();
        if (!server.config().cluster() || server.store().node().leads()) return null;
        for (var call : calls) {
            if (call.isServedByReplica(session)) continue;
            var leader = nodes(session).leaderAddress();
            if (leader == null) return "CLUSTERDOWN The cluster is down";
            var key = call.firstKey();
            return key == null
                    ? "READONLY You can't write against a read only replica."
                    : "MOVED " + KeySlot.of(key) + " " + leader.host() + ":" + leader.port();
        }
        return null;
    }
}
