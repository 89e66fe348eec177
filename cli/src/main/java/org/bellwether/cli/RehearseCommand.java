package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.bellwether.api.Address;
import org.bellwether.api.Consistency;
import org.bellwether.api.RespAddresses;
import org.bellwether.server.Bootstrap;
import org.bellwether.server.Server;
import org.bellwether.server.ServerConfig;
import org.bellwether.server.StartException;
import org.bellwether.server.StorageKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A cluster in this one process, with clients of every kind, for some seconds. The JVM watches and keeps what it has
/// seen, classes and what their methods did, in a cache (JEP 483, 515): nodes that start from it compile what is
/// hot at once, instead of finding out under their first clients.
@Command(name = "rehearse", hidden = true,
        description = "Runs a small cluster under load in this process, for the JVM to learn from.")
final class RehearseCommand implements Runnable {
    private static final int NODES = 3;
    private static final int CLIENTS = 24;
    private static final String VALUE = "bellwether-0123-".repeat(8);
    private static final Duration LEADER_MAX = Duration.ofSeconds(30);
    private static final Duration SILENCE = Duration.ofSeconds(10);
    private static final Duration STEP = Duration.ofMillis(20);

    @Option(names = "--dir", required = true, paramLabel = "DIR",
            description = "An empty folder for the nodes.")
    private Path dir = Path.of("");

    @Option(names = "--for", paramLabel = "TIME", converter = Durations.class,
            description = "How long (default: 8s).")
    private Duration length = Duration.ofSeconds(8);

    private final AtomicBoolean ended = new AtomicBoolean();

    /// Where one of the nodes is reached.
    private record Ends(Address http, Address peer, Address resp) {}

    @Override
    public void run() {
        var servers = new ArrayList<Server>();
        try {
            var ends = freeEnds();
            for (var config : found(ends))
                servers.add(Server.start(config, why -> {
                    throw new IllegalStateException("a node stopped", why);
                }));
            play(ends);
        } catch (StartException | IOException failed) {
            throw new Failure(Exit.UNAVAILABLE, "no rehearsal: " + failed.getMessage());
        } finally {
            servers.forEach(Server::close);
        }
    }

    private List<ServerConfig> found(List<Ends> ends) throws StartException {
        var configs = new ArrayList<ServerConfig>();
        var founders = new ArrayList<Bootstrap.Founder>();
        for (var at : ends) {
            var name = "n" + (configs.size() + 1);
            var config = new ServerConfig(dir.resolve(name), at.http, at.peer, false)
                    .withStorage(configs.size() == 1 ? StorageKind.MEMORY : StorageKind.ROCKSDB)
                    .withResp(at.resp, null, Consistency.LINEARIZABLE, null);
            configs.add(config);
            founders.add(new Bootstrap.Founder(config.dir(), name, at.http, at.peer,
                    new RespAddresses(at.resp, null)));
        }
        Bootstrap.found(founders);
        return configs;
    }

    /// Nobody else is likely to take them in the moment until they are bound.
    private static List<Ends> freeEnds() throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        try {
            for (int i = 0; i < 3 * NODES; i++)
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            var ends = new ArrayList<Ends>();
            for (int i = 0; i < NODES; i++) {
                ends.add(new Ends(at(sockets.get(3 * i)), at(sockets.get(3 * i + 1)),
                        at(sockets.get(3 * i + 2))));
            }
            return ends;
        } finally {
            for (var socket : sockets)
                socket.close();
        }
    }

    private static Address at(ServerSocket socket) {
        return new Address("127.0.0.1", socket.getLocalPort());
    }

    private void play(List<Ends> ends) {
        awaitLeader(ends.getFirst().resp);
        var clients = new ArrayList<Thread>();
        for (int i = 0; i < CLIENTS; i++) {
            int client = i;
            var at = ends.get(i % NODES);
            clients.add(Thread.ofVirtual().start(() -> {
                try {
                    if (client % 4 == 3) {
                        talkHttp(at.http, client);
                    } else {
                        talkRedis(at.resp, client);
                    }
                } catch (IOException gone) {
                    // The rehearsal has ended under it, or is one voice poorer.
                }
            }));
        }
        LockSupport.parkNanos(length.toNanos());
        ended.set(true);
        for (var client : clients) {
            try {
                client.join();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static void awaitLeader(Address resp) {
        long deadline = System.nanoTime() + LEADER_MAX.toNanos();
        while (System.nanoTime() - deadline < 0) {
            try (var socket = connect(resp)) {
                socket.getOutputStream().write(redis("SET", "first", "1"));
                var in = new BufferedInputStream(socket.getInputStream());
                if (skipReply(in)) return;
            } catch (IOException notYet) {
                // It is asked again.
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
        throw new Failure(Exit.UNAVAILABLE, "no rehearsal: no leader was found");
    }

    private static Socket connect(Address to) throws IOException {
        var socket = new Socket(to.host(), to.port());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) SILENCE.toMillis());
        return socket;
    }

    private void talkRedis(Address resp, int client) throws IOException {
        try (var socket = connect(resp)) {
            var in = new BufferedInputStream(socket.getInputStream());
            var out = socket.getOutputStream();
            for (int round = 0; !ended.get(); round++) {
                var key = "k" + (client * 7919 + round) % 10_000;
                int pipelined = client % 3 == 0 && round % 4 == 0 ? 16 : 1;
                boolean writes = round % 2 == 0;
                byte[] request = writes ? redis("SET", key, VALUE) : redis("GET", key);
                for (int i = 0; i < pipelined - 1; i++)
                    out.write(request);
                out.write(request);
                for (int i = 0; i < pipelined; i++)
                    skipReply(in);
            }
        }
    }

    private static byte[] redis(String... words) {
        var request = new StringBuilder("*" + words.length + "\r\n");
        for (var word : words)
            request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        return request.toString().getBytes(US_ASCII);
    }

    /// @return whether it was no error
    private static boolean skipReply(InputStream in) throws IOException {
        var line = line(in);
        if (line.startsWith("$") && !line.equals("$-1"))
            in.skipNBytes(Integer.parseInt(line.substring(1)) + 2L);
        return !line.startsWith("-");
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) throw new EOFException("the node has closed the connection");
            if (next == '\n') return line.toString().stripTrailing();
            line.append((char) next);
        }
    }

    private void talkHttp(Address http, int client) throws IOException {
        try (var socket = connect(http)) {
            var in = new BufferedInputStream(socket.getInputStream());
            for (int round = 0; !ended.get(); round++) {
                var path = "/v1/kv/h" + (client * 7919 + round) % 10_000;
                var request = round % 2 == 0
                        ? "PUT " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: "
                                + VALUE.length() + "\r\n\r\n" + VALUE
                        : "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(US_ASCII));
                skipHttp(in);
            }
        }
    }

    private static void skipHttp(InputStream in) throws IOException {
        long body = 0;
        for (var line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15))
                body = Long.parseLong(line.substring(15).strip());
        }
        in.skipNBytes(body);
    }
}
