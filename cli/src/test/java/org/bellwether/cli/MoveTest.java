package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.bellwether.api.Address;
import org.bellwether.cli.NodeClient.Call;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node is stopped and started again at other addresses; everybody's list of nodes follows.
class MoveTest {
    private final int port = Ports.row(8);

    @TempDir
    Path dir;

    private String address(int number) {
        return "127.0.0.1:" + (port + number);
    }

    private String[] serve(String name, int http, String... how) {
        var all = new java.util.ArrayList<>(List.of("serve", "--dir", dir.resolve(name).toString(),
                "--http", address(http), "--peer", address(http + 1)));
        all.addAll(List.of(how));
        return all.toArray(String[]::new);
    }

    private static String run(String... args) {
        return Typed.run(Exit.OK, args);
    }

    private void awaitListed(int at, int http) {
        Await.until(address(http) + " in the list", () -> run("status", "--node", address(at))
                .contains(address(http) + "  " + address(http + 1)));
    }

    @Test
    void theOnlyNodeMoves() {
        try (var node = BellProcess.start(serve("a", 0, "--new"))) {
            node.awaitLine("serving");
            run("put", "key", "value", "--node", address(0));
            node.signal("TERM");
            node.awaitExit();
        }
        try (var node = BellProcess.start(serve("a", 2))) {
            node.awaitLine("serving");
            awaitListed(2, 2);
            assertEquals("value", run("get", "key", "--node", address(2)));
        }
    }

    @Test
    void whereRedisClientsReachItFollows() {
        try (var node = BellProcess.start(serve("a", 0, "--new", "--resp", address(2)))) {
            node.awaitLine("serving");
            awaitRedis(",\"resp\":\"" + address(2) + "\"}");
        }
        try (var node = BellProcess.start(serve("a", 0, "--resp", address(3), "--advertise-resp",
                "redis.example:6379"))) {
            node.awaitLine("serving");
            awaitRedis(",\"resp\":\"redis.example:6379\"}");
        }
        try (var node = BellProcess.start(serve("a", 0, "--resp", "none"))) {
            node.awaitLine("serving");
            awaitRedis("\"peer\":\"" + address(1) + "\"}");
        }
    }

    private void awaitRedis(String addresses) {
        var client = new NodeClient(List.of(Address.parse(address(0))), Duration.ofSeconds(5));
        Await.until(addresses, () -> new String(client.ask(Call.get("/v1/cluster")).body(), UTF_8)
                .contains(addresses));
    }

    @Test
    void aVoterMovesAndItsVoteIsNeeded() {
        try (var first = BellProcess.start(serve("a", 0, "--new"))) {
            first.awaitLine("serving");
            try (var second = BellProcess.start(serve("b", 2, "--join", address(0)))) {
                second.awaitLine("n2 is level");
                Await.until("two voters", () -> run("status", "--node", address(0)).lines()
                        .filter(line -> line.contains(" yes ")).count() == 2);
                second.signal("TERM");
                second.awaitExit();
            }
            try (var second = BellProcess.start(serve("b", 4))) {
                second.awaitLine("serving");
                awaitListed(0, 4);
                run("put", "key", "value", "--node", address(4), "--timeout", "20s");
                assertEquals("value", run("get", "key", "--node", address(0)));
            }
        }
    }
}
