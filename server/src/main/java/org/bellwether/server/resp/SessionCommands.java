package org.bellwether.server.resp;

import static org.bellwether.server.resp.CommandFlag.ALLOW_BUSY;
import static org.bellwether.server.resp.CommandFlag.FAST;
import static org.bellwether.server.resp.CommandFlag.LOADING;
import static org.bellwether.server.resp.CommandFlag.NOSCRIPT;
import static org.bellwether.server.resp.CommandFlag.PUBSUB;
import static org.bellwether.server.resp.CommandFlag.SKIP_SLOWLOG;
import static org.bellwether.server.resp.CommandFlag.STALE;

import java.util.List;
import org.bellwether.server.resp.CommandRow.Sheet;

/// What a connection remembers between two commands: a transaction, and what it listens to.
final class SessionCommands {
    private static final Sheet TRANSACTION = new Sheet("transactions", AclCategory.TRANSACTION);
    private static final Sheet CHANNELS = new Sheet("pubsub");
    private static final String PER_CHANNEL = "O(N) where N is the number of channels.";

    private SessionCommands() {}

    static List<CommandInfo> rows() {
        return List.of(
                transaction("discard", 1).atOnce(TransactionActions::discard)
                        .cost("O(N) where N is the number of queued commands.")
                        .since("2.0.0", "Forgets the transaction."),
                TRANSACTION.command("exec", 1, NOSCRIPT, LOADING, STALE, SKIP_SLOWLOG)
                        .alone(Execution::start)
                        .cost("Depends on commands in the transaction")
                        .since("1.2.0", "Performs the transaction."),
                transaction("multi", 1).atOnce(TransactionActions::multi)
                        .since("1.2.0", "Begins a transaction."),
                transaction("unwatch", 1).atOnce(TransactionActions::unwatch)
                        .since("2.2.0", "Watches no key any more."),
                transaction("watch", -2).keysEvery(1, KeyFlag.RO)
                        .alone(TransactionActions::watch).cost("O(1) for every key.")
                        .since("2.2.0", "Lets the transaction fail if a key changes before it."),
                channels("psubscribe", -2).atOnce(ChannelActions::psubscribe).cost(PER_CHANNEL)
                        .since("2.0.0", "Listens to the channels that match patterns."),
                CHANNELS.command("publish", 3, PUBSUB, LOADING, STALE, FAST)
                        .atOnce(ChannelActions::publish)
                        .cost("O(N) where N is the number of who listens.")
                        .since("2.0.0", "Sends a message to a channel."),
                channels("punsubscribe", -1).atOnce(ChannelActions::punsubscribe).cost(PER_CHANNEL)
                        .since("2.0.0", "Listens to patterns no more."),
                CHANNELS.command("pubsub", -2).subcommands(
                        about("channels", -2).atOnce(ChannelActions::channels).cost(PER_CHANNEL)
                                .since("2.8.0", "The channels that somebody listens to."),
                        about("numpat", 2).atOnce(ChannelActions::numpat)
                                .since("2.8.0", "How many patterns are listened to."),
                        about("numsub", -2).atOnce(ChannelActions::numsub).cost(PER_CHANNEL)
                                .since("2.8.0", "How many listen to channels."))
                        .since("2.8.0", "Commands about channels."),
                channels("subscribe", -2).atOnce(ChannelActions::subscribe).cost(PER_CHANNEL)
                        .since("2.0.0", "Listens to channels."),
                channels("unsubscribe", -1).atOnce(ChannelActions::unsubscribe).cost(PER_CHANNEL)
                        .since("2.0.0", "Listens to channels no more."));
    }

    private static CommandRow transaction(String name, int arity) {
        return TRANSACTION.command(name, arity, NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY);
    }

    private static CommandRow channels(String name, int arity) {
        return CHANNELS.command(name, arity, PUBSUB, NOSCRIPT, LOADING, STALE);
    }

    private static CommandRow about(String name, int arity) {
        return CHANNELS.command("pubsub|" + name, arity, PUBSUB, LOADING, STALE);
    }
}
