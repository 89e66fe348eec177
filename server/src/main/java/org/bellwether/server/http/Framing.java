package org.bellwether.server.http;

import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.InvalidChunkExtensionException;
import io.netty.handler.codec.http.InvalidChunkTerminationException;
import io.netty.handler.codec.http.InvalidLineSeparatorException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Refusal;
import org.jspecify.annotations.Nullable;

/// Where a request ends and the next one begins must be beyond doubt: a proxy before us that reads the same
/// bytes another way could be made to hand us somebody's request inside another's (request smuggling). What
/// the decoder lets pass and could be read in two ways is refused here, and the connection ends.
final class Framing {
    /// Beside letters and digits: unreserved, sub-delims, and escapes.
    private static final String HOST_MARKS = "-._~!$&'()*+,;=%";

    private Framing() {}

    /// Why the rest of the connection has no known meaning; null if it has.
    static @Nullable Reply refusal(HttpRequest request, Limits limits) {
        if (request.decoderResult().isFailure()) {
            return unreadableHead(request, limits);
        }
        var version = request.protocolVersion();
        if (version.majorVersion() != 1) {
            return Problem.of(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED,
                    "version_not_supported", "this server speaks HTTP/1.1");
        }
        var headers = request.headers();
        var fault = lengthFault(request);
        if (fault == null) fault = hostFault(request);
        if (fault != null) return Problem.badRequest(fault);
        if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            long announced = HttpUtil.getContentLength(request);
            if (tooLong(announced, limits)) return tooLarge(announced, limits);
        } else if (needsLength(request)) {
            return Problem.of(HttpResponseStatus.LENGTH_REQUIRED, "length_required",
                    "a " + request.method()
                            + " of HTTP/1.0 needs a Content-Length, also if its body is empty");
        }
        var expected = headers.get(HttpHeaderNames.EXPECT);
        if (expected != null && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected)) {
            return Problem.of(HttpResponseStatus.EXPECTATION_FAILED, "expectation_failed",
                    "the only expectation here is 100-continue");
        }
        return null;
    }

    /// Why it is in doubt how long the body is, in the words of the header fields that came; null if it is not.
    private static @Nullable String lengthFault(HttpRequest request) {
        var headers = request.headers();
        boolean chunks = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
        if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            if (chunks)
                return "Content-Length and Transfer-Encoding are both given: only one can say where the body ends";
            var lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
            if (lengths.size() > 1 || lengths.getFirst().indexOf(',') >= 0)
                return "Content-Length is given twice";
            if (!isLength(lengths.getFirst()))
                return "Content-Length is a number of bytes, got '" + Bytes.utf8(lengths.getFirst())
                        + "'";
        } else if (chunks) {
            if (request.protocolVersion().equals(HttpVersion.HTTP_1_0))
                return "HTTP/1.0 knows no Transfer-Encoding";
            var encodings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
            if (encodings.size() != 1
                    || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.getFirst()))
                return "the only Transfer-Encoding here is chunked";
        }
        return null;
    }

    /// Without one, a body of HTTP/1.0 might go on to the end of the connection, and would be taken for an empty one. In
    /// HTTP/1.1 there is none then (RFC 9112 §6.3), and curl sends an empty PUT so.
    private static boolean needsLength(HttpRequest request) {
        var method = request.method();
        return request.protocolVersion().equals(HttpVersion.HTTP_1_0)
                && (method.equals(HttpMethod.PUT) || method.equals(HttpMethod.POST));
    }

    private static boolean isLength(String text) {
        try {
            // The sign that Java takes and HTTP does not.
            return isDigit(text.charAt(0)) && Long.parseLong(text) >= 0;
        } catch (NumberFormatException | IndexOutOfBoundsException none) {
            return false;
        }
    }

    /// RFC 9112 §3.2: a client must send one, and a server must refuse it otherwise.
    private static @Nullable String hostFault(HttpRequest request) {
        var hosts = request.headers().valueStringIterator(HttpHeaderNames.HOST);
        boolean needed = !request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        if (!hosts.hasNext()) return needed ? "a request has one Host header" : null;
        var host = hosts.next();
        if (hosts.hasNext()) return "a request has one Host header";
        return isHost(host)
                ? null
                : "Host is a name or an address, with a port or without; got '" + Bytes.utf8(host)
                        + "'";
    }

    /// `uri-host [ ":" port ]` by its letters (RFC 3986 §3.2.2), which may be empty. No pattern: with every request.
    private static boolean isHost(String text) {
        int end = text.length();
        while (end > 0 && isDigit(text.charAt(end - 1)))
            end--;
        end = end > 0 && text.charAt(end - 1) == ':' ? end - 1 : text.length();
        boolean literal = end > 0 && text.charAt(0) == '[';
        if (literal && text.charAt(end - 1) != ']') return false;
        for (int i = literal ? 1 : 0; i < (literal ? end - 1 : end); i++) {
            char c = text.charAt(i);
            boolean allowed = isDigit(c) || 'a' <= (c | 0x20) && (c | 0x20) <= 'z'
                    || HOST_MARKS.indexOf(c) >= 0 || literal && c == ':';
            if (!allowed) return false;
        }
        return true;
    }

    private static boolean isDigit(char c) {
        return '0' <= c && c <= '9';
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

    /// What the decoder made of bytes that it could not read: the first line, or one of the headers.
    private static Reply unreadableHead(HttpRequest request, Limits limits) {
        return switch (request.decoderResult().cause()) {
            case TooLongHttpLineException _ -> Problem.overLimit(
                    HttpResponseStatus.REQUEST_URI_TOO_LONG, "key_too_large",
                    "the request line is over " + RequestDecoder.lineBytesMax(limits)
                            + " bytes; the limit of a key is " + limits.keyBytesMax() + " bytes",
                    limits.keyBytesMax());
            case TooLongHttpHeaderException _ -> headersTooLarge("the header block", limits);
            case PrematureChannelClosureException _ -> cutOff();
            case InvalidLineSeparatorException _ -> notHttp("a line ends with CR LF");
            case BadRequest found -> request instanceof FullHttpRequest
                    ? notHttp(found.what())
                    : Problem.badRequest(found.what());
            case null, default -> {
                // The decoder stands in a whole request for a line that it could not read.
                if (request instanceof FullHttpRequest)
                    yield notHttp("it begins with a line like GET /v1/kv/key HTTP/1.1");
                var fault = lengthFault(request);
                yield fault != null
                        ? Problem.badRequest(fault)
                        : notHttp(
                                "a header line is a name without spaces, a colon, and a value without control"
                                        + " characters");
            }
        };
    }

    /// The same of a body, which then came in chunks.
    static Reply unreadableBody(@Nullable Throwable cause, Limits limits) {
        return switch (cause) {
            case TooLongHttpLineException _ -> Problem.badRequest(
                    "the line with a chunk's size is over the limit of "
                            + RequestDecoder.lineBytesMax(limits) + " bytes");
            case TooLongHttpHeaderException _ ->
                headersTooLarge("the block of trailers behind the last chunk", limits);
            case PrematureChannelClosureException _ -> cutOff();
            case NumberFormatException _ -> Problem.badRequest(
                    "a chunk begins with its size in hexadecimal digits, less than 80000000");
            case InvalidChunkExtensionException _ ->
                Problem.badRequest("the line with a chunk's size ends with CR LF");
            case InvalidChunkTerminationException _ ->
                Problem.badRequest(
                        "a chunk is as long as its size says, and CR LF comes behind it");
            case InvalidLineSeparatorException _ -> Problem.badRequest("a line ends with CR LF");
            case null, default ->
                Problem.badRequest("a trailer behind the last chunk is malformed");
        };
    }

    private static Reply notHttp(String why) {
        return Problem.badRequest("this is not an HTTP request that this server reads: " + why);
    }

    private static Reply headersTooLarge(String what, Limits limits) {
        return Problem.overLimit(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "headers_too_large",
                what + " is over the limit of " + limits.httpHeaderBytesMax() + " bytes",
                limits.httpHeaderBytesMax());
    }
}
