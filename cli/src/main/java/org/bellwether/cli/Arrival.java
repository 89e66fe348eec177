package org.bellwether.cli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.bellwether.api.Member;
import org.bellwether.cli.NodeClient.Call;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shows, where a node was started to join, how it comes level: a bar on a terminal, elsewhere a line now and then.
final class Arrival implements Runnable {
    private static final Duration STEP = Duration.ofMillis(250);
    private static final Duration SAY_EVERY = Duration.ofSeconds(5);

    private final Member self;
    private final NodeClient client;
    private final Logger log = LoggerFactory.getLogger("bell");
    private final boolean terminal = ProgressLine.isTerminal();
    private final ProgressLine line = new ProgressLine(System.out, terminal);
    private long saidNanos = System.nanoTime();

    Arrival(Member self) {
        this.self = self;
        this.client = new NodeClient(List.of(self.http()), Duration.ofSeconds(1));
    }

    @Override
    public void run() {
        while (!isLevel())
            LockSupport.parkNanos(STEP.toNanos());
        line.end();
        System.out.println(self.name() + " is level");
    }

    private boolean isLevel() {
        try {
            if (client.ask(Call.get("/readyz")).status() == 200) return true;
            var row = ClusterStatus.of(client.ask(Call.get("/v1/cluster"))).find(self.name());
            if (row != null && row.catchUp() != null) show(row.catchUp().toString());
        } catch (Failure notYet) {
            // It has only just begun to listen, or ends already.
        }
        return false;
    }

    private void show(String how) {
        if (terminal) {
            line.show(self.name() + " " + how);
        } else if (System.nanoTime() - saidNanos >= SAY_EVERY.toNanos()) {
            saidNanos = System.nanoTime();
            log.info("catching up: {}", how);
        }
    }
}
