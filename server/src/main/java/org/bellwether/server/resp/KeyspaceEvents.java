package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import org.bellwether.api.Bytes;
import org.bellwether.api.ChangeFeed;
import org.bellwether.api.KeyChange;
import org.bellwether.api.KeyChange.Kind;
import org.bellwether.api.Revision;

/// Keyspace notifications: what is applied on this node, told to those of its clients that listen to
/// `__keyspace@0__:key` or `__keyevent@0__:event`. Off until `CONFIG SET notify-keyspace-events` names classes of
/// events; then every node for which it is set tells its own clients, replicas as well.
final class KeyspaceEvents implements ChangeFeed.Follower {
    static final String PARAMETER = "notify-keyspace-events";
    /// As Redis writes them: all classes of events, and each.
    private static final String ALL = "A";
    private static final String CLASSES = "g$lshzxetd";
    private static final String OTHERS = "KEmn";

    private final ChangeFeed feed;
    private final Channels channels;
    private String flags = "";

    KeyspaceEvents(ChangeFeed feed, Channels channels) {
        this.feed = feed;
        this.channels = channels;
    }

    String flags() {
        return flags;
    }

    /// The same flags in the order in which Redis shows them.
    ///
    /// @throws IllegalArgumentException if a letter is none of its
    static String canonical(String given) {
        var all = given.replace(ALL, CLASSES);
        if (!all.chars().allMatch(each -> (CLASSES + OTHERS).indexOf(each) >= 0))
            throw new IllegalArgumentException(given);
        var shown = new StringBuilder(in(all, CLASSES).replace(CLASSES, ALL));
        shown.append(in(all, OTHERS));
        return shown.toString();
    }

    private static String in(String flags, String order) {
        var in = new StringBuilder();
        order.chars().filter(each -> flags.indexOf(each) >= 0)
                .forEach(each -> in.append((char) each));
        return in.toString();
    }

    /// @param canonical the flags in their order
    void setFlags(String canonical) {
        flags = canonical;
        // Without a kind of channel, or a class of events, nothing is told, and nothing has to be followed.
        boolean any = (has('K') || has('E')) && flags.chars()
                .anyMatch(each -> (ALL + CLASSES).indexOf(each) >= 0);
        feed.unfollow(this);
        if (any) feed.follow(this);
    }

    private boolean has(char flag) {
        return flags.indexOf(flag) >= 0;
    }

    @Override
    public void changed(KeyChange change) {
        if (!flags.contains(ALL) && !has(classOf(change.kind()))) return;
        var event = bytes(event(change.kind()));
        if (has('K')) channels.published(joined("__keyspace@0__:", change.key()), event);
        if (has('E')) channels.published(joined("__keyevent@0__:", event), change.key());
    }

    /// Redis says nothing of single keys either when all go.
    @Override
    public void cleared(Revision at) {}

    /// Who was told of changes cannot be told that some are missing: there is no such event.
    @Override
    public void jumped(Revision to) {}

    private static char classOf(Kind kind) {
        return switch (kind) {
            case SET, ADDED_TO, DECIMAL_ADDED_TO, APPENDED_TO, OVERWRITTEN -> '$';
            case EXPIRED -> 'x';
            case DELETED, EXPIRY_SET, EXPIRY_REMOVED, RENAMED_FROM, RENAMED_TO, COPIED_TO -> 'g';
        };
    }

    private static String event(Kind kind) {
        return switch (kind) {
            case SET -> "set";
            case ADDED_TO -> "incrby";
            case DECIMAL_ADDED_TO -> "incrbyfloat";
            case APPENDED_TO -> "append";
            case OVERWRITTEN -> "setrange";
            case EXPIRED -> "expired";
            case DELETED -> "del";
            case EXPIRY_SET -> "expire";
            case EXPIRY_REMOVED -> "persist";
            case RENAMED_FROM -> "rename_from";
            case RENAMED_TO -> "rename_to";
            case COPIED_TO -> "copy_to";
        };
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(ISO_8859_1));
    }

    private static Bytes joined(String prefix, Bytes rest) {
        var joined = new ByteArrayOutputStream(prefix.length() + rest.length());
        joined.writeBytes(prefix.getBytes(ISO_8859_1));
        joined.writeBytes(rest.array());
        return Bytes.wrap(joined.toByteArray());
    }
}
