package org.bellwether.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.cli.NodeClient.Answer;
import org.bellwether.cli.NodeClient.Call;
import org.bellwether.server.Bootstrap;
import org.bellwether.server.ServerConfig;
import org.bellwether.server.StartException;
import org.slf4j.Logger;

/// A newcomer asks in, at any of the nodes it was given, and makes its folder from the answer. It asks for as
/// long as there is hope: with the same nonce each time, so that it joins once.
final class Joining {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration STEP = Duration.ofMillis(500);

    private Joining() {}

    /// @param config with both addresses
    /// @param name   empty to be given one
    static void join(ServerConfig config, String name, List<Address> contacts, Logger log)
            throws StartException {
        var nonce = Bootstrap.nonce(config);
        var call = call(config.toldOfNew(), name, nonce);
        var answer = ask(new NodeClient(contacts, TIMEOUT), call, log);
        make(config.dir(), answer);
    }

    private static Call call(ServerConfig.Told told, String name, UUID nonce) {
        return Call.of("POST", "/v1/cluster/join?nonce=" + nonce + "&name="
                + NodeClient.escape(name) + "&peer="
                + NodeClient.escape(told.peer().toString()) + "&http="
                + NodeClient.escape(told.http().toString())).asRepeatable();
    }

    private static Answer ask(NodeClient client, Call call, Logger log) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String said = "";
        while (true) {
            Failure trouble;
            try {
                var answer = client.ask(call);
                if (answer.status() == 200) return answer;
                trouble = Problem.failure(answer);
            } catch (Failure failed) {
                trouble = failed;
            }
            boolean hope = trouble.exitCode() == Exit.UNKNOWN
                    || trouble.exitCode() == Exit.UNAVAILABLE;
            if (!hope || System.nanoTime() - deadline >= 0) {
                throw new Failure(trouble.exitCode(), "not let in: " + trouble.getMessage());
            }
            // Twice a second the same would hide what else there is to read.
            String why = String.valueOf(trouble.getMessage());
            if (!why.equals(said)) log.info("not let in yet: {}", why);
            said = why;
            LockSupport.parkNanos(STEP.toNanos());
        }
    }

    private static void make(Path dir, Answer answer) throws StartException {
        var fields = Json.object(answer.body());
        try {
            var members = new ArrayList<Member>();
            for (var member : Json.objects(fields, "members")) {
                var addresses = member.get("addresses") instanceof Map<?, ?> given
                        ? given
                        : Map.of();
                members.add(new Member(NodeId.parse(Json.text(member, "id")),
                        Json.text(member, "name"), Boolean.TRUE.equals(member.get("voter")),
                        Address.parse(Json.text(addresses, "peer")),
                        Address.parse(Json.text(addresses, "http"))));
            }
            Bootstrap.join(dir, NodeId.parse(Json.text(fields, "node_id")),
                    new ClusterId(UUID.fromString(Json.text(fields, "cluster_id"))),
                    Base64.getDecoder().decode(Json.text(fields, "bootstrap_b64")), members);
        } catch (IllegalArgumentException garbled) {
            throw new Failure(Exit.UNAVAILABLE,
                    answer.node() + " gave an answer that makes no sense: " + garbled.getMessage());
        }
    }
}
