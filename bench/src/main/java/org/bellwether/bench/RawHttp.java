package org.bellwether.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/// As much of HTTP as a load generator needs.
final class RawHttp {
    private RawHttp() {}

    static byte[] put(String key, String value) {
        return ("PUT /v1/kv/" + key + " HTTP/1.1\r\nHost: bench\r\nContent-Length: "
                + value.length() + "\r\n\r\n" + value).getBytes(ISO_8859_1);
    }

    /// Reads one response and gives its status.
    static int status(InputStream in) throws IOException {
        String first = line(in);
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:"))
                length = Integer.parseInt(header.substring(15).strip());
        }
        in.skipNBytes(length);
        return Integer.parseInt(first.substring(9, 12));
    }

    private static String line(InputStream in) throws IOException {
        var text = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) throw new EOFException("closed by the node");
            if (b != '\r') text.append((char) b);
        }
        return text.toString();
    }
}
