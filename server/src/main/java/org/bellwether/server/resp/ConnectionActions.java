package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.bellwether.api.Bytes;

/// What the commands about the connection itself do.
final class ConnectionActions {
    /// What we say we are to clients that look whether they can use us.
    static final String REDIS_VERSION = "7.4.0";
    private static final byte[] DEFAULT_USER = "default".getBytes(ISO_8859_1);

    private ConnectionActions() {}

    static void ping(Session session, Arguments arguments, RespWriter out) {
        if (arguments.count() > 2) throw CommandError.wrongNumber("ping");
        if (!out.isResp3() && !session.subscriptions().isEmpty()) {
            // It must not be mistaken for a message.
            out.array(2);
            out.bulkString("pong");
            out.bulkString(arguments.count() == 1 ? Bytes.EMPTY : arguments.bytes(1));
            return;
        }
        if (arguments.count() == 1) {
            out.simpleString("PONG");
        } else {
            out.bulkString(arguments.get(1));
        }
    }

    static void echo(Session session, Arguments arguments, RespWriter out) {
        out.bulkString(arguments.get(1));
    }

    static void quit(Session session, Arguments arguments, RespWriter out) {
        out.ok();
        session.connection().endAfterThis();
    }

    static void reset(Session session, Arguments arguments, RespWriter out) {
        session.reset();
        out.simpleString("RESET");
    }

    static void select(Session session, Arguments arguments, RespWriter out) {
        if (WholeNumber.parse(arguments.get(1)) != 0) {
            throw new CommandError(session.server().config().cluster()
                    ? "ERR SELECT is not allowed in cluster mode"
                    : "ERR DB index is out of range");
        }
        out.ok();
    }

    static void auth(Session session, Arguments arguments, RespWriter out) {
        if (arguments.count() > 3) throw CommandError.syntax();
        boolean named = arguments.count() == 3;
        if (!named && session.server().config().password() == null) {
            throw new CommandError("ERR AUTH <password> called without any password configured for"
                    + " the default user. Are you sure your configuration is correct?");
        }
        session.authenticate(named ? arguments.get(1) : DEFAULT_USER,
                arguments.get(named ? 2 : 1));
        out.ok();
    }

    static void hello(Session session, Arguments arguments, RespWriter out) {
        int protocol = out.isResp3() ? 3 : 2;
        if (arguments.count() > 1) protocol = protocol(arguments.get(1));
        String name = null;
        for (int i = 2; i < arguments.count(); i++) {
            int left = arguments.count() - 1 - i;
            if (arguments.is(i, "auth") && left >= 2) {
                session.authenticate(arguments.get(i + 1), arguments.get(i + 2));
                i += 2;
            } else if (arguments.is(i, "setname") && left >= 1) {
                name = ClientActions.name(arguments, ++i, "Client names");
            } else {
                throw new CommandError("ERR Syntax error in HELLO option '" + arguments.text(i)
                        + "'");
            }
        }
        if (!session.isAuthenticated()) {
            throw new CommandError("NOAUTH HELLO must be called with the client already"
                    + " authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be"
                    + " used to authenticate the client and select the RESP protocol version at the"
                    + " same time");
        }
        if (name != null) session.setName(name);
        out.setResp3(protocol == 3);
        describe(session, protocol, out);
    }

    private static int protocol(byte[] text) {
        int version = WholeNumber.parse(text, Integer.MIN_VALUE, Integer.MAX_VALUE,
                "ERR Protocol version is not an integer or out of range");
        if (version < 2 || version > 3)
            throw new CommandError("NOPROTO unsupported protocol version");
        return version;
    }

    private static void describe(Session session, int protocol, RespWriter out) {
        out.map(7);
        out.bulkString("server");
        out.bulkString("redis");
        out.bulkString("version");
        out.bulkString(REDIS_VERSION);
        out.bulkString("proto");
        out.integer(protocol);
        out.bulkString("id");
        out.integer(session.id());
        out.bulkString("mode");
        out.bulkString(session.server().config().cluster() ? "cluster" : "standalone");
        out.bulkString("role");
        out.bulkString(Replicas.asSeenBy(session.server()).isLeader() ? "master" : "replica");
        out.bulkString("modules");
        out.array(0);
    }

    // Where this connection's reads are served.

    static void readonly(Session session, Arguments arguments, RespWriter out) {
        session.setReadOnly(true);
        out.ok();
    }

    static void readwrite(Session session, Arguments arguments, RespWriter out) {
        session.setReadOnly(false);
        out.ok();
    }

    /// Nothing ever moves to another shard, so there is nothing to be asked for there.
    static void asking(Session session, Arguments arguments, RespWriter out) {
        out.ok();
    }
}
