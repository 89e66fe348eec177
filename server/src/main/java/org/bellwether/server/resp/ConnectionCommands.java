package org.bellwether.server.resp;

import static org.bellwether.server.resp.CommandFlag.ADMIN;
import static org.bellwether.server.resp.CommandFlag.ALLOW_BUSY;
import static org.bellwether.server.resp.CommandFlag.FAST;
import static org.bellwether.server.resp.CommandFlag.LOADING;
import static org.bellwether.server.resp.CommandFlag.NOSCRIPT;
import static org.bellwether.server.resp.CommandFlag.NO_AUTH;
import static org.bellwether.server.resp.CommandFlag.STALE;

import java.util.List;
import org.bellwether.server.resp.CommandRow.Sheet;

/// One client's connection: who it is, and how it is spoken to.
final class ConnectionCommands {
    private static final Sheet CONNECTION = new Sheet("connection", AclCategory.CONNECTION);
    private static final Sheet CONTAINER = new Sheet("connection");

    private ConnectionCommands() {}

    static List<CommandInfo> rows() {
        return List.of(
                CONNECTION.command("auth", -2, NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .cost("O(N) where N is the number of passwords of the user.")
                        .atOnce(ConnectionActions::auth).since("1.0.0", "Says who the client is."),
                CONTAINER.command("client", -2).subcommands(
                        own("caching", 3).atOnce(TrackingActions::caching).since("6.0.0",
                                "Whether the client keeps copies of what it reads next."),
                        own("getname", 2).atOnce(ClientActions::getName).since("2.6.9",
                                "The name of this connection."),
                        own("getredir", 2).atOnce(TrackingActions::getRedirect).since("6.0.0",
                                "Who is told of this client's stale copies."),
                        own("id", 2).atOnce(ClientActions::id).since("5.0.0",
                                "The number of this connection."),
                        own("info", 2).tips("nondeterministic_output")
                                .atOnce(ClientActions::info)
                                .since("6.2.0", "What is known of this connection."),
                        others("kill", -3)
                                .cost("O(N) where N is the number of connections.")
                                .atOnce(ClientActions::kill).since("2.4.0", "Ends connections."),
                        others("list", -2).tips("nondeterministic_output")
                                .cost("O(N) where N is the number of connections.")
                                .atOnce(ClientActions::list)
                                .since("2.4.0", "What is known of all connections."),
                        others("no-evict", 3)
                                .atOnce(ClientActions::noEvict)
                                .since("7.0.0", "Whether this connection outlives full memory."),
                        own("no-touch", 3)
                                .atOnce(ClientActions::noTouch)
                                .since("7.2.0", "Whether reads leave a key's last use as it is."),
                        own("reads", -2).atOnce(ClientActions::reads).since("7.4.0",
                                "How fresh this connection's reads are."),
                        own("reply", 3).atOnce(ClientActions::reply).since("3.2.0",
                                "Whether this client wants replies."),
                        own("setinfo", 4)
                                .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                                .atOnce(ClientActions::setInfo)
                                .since("7.2.0", "Which library this client uses."),
                        own("setname", 3).atOnce(ClientActions::setName).since("2.6.9",
                                "Names this connection."),
                        own("tracking", -3)
                                .cost("O(1). Some options may introduce additional complexity.")
                                .atOnce(TrackingActions::tracking).since("6.0.0",
                                        "Whether the client keeps copies, to be told of stale ones."),
                        own("trackinginfo", 2).atOnce(TrackingActions::info).since("6.2.0",
                                "Of what this client keeps copies."))
                        .since("2.4.0", "Commands about connections."),
                CONNECTION.command("echo", 2, LOADING, STALE, FAST)
                        .atOnce(ConnectionActions::echo).since("1.0.0", "Answers its argument."),
                CONNECTION.command("hello", -1, NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .atOnce(ConnectionActions::hello)
                        .since("6.0.0", "Agrees on a protocol; may say who the client is."),
                CONNECTION.command("ping", -1, FAST)
                        .tips("request_policy:all_shards", "response_policy:all_succeeded")
                        .atOnce(ConnectionActions::ping)
                        .since("1.0.0", "Answers, if anybody does."),
                CONNECTION.command("quit", -1, NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .atOnce(ConnectionActions::quit).since("1.0.0", "Ends this connection."),
                CONNECTION.command("reset", 1, NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
                        .atOnce(ConnectionActions::reset)
                        .since("6.2.0", "Makes this connection as it was at its beginning."),
                CONNECTION.command("select", 2, LOADING, STALE, FAST)
                        .atOnce(ConnectionActions::select)
                        .since("1.0.0", "Chooses a database; there is only number 0."));
    }

    /// About the connection on which it comes.
    private static CommandRow own(String name, int arity) {
        return CONNECTION.command("client|" + name, arity, NOSCRIPT, LOADING, STALE);
    }

    private static CommandRow others(String name, int arity) {
        return CONNECTION.command("client|" + name, arity, ADMIN, NOSCRIPT, LOADING, STALE);
    }
}
