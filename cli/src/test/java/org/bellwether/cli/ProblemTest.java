package org.bellwether.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.bellwether.api.Address;
import org.bellwether.cli.NodeClient.Answer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a node says when it does not do what was asked, as `bell` ends with it.
class ProblemTest {
    @ParameterizedTest
    @CsvSource({"400,bad_request,2", "404,not_found,1", "409,write_lost,1", "410,token_too_old,3",
            "410,gone,4", "412,condition_failed,1", "429,overloaded,4", "503,no_leader,4",
            "504,outcome_unknown,3", "507,storage_full,4"})
    void scriptsTellOneFromAnother(int status, String code, int exit) {
        var body = "{\"status\":%d,\"code\":\"%s\",\"detail\":\"this is why\"}".formatted(status,
                code);
        var headers = HttpHeaders.of(Map.of("Content-Type", List.of("application/problem+json")),
                (_, _) -> true);
        var failure = Problem.failure(new Answer(new Address("127.0.0.1", 7401), status, headers,
                body.getBytes(UTF_8)));
        assertEquals(exit, failure.exitCode());
        assertTrue(String.valueOf(failure.getMessage()).contains("this is why"));
    }
}
