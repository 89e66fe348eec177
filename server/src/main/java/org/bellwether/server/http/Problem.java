package org.bellwether.server.http;

import io.avaje.json.JsonWriter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.function.Consumer;
import org.bellwether.api.Outcome;
import org.bellwether.api.Refusal;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// Errors as `application/problem+json` (RFC 9457). 503 always means that nothing happened, 504 that the
/// outcome is unknown; the two are never mixed.
final class Problem {
    private static final AsciiString TYPE = AsciiString.cached("application/problem+json");
    private static final AsciiString ONE_SECOND = AsciiString.cached("1");

    private Problem() {}

    static Reply of(HttpResponseStatus status, String code, String detail) {
        return of(status, code, detail, _ -> {});
    }

    private static Reply of(HttpResponseStatus status, String code, String detail,
            Consumer<JsonWriter> more) {
        return new Reply(status, TYPE, Json.object(json -> {
            json.name("type");
            json.value("about:blank");
            json.name("title");
            json.value(status.reasonPhrase());
            json.name("status");
            json.value(status.code());
            json.name("code");
            json.value(code);
            json.name("detail");
            json.value(detail);
            more.accept(json);
        }));
    }

    static Reply badRequest(String detail) {
        return of(HttpResponseStatus.BAD_REQUEST, "bad_request", detail);
    }

    static Reply overLimit(HttpResponseStatus status, Refusal.OverLimit over) {
        return of(status, over.what() + "_too_large", over.toString(), json -> {
            json.name("limit");
            json.value(over.limit());
            json.name("unit");
            json.value(over.unit());
        });
    }

    static Reply overLimit(HttpResponseStatus status, String code, String detail, long bytesMax) {
        return of(status, code, detail, json -> {
            json.name("limit");
            json.value(bytesMax);
            json.name("unit");
            json.value("bytes");
        });
    }

    /// This node cannot serve now: it is starting, or has lost touch.
    static Reply notReady(String why) {
        return later(of(HttpResponseStatus.SERVICE_UNAVAILABLE, "not_ready", why));
    }

    /// As many as this node serves at a time.
    static Reply busy(String why) {
        return later(of(HttpResponseStatus.SERVICE_UNAVAILABLE, "busy", why));
    }

    /// Whatever is not [Outcome.Applied].
    static Reply of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Refused(var why) -> of(why);
            case Outcome.NotLeader _ -> later(of(HttpResponseStatus.SERVICE_UNAVAILABLE,
                    "not_leader",
                    "this node does not lead and could not pass the request on; nothing happened"));
            case Outcome.Overloaded(var cause, var what) -> later(
                    of(HttpResponseStatus.SERVICE_UNAVAILABLE, switch (cause) {
                        case FULL -> "overloaded";
                        case NOT_READY -> "not_ready";
                        case NO_LEADER -> "no_leader";
                    }, what + "; nothing happened"));
            case Outcome.Unknown(var why) ->
                of(HttpResponseStatus.GATEWAY_TIMEOUT, "outcome_unknown",
                        why + "; it may have happened or may yet");
            case Outcome.Applied _, Outcome.Accepted _ ->
                throw new IllegalArgumentException(outcome + " is no problem");
        };
    }

    /// @param current what the key holds, null if it does not exist
    static Reply conditionFailed(@Nullable Versioned current) {
        if (current == null) {
            return of(HttpResponseStatus.PRECONDITION_FAILED, "condition_failed",
                    "the key does not exist");
        }
        return of(HttpResponseStatus.PRECONDITION_FAILED, "condition_failed",
                "the key was last modified at revision " + current.modified())
                .with(HttpHeaderNames.ETAG, Preconditions.tag(current.modified()));
    }

    private static Reply of(Refusal refusal) {
        return switch (refusal) {
            case Refusal.ConditionFailed(var current, var _) -> conditionFailed(current);
            case Refusal.OverLimit over -> overLimit(over.what().equals("key")
                    ? HttpResponseStatus.REQUEST_URI_TOO_LONG
                    : HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, over);
            case Refusal.Malformed(var what) -> badRequest(what);
            case Refusal.Conflict(var what) -> of(HttpResponseStatus.CONFLICT, "conflict", what);
            case Refusal.Lost(var write) -> of(HttpResponseStatus.CONFLICT, "write_lost",
                    "the write " + write + " was cut off by a failover and is lost");
            case Refusal.Forgotten(var write, long base) -> of(HttpResponseStatus.GONE,
                    "token_too_old", "whether the write " + write
                            + " was kept cannot be told any more: the log begins at " + base);
            case Refusal.Arithmetic(var fault) -> of(HttpResponseStatus.CONFLICT, "conflict",
                    "it cannot be added to: " + fault);
            case Refusal.StorageFull(var what) -> of(HttpResponseStatus.INSUFFICIENT_STORAGE,
                    "storage_full", what);
        };
    }

    private static Reply later(Reply reply) {
        return reply.with(HttpHeaderNames.RETRY_AFTER, ONE_SECOND);
    }
}
