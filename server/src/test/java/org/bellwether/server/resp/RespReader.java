package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// Replies, as a client would read them: text with its type in front, long, list; a map is the list of its
/// keys and values behind the word that it is one.
final class RespReader {
    private final InputStream in;

    RespReader(InputStream in) {
        this.in = in;
    }

    Object read() throws IOException {
        int type = in.read();
        var line = line();
        return switch (type) {
            case '+', '-' -> (char) type + line;
            case ':' -> Long.parseLong(line);
            case '$' -> line.equals("-1") ? "null" : bulk(Integer.parseInt(line));
            // Text with its format in front.
            case '=' -> bulk(Integer.parseInt(line)).substring(4);
            case '_' -> "null";
            case '*' -> line.equals("-1") ? "null array" : list(Integer.parseInt(line), "");
            case '>' -> list(Integer.parseInt(line), "push");
            case '~' -> list(Integer.parseInt(line), "set");
            case '%' -> list(2 * Integer.parseInt(line), "map");
            default -> throw new IOException("type " + type + ", line " + line);
        };
    }

    String line() throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\r'; b = in.read()) {
            if (b < 0) throw new IOException("the connection ended: " + line);
            line.append((char) b);
        }
        if (in.read() != '\n') throw new IOException("no line feed");
        return line.toString();
    }

    private String bulk(int length) throws IOException {
        var bytes = new String(in.readNBytes(length), ISO_8859_1);
        line();
        return bytes;
    }

    private List<Object> list(int count, String kind) throws IOException {
        var list = new ArrayList<Object>();
        if (!kind.isEmpty()) list.add(kind);
        for (int i = 0; i < count; i++)
            list.add(read());
        return list;
    }
}
