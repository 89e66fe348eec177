package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.bellwether.api.Address;

/// A socket that sends exactly the bytes it is told to, and reads replies one by one.
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    /// @param headers names in lower case
    record Response(int status, TreeMap<String, String> headers, String body) {
        String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }

        /// A clear error: the status, a problem that says it, and nothing of our insides.
        void assertProblem(int expected, String text) {
            assertEquals(expected, status, this::toString);
            assertEquals("application/problem+json", header("content-type"));
            assertTrue(body.contains("\"status\":" + expected), body);
            assertTrue(body.contains(text), body);
            assertTrue(!body.contains("Exception") && !body.contains("org.bellwether"), body);
        }
    }

    RawClient(Address address) throws IOException {
        socket = new Socket(InetAddress.getByName(address.host()), address.port());
        socket.setSoTimeout((int) TestServer.HANG.toMillis());
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    RawClient send(String... parts) throws IOException {
        socket.getOutputStream().write(String.join("", parts).getBytes(ISO_8859_1));
        return this;
    }

    /// A request with a body, its length and a host.
    RawClient put(String path, String body) throws IOException {
        return send("PUT " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    RawClient get(String path, String... headerLines) throws IOException {
        var more = new StringBuilder();
        for (var line : headerLines)
            more.append(line).append("\r\n");
        return send("GET " + path + " HTTP/1.1\r\nHost: h\r\n" + more + "\r\n");
    }

    RawClient endOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    Response read() throws IOException {
        return read(false);
    }

    Response readHead() throws IOException {
        return read(true);
    }

    private Response read(boolean noBody) throws IOException {
        var statusLine = line();
        assertTrue(statusLine.startsWith("HTTP/1.1 "), statusLine);
        int status = Integer.parseInt(statusLine.substring(9, 12));
        var headers = new TreeMap<String, String>();
        for (var line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            assertEquals(null, headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip()), "given twice: " + line);
        }
        int length = noBody ? 0 : Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Response(status, headers, new String(in.readNBytes(length), ISO_8859_1));
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) throw new EOFException("the server closed after '" + line + "'");
            line.append((char) b);
        }
        assertTrue(line.length() > 0 && line.charAt(line.length() - 1) == '\r', "no CR");
        return line.substring(0, line.length() - 1);
    }

    /// The kernel holds little for it: so its sender notices how slowly it reads.
    RawClient holdLittle() throws IOException {
        socket.setReceiveBufferSize(32 * 1024);
        return this;
    }

    /// Reads to the end of the reply that says `Connection: close`, so many bytes and then nothing for a while.
    ///
    /// @return how many they were
    long readSlowly(int bytes, Duration pause) throws IOException {
        long all = 0;
        for (int read = in.readNBytes(bytes).length; read > 0; read = in.readNBytes(bytes).length) {
            all += read;
            LockSupport.parkNanos(pause.toNanos());
        }
        return all;
    }

    /// Nothing more comes: the server has ended its side in order, and did not reset.
    void assertEnded() throws IOException {
        assertEquals(-1, in.read());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
