package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterView;
import org.bellwether.api.Command;
import org.bellwether.api.Member;

/// What Redis Sentinel answers, answered by every node: who leads, and who else there is. So a client that
/// looks for its master by Sentinel is given the addresses of the nodes as those of the sentinels, and finds
/// the leader. Whatever it calls the master, there is only one.
final class SentinelActions {
    private static final String UNKNOWN_IP = "?";

    private SentinelActions() {}

    static void masterAddress(Session session, Arguments arguments, RespWriter out) {
        session.server().sentinelEvents().named(masterName(arguments));
        var address = Replicas.asSeenBy(session.server()).leaderAddress();
        if (address == null) {
            out.nullArray();
            return;
        }
        out.array(2);
        out.bulkString(address.host());
        out.bulkString(address.port());
    }

    static void master(Session session, Arguments arguments, RespWriter out) {
        var name = masterName(arguments);
        session.server().sentinelEvents().named(name);
        write(master(Replicas.asSeenBy(session.server()), name), out);
    }

    private static String masterName(Arguments arguments) {
        return ClientActions.name(arguments, 2, "Names of masters");
    }

    static void masters(Session session, Arguments arguments, RespWriter out) {
        out.array(1);
        write(master(Replicas.asSeenBy(session.server()), "mymaster"), out);
    }

    static void replicas(Session session, Arguments arguments, RespWriter out) {
        var nodes = Replicas.asSeenBy(session.server());
        var others = nodes.others();
        out.array(others.size());
        for (var peer : others)
            write(replica(nodes, peer), out);
    }

    /// The other nodes, as far as they can be asked.
    static void sentinels(Session session, Arguments arguments, RespWriter out) {
        var nodes = Replicas.asSeenBy(session.server());
        var others = nodes.cluster().members().stream()
                .filter(peer -> !peer.member().id().equals(nodes.node().self().id())
                        && nodes.reached(peer.member()) != null)
                .toList();
        out.array(others.size());
        for (var peer : others) {
            var fields = fields(InfoText.id(peer.member().id()), nodes.address(peer),
                    peer.member());
            fields.addAll(List.of("flags", flags("sentinel", nodes.isOnline(peer)),
                    "last-ok-ping-reply", silence(peer), "last-ping-reply", silence(peer)));
            write(fields, out);
        }
    }

    static void quorum(Session session, Arguments arguments, RespWriter out) {
        int voters = 0;
        int heard = 0;
        var nodes = Replicas.asSeenBy(session.server());
        for (var peer : nodes.cluster().members()) {
            if (!peer.member().voter()) continue;
            voters++;
            if (nodes.isOnline(peer)) heard++;
        }
        if (heard > voters / 2) {
            out.simpleString("OK " + heard + " usable Sentinels. Quorum and failover authorization"
                    + " can be reached");
        } else {
            out.error("NOQUORUM " + heard + " usable Sentinels. Not enough available Sentinels to"
                    + " reach the majority and authorize a failover");
        }
    }

    static void myId(Session session, Arguments arguments, RespWriter out) {
        out.bulkString(InfoText.id(session.server().store().node().self().id()));
    }

    static void failover(Call call) {
        call.write(new Command.Transfer(null), (_, out) -> out.ok());
    }

    // What is known of one node: names and values in turn, all of them texts.

    private static List<String> master(Replicas nodes, String name) {
        var leader = nodes.leader();
        var fields = leader == null
                ? fields(name, new Address(UNKNOWN_IP, 0), nodes.node().self())
                : fields(name, nodes.address(leader), leader);
        int sentinels = (int) nodes.cluster().members().stream()
                .filter(peer -> nodes.reached(peer.member()) != null).count();
        int voters = (int) nodes.cluster().members().stream()
                .filter(peer -> peer.member().voter()).count();
        fields.addAll(List.of("flags", leader == null ? "master,s_down,o_down" : "master",
                "role-reported", "master",
                "config-epoch", Long.toString(nodes.cluster().term()),
                "num-slaves", Integer.toString(nodes.others().size()),
                "num-other-sentinels", Integer.toString(Math.max(0, sentinels - 1)),
                "quorum", Integer.toString(voters / 2 + 1)));
        return fields;
    }

    private static List<String> replica(Replicas nodes, ClusterView.Peer peer) {
        var address = nodes.address(peer);
        var fields = fields(address.toString(), address, peer.member());
        var master = nodes.leaderAddress();
        boolean online = nodes.isOnline(peer);
        fields.addAll(List.of("flags", flags("slave", online),
                "last-ok-ping-reply", silence(peer), "last-ping-reply", silence(peer),
                "role-reported", "slave",
                "master-link-status", online && master != null ? "ok" : "err",
                "master-host", master == null ? UNKNOWN_IP : master.host(),
                "master-port", master == null ? "0" : Integer.toString(master.port()),
                "slave-priority", "100",
                "slave-repl-offset", Long.toString(Replicas.offset(peer.appliedIndex())),
                "replica-announced", "1"));
        return fields;
    }

    private static List<String> fields(String name, Address address, Member member) {
        return new ArrayList<>(List.of("name", name, "ip", address.host(),
                "port", Integer.toString(address.port()),
                "runid", InfoText.id(member.id())));
    }

    /// Clients pass over whoever is said to be down.
    private static String flags(String role, boolean online) {
        return online ? role : role + ",s_down,disconnected";
    }

    private static String silence(ClusterView.Peer peer) {
        return peer.sinceHeard() == null ? "-1" : Long.toString(peer.sinceHeard().toMillis());
    }

    private static void write(List<String> fields, RespWriter out) {
        out.map(fields.size() / 2);
        for (var field : fields)
            out.bulkString(field);
    }
}
