package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.Map;
import org.bellwether.api.Ack;
import org.bellwether.api.Bytes;
import org.bellwether.api.Consistency;
import org.bellwether.api.Limits;
import org.bellwether.api.Revision;
import org.bellwether.api.Token;
import org.jspecify.annotations.Nullable;

/// What a request asks for in its query. A parameter that nobody knows is an error, since it may be one that a
/// later version gives a meaning to.
///
/// @param key the key, where it is given as a parameter
/// @param ttl how long what is put is to stay; null for ever
record Options(Consistency consistency, Ack ack, Duration timeout, @Nullable Bytes key,
        @Nullable Duration ttl) {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Options DEFAULT = new Options(Consistency.LINEARIZABLE, Ack.QUORUM,
            TIMEOUT, null, null);
    private static final AsciiString MIN_REVISION = AsciiString.cached("KV-Min-Revision");

    private enum Use {
        READ, PUT, DELETE, OTHER
    }

    static Options ofRead(Exchange exchange, Limits limits) {
        var options = parse(exchange.target().parameters(), limits, Use.READ);
        if (!exchange.headers().contains(MIN_REVISION)) return options;
        var floors = exchange.headers().getAll(MIN_REVISION);
        // Whichever is taken, the other would be ignored without a word.
        if (floors.size() > 1) throw BadRequest.of(MIN_REVISION + " is given twice");
        var given = exchange.target().parameters();
        if (given.containsKey("consistency") || given.containsKey("min_revision"))
            throw BadRequest.of("KV-Min-Revision is given, and another consistency beside it");
        return new Options(afterWrite(MIN_REVISION, floors.getFirst()), options.ack,
                options.timeout, options.key, null);
    }

    static Options ofPut(Exchange exchange, Limits limits) {
        return ofWrite(exchange, limits, Use.PUT);
    }

    static Options ofDelete(Exchange exchange, Limits limits) {
        return ofWrite(exchange, limits, Use.DELETE);
    }

    private static Options ofWrite(Exchange exchange, Limits limits, Use use) {
        if (exchange.headers().contains(MIN_REVISION))
            throw BadRequest.of(MIN_REVISION + " is for reads");
        return parse(exchange.target().parameters(), limits, use);
    }

    /// Of parameters that are neither a read's nor a write's own.
    static Options of(Map<String, Bytes> parameters, Limits limits) {
        return parse(parameters, limits, Use.OTHER);
    }

    private static Options parse(Map<String, Bytes> parameters, Limits limits, Use use) {
        if (parameters.isEmpty()) return DEFAULT;
        if (parameters.containsKey("consistency") && parameters.containsKey("min_revision"))
            throw BadRequest.of("consistency and min_revision cannot be combined");
        var consistency = Consistency.LINEARIZABLE;
        var ack = Ack.QUORUM;
        var timeout = TIMEOUT;
        Bytes key = null;
        Duration ttl = null;
        for (var parameter : parameters.entrySet()) {
            var value = new String(parameter.getValue().array(), UTF_8);
            switch (parameter.getKey()) {
                case "key" -> key = parameter.getValue();
                case "timeout" -> timeout = duration("timeout", value, limits.timeoutMillisMax());
                case "ttl" -> {
                    if (use != Use.PUT) throw BadRequest.of("ttl is for puts");
                    ttl = duration("ttl", value, Limits.EXPIRY_MILLIS_MAX);
                }
                case "consistency" -> {
                    if (use != Use.READ) throw BadRequest.of("consistency is for reads");
                    consistency = switch (value) {
                        case "linearizable" -> Consistency.LINEARIZABLE;
                        case "lease" -> Consistency.LEASE;
                        case "local" -> Consistency.LOCAL;
                        default -> throw BadRequest.of(
                                "consistency is linearizable, lease or local, got '"
                                        + parameter.getValue() + "'");
                    };
                }
                case "min_revision" -> {
                    if (use != Use.READ) throw BadRequest.of("min_revision is for reads");
                    consistency = afterWrite("min_revision", value);
                }
                case "ack" -> {
                    if (use != Use.PUT && use != Use.DELETE)
                        throw BadRequest.of("ack is for writes");
                    ack = switch (value) {
                        case "leader" -> Ack.LEADER;
                        case "quorum" -> Ack.QUORUM;
                        case "all" -> Ack.ALL;
                        default -> throw BadRequest.of("ack is leader, quorum or all, got '"
                                + Bytes.utf8(value) + "'");
                    };
                }
                default -> throw Parameters.unknown(parameter.getKey());
            }
        }
        return new Options(consistency, ack, timeout, key, ttl);
    }

    /// `17`, a revision, or `3.17`, a token.
    private static Consistency afterWrite(CharSequence name, String text) {
        var token = Token.parse(text);
        if (token != null) return new Consistency.Including(token);
        try {
            long revision = Long.parseLong(text);
            if (revision >= 0) return new Consistency.AtLeast(new Revision(revision));
        } catch (NumberFormatException notOne) {
            // falls through to the one message
        }
        throw BadRequest.of(name + " is a revision like 17 or a token like 3.17, got '"
                + Bytes.utf8(text) + "'");
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
