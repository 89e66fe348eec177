package org.bellwether.cli;

import io.avaje.json.JsonDataException;
import io.avaje.jsonb.Jsonb;
import java.util.Map;
import java.util.Objects;
import org.bellwether.cli.NodeClient.Answer;

/// What a node says when it does not do what was asked (`application/problem+json`), as one line.
final class Problem {
    private static final Jsonb JSON = Jsonb.builder().build();

    private Problem() {}

    static String of(Answer answer) {
        if (answer.header("Content-Type").startsWith("application/problem+json")) {
            try {
                if (JSON.type(Object.class).fromJson(answer.body()) instanceof Map<?, ?> fields) {
                    Object detail = fields.get("detail");
                    return Objects.toString(detail == null ? fields.get("title") : detail,
                            "HTTP " + answer.status());
                }
            } catch (JsonDataException | IllegalStateException garbled) {
                return "HTTP " + answer.status() + ", " + garbled.getMessage();
            }
        }
        String reason = answer.text().strip();
        return "HTTP " + answer.status() + (reason.isEmpty() ? "" : ", " + reason);
    }

    /// The failure that an answer other than success stands for.
    static Failure failure(Answer answer) {
        int code = switch (answer.status()) {
            case 404, 409, 412 -> Exit.NO;
            case 504 -> Exit.UNKNOWN;
            case 429, 502, 503, 507 -> Exit.UNAVAILABLE;
            default -> Exit.USAGE;
        };
        String prefix = code == Exit.UNKNOWN ? "outcome unknown: " : "";
        return new Failure(code, prefix + of(answer) + " (" + answer.node() + ")");
    }
}
