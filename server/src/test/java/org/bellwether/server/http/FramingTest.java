package org.bellwether.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where requests begin and end, and what they may ask for. Each a clear error that arrives, however the client
/// behaves; nothing is applied; what follows on the connection is believed only where its meaning is beyond
/// doubt. The first look at bad input is BadInputTest.
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FramingTest {
    private static final int KEY_MAX = Limits.DEFAULT.keyBytesMax();
    private static final int VALUE_MAX = Limits.DEFAULT.valueBytesMax();

    private TestServer server;
    private RawClient client;
    private long revision;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        server = new TestServer(dir);
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    @BeforeEach
    void connect() throws Exception {
        client = server.connect();
        revision = server.revision();
    }

    @AfterEach
    void nothingWasAppliedAndTheNodeGoesOn() throws Exception {
        client.close();
        assertEquals(revision, server.revision());
        assertEquals(2, server.put("/v1/kv/after", "v").statusCode() / 100);
    }

    @Test
    void keyInPathAndParameter() throws Exception {
        client.put("/v1/kv/a?key=b", "v").read().assertProblem(400, "in the path and");
        client.put("/v1/kv?key=a&key=b", "v").read().assertProblem(400, "given twice");
    }

    @Test
    void overlongKey() throws Exception {
        client.put("/v1/kv/" + "k".repeat(KEY_MAX + 1), "v").read()
                .assertProblem(414, "key of 8193 bytes is over the limit of 8192");
        client.put("/v1/kv?key=" + "%00".repeat(KEY_MAX + 1), "v").read()
                .assertProblem(414, "\"limit\":8192");
    }

    @Test
    void requestLineThatNoKeyCouldNeed() throws Exception {
        client.put("/v1/kv/" + "k".repeat(5 * KEY_MAX), "v").read()
                .assertProblem(414, "\"limit\":8192");
        client.assertEnded();
    }

    @Test
    void headersOverTheLimit() throws Exception {
        client.get("/v1/kv/k", "X: " + "x".repeat(Limits.DEFAULT.httpHeaderBytesMax())).read()
                .assertProblem(431, "headers_too_large");
        client.assertEnded();
    }

    /// The client sends all of it before it looks for an answer, and still reads why.
    @Test
    void overlongValue_announced() throws Exception {
        client.put("/v1/kv/k", "v".repeat(16 * VALUE_MAX)).read()
                .assertProblem(413, "value of 16777216 bytes is over the limit of 1048576");
        client.assertEnded();
    }

    @Test
    void overlongValue_inChunks() throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 20; i++)
            client.send("10000\r\n" + "v".repeat(0x10000) + "\r\n");
        client.send("0\r\n\r\n");
        client.read().assertProblem(413, "\"limit\":1048576");
        client.assertEnded();
    }

    @Test
    void overlongValue_isRefusedBeforeItIsSent() throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n",
                "Content-Length: 99999999999\r\n\r\n");
        client.read().assertProblem(413, "value_too_large");
        client.assertEnded();
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%4", "%zz", "a%4", "%4g", "%%41", "a%2", "%+1", "%-1"})
    void malformedEscape(String key) throws Exception {
        client.put("/v1/kv/" + key, "v").read().assertProblem(400, "malformed percent-escape");
        client.put("/v1/kv?key=" + key, "v").read().assertProblem(400, "malformed percent-escape");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TTL=5s", "acks=leader", "Timeout=1s", "consistancy=local"})
    void unknownParameter(String parameter) throws Exception {
        client.put("/v1/kv/k?timeout=1s&" + parameter, "v").read().assertProblem(400,
                "unknown query parameter '" + parameter.split("=", -1)[0] + "'");
    }

    /// Each may come to mean something.
    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/readyz", "/healthz", "/version", "/v1/cluster",
            "/v1/cluster/events", "/v1/backup", "/v1/kv/k", "/v1/verify/1"})
    void unknownParameter_whereverThereIsSomething(String path) throws Exception {
        client.get(path + "?x=1").read().assertProblem(400, "unknown query parameter 'x'");
        client.send("HEAD " + path + "?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
        assertEquals(400, client.readHead().status());
        client.get("/nowhere?x=1").read().assertProblem(404, "no_such_route");
    }

    @ParameterizedTest
    @ValueSource(strings = {"&", "timeout=1s&", "&timeout=1s", "=v", "timeout=1s&&ack=all"})
    void parameterWithoutAName(String query) throws Exception {
        client.put("/v1/kv/k?" + query, "v").read().assertProblem(400, "has no name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"timeout=", "timeout=5", "timeout=s", "timeout=0s", "timeout=-1s",
            "timeout=61s", "timeout=60001ms", "timeout=99999999999999999999s",
            "timeout=9223372036854775807s", "timeout=1h", "ttl=1s", "consistency=",
            "consistency=strong"})
    void malformedParameter(String parameter) throws Exception {
        client.get("/v1/kv/k?" + parameter).read().assertProblem(400,
                parameter.substring(0, parameter.indexOf('=')) + " is ");
    }

    @Test
    void consistencyOfAWrite() throws Exception {
        client.put("/v1/kv/k?consistency=local", "v").read().assertProblem(400, "for reads");
    }

    @ParameterizedTest
    @ValueSource(strings = {"If-Match: 17|in quotes", "If-Match: \"x\"|in quotes",
            "If-Match: \"08\"|in quotes", "If-Match: \"-1\"|in quotes",
            "If-Match: \"+1\"|in quotes",
            "If-Match: \"1\", \"2\"|in quotes", "If-Match: W/\"1\"|weak",
            "If-Match: |in quotes", "If-None-Match: \"1\"|takes only *",
            "If-Match: \"1\"\r\nIf-Match: \"2\"|given twice",
            "If-Match: \"1\"\r\nIf-None-Match: *|cannot be combined"})
    void conditionsThatAWriteCannotTake(String headersAndWhy) throws Exception {
        var headers = headersAndWhy.substring(0, headersAndWhy.indexOf('|'));
        var why = headersAndWhy.substring(headers.length() + 1);
        for (var method : new String[]{"PUT", "DELETE"}) {
            client.send(method + " /v1/kv/k HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
                    + headers + "\r\n\r\n");
            client.read().assertProblem(400, why);
        }
    }

    @Test
    void truncatedBody_clientWaitsForAnAnswer() throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf")
                .endOutput();
        client.read().assertProblem(400, "ended before its end");
        client.assertEnded();
    }

    @Test
    void truncatedBody_chunks() throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
                "4\r\nhalf\r\n").endOutput();
        client.read().assertProblem(400, "ended before its end");
        client.assertEnded();
    }

    @Test
    void truncatedBody_clientIsGone() throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf").close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "GET /v1/kv/k HT", "GET /v1/kv/k HTTP/1.1\r\nHost: h\r\nX"})
    void truncatedHead(String part) throws Exception {
        client.send(part).endOutput();
        client.read().assertProblem(400, "ended before its end");
        client.assertEnded();
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n",
            "*1\r\n$4\r\nPING\r\n", "hello\r\n\r\n", "\u0000\u0000\u0000\u00ff\n\n",
            "GET /v1/kv/k\r\n\r\n", "GET /v1/kv/a b HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET /v1/kv/k FTP/1.1\r\nHost: h\r\n\r\n",
            "GET /v1/kv/k HTTP/1.1\r\nHost h\r\n\r\n",
            "GET /v1/kv/k HTTP/1.1\nHost: h\n\n", "GET /v1/kv/k HTTP/1.1\r\nHost: h\n\r\n",
            "GET /v1/kv/k\u0000 HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET /v1/kv?key=\u0001 HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET /v1/kv/\u007f HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET /v1/kv/k http/1.1\r\nHost: h\r\n\r\n",
            "GET /v1/kv/k Http/1.0\r\n\r\n"})
    void garbageOnThePort(String bytes) throws Exception {
        client.send(bytes);
        client.read().assertProblem(400, "not an HTTP request that this server reads");
        client.assertEnded();
    }

    @Test
    void bodyOfUnknownLengthInHttp10() throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.0\r\n\r\nhello").endOutput().read()
                .assertProblem(411, "needs a Content-Length");
        client.assertEnded();
        try (var other = server.connect()) {
            other.send("POST /v1/cluster/transfer HTTP/1.0\r\n\r\n").read()
                    .assertProblem(411, "length_required");
        }
    }

    @Test
    void anotherVersion() throws Exception {
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").read()
                .assertProblem(505, "version_not_supported");
        client.assertEnded();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "v1/kv/k", "ftp://h/v1/kv/k", "k?x=http://h/v1/kv/k"})
    void targetsThatAreNoPath(String target) throws Exception {
        client.get(target).read().assertProblem(400, "is not a path");
    }

    /// A proxy before us may have read these otherwise, and taken for a body what we would take for a
    /// request; so the connection ends, and what follows on it is not looked at.
    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 3\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 3",
            "Content-Length: 3\r\nContent-Length: 4", "Content-Length: 3, 4",
            "Content-Length: 3\r\nContent-Length: 3", "Content-Length: -3",
            "Content-Length: +3", "Content-Length: 0x3", "Content-Length: 3 3",
            "Content-Length:\r\n 3\r\n 3", "Content-Length : 3",
            "Transfer-Encoding: gzip", "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: identity", "Transfer-Encoding: xchunked",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding : chunked", "Transfer-Encoding: \u000bchunked",
            "X: a\rb", "X: a\u0000b", "\u0000X: a", ": v"})
    void twoWaysToReadIt(String headers) throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n\r\n"
                + "3\r\nabc\r\n0\r\n\r\nPUT /v1/kv/smuggled HTTP/1.1\r\nHost: h\r\n"
                + "Content-Length: 1\r\n\r\nx");
        client.read().assertProblem(400, "bad_request");
        client.assertEnded();
    }

    @Test
    void foldedFirstHeader() throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.1\r\n Transfer-Encoding: chunked\r\nHost: h\r\n\r\n",
                "0\r\n\r\n").read().assertProblem(400, "bad_request");
        client.assertEnded();
    }

    @Test
    void chunksInHttp10() throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                "1\r\nv\r\n0\r\n\r\n").read().assertProblem(400, "bad_request");
        client.assertEnded();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\r\nv\r\n", "-1\r\nv\r\n", "1\r\nvv\r\n", "1\nv\r\n",
            "100000000\r\nv"})
    void brokenChunks(String chunk) throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                + chunk + "0\r\n\r\n");
        client.endOutput();
        client.read().assertProblem(400, "bad_request");
        client.assertEnded();
    }

    /// What it was is said where it can be known.
    @ParameterizedTest
    @ValueSource(strings = {
            "1.1|Content-Length: 3\r\nTransfer-Encoding: chunked|are both given",
            "1.1|Content-Length: 3\r\nContent-Length: 3|Content-Length is given twice",
            "1.1|Content-Length: 3, 4|Content-Length is given twice",
            "1.1|Content-Length: +3|Content-Length is a number of bytes, got '+3'",
            "1.1|Content-Length:|Content-Length is a number of bytes, got ''",
            "1.1|Content-Length: 99999999999999999999|Content-Length is a number of bytes",
            "1.0|Content-Length: 3\r\nContent-Length: 4|Content-Length is given twice",
            "1.0|Content-Length: 3\r\ncontent-length: 3|Content-Length is given twice",
            "1.0|Content-Length: 3, 3|Content-Length is given twice",
            "1.0|Transfer-Encoding: chunked|HTTP/1.0 knows no Transfer-Encoding",
            "1.1|Transfer-Encoding: gzip|the only Transfer-Encoding here is chunked",
            "1.1|Transfer-Encoding: gzip, chunked|the only Transfer-Encoding here is chunked",
            "1.1|Content-Length : 3|a header line is a name without spaces",
            "1.1|X: a\u0000b|a header line is a name without spaces",
            "1.1|no colon|a header line is a name without spaces",
            "1.1|X: y\nZ: z|a line ends with CR LF"})
    void whatIsWrongWithTheHead(String versionHeadersAndWhy) throws Exception {
        var parts = versionHeadersAndWhy.split("\\|", -1);
        client.send("PUT /v1/kv/k HTTP/" + parts[0] + "\r\nHost: h\r\n" + parts[1]
                + "\r\n\r\nabcd").read().assertProblem(400, parts[2]);
        client.assertEnded();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\r\nv|hexadecimal digits", "100000000\r\nv|hexadecimal digits",
            "1\r\nvv\r\n|as long as its size says", "1\nv\r\n|the line with a chunk's size ends",
            "1\r\nv\r\n0\r\nno colon\r\n\r\n|a trailer behind the last chunk"})
    void whatIsWrongWithAChunk(String chunkAndWhy) throws Exception {
        var parts = chunkAndWhy.split("\\|", -1);
        client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
                parts[0]).read().assertProblem(400, parts[1]);
        client.assertEnded();
    }

    @Test
    void linesOfChunksAndTrailersAreLimited() throws Exception {
        var head = "PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        client.send(head, "1;x=" + "y".repeat(5 * KEY_MAX) + "\r\nv\r\n").read()
                .assertProblem(400,
                        "the line with a chunk's size is over the limit of 25600 bytes");
        client.assertEnded();
        try (var other = server.connect()) {
            other.send(head, "0\r\nX: " + "x".repeat(Limits.DEFAULT.httpHeaderBytesMax()) + "\r\n")
                    .read().assertProblem(431, "trailers behind the last chunk");
        }
    }

    /// "A server MUST respond with a 400 … to any request message that contains … a Host header field with an
    /// invalid field value" — RFC 9112 §3.2
    @ParameterizedTest
    @ValueSource(
            strings = {"x y/z@?", "a/b", "a:b", "u@h", "h:1:2", "[::1", "::1", "[::1]x", "h:-1",
                    "\u00e9", "h?", "h#", "[a/b]", "]", "["})
    void hostsThatAreNone(String host) throws Exception {
        for (var version : new String[]{"1.0", "1.1"}) {
            try (var other = server.connect()) {
                other.send("GET /v1/kv/k HTTP/" + version + "\r\nHost: " + host + "\r\n\r\n")
                        .read().assertProblem(400, "Host is a name or an address");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "h", "h:", "h:7401", "a_b.example-1.org:80", "127.0.0.1:1", "[::1]",
            "[::1]:7401", "[fe80::1%25eth0]:1", "x%41y", "h,(1)"})
    void hosts(String host) throws Exception {
        client.send("GET /livez HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        assertEquals(200, client.read().status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Host: a\r\nHost: b\r\n"})
    void notOneHost(String hosts) throws Exception {
        client.send("GET /v1/kv/k HTTP/1.1\r\n" + hosts + "\r\n").read()
                .assertProblem(400, "one Host");
        client.assertEnded();
    }

    @Test
    void unknownExpectation() throws Exception {
        client.send("PUT /v1/kv/k HTTP/1.1\r\nHost: h\r\nExpect: a-miracle\r\n"
                + "Content-Length: 1\r\n\r\nv").read().assertProblem(417, "100-continue");
        client.assertEnded();
    }
}
