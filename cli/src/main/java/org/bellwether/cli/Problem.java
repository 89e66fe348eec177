package org.bellwether.cli;

import io.avaje.json.JsonDataException;
import io.avaje.jsonb.Jsonb;
import java.util.Map;
import java.util.Objects;
import org.bellwether.cli.NodeClient.Answer;
import org.jspecify.annotations.Nullable;

/// What a node says when it does not do what was asked (`application/problem+json`), as one line.
final class Problem {
    private static final Jsonb JSON = Jsonb.builder().build();

    private Problem() {}

    static String of(Answer answer) {
        try {
            var fields = fields(answer);
            if (fields != null) {
                Object detail = fields.get("detail");
                return Objects.toString(detail == null ? fields.get("title") : detail,
                        "HTTP " + answer.status());
            }
        } catch (JsonDataException | IllegalStateException garbled) {
            return "HTTP " + answer.status() + ", " + garbled.getMessage();
        }
        String reason = answer.text().strip();
        return "HTTP " + answer.status() + (reason.isEmpty() ? "" : ", " + reason);
    }

    /// Null if it is none.
    private static @Nullable Map<?, ?> fields(Answer answer) {
        return answer.header("Content-Type").startsWith("application/problem+json")
                && JSON.type(Object.class).fromJson(answer.body()) instanceof Map<?, ?> fields
                        ? fields
                        : null;
    }

    /// The failure that an answer other than success stands for.
    static Failure failure(Answer answer) {
        int code = switch (answer.status()) {
            case 404, 409, 412 -> Exit.NO;
            case 410 -> isTokenTooOld(answer) ? Exit.UNKNOWN : Exit.UNAVAILABLE;
            case 504 -> Exit.UNKNOWN;
            case 429, 502, 503, 507 -> Exit.UNAVAILABLE;
            default -> Exit.USAGE;
        };
        String prefix = code == Exit.UNKNOWN ? "outcome unknown: " : "";
        return new Failure(code, prefix + of(answer) + " (" + answer.node() + ")");
    }

    /// Whether nobody can say any more if a write was kept. What else is gone can be asked for anew.
    private static boolean isTokenTooOld(Answer answer) {
        try {
            var fields = fields(answer);
            return fields != null && "token_too_old".equals(fields.get("code"));
        } catch (JsonDataException | IllegalStateException garbled) {
            return false;
        }
    }
}
