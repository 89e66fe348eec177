package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Who waits for replicas ([WaitActions]): all of them look at them together, now and then, since to ask how the nodes are
/// is work for whoever is asked.
final class Waits {
    private static final long LOOK_MILLIS = 10;

    private final RespServer server;
    private List<WaitActions> waiting = new ArrayList<>();

    Waits(RespServer server) {
        this.server = server;
    }

    void add(WaitActions one) {
        if (waiting.isEmpty()) {
            var _ = server.loop().schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
        waiting.add(one);
    }

    private void look() {
        var now = waiting;
        waiting = new ArrayList<>();
        var cluster = server.store().cluster();
        for (var each : now) {
            if (!each.isOver(cluster)) add(each);
        }
    }
}
