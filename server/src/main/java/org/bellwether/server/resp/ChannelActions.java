package org.bellwether.server.resp;

import java.util.ArrayList;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Refusal;

/// What the commands of `PUBSUB` and its relatives do.
final class ChannelActions {
    private ChannelActions() {}

    static void subscribe(Session session, Arguments arguments, RespWriter out) {
        session.subscriptions().subscribe(StringActions.keys(arguments), out);
    }

    static void psubscribe(Session session, Arguments arguments, RespWriter out) {
        session.subscriptions().subscribePatterns(StringActions.keys(arguments), out);
    }

    static void unsubscribe(Session session, Arguments arguments, RespWriter out) {
        if (arguments.count() == 1) session.subscriptions().unsubscribeAll(out);
        for (int i = 1; i < arguments.count(); i++)
            session.subscriptions().unsubscribe(arguments.bytes(i), out);
    }

    static void punsubscribe(Session session, Arguments arguments, RespWriter out) {
        if (arguments.count() == 1) session.subscriptions().unsubscribeAllPatterns(out);
        for (int i = 1; i < arguments.count(); i++)
            session.subscriptions().unsubscribePattern(arguments.bytes(i), out);
    }

    /// Counts who hears it here; as in a Redis Cluster, those on other nodes are not counted.
    static void publish(Session session, Arguments arguments, RespWriter out) {
        var server = session.server();
        var channel = arguments.bytes(1);
        var message = arguments.bytes(2);
        long bytes = (long) channel.length() + message.length();
        int most = server.store().limits().messageBytesMax();
        if (bytes > most) {
            throw new CommandError("ERR message of " + bytes + " bytes, its channel included, is"
                    + " over the limit of " + most);
        }
        int listeners = server.channels().listeners(channel);
        server.messages().publish(channel, message);
        out.integer(listeners);
    }

    static void channels(Session session, Arguments arguments, RespWriter out) {
        if (arguments.count() > 3) {
            throw new CommandError("ERR unknown subcommand or wrong number of arguments for '"
                    + arguments.text(1) + "'. Try PUBSUB HELP.");
        }
        var pattern = arguments.count() == 3 ? Glob.compile(arguments.get(2)) : null;
        var names = new ArrayList<Bytes>();
        long bytes = 0;
        for (var name : session.server().channels().names()) {
            if (arguments.count() == 2 || pattern != null && pattern.matches(name.array())) {
                names.add(name);
                bytes += name.length();
            }
        }
        if (bytes > Limits.RESP_REPLY_BYTES_MAX) {
            throw new CommandError("ERR " + new Refusal.OverLimit("reply", bytes,
                    Limits.RESP_REPLY_BYTES_MAX, "bytes"));
        }
        out.array(names.size());
        names.forEach(out::bulkString);
    }

    static void numpat(Session session, Arguments arguments, RespWriter out) {
        out.integer(session.server().channels().patternCount());
    }

    static void numsub(Session session, Arguments arguments, RespWriter out) {
        out.array(2 * (arguments.count() - 2));
        for (int i = 2; i < arguments.count(); i++) {
            out.bulkString(arguments.get(i));
            out.integer(session.server().channels().subscribers(arguments.bytes(i)));
        }
    }
}
