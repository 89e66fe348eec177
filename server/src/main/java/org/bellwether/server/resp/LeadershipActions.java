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

    /// Answered when it is done, not when it begins. `FORCE` changes nothing: nobody leads without a majority.
    static void failover(Call call) {
        var arguments = call.arguments();
        var timeout = Call.TIMEOUT;
        NodeId to = null;
        for (int i = 1; i < arguments.count(); i++) {
            int left = arguments.count() - 1 - i;
            if (arguments.is(i, "abort") && arguments.count() == 2) {
                throw new CommandError("ERR No failover in progress.");
            } else if (arguments.is(i, "to") && left >= 2 && to == null) {
                to = nodeAt(call, arguments.text(i + 1), arguments.text(i + 2));
                i += 2;
            } else if (arguments.is(i, "timeout") && left >= 1) {
                long millis = WholeNumber.parse(arguments.get(++i));
                if (millis <= 0)
                    throw new CommandError("ERR FAILOVER timeout must be greater than 0");
                timeout = Duration.ofMillis(millis);
            } else if (!arguments.is(i, "force") || to == null) {
                throw CommandError.syntax();
            }
        }
        transfer(call, to, timeout);
    }

    private static NodeId nodeAt(Call call, String host, String port) {
        var nodes = Replicas.asSeenBy(call.session().server());
        for (var peer : nodes.cluster().members()) {
            var address = nodes.reached(peer.member());
            if (address != null && address.host().equals(host)
                    && Integer.toString(address.port()).equals(port))
                return peer.member().id();
        }
        throw new CommandError("ERR FAILOVER target HOST and PORT is not a replica.");
    }

    private static void transfer(Call call, @Nullable NodeId to, Duration timeout) {
        call.write(new Command.Transfer(to), timeout, OK);
    }
}
