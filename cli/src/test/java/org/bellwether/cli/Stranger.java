package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

/// A web server that says the same to everybody.
record Stranger(HttpServer server) implements AutoCloseable {
    static Stranger saying(int status, String text) throws IOException {
        return saying(status, text, Map.of());
    }

    static Stranger saying(int status, String text, Map<String, String> headers)
            throws IOException {
        var server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            headers.forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(status, text.length());
            exchange.getResponseBody().write(text.getBytes(UTF_8));
            exchange.close();
        });
        server.start();
        return new Stranger(server);
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
