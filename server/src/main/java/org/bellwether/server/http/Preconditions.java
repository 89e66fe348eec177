package org.bellwether.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.bellwether.api.Condition;
import org.bellwether.api.Revision;
import org.jspecify.annotations.Nullable;

/// `If-Match` and `If-None-Match` (RFC 9110 §13.1) in terms of revisions: our entity tags are revisions in
/// quotes.
final class Preconditions {
    private Preconditions() {}

    /// For a write: at most one condition, decided by the state machine.
    static Condition ofWrite(HttpHeaders headers) {
        var match = single(headers, HttpHeaderNames.IF_MATCH);
        var noneMatch = single(headers, HttpHeaderNames.IF_NONE_MATCH);
        if (match == null && noneMatch == null) return Condition.ALWAYS;
        if (match != null && noneMatch != null) {
            throw BadRequest.of("If-Match and If-None-Match cannot be combined in a write");
        }
        if (match != null) {
            return match.equals("*")
                    ? Condition.EXISTS
                    : new Condition.At(revision(match, "If-Match"));
        }
        if (noneMatch != null && noneMatch.equals("*")) return Condition.ABSENT;
        throw BadRequest.of("If-None-Match of a write takes only *");
    }

    /// For a read: whether the state of the key passes the header; [#NOT_MODIFIED] and [#FAILED] are its
    /// two ways not to.
    static int ofRead(HttpHeaders headers, @Nullable Revision modified) {
        var match = single(headers, HttpHeaderNames.IF_MATCH);
        if (match != null && !matches(match, modified, "If-Match")) return FAILED;
        var noneMatch = single(headers, HttpHeaderNames.IF_NONE_MATCH);
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

    private static @Nullable String single(HttpHeaders headers, CharSequence name) {
        var values = headers.getAll(name);
        if (values.isEmpty()) return null;
        if (values.size() > 1) throw BadRequest.of("the header " + name + " is given twice");
        return values.getFirst().strip();
    }

    private static Revision revision(String tag, String header) {
        // A weak tag names the same revision; revisions are exact.
        String strong = tag.startsWith("W/") ? tag.substring(2) : tag;
        if (strong.length() >= 3 && strong.startsWith("\"") && strong.endsWith("\"")) {
            try {
                return new Revision(Long.parseLong(strong.substring(1, strong.length() - 1)));
            } catch (IllegalArgumentException notOne) {
                // falls through to the one message
            }
        }
        throw BadRequest.of(header + " takes a revision in quotes, as in \"17\", or *; got '"
                + (tag.length() > 40 ? tag.substring(0, 40) + "…" : tag) + "'");
    }

    static String tag(Revision modified) {
        return "\"" + modified.number() + "\"";
    }
}
