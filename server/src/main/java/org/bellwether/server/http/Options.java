package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Map;
import org.bellwether.api.Bytes;
import org.bellwether.api.Consistency;
import org.bellwether.api.Limits;
import org.jspecify.annotations.Nullable;

/// What a request asks for in its query. A parameter that nobody knows is an error, since it may be one that a
/// later version gives a meaning to, like `ttl`.
///
/// @param key the key, where it is given as a parameter
record Options(Consistency consistency, Duration timeout, @Nullable Bytes key) {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Options DEFAULT = new Options(Consistency.LINEARIZABLE, TIMEOUT, null);

    static Options ofRead(Target target, Limits limits) {
        return parse(target.parameters(), limits, true);
    }

    static Options ofWrite(Target target, Limits limits) {
        return parse(target.parameters(), limits, false);
    }

    /// Of parameters that are neither a read's nor a write's own.
    static Options of(Map<String, Bytes> parameters, Limits limits) {
        return parse(parameters, limits, false);
    }

    private static Options parse(Map<String, Bytes> parameters, Limits limits, boolean read) {
        if (parameters.isEmpty()) return DEFAULT;
        var consistency = Consistency.LINEARIZABLE;
        var timeout = TIMEOUT;
        Bytes key = null;
        for (var parameter : parameters.entrySet()) {
            var value = new String(parameter.getValue().array(), UTF_8);
            switch (parameter.getKey()) {
                case "key" -> key = parameter.getValue();
                case "timeout" -> timeout = timeout(value, limits);
                case "consistency" -> {
                    if (!read) throw BadRequest.of("consistency is for reads");
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
        return new Options(consistency, timeout, key);
    }

    /// `2s` or `500ms`.
    private static Duration timeout(String text, Limits limits) {
        boolean millis = text.endsWith("ms");
        if (millis || text.endsWith("s")) {
            try {
                long number = Long.parseLong(text.substring(0, text.length() - (millis ? 2 : 1)));
                long asked = millis ? number : Math.multiplyExact(number, 1000L);
                if (asked > 0 && asked <= limits.timeoutMillisMax())
                    return Duration.ofMillis(asked);
            } catch (NumberFormatException | ArithmeticException notOne) {
                // falls through to the one message
            }
        }
        throw BadRequest.of("timeout is like 2s or 500ms, positive and at most "
                + limits.timeoutMillisMax() + "ms; got '" + Bytes.utf8(text) + "'");
    }
}
