package org.bellwether.server.resp;

import java.time.Duration;
import org.bellwether.api.Command;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// `REPLICAOF` and `FAILOVER`: who leads is decided by election, and an operator may only hand it over.
final class LeadershipActions {
    private static final Shape OK = (_, out) -> out.ok();

    private LeadershipActions() {}

    static void replicaOf(Call call) {
        if (!call.arguments().is(1, "no") || !call.arguments().is(2, "one")) {
            throw new CommandError("ERR the cluster decides by election who leads; REPLICAOF NO ONE"
                    + " lets this node lead");
        }
        transfer(call, call.session().server().store().node().self().id(), Call.TIMEOUT);
    }

    /// Answered when it is done, not when it begins.
    static void failover(Call call) {
        var arguments = call.arguments();
        var timeout = Call.TIMEOUT;
        for (int i = 1; i < arguments.count(); i++) {
            if (arguments.is(i, "abort") && arguments.count() == 2)
                throw new CommandError("ERR No failover in progress.");
            if (!arguments.is(i, "timeout") || i + 1 == arguments.count())
                throw CommandError.syntax();
            long millis = WholeNumber.parse(arguments.get(++i));
            if (millis <= 0)
                throw new CommandError("ERR FAILOVER timeout must be greater than 0");
            timeout = Duration.ofMillis(millis);
        }
        transfer(call, null, timeout);
    }

    private static void transfer(Call call, @Nullable NodeId to, Duration timeout) {
        call.write(new Command.Transfer(to), timeout, OK);
    }
}
