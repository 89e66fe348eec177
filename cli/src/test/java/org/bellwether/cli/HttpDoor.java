package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.http.HttpResponse;
import org.bellwether.simulation.history.Operation;
import org.bellwether.simulation.history.Operation.Answer;

/// HTTP.
final class HttpDoor implements Door {
    private final TestCluster cluster;

    HttpDoor(TestCluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public Heard ask(int node, String key, Asked asked) throws IOException {
        return switch (asked.kind()) {
            case GET -> get(node, key);
            case PUT -> put(node, key, asked.value());
            case DELETE -> delete(node, key);
            case ADD -> throw new IllegalArgumentException("there are no adds over HTTP");
        };
    }

    private HttpResponse<byte[]> call(int node, String method, String key, String body)
            throws IOException {
        return cluster.call(node, method, "/v1/kv/" + key + "?timeout=2s", body.getBytes(UTF_8));
    }

    private static Heard said(Answer answer) {
        return new Heard.Said(Operation.ALWAYS, answer);
    }

    private static Heard other(HttpResponse<byte[]> response) {
        return switch (response.statusCode()) {
            case 503 -> new Heard.Nothing();
            case 504 -> new Heard.Unknown();
            default -> throw new AssertionError(response.statusCode() + ": "
                    + new String(response.body(), UTF_8));
        };
    }

    private Heard put(int node, String key, int value) throws IOException {
        var response = call(node, "PUT", key, Integer.toString(value));
        return switch (response.statusCode()) {
            case 200 -> said(new Answer.Done(true));
            case 201 -> said(new Answer.Done(false));
            default -> other(response);
        };
    }

    private Heard delete(int node, String key) throws IOException {
        var response = call(node, "DELETE", key, "");
        return response.statusCode() == 200
                ? said(new Answer.Done(
                        Json.number(Json.object(response.body()), "deleted") == 1))
                : other(response);
    }

    private Heard get(int node, String key) throws IOException {
        var response = call(node, "GET", key, "");
        return switch (response.statusCode()) {
            case 200 -> said(
                    new Answer.Saw(Integer.parseInt(new String(response.body(), UTF_8))));
            case 404 -> said(new Answer.Saw(Operation.ABSENT));
            default -> other(response);
        };
    }

    @Override
    public void close() {}
}
