package org.bellwether.server.resp;

import java.time.Instant;

/// What the commands about the server do that have no file of their own.
final class ServerActions {
    private static final int NANOS_PER_MICRO = 1_000;

    private ServerActions() {}

    static void command(Session session, Arguments arguments, RespWriter out) {
        session.server().commandReplies().reply(arguments, out);
    }

    static void time(Session session, Arguments arguments, RespWriter out) {
        var now = Instant.now();
        out.array(2);
        out.bulkString(now.getEpochSecond());
        out.bulkString(now.getNano() / NANOS_PER_MICRO);
    }

    static void role(Session session, Arguments arguments, RespWriter out) {
        var nodes = Replicas.asSeenBy(session.server());
        long offset = Replicas.offset(nodes.node().appliedIndex());
        if (nodes.isLeader()) {
            var replicas = nodes.online(nodes.others());
            out.array(3);
            out.bulkString("master");
            out.integer(offset);
            out.array(replicas.size());
            for (var peer : replicas) {
                out.array(3);
                out.bulkString(nodes.address(peer).host());
                out.bulkString(nodes.address(peer).port());
                out.bulkString(Replicas.offset(peer.appliedIndex()));
            }
            return;
        }
        var leader = nodes.leaderAddress();
        out.array(5);
        out.bulkString("slave");
        out.bulkString(leader == null ? "" : leader.host());
        out.integer(leader == null ? 0 : leader.port());
        out.bulkString(leader == null
                ? "connect"
                : nodes.node().notReady() == null ? "connected" : "sync");
        out.integer(offset);
    }

    /// Nothing is noted as slow here, neither commands nor events; what troubles a node is in the cluster's status.
    static void noEntries(Session session, Arguments arguments, RespWriter out) {
        out.array(0);
    }

    static void noneCounted(Session session, Arguments arguments, RespWriter out) {
        out.integer(0);
    }

    static void nothingToForget(Session session, Arguments arguments, RespWriter out) {
        out.ok();
    }
}
