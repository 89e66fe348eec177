package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.bellwether.api.Limits;
import org.bellwether.server.loop.EventLoops;
import org.jspecify.annotations.Nullable;

/// A [TestServer] that is asked by Java's HTTP client, with or without a body in bytes.
final class HttpNode implements AutoCloseable {
    private final TestServer server;
    final int port;
    final HttpClient client = HttpClient.newHttpClient();

    HttpNode(Path folder, Limits limits) throws Exception {
        server = new TestServer(folder,
                new TestServer.Setup(1, limits, Patience.DEFAULT, EventLoops.Kind.NIO));
        port = server.address.port();
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + port + target);
    }

    /// @param headers name, value, name, value …
    HttpResponse<byte[]> send(String method, String target, byte @Nullable [] body,
            String... headers)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(uri(target)).timeout(Duration.ofSeconds(20)).method(
                method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) request.headers(headers);
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> put(String key, String value, String... headers) throws Exception {
        return send("PUT", "/v1/kv/" + key, value.getBytes(ISO_8859_1), headers);
    }

    HttpResponse<byte[]> get(String key, String... headers) throws Exception {
        return send("GET", "/v1/kv/" + key, null, headers);
    }

    /// Sends these bytes as they are, and reads until the server closes the connection or 20 s have passed.
    String raw(String request) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
            var answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            return answer.toString(ISO_8859_1);
        }
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), ISO_8859_1);
    }

    static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("(none)");
    }

    @Override
    public void close() throws Exception {
        // Not `close`, which would wait for whatever a failed test has left open.
        client.shutdownNow();
        server.close();
    }
}
