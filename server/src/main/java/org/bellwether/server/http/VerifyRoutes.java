package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.bellwether.api.Bytes;
import org.bellwether.api.Comparison;
import org.bellwether.api.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// Digests of this node's tables as of one log entry, range by range: for `bell verify`, which asks every node.
final class VerifyRoutes {
    private static final AsciiString JSON = AsciiString.cached("application/json");
    private static final String COMPARISON = "/v1/verify/";
    private static final int KEYS_MAX = 100_000;

    private final KeyValueStore store;
    /// The node ends those that nobody uses; here they are only forgotten.
    private final Map<Long, Comparison> open = new HashMap<>();
    private long last;

    VerifyRoutes(KeyValueStore store) {
        this.store = store;
    }

    void addTo(Routes routes) {
        routes.rowWithParameters(HttpMethod.POST, "/v1/verify", this::begin);
        routes.rowWithParameters(HttpMethod.GET, COMPARISON, this::digest);
        routes.rowWithParameters(HttpMethod.DELETE, COMPARISON, this::end);
    }

    private void begin(Exchange exchange) {
        var given = new Parameters(exchange);
        long index = number("at", given.need("at"), Long.MAX_VALUE);
        store.compare(index, given.end(store).timeout(), comparison -> {
            open.values().removeIf(each -> !each.isOpen());
            open.put(++last, comparison);
            exchange.answer(new Reply(HttpResponseStatus.OK, JSON, Json.object(json -> {
                json.name("comparison");
                json.value(last);
                json.name("applied_index");
                json.value(comparison.appliedIndex());
                json.name("revision");
                json.value(comparison.revision().number());
                json.name("keys");
                json.value(comparison.keys());
            })));
        }, why -> exchange.answer(Problem.of(HttpResponseStatus.CONFLICT, "conflict", why)));
    }

    private void digest(Exchange exchange) {
        var given = new Parameters(exchange);
        long number = comparison(exchange);
        var from = key(given.take("from_b64"));
        var to = key(given.take("to_b64"));
        var asked = given.take("keys");
        int keys = asked == null ? KEYS_MAX : (int) number("keys", asked, KEYS_MAX);
        given.end(store);
        var comparison = open.get(number);
        if (comparison == null) {
            exchange.answer(gone("there is no comparison " + number));
            return;
        }
        if (!comparison.isOpen()) {
            open.remove(number);
            exchange.answer(gone("comparison " + number
                    + " was not used for too long, or has ended"));
            return;
        }
        comparison.digest(from == null ? Bytes.EMPTY : from, to, keys,
                range -> exchange.answer(answer(range)), why -> {
                    open.remove(number);
                    comparison.close();
                    exchange.answer(Problem.notReady("the keys could not be compared: " + why));
                });
    }

    private static Reply answer(Comparison.Range range) {
        return new Reply(HttpResponseStatus.OK, JSON, Json.object(json -> {
            json.serializeNulls(true);
            json.name("keys");
            json.value(range.keys());
            json.name("digest");
            json.value(HexFormat.of().toHexDigits(range.digest()));
            json.name("next_b64");
            var next = range.next();
            if (next == null) {
                json.nullValue();
            } else {
                json.value(Base64.getUrlEncoder().withoutPadding().encodeToString(next.array()));
            }
        }));
    }

    private static Reply gone(String why) {
        return Problem.of(HttpResponseStatus.GONE, "gone", why);
    }

    private void end(Exchange exchange) {
        long number = comparison(exchange);
        new Parameters(exchange).end(store);
        var comparison = open.remove(number);
        if (comparison != null) comparison.close();
        exchange.answer(new Reply(HttpResponseStatus.OK, JSON, "{\"done\":true}".getBytes(UTF_8)));
    }

    private static long comparison(Exchange exchange) {
        return number("the comparison",
                new String(exchange.target().keyAfter(COMPARISON).array(), UTF_8), Long.MAX_VALUE);
    }

    private static long number(String what, String text, long max) {
        try {
            long number = Long.parseLong(text);
            if (number >= 0 && number <= max) return number;
        } catch (NumberFormatException none) {
            // falls through to the one message
        }
        throw BadRequest.of(what + " is a number from 0 to " + max + ", got '" + Bytes.utf8(text)
                + "'");
    }

    private static @Nullable Bytes key(@Nullable String base64) {
        if (base64 == null) return null;
        try {
            return Bytes.wrap(Base64.getUrlDecoder().decode(base64));
        } catch (IllegalArgumentException none) {
            throw BadRequest.of("a key is given in URL-safe base64, got '" + Bytes.utf8(base64)
                    + "'");
        }
    }
}
