package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.api.Outcome.Busy;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.junit.jupiter.api.Test;

/// What each outcome is in HTTP.
class ProblemTest {
    private static final Member LEADER = new Member(new NodeId(new UUID(7, 1)), "n1", true,
            new Address("p", 1), new Address("h", 2));

    private static void assertProblem(Outcome outcome, int status, String title,
            String codeDetailAndMore, Object... headers) {
        var reply = Problem.of(outcome);
        assertEquals(status, reply.status.code());
        assertEquals("application/problem+json", reply.contentType.toString());
        assertEquals("{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status
                + "," + codeDetailAndMore.replace('\'', '"') + "}", new String(reply.body, UTF_8));
        assertEquals(Arrays.stream(headers).map(Object::toString).toList(),
                reply.headers.stream().map(CharSequence::toString).toList());
    }

    private static void assertProblem(Refusal refusal, int status, String title,
            String codeDetailAndMore, Object... headers) {
        assertProblem(new Outcome.Refused(refusal), status, title, codeDetailAndMore, headers);
    }

    @Test
    void refusalsChangedNothing_andSayWhy() {
        assertProblem(new Refusal.ConditionFailed(null, new Revision(9)), 412,
                "Precondition Failed",
                "'code':'condition_failed','detail':'the key does not exist'");
        var current = new Versioned(Bytes.EMPTY, new Revision(3), new Revision(7), 2);
        assertProblem(new Refusal.ConditionFailed(current, new Revision(9)), 412,
                "Precondition Failed",
                "'code':'condition_failed',"
                        + "'detail':'the key was last modified at revision 7'",
                HttpHeaderNames.ETAG, "\"7\"");
        assertProblem(new Refusal.OverLimit("key", 9, 8, "bytes"), 414, "Request-URI Too Long",
                "'code':'key_too_large','detail':'key of 9 bytes is over the limit of 8',"
                        + "'limit':8,'unit':'bytes'");
        assertProblem(new Refusal.OverLimit("value", 9, 8, "bytes"), 413,
                "Request Entity Too Large",
                "'code':'value_too_large','detail':'value of 9 bytes is over the limit of 8',"
                        + "'limit':8,'unit':'bytes'");
        assertProblem(new Refusal.Malformed("it is odd"), 400, "Bad Request",
                "'code':'bad_request','detail':'it is odd'");
        assertProblem(new Refusal.StorageFull("no room"), 507, "Insufficient Storage",
                "'code':'storage_full','detail':'no room'");
    }

    @Test
    void whereNothingHappenedItIs503_andLaterIsBetter() {
        for (var leader : new Member[]{LEADER, null}) {
            assertProblem(new Outcome.NotLeader(leader), 503, "Service Unavailable",
                    "'code':'not_leader','detail':'this node does not lead and could not pass "
                            + "the request on; nothing happened'",
                    HttpHeaderNames.RETRY_AFTER, "1");
        }
        for (var busy : Busy.values()) {
            String code = switch (busy) {
                case FULL -> "overloaded";
                case NOT_READY -> "not_ready";
                case NO_LEADER -> "no_leader";
            };
            assertProblem(new Outcome.Overloaded(busy, "so it is"), 503, "Service Unavailable",
                    "'code':'" + code + "','detail':'so it is; nothing happened'",
                    HttpHeaderNames.RETRY_AFTER, "1");
        }
    }

    @Test
    void whatMayHaveHappenedIs504_andNothingElse() {
        assertProblem(new Outcome.Unknown("the link broke"), 504, "Gateway Timeout",
                "'code':'outcome_unknown',"
                        + "'detail':'the link broke; it may have happened or may yet'");
    }

    @Test
    void successIsNoProblem() {
        assertThrows(IllegalArgumentException.class, () -> Problem
                .of(new Outcome.Applied(new Result.Written(true), new Revision(1))));
    }

    /// A bound that is rounded down is no bound.
    @Test
    void stalenessIsRoundedUp() {
        assertEquals(0, HttpServer.millisRoundedUp(Duration.ZERO));
        assertEquals(1, HttpServer.millisRoundedUp(Duration.ofNanos(1)));
        assertEquals(1, HttpServer.millisRoundedUp(Duration.ofMillis(1)));
        assertEquals(13, HttpServer.millisRoundedUp(Duration.ofNanos(12_000_001)));
    }
}
