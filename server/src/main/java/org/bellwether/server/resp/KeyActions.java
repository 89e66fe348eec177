package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Command;
import org.bellwether.api.Command.Expire.When;
import org.bellwether.api.Expiry;
import org.bellwether.api.Read;
import org.bellwether.api.Result;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// What the commands on keys do, whatever they hold, spelled in the commands and reads of the api.
final class KeyActions {
    private static final Shape DELETED = (result, out) -> out.integer(switch (result) {
        case Result.Batch(var results) -> deleted(results);
        default -> deleted(List.of(result));
    });
    private static final Shape TYPE = (result, out) -> out
            .simpleString(Shapes.value(result) == null ? "none" : "string");

    private KeyActions() {}

    private static int deleted(List<Result> results) {
        int deleted = 0;
        for (var each : results) {
            if (each instanceof Result.Deleted(var existed) && existed) deleted++;
        }
        return deleted;
    }

    static Plan del(Session session, Arguments arguments) {
        if (arguments.count() == 2)
            return new Plan(new Command.Delete(arguments.bytes(1)), DELETED);
        var deletes = new ArrayList<Command.Single>(arguments.count() - 1);
        for (int i = 1; i < arguments.count(); i++)
            deletes.add(new Command.Delete(arguments.bytes(i)));
        return new Plan(new Command.Batch(deletes), DELETED);
    }

    /// A key that is named twice counts twice.
    static Plan exists(Session session, Arguments arguments) {
        return new Plan(new Read.Count(StringActions.keys(arguments)), Shapes.NUMBER);
    }

    static Plan type(Session session, Arguments arguments) {
        return new Plan(new Read.Get(arguments.bytes(1)), TYPE);
    }

    static Plan dbsize(Session session, Arguments arguments) {
        return new Plan(new Read.Size(), Shapes.NUMBER);
    }

    static Plan flush(Session session, Arguments arguments) {
        boolean known = arguments.count() == 1 || arguments.count() == 2
                && (arguments.is(1, "async") || arguments.is(1, "sync"));
        if (!known) throw CommandError.syntax();
        requireFlush(session);
        return new Plan(new Command.Clear(), Shapes.OK);
    }

    /// One word too many in the wrong window, and every key of the cluster is gone, on all nodes.
    static void requireFlush(Session session) {
        if (!session.server().config().flushes()) {
            throw new CommandError("NOPERM FLUSHALL and FLUSHDB remove every key of the cluster;"
                    + " nodes started with --resp-flush allow it");
        }
    }

    // Other names.

    /// There is nothing to be given another name.
    private static void noSuchKey(RespWriter out) {
        out.error("ERR no such key");
    }

    private enum Renamed implements Shape {
        OVER {
            @Override
            public void applied(Result result, RespWriter out) {
                out.ok();
            }
        },
        IF_NEW {
            @Override
            public void applied(Result result, RespWriter out) {
                out.integer(result instanceof Result.Written(var created) && created ? 1 : 0);
            }
        };

        @Override
        public void conditionFailed(@Nullable Versioned target, RespWriter out) {
            if (target == null) {
                noSuchKey(out);
            } else {
                out.integer(0);
            }
        }
    }

    static Plan rename(Session session, Arguments arguments) {
        return new Plan(new Command.Rename(arguments.bytes(1), arguments.bytes(2), true),
                Renamed.OVER);
    }

    static Plan renamenx(Session session, Arguments arguments) {
        return new Plan(new Command.Rename(arguments.bytes(1), arguments.bytes(2), false),
                Renamed.IF_NEW);
    }

    static Plan copy(Session session, Arguments arguments) {
        boolean replaces = false;
        for (int i = 3; i < arguments.count(); i++) {
            if (arguments.is(i, "replace")) {
                replaces = true;
            } else if (arguments.is(i, "db") && i + 1 < arguments.count()) {
                if (WholeNumber.parse(arguments.get(++i)) != 0)
                    throw new CommandError("ERR DB index is out of range");
            } else {
                throw CommandError.syntax();
            }
        }
        if (arguments.bytes(1).equals(arguments.bytes(2)))
            throw new CommandError("ERR source and destination objects are the same");
        return new Plan(new Command.Copy(arguments.bytes(1), arguments.bytes(2), replaces),
                Shapes.DONE);
    }

    // How long.

    static Plan expire(Session session, Arguments arguments) {
        return expire(arguments, ExpiryOption.SECONDS, "expire");
    }

    static Plan pexpire(Session session, Arguments arguments) {
        return expire(arguments, ExpiryOption.MILLIS, "pexpire");
    }

    static Plan expireat(Session session, Arguments arguments) {
        return expire(arguments, ExpiryOption.AT_SECONDS, "expireat");
    }

    static Plan pexpireat(Session session, Arguments arguments) {
        return expire(arguments, ExpiryOption.AT_MILLIS, "pexpireat");
    }

    private static Plan expire(Arguments arguments, ExpiryOption unit, String command) {
        var when = when(arguments);
        var expiry = unit.of(arguments.get(2), command);
        return new Plan(new Command.Expire(arguments.bytes(1), expiry, when), Shapes.DONE);
    }

    private static When when(Arguments arguments) {
        boolean nx = false;
        boolean xx = false;
        boolean gt = false;
        boolean lt = false;
        for (int i = 3; i < arguments.count(); i++) {
            if (arguments.is(i, "nx")) {
                nx = true;
            } else if (arguments.is(i, "xx")) {
                xx = true;
            } else if (arguments.is(i, "gt")) {
                gt = true;
            } else if (arguments.is(i, "lt")) {
                lt = true;
            } else {
                throw new CommandError("ERR Unsupported option " + arguments.text(i));
            }
        }
        if (nx && (xx || gt || lt)) {
            throw new CommandError("ERR NX and XX, GT or LT options at the same time are not"
                    + " compatible");
        }
        if (gt && lt) {
            throw new CommandError("ERR GT and LT options at the same time are not compatible");
        }
        if (nx) return When.STAYS;
        // What stays ends later than anything, so that what ends later than it does end.
        if (gt) return When.LATER;
        if (lt) return xx ? When.EXPIRES_EARLIER : When.EARLIER;
        return xx ? When.EXPIRES : When.ALWAYS;
    }

    static Plan persist(Session session, Arguments arguments) {
        return new Plan(new Command.Expire(arguments.bytes(1), Expiry.NEVER, When.ALWAYS),
                Shapes.DONE);
    }

    static Plan ttl(Session session, Arguments arguments) {
        return end(arguments, expires -> (left(session, expires) + 500) / 1_000);
    }

    static Plan pttl(Session session, Arguments arguments) {
        return end(arguments, expires -> left(session, expires));
    }

    static Plan expiretime(Session session, Arguments arguments) {
        return end(arguments, expires -> (expires + 500) / 1_000);
    }

    static Plan pexpiretime(Session session, Arguments arguments) {
        return end(arguments, expires -> expires);
    }

    private static long left(Session session, long expires) {
        return Math.max(0, expires - session.server().store().clusterMillis());
    }

    @FunctionalInterface
    private interface End {
        long said(long expires);
    }

    /// -2 of no key, -1 of one that stays.
    private static Plan end(Arguments arguments, End end) {
        return new Plan(new Read.Get(arguments.bytes(1)), (result, out) -> {
            var value = Shapes.value(result);
            if (value == null) {
                out.integer(-2);
            } else {
                out.integer(value.expires() == Versioned.NEVER ? -1 : end.said(value.expires()));
            }
        });
    }
}
