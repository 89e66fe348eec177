package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bellwether.api.Bytes;
import org.bellwether.api.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// The parameters of one request; whatever is left over at the end is an error.
final class Parameters {
    private final Map<String, Bytes> left;

    Parameters(Exchange exchange) {
        left = new LinkedHashMap<>(exchange.target().parameters());
    }

    /// The value, null if it is not given.
    @Nullable
    String take(String name) {
        var value = left.remove(name);
        return value == null ? null : new String(value.array(), UTF_8);
    }

    String need(String name) {
        var value = take(name);
        if (value == null || value.isEmpty())
            throw BadRequest.of("the query parameter '" + name + "' is missing");
        return value;
    }

    /// What is left is an error.
    void refuse() {
        for (var name : left.keySet())
            throw unknown(name);
    }

    static BadRequest unknown(String name) {
        return BadRequest.of("unknown query parameter '" + Bytes.utf8(name) + "'");
    }

    /// What is left is the timeout, or nothing.
    Options end(KeyValueStore store) {
        if (left.containsKey("key")) throw BadRequest.of("there is no key here");
        return Options.of(left, store.limits());
    }
}
