package org.bellwether.server.resp;

import static org.bellwether.server.resp.CommandFlag.ADMIN;
import static org.bellwether.server.resp.CommandFlag.FAST;
import static org.bellwether.server.resp.CommandFlag.LOADING;
import static org.bellwether.server.resp.CommandFlag.STALE;

import java.util.List;
import org.bellwether.server.resp.CommandRow.Sheet;

/// How clients of Redis Cluster and of Redis Sentinel find out which node leads.
final class ClusterCommands {
    private static final Sheet CLUSTER = new Sheet("cluster");
    private static final Sheet SESSION = new Sheet("cluster", AclCategory.CONNECTION);
    private static final Sheet SENTINEL = new Sheet("sentinel");
    private static final String PER_NODE = "O(N) where N is the number of nodes.";

    private ClusterCommands() {}

    static List<CommandInfo> rows() {
        return List.of(
                SESSION.command("asking", 1, FAST)
                        .atOnce(ConnectionActions::asking)
                        .since("3.0.0", "Lets the next command follow an ASK; there are none."),
                CLUSTER.command("cluster", -2).subcommands(
                        slot("countkeysinslot", 3).alone(ScanActions::countKeysInSlot)
                                .cost("O(N) where N is the number of all keys.")
                                .since("3.0.0", "How many keys a slot has."),
                        slot("getkeysinslot", 4).alone(ScanActions::keysInSlot)
                                .tips("nondeterministic_output")
                                .cost("O(N) where N is the number of all keys.")
                                .since("3.0.0", "Keys of a slot."),
                        cluster("info", 2, ClusterActions::info).tips("nondeterministic_output")
                                .since("3.0.0", "How the cluster is."),
                        cluster("keyslot", 3, ClusterActions::keyslot)
                                .cost("O(N) where N is the length of the key.")
                                .since("3.0.0", "The slot of a key."),
                        cluster("links", 2, ClusterActions::links).tips("nondeterministic_output")
                                .cost(PER_NODE)
                                .since("7.0.0", "The connections between nodes."),
                        cluster("myid", 2, ClusterActions::myid).since("3.0.0",
                                "The id of this node."),
                        cluster("nodes", 2, ClusterActions::nodes).tips("nondeterministic_output")
                                .cost(PER_NODE)
                                .since("3.0.0", "All nodes, a line each."),
                        CLUSTER.command("cluster|replicas", 3, ADMIN, STALE)
                                .tips("nondeterministic_output").cost(PER_NODE)
                                .atOnce(ClusterActions.here(ClusterActions::replicas))
                                .since("5.0.0", "The replicas of a node, a line each."),
                        cluster("shards", 2, ClusterActions::shards).tips("nondeterministic_output")
                                .cost(PER_NODE)
                                .since("7.0.0", "Which nodes have which slots."),
                        cluster("slots", 2, ClusterActions::slots).tips("nondeterministic_output")
                                .cost(PER_NODE)
                                .deprecated("7.0.0", "`CLUSTER SHARDS`")
                                .since("3.0.0", "Which nodes have which slots."))
                        .since("3.0.0", "Commands about the cluster."),
                SESSION.command("readonly", 1, LOADING, STALE, FAST)
                        .atOnce(ConnectionActions::readonly)
                        .since("3.0.0", "Lets a replica serve this connection's reads."),
                SESSION.command("readwrite", 1, LOADING, STALE, FAST)
                        .atOnce(ConnectionActions::readwrite)
                        .since("3.0.0", "Takes `READONLY` back."),
                SENTINEL.command("sentinel", -2, ADMIN).subcommands(
                        sentinel("ckquorum", 3)
                                .atOnce(SentinelActions::quorum)
                                .since("2.8.4", "Whether a leader could be elected."),
                        sentinel("failover", 3).alone(SentinelActions::failover).since("2.8.4",
                                "Lets another node lead."),
                        sentinel("get-master-addr-by-name", 3)
                                .atOnce(SentinelActions::masterAddress)
                                .since("2.8.4", "The address of the node that leads."),
                        sentinel("master", 3).atOnce(SentinelActions::master).since("2.8.4",
                                "What is known of the leader."),
                        sentinel("masters", 2).atOnce(SentinelActions::masters).since("2.8.4",
                                "What is known of all leaders."),
                        sentinel("myid", 2).atOnce(SentinelActions::myId).since("6.2.0",
                                "The id of this node."),
                        sentinel("replicas", 3).cost(PER_NODE)
                                .atOnce(SentinelActions::replicas)
                                .since("5.0.0", "What is known of the replicas."),
                        sentinel("sentinels", 3).cost(PER_NODE)
                                .atOnce(SentinelActions::sentinels)
                                .since("2.8.4", "What is known of the other nodes."),
                        sentinel("slaves", 3).cost(PER_NODE)
                                .deprecated("5.0.0", "`SENTINEL REPLICAS`")
                                .atOnce(SentinelActions::replicas)
                                .since("2.8.0", "What is known of the replicas."))
                        .since("2.8.4", "Commands of Redis Sentinel."));
    }

    private static CommandRow cluster(String name, int arity, Action.Answer answer) {
        return slot(name, arity).atOnce(ClusterActions.here(answer));
    }

    private static CommandRow slot(String name, int arity) {
        return CLUSTER.command("cluster|" + name, arity, STALE);
    }

    private static CommandRow sentinel(String name, int arity) {
        return SENTINEL.command("sentinel|" + name, arity, ADMIN);
    }
}
