package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.http.HttpResponse;
import org.bellwether.simulation.history.Operation;

/// HTTP.
final class HttpDoor implements Door {
    private final TestCluster cluster;

    HttpDoor(TestCluster cluster) {
        this.cluster = cluster;
    }

    private HttpResponse<byte[]> call(int node, String method, String key, String body)
            throws IOException {
        return cluster.call(node, method, "/v1/kv/" + key + "?timeout=2s", body.getBytes(UTF_8));
    }

    private static Heard other(HttpResponse<byte[]> response) {
        return switch (response.statusCode()) {
            case 503 -> new Heard.Nothing();
            case 504 -> new Heard.Unknown();
            default -> throw new AssertionError(response.statusCode() + ": "
                    + new String(response.body(), UTF_8));
        };
    }

    @Override
    public Heard put(int node, String key, int value) throws IOException {
        var response = call(node, "PUT", key, Integer.toString(value));
        return switch (response.statusCode()) {
            case 200 -> new Heard.Done(true);
            case 201 -> new Heard.Done(false);
            default -> other(response);
        };
    }

    @Override
    public Heard delete(int node, String key) throws IOException {
        var response = call(node, "DELETE", key, "");
        return response.statusCode() == 200
                ? new Heard.Done(Json.number(Json.object(response.body()), "deleted") == 1)
                : other(response);
    }

    @Override
    public Heard get(int node, String key) throws IOException {
        var response = call(node, "GET", key, "");
        return switch (response.statusCode()) {
            case 200 -> new Heard.Saw(Integer.parseInt(new String(response.body(), UTF_8)));
            case 404 -> new Heard.Saw(Operation.ABSENT);
            default -> other(response);
        };
    }

    @Override
    public void close() {}
}
