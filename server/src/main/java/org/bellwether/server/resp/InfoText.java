package org.bellwether.server.resp;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bellwether.api.Consistency;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Result;

/// What `INFO` answers: sections of lines `name:value`, each ended by CR LF, which redis-cli looks for. The
/// names are those of Redis; what has no meaning here is left out.
final class InfoText {
    private static final List<String> SECTIONS = List.of("server", "clients", "memory",
            "persistence", "stats", "replication", "cluster", "keyspace");
    private static final int ID_CHARS = 40;

    private final RespServer server;
    private final StringBuilder text = new StringBuilder();

    private InfoText(RespServer server) {
        this.server = server;
    }

    static void reply(Session session, Arguments arguments, RespWriter out) {
        var wanted = new ArrayList<String>();
        for (int i = 1; i < arguments.count(); i++)
            wanted.add(arguments.text(i).toLowerCase(Locale.ROOT));
        boolean all = wanted.isEmpty() || wanted.contains("all") || wanted.contains("default")
                || wanted.contains("everything");
        var info = new InfoText(session.server());
        for (var section : SECTIONS) {
            if (all || wanted.contains(section)) info.section(section);
        }
        out.verbatim(info.text.toString());
    }

    private void section(String name) {
        if (!text.isEmpty()) text.append("\r\n");
        text.append("# ").append(name.substring(0, 1).toUpperCase(Locale.ROOT))
                .append(name.substring(1)).append("\r\n");
        switch (name) {
            case "server" -> server();
            case "clients" -> clients();
            case "memory" -> memory();
            case "persistence" -> persistence();
            case "stats" -> stats();
            case "replication" -> replication();
            case "cluster" -> line("cluster_enabled", server.config().cluster() ? 1 : 0);
            case "keyspace" -> keyspace();
            default -> throw new IllegalArgumentException(name);
        }
    }

    private void line(String name, Object value) {
        text.append(name).append(':').append(value).append("\r\n");
    }

    private void server() {
        line("redis_version", ConnectionActions.REDIS_VERSION);
        line("redis_mode", server.config().cluster() ? "cluster" : "standalone");
        line("bellwether_version", server.version());
        line("os", System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch"));
        line("arch_bits", 64);
        line("process_id", ProcessHandle.current().pid());
        line("run_id", id(server.store().node().self().id()));
        line("tcp_port", server.port());
        line("uptime_in_seconds", server.uptimeSeconds());
        line("uptime_in_days", Duration.ofSeconds(server.uptimeSeconds()).toDays());
    }

    private void clients() {
        line("connected_clients", server.connections().size());
        line("maxclients", server.bounds().connectionsMax());
        line("blocked_clients",
                server.connections().stream().filter(RespConnection::isBlocked).count());
        line("pubsub_clients", server.connections().stream()
                .filter(each -> !each.session().subscriptions().isEmpty()).count());
        line("tracking_clients", server.trackedKeys().clientCount());
        line("bellwether_held_bytes", server.holdings().bytes());
        line("bellwether_held_bytes_max", server.holdings().bytesMax());
    }

    private void memory() {
        line("used_memory", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        line("maxmemory", 0);
        line("maxmemory_policy", "noeviction");
    }

    private void persistence() {
        // ioredis waits until it is 0.
        line("loading", server.store().node().notReady() == null ? 0 : 1);
        line("rdb_bgsave_in_progress", 0);
        line("aof_enabled", 1);
        line("aof_rewrite_in_progress", 0);
        line("aof_last_write_status", "ok");
    }

    private void stats() {
        line("total_connections_received", server.counts().connections);
        line("total_commands_processed", server.counts().commands);
        line("rejected_connections", server.counts().refused);
        line("evicted_clients", server.counts().evicted);
        line("pubsub_channels", server.channels().names().size());
        line("pubsub_patterns", server.channels().patternCount());
        line("tracking_total_keys", server.trackedKeys().keyCount());
        line("tracking_total_prefixes", server.trackedKeys().prefixCount());
    }

    /// As this node knows it. Which keys expire is not counted.
    private void keyspace() {
        server.store().read(new Read.Size(), Consistency.LOCAL, Duration.ZERO, outcome -> {
            if (outcome instanceof Outcome.Applied(Result.Amount(var keys), var _) && keys > 0)
                line("db0", "keys=" + keys + ",expires=0,avg_ttl=0");
        });
    }

    private void replication() {
        var nodes = Replicas.asSeenBy(server);
        long offset = Replicas.offset(nodes.node().appliedIndex());
        if (nodes.isLeader()) {
            leading(nodes, offset);
        } else {
            following(nodes, offset);
        }
        line("master_failover_state", "no-failover");
        line("master_replid", id(nodes.cluster().id().uuid()));
        line("master_replid2", padded(""));
        line("master_repl_offset", offset);
        line("second_repl_offset", -1);
    }

    private void leading(Replicas nodes, long offset) {
        line("role", "master");
        var replicas = nodes.online(nodes.others());
        line("connected_slaves", replicas.size());
        for (int i = 0; i < replicas.size(); i++) {
            var peer = replicas.get(i);
            var address = nodes.address(peer);
            long applied = Math.min(offset, Replicas.offset(peer.appliedIndex()));
            line("slave" + i, "ip=" + address.host() + ",port=" + address.port()
                    + ",state=online,offset=" + applied + ",lag=0");
        }
    }

    private void following(Replicas nodes, long offset) {
        line("role", "slave");
        var leader = nodes.leaderAddress();
        if (leader != null) {
            line("master_host", leader.host());
            line("master_port", leader.port());
        }
        line("master_link_status", leader != null && nodes.node().notReady() == null
                ? "up"
                : "down");
        line("slave_repl_offset", offset);
        line("slave_priority", 100);
        line("slave_read_only", 0);
        line("connected_slaves", 0);
    }

    /// Forty hexadecimal digits, as identities have them in Redis.
    static String id(Object uuid) {
        return padded(uuid.toString().replace("-", ""));
    }

    private static String padded(String digits) {
        return digits + "0".repeat(ID_CHARS - digits.length());
    }
}
