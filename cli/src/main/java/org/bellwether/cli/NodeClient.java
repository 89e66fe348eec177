package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bellwether.api.Address;

/// Asks nodes over HTTP, one after the other until one answers.
///
/// A read may be asked again anywhere, and so may what says of itself that it is done but once. A write goes to the next
/// node only if it is certain that the one before did nothing: the connection was refused, or the node said so (503).
/// Anything else is *unknown*.
///
/// Every answer of a node says which node it is. One that does not is somebody else's, a proxy's or that of another
/// program at this address: it is no reason to say that something was done, whatever its status is.
final class NodeClient {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration GRACE = Duration.ofSeconds(2);
    /// A node may have other work that keeps its disk busy, where a stream of all its tables comes from.
    private static final Duration STREAM_MIN = Duration.ofSeconds(30);
    private static final String DOUBT = "; the write may or may not have happened";
    private static final String KEYS = "/v1/kv/";
    private static final int NOTHING_HAPPENED = 503;
    private static final int TIMED_OUT = 408;
    /// The header that names the node that answers, on whatever a node says.
    static final String NODE = "KV-Node";

    private final List<Address> nodes;
    private final Duration timeout;
    private final Duration streamPatience;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT).build();

    /// @param timeout for a whole answer, or for the beginning of a stream
    NodeClient(List<Address> nodes, Duration timeout) {
        this(nodes, timeout, timeout.compareTo(STREAM_MIN) < 0 ? STREAM_MIN : timeout);
    }

    /// @param streamPatience how long a stream may stand still
    NodeClient(List<Address> nodes, Duration timeout, Duration streamPatience) {
        this.nodes = List.copyOf(nodes);
        this.timeout = timeout;
        this.streamPatience = streamPatience;
    }

    /// What a node answered.
    record Answer(Address node, int status, HttpHeaders headers, byte[] body) {
        String text() {
            return new String(body, UTF_8);
        }

        boolean isOfNode() {
            return headers.firstValue(NODE).isPresent();
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    /// One request.
    ///
    /// @param target    path and query, percent-escaped
    /// @param repeatable whether the same once more does no more than once, so that it may be asked again anywhere
    record Call(String method, String target, Map<String, String> headers, byte[] body,
            boolean repeatable) {
        Call(String method, String target, Map<String, String> headers, byte[] body) {
            this(method, target, headers, body, method.equals("GET") || method.equals("HEAD"));
        }

        static Call get(String target) {
            return of("GET", target);
        }

        /// Without headers and body.
        static Call of(String method, String target) {
            return new Call(method, target, Map.of(), new byte[0]);
        }

        Call asRepeatable() {
            return new Call(method, target, headers, body, true);
        }

        boolean reads() {
            return method.equals("GET") || method.equals("HEAD");
        }
    }

    /// The answer of the first node that gives one.
    ///
    /// @throws Failure if none does, or if a write's outcome is unknown
    Answer ask(Call call) {
        var tried = new ArrayList<String>();
        boolean inDoubt = false;
        for (int i = 0; i < nodes.size(); i++) {
            var node = nodes.get(i);
            boolean last = i == nodes.size() - 1;
            try {
                var answer = exchange(node, call);
                if (!answer.isOfNode()) {
                    if (!call.repeatable()) throw strange(answer);
                    inDoubt = true;
                    tried.add(strangerAt(node, answer.status()));
                } else if (answer.status() != NOTHING_HAPPENED || last) {
                    return answer;
                } else {
                    tried.add(node + ": " + Problem.of(answer));
                }
            } catch (IOException broken) {
                boolean unreached = isUnreached(broken);
                if (!call.repeatable() && !unreached) {
                    throw new Failure(Exit.UNKNOWN, "outcome unknown: " + node + " "
                            + reason(broken) + DOUBT);
                }
                inDoubt |= !unreached;
                tried.add(node + " " + reason(broken));
            }
        }
        throw new Failure(inDoubt && !call.reads() ? Exit.UNKNOWN : Exit.UNAVAILABLE,
                String.join("; ", tried));
    }

    /// Nothing was sent.
    private static boolean isUnreached(IOException broken) {
        return broken instanceof ConnectException || broken instanceof HttpConnectTimeoutException;
    }

    /// What a node did instead of answering. The HTTP client has words of its own for it, which are about its parser.
    private static String reason(IOException broken) {
        if (isUnreached(broken)) return "cannot be reached";
        if (broken instanceof HttpTimeoutException) return "did not answer in time";
        String why = String.valueOf(broken.getMessage());
        if (broken instanceof ProtocolException || why.contains("Invalid status line"))
            return "does not speak HTTP (is this the HTTP address of a node?)";
        boolean closed = why.contains("received no bytes") || why.contains("reset")
                || broken instanceof EOFException;
        return closed
                ? "closed the connection without an answer (is this the HTTP address of a node?)"
                : "did not answer: " + why;
    }

    /// What it means that somebody else answered a write. By HTTP's own rules nothing is done where 3xx or 4xx is
    /// answered; but whoever waited in vain for what is behind them does not know either.
    private static Failure strange(Answer answer) {
        String who = strangerAt(answer.node(), answer.status());
        boolean refused = answer.status() / 100 == 3
                || answer.status() / 100 == 4 && answer.status() != TIMED_OUT;
        return refused
                ? new Failure(Exit.USAGE, who)
                : new Failure(Exit.UNKNOWN, "outcome unknown: " + who + DOUBT);
    }

    private static String strangerAt(Address address, int status) {
        return address + " gave HTTP " + status
                + ", which is not the answer of a Bellwether node";
    }

    /// A body that is read while it comes.
    record Stream(Address node, HttpHeaders headers, InputStream body) {
        long number(String header) {
            return headers.firstValueAsLong(header).orElse(0);
        }
    }

    /// Like [#ask], for what is too large to be held in memory. The next node is asked as long as nothing has come.
    Stream open(Call call) {
        var tried = new ArrayList<String>();
        for (var node : nodes) {
            try {
                var request = HttpRequest.newBuilder(uri(node, call.target())).build();
                var response = send(request, BodyHandlers.ofInputStream());
                var body = new WatchedBody(response.body(), streamPatience);
                boolean isOfNode = response.headers().firstValue(NODE).isPresent();
                if (response.statusCode() == 200 && isOfNode)
                    return new Stream(node, response.headers(), begun(body));
                try (body) {
                    tried.add(isOfNode
                            ? node + ": " + Problem.of(new Answer(node, response.statusCode(),
                                    response.headers(), body.readAllBytes()))
                            : strangerAt(node, response.statusCode()));
                }
            } catch (IOException broken) {
                tried.add(node + " " + reason(broken));
            }
        }
        throw new Failure(Exit.UNAVAILABLE, String.join("; ", tried));
    }

    /// The same body, of which something has come.
    private static InputStream begun(InputStream body) throws IOException {
        try {
            var again = new PushbackInputStream(body, 1);
            int first = again.read();
            if (first >= 0) again.unread(first);
            return again;
        } catch (IOException broken) {
            body.close();
            throw broken;
        }
    }

    /// What comes of a request in time: the whole answer, or its headers if its body is a stream. A timeout of the
    /// request's own would end with the headers in either case.
    private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> body)
            throws IOException {
        var coming = http.sendAsync(request, body);
        try {
            return coming.get(timeout.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            coming.cancel(true);
            throw new HttpTimeoutException("no answer in time");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException broken) throw broken;
            throw new IOException(failed.getCause());
        } catch (InterruptedException ended) {
            coming.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", ended);
        }
    }

    private Answer exchange(Address node, Call call) throws IOException {
        var request = HttpRequest.newBuilder(uri(node, call.target() + patience(call)));
        call.headers().forEach(request::header);
        request.method(call.method(),
                call.reads() ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(call.body()));
        var response = send(request.build(), BodyHandlers.ofByteArray());
        return new Answer(node, response.statusCode(), response.headers(), response.body());
    }

    private static URI uri(Address node, String target) {
        try {
            var uri = URI.create("http://" + node + target);
            if (uri.getHost() != null) return uri;
        } catch (IllegalArgumentException malformed) {
            // Told below.
        }
        throw new Failure(Exit.USAGE, "not an address of a node: '" + node
                + "'; it is HOST:PORT, as in 127.0.0.1:7401");
    }

    /// The node is told how long we wait, so that its answer comes before we have gone.
    private String patience(Call call) {
        String target = call.target();
        if (!target.startsWith(KEYS) && call.reads()) return "";
        return (target.indexOf('?') < 0 ? "?" : "&") + "timeout=" + timeout.toMillis() + "ms";
    }

    /// The path of a key: every byte that is not plainly a letter, digit or one of `-_~./` escaped, so
    /// that nothing on the way rewrites it.
    static String pathOf(String key) {
        return KEYS + escape(key);
    }

    static String escape(String key) {
        var path = new StringBuilder();
        for (byte each : key.getBytes(UTF_8)) {
            char c = (char) (each & 0xff);
            boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || "-_~./".indexOf(c) >= 0);
            if (plain) {
                path.append(c);
            } else {
                path.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
            }
        }
        return path.toString();
    }
}
