package org.bellwether.server.resp;

import static org.bellwether.server.resp.AclCategory.CONNECTION;
import static org.bellwether.server.resp.AclCategory.DANGEROUS;
import static org.bellwether.server.resp.AclCategory.KEYSPACE;
import static org.bellwether.server.resp.CommandFlag.ADMIN;
import static org.bellwether.server.resp.CommandFlag.FAST;
import static org.bellwether.server.resp.CommandFlag.LOADING;
import static org.bellwether.server.resp.CommandFlag.NOSCRIPT;
import static org.bellwether.server.resp.CommandFlag.NO_ASYNC_LOADING;
import static org.bellwether.server.resp.CommandFlag.READONLY;
import static org.bellwether.server.resp.CommandFlag.STALE;
import static org.bellwether.server.resp.CommandFlag.WRITE;

import java.util.List;
import org.bellwether.server.resp.CommandRow.Sheet;

/// The server as such: what it knows, how it is set, and who leads.
final class ServerCommands {
    private static final Sheet SERVER = new Sheet("server");
    private static final String PER_COMMAND = "O(N) where N is the number of commands asked for.";

    private static final String NONDETERMINISTIC = "nondeterministic_output";
    private static final String ALL_NODES = "request_policy:all_nodes";
    private static final String SPECIAL = "response_policy:special";

    private ServerCommands() {}

    static List<CommandInfo> rows() {
        return List.of(
                about("command", -1).tips("nondeterministic_output_order").subcommands(
                        about("command|count", 2).since("2.8.13", "How many commands there are."),
                        about("command|docs", -2).tips("nondeterministic_output_order")
                                .cost(PER_COMMAND).since("7.0.0", "What commands are for."),
                        about("command|getkeys", -4)
                                .cost("O(N) where N is the number of arguments.")
                                .since("2.8.13", "Which arguments of a command are keys."),
                        about("command|info", -2).tips("nondeterministic_output_order")
                                .cost(PER_COMMAND)
                                .since("2.8.13", "What clients must know of commands."),
                        about("command|list", -2).tips("nondeterministic_output_order")
                                .cost("O(N) where N is the number of commands.")
                                .since("7.0.0", "The names of commands."))
                        .cost("O(N) where N is the number of commands.")
                        .since("2.8.13", "What clients must know of all commands."),
                SERVER.command("config", -2).subcommands(
                        config("config|get", -3)
                                .cost("O(N) where N is the number of parameters.")
                                .atOnce(ConfigParameters::get)
                                .since("2.0.0", "How parameters are set."),
                        config("config|resetstat", 2).atOnce(ConfigParameters::resetStat)
                                .since("2.0.0", "Counts from zero again."),
                        config("config|set", -4)
                                .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                                .cost("O(N) where N is the number of parameters.")
                                .atOnce(ConfigParameters::set).since("2.0.0", "Sets parameters."))
                        .since("2.0.0", "Commands about parameters."),
                SERVER.command("dbsize", 1, READONLY, FAST).in(KEYSPACE)
                        .tips("request_policy:all_shards", "response_policy:agg_sum")
                        .reads(KeyActions::dbsize).since("1.0.0", "How many keys there are."),
                SERVER.command("failover", -1, ADMIN, NOSCRIPT, STALE)
                        .alone(LeadershipActions::failover)
                        .since("6.2.0", "Hands leadership to another node."),
                flush("flushall"), flush("flushdb"),
                SERVER.command("info", -1, LOADING, STALE).in(DANGEROUS)
                        .tips("nondeterministic_output", "request_policy:all_shards",
                                "response_policy:special")
                        .atOnce(InfoText::reply)
                        .since("1.0.0", "How the server is, and what it has done."),
                SERVER.command("latency", -2).subcommands(
                        monitor("latency|history", 3).tips(NONDETERMINISTIC, ALL_NODES, SPECIAL)
                                .atOnce(ServerActions::noEntries)
                                .since("2.8.13", "When an event was slow."),
                        monitor("latency|latest", 2).tips(NONDETERMINISTIC, ALL_NODES, SPECIAL)
                                .atOnce(ServerActions::noEntries)
                                .since("2.8.13", "Which events were slow last."),
                        monitor("latency|reset", -2)
                                .tips(ALL_NODES, "response_policy:all_succeeded")
                                .atOnce(ServerActions::noneCounted)
                                .since("2.8.13", "Forgets what was slow."))
                        .since("2.8.13", "Commands about slow events; none are noted here."),
                SERVER.command("memory", -2).subcommands(
                        SERVER.command("memory|usage", -3, READONLY).key(2, KeyFlag.RO)
                                .cost("O(1)").reads(ObjectActions::memoryUsage)
                                .since("4.0.0", "How many bytes a key and its value take."))
                        .since("4.0.0", "Commands about memory."),
                SERVER.command("replicaof", 3, ADMIN, NOSCRIPT, STALE, NO_ASYNC_LOADING)
                        .alone(LeadershipActions::replicaOf)
                        .since("5.0.0",
                                "`NO ONE` has this node lead; else the cluster decides who does."),
                SERVER.command("role", 1, NOSCRIPT, LOADING, STALE, FAST)
                        .in(AclCategory.ADMIN, DANGEROUS)
                        .atOnce(ServerActions::role)
                        .since("2.8.12", "Whether this node leads, and who follows."),
                SERVER.command("slaveof", 3, ADMIN, NOSCRIPT, STALE, NO_ASYNC_LOADING)
                        .deprecated("5.0.0", "`REPLICAOF`")
                        .alone(LeadershipActions::replicaOf)
                        .since("1.0.0",
                                "`NO ONE` has this node lead; else the cluster decides who does."),
                SERVER.command("slowlog", -2).subcommands(
                        slow("slowlog|get", -2).tips(ALL_NODES, NONDETERMINISTIC)
                                .atOnce(ServerActions::noEntries)
                                .since("2.2.12", "Which commands were slow."),
                        slow("slowlog|len", 2)
                                .tips(ALL_NODES, "response_policy:agg_sum", NONDETERMINISTIC)
                                .atOnce(ServerActions::noneCounted)
                                .since("2.2.12", "How many slow commands are noted."),
                        slow("slowlog|reset", 2).tips(ALL_NODES, "response_policy:all_succeeded")
                                .atOnce(ServerActions::nothingToForget)
                                .since("2.2.12", "Forgets the slow commands."))
                        .since("2.2.12", "Commands about slow commands; none are noted here."),
                SERVER.command("time", 1, LOADING, STALE, FAST).tips("nondeterministic_output")
                        .atOnce(ServerActions::time).since("2.6.0", "The server's clock."));
    }

    private static CommandRow about(String name, int arity) {
        return SERVER.command(name, arity, LOADING, STALE).in(CONNECTION)
                .atOnce(ServerActions::command);
    }

    private static CommandRow config(String name, int arity) {
        return SERVER.command(name, arity, ADMIN, NOSCRIPT, LOADING, STALE);
    }

    private static CommandRow monitor(String name, int arity) {
        return SERVER.command(name, arity, ADMIN, NOSCRIPT, LOADING, STALE);
    }

    private static CommandRow slow(String name, int arity) {
        return SERVER.command(name, arity, ADMIN, LOADING, STALE);
    }

    private static CommandInfo flush(String name) {
        return SERVER.command(name, -1, WRITE).in(KEYSPACE, DANGEROUS)
                .tips("request_policy:all_shards", "response_policy:all_succeeded")
                .cost("O(N) where N is the number of keys.").writes(KeyActions::flush)
                .since("1.0.0", "Deletes all keys.");
    }
}
