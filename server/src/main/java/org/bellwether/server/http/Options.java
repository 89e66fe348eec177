package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Map;
import org.bellwether.api.Bytes;
import org.bellwether.api.Consistency;
import org.bellwether.api.Limits;
import org.jspecify.annotations.Nullable;

/// What a request asks for in its query. A parameter that nobody knows is an error, since it may be one that a
/// later version gives a meaning to.
///
/// @param key the key, where it is given as a parameter
/// @param ttl how long what is put is to stay; null for ever
record Options(Consistency consistency, Duration timeout, @Nullable Bytes key,
        @Nullable Duration ttl) {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Options DEFAULT = new Options(Consistency.LINEARIZABLE, TIMEOUT, null,
            null);

    static Options ofRead(Target target, Limits limits) {
        return parse(target.parameters(), limits, Kind.READ);
    }

    static Options ofPut(Target target, Limits limits) {
        return parse(target.parameters(), limits, Kind.PUT);
    }

    static Options ofDelete(Target target, Limits limits) {
        return parse(target.parameters(), limits, Kind.OTHER);
    }

    /// Of parameters that are neither a read's nor a write's own.
    static Options of(Map<String, Bytes> parameters, Limits limits) {
        return parse(parameters, limits, Kind.OTHER);
    }

    /// Of which some parameters are.
    private enum Kind {
        READ, PUT, OTHER
    }

    private static Options parse(Map<String, Bytes> parameters, Limits limits, Kind kind) {
        if (parameters.isEmpty()) return DEFAULT;
        var consistency = Consistency.LINEARIZABLE;
        var timeout = TIMEOUT;
        Bytes key = null;
        Duration ttl = null;
        for (var parameter : parameters.entrySet()) {
            var value = new String(parameter.getValue().array(), UTF_8);
            switch (parameter.getKey()) {
                case "key" -> key = parameter.getValue();
                case "timeout" -> timeout = duration("timeout", value, limits.timeoutMillisMax());
                case "ttl" -> {
                    if (kind != Kind.PUT) throw BadRequest.of("ttl is for puts");
                    ttl = duration("ttl", value, Limits.EXPIRY_MILLIS_MAX);
                }
                case "consistency" -> {
                    if (kind != Kind.READ) throw BadRequest.of("consistency is for reads");
                    consistency = switch (value) {
                        case "linearizable" -> Consistency.LINEARIZABLE;
                        case "local" -> Consistency.LOCAL;
                        default -> throw BadRequest.of(
                                "consistency is linearizable or local, got '" + parameter.getValue()
                                        + "'");
                    };
                }
                default -> throw BadRequest
                        .of("unknown query parameter '" + Bytes.utf8(parameter.getKey()) + "'");
            }
        }
        return new Options(consistency, timeout, key, ttl);
    }

    /// `2s` or `500ms`.
    private static Duration duration(String name, String text, long millisMax) {
        boolean millis = text.endsWith("ms");
        if (millis || text.endsWith("s")) {
            try {
                long number = Long.parseLong(text.substring(0, text.length() - (millis ? 2 : 1)));
                long asked = millis ? number : Math.multiplyExact(number, 1000L);
                if (asked > 0 && asked <= millisMax)
                    return Duration.ofMillis(asked);
            } catch (NumberFormatException | ArithmeticException notOne) {
                // falls through to the one message
            }
        }
        throw BadRequest.of(name + " is like 2s or 500ms, positive and at most "
                + millisMax + "ms; got '" + Bytes.utf8(text) + "'");
    }
}
