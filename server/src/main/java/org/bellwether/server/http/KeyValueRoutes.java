package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.avaje.json.JsonWriter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Consistency;
import org.bellwether.api.Expiry;
import org.bellwether.api.KeyValueStore;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.Token;
import org.bellwether.api.Versioned;

/// `/v1/kv/{key}`, and the same with `?key=` for keys that proxies would rewrite.
final class KeyValueRoutes {
    private static final String PREFIX = "/v1/kv/";
    private static final String BARE = "/v1/kv";
    private static final byte[] NOTHING = new byte[0];

    private static final AsciiString JSON = AsciiString.cached("application/json");
    private static final Pattern NO_WEIGHT = Pattern.compile("q=0(\\.0*)?");
    private static final AsciiString PREFER = AsciiString.cached("prefer");
    private static final AsciiString CONSISTENCY = AsciiString.cached("KV-Consistency");
    private static final AsciiString LINEARIZABLE = AsciiString.cached("linearizable");
    private static final AsciiString AFTER_WRITE = AsciiString.cached("min-revision");
    private static final AsciiString TOKEN = AsciiString.cached("KV-Token");
    private static final AsciiString ACKED = AsciiString.cached("KV-Acked");
    private static final AsciiString LEASE = AsciiString.cached("lease");
    private static final AsciiString LOCAL = AsciiString.cached("local");
    private static final AsciiString SANDBOX = AsciiString.cached("sandbox");
    private static final AsciiString CONTENT_TYPE_OPTIONS = AsciiString
            .cached("x-content-type-options");
    private static final AsciiString NOSNIFF = AsciiString.cached("nosniff");

    private final KeyValueStore store;

    KeyValueRoutes(KeyValueStore store) {
        this.store = store;
    }

    void addTo(Routes routes) {
        for (var path : new String[]{PREFIX, BARE}) {
            routes.rowWithParameters(HttpMethod.GET, path, this::get);
            routes.rowWithParameters(HttpMethod.PUT, path, this::put);
            routes.rowWithParameters(HttpMethod.DELETE, path, this::delete);
        }
    }

    private static Bytes key(Target target, Options options) {
        boolean inPath = target.path().length() > PREFIX.length();
        if (options.key() != null) {
            if (inPath) throw BadRequest.of("the key is given in the path and as a parameter");
            return options.key();
        }
        if (!inPath) throw BadRequest.of("the key is empty");
        return target.keyAfter(PREFIX);
    }

    // Reads.

    private void get(Exchange exchange) {
        var options = Options.ofRead(exchange, store.limits());
        var key = key(exchange.target(), options);
        store.read(new Read.Get(key), options.consistency(), options.timeout(),
                outcome -> exchange.answer(outcome instanceof Outcome.Applied(var result, var at)
                        ? answer(exchange, key, result, at).with(CONSISTENCY,
                                nameOf(options.consistency()))
                        : Problem.of(outcome)));
    }

    private static AsciiString nameOf(Consistency consistency) {
        return switch (consistency) {
            case Consistency.Linearizable _ -> LINEARIZABLE;
            case Consistency.Lease _ -> LEASE;
            case Consistency.Local _ -> LOCAL;
            case Consistency.AfterWrite _ -> AFTER_WRITE;
        };
    }

    private static Reply answer(Exchange exchange, Bytes key, Result result, Revision at) {
        var found = result instanceof Result.Found(var value) ? value : null;
        int passed;
        try {
            passed = Preconditions.ofRead(exchange.headers(),
                    found == null ? null : found.modified());
        } catch (BadRequest bad) {
            return Problem.badRequest(bad.what());
        }
        if (passed == Preconditions.FAILED) return Problem.conditionFailed(found);
        if (found == null) {
            return Problem.of(HttpResponseStatus.NOT_FOUND, "no_such_key",
                    "the key does not exist at revision " + at);
        }
        var noRoom = passed == Preconditions.NOT_MODIFIED
                ? null
                : exchange.room().refusal(found.value().length());
        if (noRoom != null) return noRoom;
        boolean asJson = wantsJson(exchange.headers());
        var type = asJson ? JSON : HttpHeaderValues.APPLICATION_OCTET_STREAM;
        var reply = passed == Preconditions.NOT_MODIFIED
                ? new Reply(HttpResponseStatus.NOT_MODIFIED, type, NOTHING)
                : new Reply(HttpResponseStatus.OK, type,
                        asJson ? json(key, found) : found.value().array());
        return reply.with(HttpHeaderNames.ETAG, Preconditions.tag(found.modified()))
                .with(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT)
                // A value is whatever a client stored; a browser must not run it (CVE-2020-25864).
                .with(CONTENT_TYPE_OPTIONS, NOSNIFF)
                .with(HttpHeaderNames.CONTENT_SECURITY_POLICY, SANDBOX);
    }

    /// Whether JSON is asked for by its name: whoever takes anything gets the value as it is.
    private static boolean wantsJson(HttpHeaders headers) {
        var ranges = FieldList.of(headers, HttpHeaderNames.ACCEPT);
        if (ranges == null) return false;
        for (var range : ranges) {
            var parts = range.split(";", -1);
            if (JSON.contentEqualsIgnoreCase(parts[0].strip()) && !isRefused(parts)) return true;
        }
        return false;
    }

    /// A weight of nothing means "not this one" (RFC 9110 §12.4.2).
    private static boolean isRefused(String[] mediaRange) {
        for (int i = 1; i < mediaRange.length; i++) {
            var parameter = mediaRange[i].strip().toLowerCase(Locale.ROOT);
            if (NO_WEIGHT.matcher(parameter).matches()) return true;
        }
        return false;
    }

    /// The first `return` that is said counts, and another than `minimal` is what is done anyway (RFC 7240 §2, §4.2).
    private static boolean prefersMinimal(HttpHeaders headers) {
        var preferences = FieldList.of(headers, PREFER);
        if (preferences == null) return false;
        for (var preference : preferences) {
            var said = preference.split(";", -1)[0].replace(" ", "").toLowerCase(Locale.ROOT);
            if (said.startsWith("return=")) return said.equals("return=minimal");
        }
        return false;
    }

    private static byte[] json(Bytes key, Versioned found) {
        return Json.object(json -> {
            text(json, "key", key);
            text(json, "value", found.value());
            json.name("revision");
            json.value(found.modified().number());
            json.name("create_revision");
            json.value(found.created().number());
            json.name("version");
            json.value(found.version());
            if (found.expires() != Versioned.NEVER) {
                json.name("expires");
                json.value(found.expires());
            }
        });
    }

    /// As text where the bytes are UTF-8, else as `<name>_b64`.
    private static void text(JsonWriter json, String name, Bytes bytes) {
        try {
            var text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.array())).toString();
            json.name(name);
            json.value(text);
        } catch (CharacterCodingException binary) {
            json.name(name + "_b64");
            json.value(Base64.getEncoder().encodeToString(bytes.array()));
        }
    }

    // Writes.

    private void put(Exchange exchange) {
        var options = Options.ofPut(exchange, store.limits());
        var ttl = options.ttl();
        var put = new Command.Put(key(exchange.target(), options), exchange.body(),
                Preconditions.ofWrite(exchange.headers()),
                ttl == null ? Expiry.NEVER : new Expiry.In(ttl.toMillis()), false);
        write(exchange, put, options);
    }

    private void delete(Exchange exchange) {
        var options = Options.ofDelete(exchange, store.limits());
        var delete = new Command.Delete(key(exchange.target(), options),
                Preconditions.ofWrite(exchange.headers()));
        write(exchange, delete, options);
    }

    private void write(Exchange exchange, Command command, Options options) {
        boolean minimal = prefersMinimal(exchange.headers());
        store.write(command, options.ack(), options.timeout(),
                outcome -> exchange.answer(switch (outcome) {
                    case Outcome.Applied(Result.Replicated(var result, boolean all), var at) ->
                        done(result, at, minimal,
                                all ? ",\"acked\":\"all\"" : ",\"acked\":\"quorum\"")
                                .with(ACKED, all ? "all" : "quorum");
                    case Outcome.Applied(var result, var at) -> done(result, at, minimal, "");
                    case Outcome.Accepted(var token) -> accepted(token);
                    default -> Problem.of(outcome);
                }));
    }

    /// What it comes to is not known: no revision, and no entity tag.
    private static Reply accepted(Token token) {
        return new Reply(HttpResponseStatus.ACCEPTED, JSON,
                ("{\"token\":\"" + token + "\",\"acked\":\"leader\"}").getBytes(UTF_8))
                .with(TOKEN, token.toString());
    }

    /// @param more members of the body's object
    private static Reply done(Result result, Revision at, boolean minimal, String more) {
        return switch (result) {
            case Result.Written(boolean created) -> {
                var status = created ? HttpResponseStatus.CREATED : HttpResponseStatus.OK;
                yield (minimal
                        ? new Reply(HttpResponseStatus.NO_CONTENT, JSON, NOTHING)
                        : body(status, at, "\"created\":" + created + more))
                        .with(HttpHeaderNames.ETAG, Preconditions.tag(at));
            }
            case Result.Deleted(boolean existed) ->
                body(HttpResponseStatus.OK, at, "\"deleted\":" + (existed ? 1 : 0) + more);
            default -> throw new IllegalStateException("a write came to " + result);
        };
    }

    private static Reply body(HttpResponseStatus status, Revision at, String members) {
        return new Reply(status, JSON,
                ("{\"revision\":" + at + "," + members + "}").getBytes(UTF_8));
    }
}
