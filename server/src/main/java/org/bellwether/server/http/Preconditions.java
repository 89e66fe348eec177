package org.bellwether.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.bellwether.api.Bytes;
import org.bellwether.api.Condition;
import org.bellwether.api.Revision;
import org.jspecify.annotations.Nullable;

/// `If-Match` and `If-None-Match` (RFC 9110 §13.1) in terms of revisions: our entity tags are revisions in
/// quotes.
final class Preconditions {
    private Preconditions() {}

    /// For a write: at most one condition, decided by the state machine.
    static Condition ofWrite(HttpHeaders headers) {
        var match = single(headers, HttpHeaderNames.IF_MATCH, "If-Match");
        var noneMatch = single(headers, HttpHeaderNames.IF_NONE_MATCH, "If-None-Match");
        if (match == null && noneMatch == null) return Condition.ALWAYS;
        if (match != null && noneMatch != null) {
            throw BadRequest.of("If-Match and If-None-Match cannot be combined in a write");
        }
        if (match != null) {
            return match.equals("*")
                    ? Condition.EXISTS
                    : new Condition.At(revision(match, "If-Match"));
        }
        if ("*".equals(noneMatch)) return Condition.ABSENT;
        throw BadRequest.of("If-None-Match of a write takes only *");
    }

    /// For a read: whether the state of the key passes the header; [#NOT_MODIFIED] and [#FAILED] are its
    /// two ways not to.
    static int ofRead(HttpHeaders headers, @Nullable Revision modified) {
        var match = list(headers, HttpHeaderNames.IF_MATCH);
        if (match != null && !matches(match, modified, "If-Match")) return FAILED;
        var noneMatch = list(headers, HttpHeaderNames.IF_NONE_MATCH);
        if (noneMatch != null && matches(noneMatch, modified, "If-None-Match")) return NOT_MODIFIED;
        return PASSED;
    }

    static final int PASSED = 0;
    static final int NOT_MODIFIED = 304;
    static final int FAILED = 412;

    private static boolean matches(String list, @Nullable Revision modified, String header) {
        if (list.equals("*")) return modified != null;
        boolean found = false;
        for (var tag : list.split(",", -1)) {
            found |= revision(tag.strip(), header).equals(modified);
        }
        return found;
    }

    private static @Nullable String single(HttpHeaders headers, CharSequence field,
            String header) {
        if (!headers.contains(field)) return null;
        var values = headers.getAll(field);
        if (values.size() > 1) throw BadRequest.of(header + " is given twice");
        return values.getFirst().strip();
    }

    /// A list may come in several lines (RFC 9110 §5.3).
    private static @Nullable String list(HttpHeaders headers, CharSequence field) {
        if (!headers.contains(field)) return null;
        return String.join(",", headers.getAll(field)).strip();
    }

    private static Revision revision(String tag, String header) {
        String strong = tag;
        if (tag.startsWith("W/")) {
            // RFC 9110 §13.1.1: whoever asks for sameness byte by byte cannot do so with a weak tag.
            if (header.equals("If-Match"))
                throw BadRequest.of("If-Match takes no weak tag; got " + shorten(tag));
            strong = tag.substring(2);
        }
        if (strong.length() >= 3 && strong.startsWith("\"") && strong.endsWith("\"")
                && Character.isDigit(strong.charAt(1))) {
            try {
                return new Revision(Long.parseLong(strong.substring(1, strong.length() - 1)));
            } catch (IllegalArgumentException notOne) {
                // falls through to the one message
            }
        }
        throw BadRequest.of(header + " takes a revision in quotes, as in \"17\", or *; got "
                + shorten(tag));
    }

    private static String shorten(String tag) {
        return "'" + Bytes.utf8(tag) + "'";
    }

    static String tag(Revision modified) {
        return "\"" + modified.number() + "\"";
    }
}
