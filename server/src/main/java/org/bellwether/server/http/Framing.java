package org.bellwether.server.http;

import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Refusal;
import org.jspecify.annotations.Nullable;

/// Where a request ends and the next one begins must be beyond doubt: a proxy before us that reads the same
/// bytes another way could be made to hand us somebody's request inside another's (request smuggling). What
/// the decoder lets pass and could be read in two ways is refused here, and the connection ends.
final class Framing {
    private Framing() {}

    /// Why the rest of the connection has no known meaning; null if it has.
    static @Nullable Reply refusal(HttpRequest request, Limits limits) {
        if (request.decoderResult().isFailure()) {
            return unreadable(request.decoderResult().cause(), limits);
        }
        var version = request.protocolVersion();
        if (version.majorVersion() != 1) {
            return Problem.of(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED,
                    "version_not_supported", "this server speaks HTTP/1.1");
        }
        var headers = request.headers();
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            var encodings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
            if (version.equals(HttpVersion.HTTP_1_0) || encodings.size() != 1
                    || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.getFirst())) {
                return Problem.badRequest("the only Transfer-Encoding here is chunked");
            }
        } else if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            long announced = HttpUtil.getContentLength(request);
            if (tooLong(announced, limits)) return tooLarge(announced, limits);
        }
        // RFC 9112 §3.2: a client must send one, and a server must refuse it otherwise.
        if (!version.equals(HttpVersion.HTTP_1_0) && !hasOneHost(headers)) {
            return Problem.badRequest("a request has one Host header");
        }
        var expected = headers.get(HttpHeaderNames.EXPECT);
        if (expected != null && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected)) {
            return Problem.of(HttpResponseStatus.EXPECTATION_FAILED, "expectation_failed",
                    "the only expectation here is 100-continue");
        }
        return null;
    }

    private static boolean hasOneHost(HttpHeaders headers) {
        var hosts = headers.valueStringIterator(HttpHeaderNames.HOST);
        if (!hosts.hasNext()) return false;
        hosts.next();
        return !hosts.hasNext();
    }

    static boolean tooLong(long bodyBytes, Limits limits) {
        return bodyBytes > limits.valueBytesMax();
    }

    static Reply tooLarge(long bodyBytes, Limits limits) {
        return Problem.overLimit(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                new Refusal.OverLimit("value", bodyBytes, limits.valueBytesMax(), "bytes"));
    }

    /// There is no room for what comes.
    static Reply noRoom(long heldBytesMax) {
        return Problem.of(new Outcome.Overloaded(Outcome.Busy.FULL,
                "requests and answers of all HTTP clients take more than " + heldBytesMax
                        + " bytes"));
    }

    static Reply cutOff() {
        return Problem.badRequest("the request ended before its end; nothing was done");
    }

    /// What the decoder made of bytes that it could not read.
    static Reply unreadable(@Nullable Throwable cause, Limits limits) {
        return switch (cause) {
            case TooLongHttpLineException _ -> Problem.overLimit(
                    HttpResponseStatus.REQUEST_URI_TOO_LONG, "key_too_large",
                    "the request line is over " + RequestDecoder.lineBytesMax(limits)
                            + " bytes; the limit of a key is " + limits.keyBytesMax() + " bytes",
                    limits.keyBytesMax());
            case TooLongHttpHeaderException _ -> Problem.overLimit(
                    HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large",
                    "the header block is over the limit of " + limits.httpHeaderBytesMax()
                            + " bytes",
                    limits.httpHeaderBytesMax());
            case PrematureChannelClosureException _ -> cutOff();
            case null, default -> Problem
                    .badRequest("this is not an HTTP request that this server reads");
        };
    }
}
