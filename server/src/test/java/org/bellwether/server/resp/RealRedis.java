package org.bellwether.server.resp;

import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bellwether.api.Address;

/// A `redis-server` from the `PATH`, which has one database and keeps nothing.
final class RealRedis implements AutoCloseable {
    private final Process process;
    final Address address;

    /// @param dir for what it says
    RealRedis(Path dir) throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        address = new Address("127.0.0.1", port);
        process = new ProcessBuilder("redis-server", "--port", Integer.toString(port), "--bind",
                "127.0.0.1", "--databases", "1", "--save", "", "--dir", dir.toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("redis.log").toFile()).start();
        while (!isListening()) {
            if (!process.isAlive()) throw new IOException("redis-server ended");
        }
    }

    /// A condition of JUnit: where it is missing, the tests beside it are skipped and counted so.
    static boolean isInstalled() {
        for (var folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(folder, "redis-server"))) return true;
        }
        return false;
    }

    private boolean isListening() throws IOException {
        try (var _ = new Socket(address.host(), address.port())) {
            return true;
        } catch (ConnectException notYet) {
            Thread.onSpinWait();
            return false;
        }
    }

    RespClient connect() throws IOException {
        return new RespClient(address);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
