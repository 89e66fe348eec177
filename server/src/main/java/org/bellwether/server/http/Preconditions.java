package org.bellwether.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
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
                    : new Condition.At(revision(match));
        }
        if ("*".equals(noneMatch)) return Condition.ABSENT;
        throw BadRequest.of("If-None-Match of a write takes only *");
    }

    /// For a read: whether the state of the key passes the header; [#NOT_MODIFIED] and [#FAILED] are its
    /// two ways not to. A tag that cannot be one of ours is no error, it is just another (RFC 9110 §8.8.3).
    static int ofRead(HttpHeaders headers, @Nullable Revision modified) {
        var match = FieldList.of(headers, HttpHeaderNames.IF_MATCH);
        if (match != null && !matches(match, modified, "If-Match")) return FAILED;
        var noneMatch = FieldList.of(headers, HttpHeaderNames.IF_NONE_MATCH);
        if (noneMatch != null && matches(noneMatch, modified, "If-None-Match")) return NOT_MODIFIED;
        return PASSED;
    }

    static final int PASSED = 0;
    static final int NOT_MODIFIED = 304;
    static final int FAILED = 412;

    private static boolean matches(List<String> tags, @Nullable Revision modified, String header) {
        if (tags.equals(List.of("*"))) return modified != null;
        if (tags.isEmpty()) throw noTag(header, "");
        var ours = modified == null ? null : tag(modified);
        boolean found = false;
        for (var tag : tags) {
            boolean weak = tag.startsWith("W/");
            var opaque = weak ? tag.substring(2) : tag;
            if (!isOpaqueTag(opaque)) throw noTag(header, tag);
            // §13.1.1: whoever asks for sameness byte by byte is never given it by a weak tag.
            boolean counts = !weak || header.equals("If-None-Match");
            found |= counts && opaque.equals(ours);
        }
        return found;
    }

    /// In quotes, and none within.
    private static boolean isOpaqueTag(String text) {
        return text.length() >= 2 && text.startsWith("\"")
                && text.indexOf('"', 1) == text.length() - 1;
    }

    private static BadRequest noTag(String header, String got) {
        return BadRequest.of(header + " takes entity tags in quotes, as in \"17\", or *; got "
                + shorten(got));
    }

    private static @Nullable String single(HttpHeaders headers, CharSequence field,
            String header) {
        if (!headers.contains(field)) return null;
        var values = headers.getAll(field);
        if (values.size() > 1) throw BadRequest.of(header + " is given twice");
        return values.getFirst().strip();
    }

    /// Of a write, where a tag that we never gave is a mistake for certain, and better named than found not to match.
    private static Revision revision(String tag) {
        if (tag.startsWith("W/"))
            throw BadRequest.of("If-Match of a write takes no weak tag; got " + shorten(tag));
        if (isOpaqueTag(tag)) {
            try {
                var revision = new Revision(Long.parseLong(tag.substring(1, tag.length() - 1)));
                // Not "+17" or "017": only one tag means a revision.
                if (tag(revision).equals(tag)) return revision;
            } catch (IllegalArgumentException notOne) {
                // falls through to the one message
            }
        }
        throw BadRequest.of("If-Match takes a revision in quotes, as in \"17\", or *; got "
                + shorten(tag));
    }

    private static String shorten(String tag) {
        return "'" + Bytes.utf8(tag) + "'";
    }

    static String tag(Revision modified) {
        return "\"" + modified.number() + "\"";
    }
}
