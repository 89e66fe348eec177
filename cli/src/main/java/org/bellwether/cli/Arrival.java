package org.bellwether.cli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.bellwether.api.Address;
import org.bellwether.cli.NodeClient.Call;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shows, where a node was started to join, how it comes level: a bar on a terminal, elsewhere a line now and then.
final class Arrival implements Runnable {
    private static final Duration STEP = Duration.ofMillis(250);
    private static final Duration SAY_EVERY = Duration.ofSeconds(5);

    private final String name;
    private final NodeClient client;
    private final Logger log = LoggerFactory.getLogger("bell");
    private final boolean terminal = ProgressLine.isTerminal();
    private final ProgressLine line = new ProgressLine(System.out, terminal);
    private long saidNanos = System.nanoTime();

    /// @param http where it listens: it may not reach itself where others do
    Arrival(String name, Address http) {
        this.name = name;
        this.client = new NodeClient(List.of(http), Duration.ofSeconds(1));
    }

    @Override
    public void run() {
        while (!isLevel())
            LockSupport.parkNanos(STEP.toNanos());
        line.end();
        System.out.println(name + " is level");
    }

    private boolean isLevel() {
        try {
            if (client.ask(Call.get("/readyz")).status() == 200) return true;
            var row = ClusterStatus.of(client.ask(Call.get("/v1/cluster"))).find(name);
            if (row != null && row.catchUp() != null) show(row.catchUp().toString());
        } catch (Failure notYet) {
            // It has only just begun to listen, or ends already.
        }
        return false;
    }

    private void show(String how) {
        if (terminal) {
            line.show(name + " " + how);
        } else if (System.nanoTime() - saidNanos >= SAY_EVERY.toNanos()) {
            saidNanos = System.nanoTime();
            log.info("catching up: {}", how);
        }
    }
}
