package org.bellwether.server.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The elements of a header field that is a list (RFC 9110 §5.6.1). It may come in several lines, which mean the same
/// as one (§5.3), and elements that are empty do not count.
final class FieldList {
    private FieldList() {}

    /// Without the white space around them; commas within quotes separate nothing.
    ///
    /// @return null if there is no such field
    static @Nullable List<String> of(HttpHeaders headers, CharSequence field) {
        if (!headers.contains(field)) return null;
        var elements = new ArrayList<String>();
        for (var line : headers.getAll(field))
            split(line, elements);
        return elements;
    }

    private static void split(String line, List<String> elements) {
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i <= line.length(); i++) {
            char c = i < line.length() ? line.charAt(i) : ',';
            if (c == '"') quoted = !quoted;
            if (i == line.length() || c == ',' && !quoted) {
                var element = line.substring(start, i).strip();
                if (!element.isEmpty()) elements.add(element);
                start = i + 1;
            }
        }
    }
}
