package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bellwether.api.Bytes;
import org.jspecify.annotations.Nullable;

/// The target of a request, as it came: nothing is normalised, since keys are bytes and `a//b`, `..` and
/// `%2F` are all different keys (Consul broke its users by taste here, consul#22822).
///
/// @param path  still escaped, without the query
/// @param query the text behind `?`, still escaped; null if there is none
record Target(String path, @Nullable String query) {

    static Target parse(String uri) {
        String rest = uri;
        if (!rest.startsWith("/")) {
            rest = withoutAuthority(uri);
        }
        int question = rest.indexOf('?');
        return question < 0
                ? new Target(rest, null)
                : new Target(rest.substring(0, question), rest.substring(question + 1));
    }

    /// The absolute form, `http://host:port/path`, which is what clients send to proxies and any server must
    /// take (RFC 9112 §3.2.2).
    private static String withoutAuthority(String uri) {
        int authority = uri.regionMatches(true, 0, "http://", 0, 7)
                ? 7
                : uri.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
        if (authority < 0)
            throw BadRequest.of("the request target '" + shorten(uri) + "' is not a path");
        int end = authority;
        while (end < uri.length() && uri.charAt(end) != '/' && uri.charAt(end) != '?')
            end++;
        String rest = uri.substring(end);
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    /// What follows this prefix in the path, unescaped.
    Bytes keyAfter(String prefix) {
        return unescape(path.substring(prefix.length()));
    }

    /// The query's parameters, values unescaped.
    Map<String, Bytes> parameters() {
        if (query == null || query.isEmpty()) return Map.of();
        var parameters = new LinkedHashMap<String, Bytes>();
        for (var part : query.split("&", -1)) {
            int equals = part.indexOf('=');
            var name = unescape(equals < 0 ? part : part.substring(0, equals));
            if (name.length() == 0) throw BadRequest.of("a query parameter has no name");
            var value = equals < 0 ? Bytes.EMPTY : unescape(part.substring(equals + 1));
            if (parameters.put(new String(name.array(), UTF_8), value) != null) {
                throw BadRequest.of("the query parameter '" + name + "' is given twice");
            }
        }
        return parameters;
    }

    /// Percent-decoding, byte for byte; `+` is a plus.
    static Bytes unescape(String text) {
        byte[] raw = text.getBytes(ISO_8859_1);
        if (text.indexOf('%') < 0) return Bytes.wrap(raw);
        int length = 0;
        for (int i = 0; i < raw.length; i++) {
            byte b = raw[i];
            if (b == '%') {
                int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
                int low = high < 0 ? -1 : Character.digit(raw[i + 2], 16);
                if (low < 0) {
                    throw BadRequest.of("malformed percent-escape at character " + i + " of '"
                            + shorten(text) + "'");
                }
                b = (byte) (high << 4 | low);
                i += 2;
            }
            raw[length++] = b;
        }
        return Bytes.wrap(Arrays.copyOf(raw, length));
    }

    private static String shorten(String text) {
        return Bytes.utf8(text).toString();
    }
}
