package org.bellwether.cli;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.bellwether.api.Address;
import org.bellwether.cli.NodeClient.Answer;
import org.jspecify.annotations.Nullable;

/// Asks nodes, all at once, who leads.
final class LeaderWatch {
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE).build();

    /// What the nodes say together.
    ///
    /// @param leader name of the leader of the newest term that has one; empty if nobody knows any
    /// @param agreed whether every node answered and names this leader
    record Sight(String leader, long term, boolean agreed) {
        static final Sight NONE = new Sight("", 0, false);
    }

    Sight look(List<Address> nodes) {
        var asked = nodes.stream().map(this::ask).toList();
        var heard = asked.stream().map(CompletableFuture::join).filter(Objects::nonNull).toList();
        var best = Sight.NONE;
        for (var status : heard) {
            if (!status.leaderName().isEmpty() && status.term() > best.term())
                best = new Sight(status.leaderName(), status.term(), false);
        }
        var leader = best;
        boolean agreed = heard.size() == nodes.size() && !leader.leader().isEmpty()
                && heard.stream().allMatch(each -> each.leaderName().equals(leader.leader()));
        return new Sight(leader.leader(), leader.term(), agreed);
    }

    /// Whether this node takes part.
    boolean answers(Address node) {
        return ask(node).join() != null;
    }

    private CompletableFuture<@Nullable ClusterStatus> ask(Address node) {
        var request = HttpRequest.newBuilder(URI.create("http://" + node + "/v1/cluster"))
                .timeout(PATIENCE).build();
        return http.sendAsync(request, BodyHandlers.ofByteArray())
                .handle((response, failure) -> failure == null ? parse(node, response) : null);
    }

    private static @Nullable ClusterStatus parse(Address node, HttpResponse<byte[]> response) {
        try {
            var answer = new Answer(node, response.statusCode(), response.headers(),
                    response.body());
            return answer.isOfNode() ? ClusterStatus.of(answer) : null;
        } catch (Failure notYet) {
            return null;
        }
    }
}
