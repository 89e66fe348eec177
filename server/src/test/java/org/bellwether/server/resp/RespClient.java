package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import org.bellwether.api.Address;

/// A socket that sends exactly the bytes it is told to, and reads replies one by one.
final class RespClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final RespReader reader;

    RespClient(Address address) throws IOException {
        socket = new Socket(InetAddress.getByName(address.host()), address.port());
        socket.setSoTimeout((int) FakeNode.HANG.toMillis());
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        reader = new RespReader(in);
    }

    RespClient raw(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
        return this;
    }

    /// Words as an array, which is not waited for.
    RespClient send(String... words) throws IOException {
        return raw(request(words));
    }

    /// A line of words without spaces.
    RespClient line(String line) throws IOException {
        return send(line.split(" ", -1));
    }

    static String request(String... words) {
        var request = new StringBuilder("*" + words.length + "\r\n");
        for (var word : words) {
            request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return request.toString();
    }

    Object say(String line) throws IOException {
        return line(line).read();
    }

    Object read() throws IOException {
        return reader.read();
    }

    int port() {
        return socket.getLocalPort();
    }

    RespClient endOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /// Nothing more comes: the server has ended its side.
    void assertEnded() throws IOException {
        assertEquals(-1, in.read());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
