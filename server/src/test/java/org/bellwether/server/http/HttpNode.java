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
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Limits;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.log.FolderDisk;
import org.bellwether.log.Identity;
import org.bellwether.log.LogConfig;
import org.bellwether.log.SegmentedLog;
import org.bellwether.node.ClusterConfig;
import org.bellwether.node.CoreFactory;
import org.bellwether.node.Node;
import org.bellwether.node.NodeParts;
import org.bellwether.raft.Membership;
import org.bellwether.server.loop.EventLoops;
import org.bellwether.server.loop.NettyLoop;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.transport.MemoryNetwork;
import org.jspecify.annotations.Nullable;

/// A real node, sole voter of its cluster, behind a real HTTP server on a free port.
final class HttpNode implements AutoCloseable {
    private static final LogConfig LOG = new LogConfig(8 << 20, 0, 1 << 20);

    private final FolderDisk disk;
    private final ExecutorService diskThread = Executors.newSingleThreadExecutor();
    private final EventLoops loops = EventLoops.open("http-test", 1, EventLoops.Kind.NIO);
    private final NettyLoop loop = new NettyLoop(loops.next());
    private final Node node;
    private final HttpServer server;
    final int port;
    final HttpClient client = HttpClient.newHttpClient();

    HttpNode(Path folder, Limits limits) throws Exception {
        disk = new FolderDisk(folder);
        var self = new Member(new NodeId(new UUID(0, 1)), "n1", true, new Address("memory", 1),
                new Address("127.0.0.1", 1));
        var membership = new Membership(new ClusterId(new UUID(0, 2)), List.of(self));
        var identity = new Identity(self.id(), membership.cluster());
        SegmentedLog.create(disk, LOG, identity, membership.bootstrapEntry());
        var random = new SplittableRandom();
        node = new Node(new NodeParts(identity, ClusterConfig.DEFAULT, limits, loop, diskThread,
                new SegmentedLog(disk, LOG, identity), new MemoryStorage(),
                new MemoryNetwork(limits).transport(self.id(), loop), random::nextInt,
                Throwable::printStackTrace, CoreFactory.STANDARD));
        server = new HttpServer(node, loop.eventLoop(), "test");
        var started = new CompletableFuture<Void>();
        loop.execute(() -> node.start(() -> started.complete(null)));
        started.get(20, TimeUnit.SECONDS);
        port = server.bind(new Address("127.0.0.1", 0), loops.servers()).port();
        while (send("GET", "/readyz", null).statusCode() != 200)
            Thread.onSpinWait();
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
        var closed = new CompletableFuture<Void>();
        loop.execute(() -> {
            server.close();
            node.close(() -> closed.complete(null));
        });
        closed.get(20, TimeUnit.SECONDS);
        loops.close();
        diskThread.shutdown();
        disk.close();
        client.close();
    }
}
