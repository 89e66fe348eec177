package org.bellwether.server.resp;

import org.bellwether.api.Result;
import org.bellwether.api.Revision;

/// What `MULTI`, `DISCARD`, `WATCH` and `UNWATCH` do; of `EXEC`, see [Execution].
final class TransactionActions {
    private TransactionActions() {}

    static void multi(Session session, Arguments arguments, RespWriter out) {
        session.multi().begin();
        out.ok();
    }

    /// An `EXEC` that is none as it stands ends the transaction all the same.
    static Action.Answer refused(String error) {
        return (session, _, out) -> {
            session.multi().end();
            out.error("EXECABORT Transaction discarded because of: "
                    + (error.startsWith("ERR ") ? error.substring(4) : error));
        };
    }

    static void discard(Session session, Arguments arguments, RespWriter out) {
        if (!session.multi().isOpen()) throw new CommandError("ERR DISCARD without MULTI");
        session.multi().end();
        out.ok();
    }

    static void unwatch(Session session, Arguments arguments, RespWriter out) {
        session.multi().unwatch();
        out.ok();
    }

    static void watch(Call call) {
        var multi = call.session().multi();
        if (multi.isOpen()) throw new CommandError("ERR WATCH inside MULTI is not allowed");
        var keys = StringActions.keys(call.arguments());
        multi.requireRoomToWatch(keys);
        call.findAll(keys, (result, out) -> {
            var found = ((Result.Batch) result).results();
            for (int i = 0; i < keys.size(); i++)
                multi.watch(keys.get(i), modified(found.get(i)));
            out.ok();
        });
    }

    private static Revision modified(Result found) {
        var value = Shapes.value(found);
        return value == null ? Revision.NONE : value.modified();
    }
}
