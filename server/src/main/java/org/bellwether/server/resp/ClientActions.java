package org.bellwether.server.resp;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.bellwether.api.Consistency;
import org.bellwether.api.Limits;

/// What `CLIENT` does: what connections are called, which there are, and that some of them end.
final class ClientActions {
    private ClientActions() {}

    static void id(Session session, Arguments arguments, RespWriter out) {
        out.integer(session.id());
    }

    static void getName(Session session, Arguments arguments, RespWriter out) {
        if (session.name().isEmpty()) {
            out.nullBulkString();
        } else {
            out.bulkString(session.name());
        }
    }

    static void setName(Session session, Arguments arguments, RespWriter out) {
        session.setName(name(arguments, 2, "Client names"));
        out.ok();
    }

    static void setInfo(Session session, Arguments arguments, RespWriter out) {
        if (arguments.is(2, "lib-name")) {
            session.setLibrary(name(arguments, 3, "lib-name"));
        } else if (arguments.is(2, "lib-ver")) {
            session.setLibraryVersion(name(arguments, 3, "lib-ver"));
        } else {
            throw new CommandError("ERR Unrecognized option '" + arguments.text(2) + "'");
        }
        out.ok();
    }

    /// In one word, as the lists of connections need it.
    static String name(Arguments arguments, int index, String what) {
        int length = arguments.get(index).length;
        if (length > Limits.RESP_NAME_BYTES_MAX) {
            throw new CommandError("ERR name of " + length + " bytes is over the limit of "
                    + Limits.RESP_NAME_BYTES_MAX);
        }
        for (byte b : arguments.get(index)) {
            if (b < '!' || b > '~') {
                throw new CommandError(
                        "ERR " + what + " cannot contain spaces, newlines or special characters.");
            }
        }
        return arguments.text(index);
    }

    static void noEvict(Session session, Arguments arguments, RespWriter out) {
        boolean on = arguments.is(2, "on");
        if (!on && !arguments.is(2, "off")) throw CommandError.syntax();
        session.spare(on);
        out.ok();
    }

    /// No key's last use is remembered.
    static void noTouch(Session session, Arguments arguments, RespWriter out) {
        if (!arguments.is(2, "on") && !arguments.is(2, "off")) throw CommandError.syntax();
        out.ok();
    }

    static void reply(Session session, Arguments arguments, RespWriter out) {
        if (arguments.is(2, "on")) {
            session.answerFromHere(true);
            out.ok();
        } else if (arguments.is(2, "off")) {
            session.answerFromHere(false);
        } else if (arguments.is(2, "skip")) {
            session.skipNextReply();
        } else {
            throw CommandError.syntax();
        }
    }

    /// Ours: for those who need it otherwise than the port has it. Without an argument, what they are now.
    static void reads(Session session, Arguments arguments, RespWriter out) {
        if (arguments.count() > 3) throw CommandError.wrongNumber("client|reads");
        if (arguments.count() == 2) {
            out.bulkString(nameOf(session.reads()));
            return;
        }
        session.chooseReads(switch (arguments.text(2).toLowerCase(Locale.ROOT)) {
            case "linearizable" -> Consistency.LINEARIZABLE;
            case "lease" -> Consistency.LEASE;
            case "local" -> Consistency.LOCAL;
            case "default" -> null;
            default -> throw new CommandError("ERR CLIENT READS is LINEARIZABLE, LEASE, LOCAL or"
                    + " DEFAULT, got '" + arguments.text(2) + "'");
        });
        out.ok();
    }

    private static String nameOf(Consistency reads) {
        return switch (reads) {
            case Consistency.Linearizable _ -> "linearizable";
            case Consistency.Lease _ -> "lease";
            case Consistency.Local _ -> "local";
            case Consistency.AfterWrite _ -> throw new IllegalStateException(
                    reads + " is for one read");
        };
    }

    // Which there are.

    static void info(Session session, Arguments arguments, RespWriter out) {
        out.verbatim(line(session, System.nanoTime()));
    }

    static void list(Session session, Arguments arguments, RespWriter out) {
        Predicate<Session> wanted = _ -> true;
        if (arguments.count() == 4 && arguments.is(2, "type")) {
            wanted = ofType(arguments, 3);
        } else if (arguments.count() >= 4 && arguments.is(2, "id")) {
            var ids = new ArrayList<Long>();
            for (int i = 3; i < arguments.count(); i++)
                ids.add(clientId(arguments.get(i), "ERR Invalid client ID"));
            wanted = each -> ids.contains(each.id());
        } else if (arguments.count() != 2) {
            throw CommandError.syntax();
        }
        var text = new StringBuilder();
        long now = System.nanoTime();
        for (var connection : session.server().connections()) {
            if (wanted.test(connection.session())) text.append(line(connection.session(), now));
        }
        out.verbatim(text.toString());
    }

    private static String line(Session session, long nowNanos) {
        var connection = session.connection();
        return ("id=%d addr=%s laddr=%s fd=-1 name=%s age=%d idle=%d flags=%s db=0 sub=%d"
                + " psub=%d ssub=0 multi=%d qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=%d rbs=0 rbp=0 obl=0"
                + " oll=0 omem=%d tot-mem=%d events=r cmd=%s user=default redir=%d resp=%d"
                + " lib-name=%s lib-ver=%s\n").formatted(session.id(), remote(session),
                        local(session), session.name(), session.ageSeconds(nowNanos),
                        connection.idleSeconds(nowNanos), flags(session),
                        session.subscriptions().channelCount(),
                        session.subscriptions().patternCount(), session.multi().queuedCount(),
                        session.multi().heldBytes(), connection.out().pendingBytes(),
                        connection.recount(),
                        session.lastCommand(), TrackingActions.redirect(session),
                        connection.out().isResp3() ? 3 : 2,
                        session.library(), session.libraryVersion());
    }

    private static String flags(Session session) {
        var flags = (session.subscriptions().isEmpty() ? "" : "P")
                + (session.multi().isOpen() ? "x" : "") + TrackingActions.flags(session)
                + (session.isSpared() ? "e" : "");
        return flags.isEmpty() ? "N" : flags;
    }

    private static String remote(Session session) {
        return text(session.connection().channel().remoteAddress());
    }

    private static String local(Session session) {
        return text(session.connection().channel().localAddress());
    }

    private static String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : "?:0";
    }

    private static Predicate<Session> ofType(Arguments arguments, int index) {
        return switch (arguments.text(index).toLowerCase(Locale.ROOT)) {
            case "normal" -> each -> each.subscriptions().isEmpty();
            case "pubsub" -> each -> !each.subscriptions().isEmpty();
            // No such connections: nodes have links of their own.
            case "master", "replica", "slave" -> _ -> false;
            default -> throw new CommandError("ERR Unknown client type '" + arguments.text(index)
                    + "'");
        };
    }

    private static long clientId(byte[] text, String otherwise) {
        try {
            long id = WholeNumber.parse(text);
            if (id > 0) return id;
        } catch (CommandError none) {
            // Said in other words below.
        }
        throw new CommandError(otherwise);
    }

    // That some end.

    static void kill(Session session, Arguments arguments, RespWriter out) {
        if (arguments.count() == 3) {
            var address = arguments.text(2);
            if (end(session, each -> remote(each).equals(address)) == 0)
                throw new CommandError("ERR No such client");
            out.ok();
        } else {
            out.integer(end(session, filter(session, arguments)));
        }
    }

    private static Predicate<Session> filter(Session session, Arguments arguments) {
        boolean skipMe = true;
        Predicate<Session> wanted = _ -> true;
        for (int i = 2; i < arguments.count(); i += 2) {
            if (i + 1 == arguments.count()) throw CommandError.syntax();
            if (arguments.is(i, "skipme")) {
                skipMe = arguments.is(i + 1, "yes");
                if (!skipMe && !arguments.is(i + 1, "no")) throw CommandError.syntax();
            } else {
                wanted = wanted.and(condition(arguments, i));
            }
        }
        return skipMe ? wanted.and(each -> each != session) : wanted;
    }

    private static Predicate<Session> condition(Arguments arguments, int index) {
        var value = arguments.text(index + 1);
        return switch (arguments.text(index).toLowerCase(Locale.ROOT)) {
            case "id" -> {
                long id = clientId(arguments.get(index + 1),
                        "ERR client-id should be greater than 0");
                yield each -> each.id() == id;
            }
            case "addr" -> each -> remote(each).equals(value);
            case "laddr" -> each -> local(each).equals(value);
            case "type" -> ofType(arguments, index + 1);
            case "user" -> {
                if (!value.equals("default"))
                    throw new CommandError("ERR No such user '" + value + "'");
                yield _ -> true;
            }
            case "maxage" -> {
                long age = WholeNumber.parse(arguments.get(index + 1));
                long now = System.nanoTime();
                yield each -> each.ageSeconds(now) >= age;
            }
            default -> throw CommandError.syntax();
        };
    }

    private static int end(Session session, Predicate<Session> wanted) {
        int ended = 0;
        for (var connection : List.copyOf(session.server().connections())) {
            if (!wanted.test(connection.session())) continue;
            if (connection == session.connection()) {
                connection.endAfterThis();
            } else {
                connection.close();
            }
            ended++;
        }
        return ended;
    }
}
