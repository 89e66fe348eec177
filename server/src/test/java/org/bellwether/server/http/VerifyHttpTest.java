package org.bellwether.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.bellwether.api.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Digests of one node's tables, as `bell verify` asks for them.
class VerifyHttpTest {
    @TempDir
    Path folder;

    private static String field(String json, String name) {
        var match = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
        assertTrue(match.find(), name + " in " + json);
        return match.group(1);
    }

    private static String ask(HttpNode node, int status, String method, String target)
            throws Exception {
        var answer = node.send(method, target, null);
        assertEquals(status, answer.statusCode(), HttpNode.text(answer));
        return HttpNode.text(answer);
    }

    private static String open(HttpNode node) throws Exception {
        var applied = HttpNode.header(node.send("GET", "/v1/cluster", null), "KV-Applied");
        return "/v1/verify/"
                + field(ask(node, 200, "POST", "/v1/verify?at=" + applied), "comparison");
    }

    @Test
    void rangesAreDigestedAsOfOneEntryWhateverIsWrittenLater() throws Exception {
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            for (int i = 0; i < 10; i++)
                node.put("k" + i, "v" + i);
            var view = open(node);
            var first = ask(node, 200, "GET", view + "?keys=4");
            assertEquals("4", field(first, "keys"));
            var head = node.send("HEAD", view + "?keys=4", null);
            assertEquals(200, head.statusCode());
            assertEquals("" + first.length(), HttpNode.header(head, "Content-Length"));
            assertEquals(0, head.body().length);
            node.put("k1", "changed");
            assertEquals(first, ask(node, 200, "GET", view + "?keys=4"));
            var next = field(first, "next_b64");
            var rest = ask(node, 200, "GET", view + "?from_b64=" + next);
            assertEquals("6", field(rest, "keys"));
            assertEquals("null", field(rest, "next_b64"));
            assertEquals(field(first, "digest"),
                    field(ask(node, 200, "GET", view + "?to_b64=" + next), "digest"));
            var later = open(node);
            assertNotEquals(field(first, "digest"),
                    field(ask(node, 200, "GET", later + "?keys=4"), "digest"));
            ask(node, 200, "DELETE", view);
            ask(node, 410, "GET", view);
        }
    }

    @Test
    void whatIsPastOrDoesNotComeIsAConflict() throws Exception {
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            node.put("k", "v");
            assertTrue(ask(node, 409, "POST", "/v1/verify?at=1").contains("past"));
            assertTrue(ask(node, 409, "POST", "/v1/verify?at=1000000&timeout=100ms")
                    .contains("not applied in time"));
        }
    }

    @Test
    void badRequestsSayWhatIsBad() throws Exception {
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            ask(node, 400, "POST", "/v1/verify");
            ask(node, 400, "POST", "/v1/verify?at=-1");
            ask(node, 400, "POST", "/v1/verify?at=x");
            ask(node, 400, "GET", "/v1/verify/x");
            ask(node, 410, "GET", "/v1/verify/77");
            var view = open(node);
            ask(node, 400, "GET", view + "?from_b64=***");
            ask(node, 400, "GET", view + "?keys=100001");
            ask(node, 400, "GET", view + "?what=1");
        }
    }

    @Test
    void tooManyAreRefusedUntilOneEnds() throws Exception {
        try (var node = new HttpNode(folder, Limits.DEFAULT)) {
            node.put("k", "v");
            var first = open(node);
            for (int i = 1; i < Limits.COMPARISONS_MAX; i++)
                open(node);
            var applied = HttpNode.header(node.send("GET", "/v1/cluster", null), "KV-Applied");
            assertTrue(ask(node, 409, "POST", "/v1/verify?at=" + applied).contains("too many"));
            ask(node, 200, "DELETE", first);
            open(node);
        }
    }
}
