package org.bellwether.server.resp;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.jspecify.annotations.Nullable;

/// What one connection listens to. Messages are written between its replies, in RESP2 looking like one: there a client
/// that listens may ask for nothing else.
final class Subscriptions implements Channels.Subscriber {
    /// A hash table keeps the slots that it once had.
    private static final long SLOT_BYTES = 8;

    private final Channels all;
    private final RespConnection connection;
    private final int nameBytesMax;
    private final Set<Bytes> channels = new LinkedHashSet<>();
    private final Map<Bytes, Glob> patterns = new LinkedHashMap<>();
    /// Of names, and of the tables of patterns.
    private long bytes;
    /// To so many it has listened at the same time.
    private int most;

    /// @param nameBytesMax of one channel or pattern
    Subscriptions(Channels all, RespConnection connection, int nameBytesMax) {
        this.all = all;
        this.connection = connection;
        this.nameBytesMax = nameBytesMax;
    }

    boolean isEmpty() {
        return channels.isEmpty() && patterns.isEmpty();
    }

    int channelCount() {
        return channels.size();
    }

    int patternCount() {
        return patterns.size();
    }

    private int count() {
        return channels.size() + patterns.size();
    }

    /// All that listening takes of memory, here and in [Channels].
    long heldBytes() {
        return bytes + (long) Limits.RESP_SUBSCRIPTION_BYTES * count() + SLOT_BYTES * most;
    }

    /// To all of them or, if there is no room for that, to none.
    ///
    /// @throws CommandError if there is none
    void subscribe(List<Bytes> names, RespWriter out) {
        var more = unknown(names, channels);
        requireRoom(more.size(), bytesOf(more));
        for (var channel : names) {
            if (channels.add(all.subscribe(channel, this))) bytes += channel.length();
            confirm("subscribe", channel, out);
        }
        most = Math.max(most, count());
    }

    void unsubscribe(Bytes channel, RespWriter out) {
        all.unsubscribe(channel, this);
        if (channels.remove(channel)) bytes -= channel.length();
        confirm("unsubscribe", channel, out);
    }

    /// As [#subscribe].
    void subscribePatterns(List<Bytes> texts, RespWriter out) {
        var more = compiled(unknown(texts, patterns.keySet()));
        for (var pattern : texts) {
            var glob = more.get(pattern);
            if (glob != null && !patterns.containsKey(pattern)) {
                patterns.put(all.subscribePattern(pattern, glob, this), glob);
                bytes += bytesOf(pattern, glob);
            }
            confirm("psubscribe", pattern, out);
        }
        most = Math.max(most, count());
    }

    /// Each once. Those that are too many, or too long, are not compiled.
    private Map<Bytes, Glob> compiled(Set<Bytes> texts) {
        long names = bytesOf(texts);
        requireRoom(texts.size(), names);
        var compiled = new LinkedHashMap<Bytes, Glob>();
        long tables = 0;
        for (var text : texts) {
            var glob = all.compiled(text);
            compiled.put(text, glob);
            tables += glob.tableBytes();
            requireRoom(texts.size(), names + tables);
        }
        all.requireRoom(compiled);
        return compiled;
    }

    private static long bytesOf(Bytes pattern, Glob glob) {
        return (long) pattern.length() + glob.tableBytes();
    }

    void unsubscribePattern(Bytes pattern, RespWriter out) {
        all.unsubscribePattern(pattern, this);
        var glob = patterns.remove(pattern);
        if (glob != null) bytes -= bytesOf(pattern, glob);
        confirm("punsubscribe", pattern, out);
    }

    /// From all channels; one confirmation even if there is none.
    void unsubscribeAll(RespWriter out) {
        if (channels.isEmpty()) confirm("unsubscribe", null, out);
        for (var channel : List.copyOf(channels))
            unsubscribe(channel, out);
    }

    void unsubscribeAllPatterns(RespWriter out) {
        if (patterns.isEmpty()) confirm("punsubscribe", null, out);
        for (var pattern : List.copyOf(patterns.keySet()))
            unsubscribePattern(pattern, out);
    }

    /// Without a word: the connection ends, or begins anew.
    void end() {
        channels.forEach(channel -> all.unsubscribe(channel, this));
        patterns.keySet().forEach(pattern -> all.unsubscribePattern(pattern, this));
        channels.clear();
        patterns.clear();
        bytes = 0;
    }

    private static Set<Bytes> unknown(List<Bytes> names, Set<Bytes> known) {
        var more = new LinkedHashSet<>(names);
        more.removeAll(known);
        return more;
    }

    private long bytesOf(Set<Bytes> names) {
        long total = 0;
        for (var name : names) {
            if (name.length() > nameBytesMax) {
                throw new CommandError("ERR channel of " + name.length()
                        + " bytes is over the limit of " + nameBytesMax);
            }
            total += name.length();
        }
        return total;
    }

    private void requireRoom(int more, long moreBytes) {
        if (more == 0) return;
        if (count() + more > Limits.RESP_SUBSCRIPTIONS_MAX) {
            throw new CommandError("ERR a connection listens to at most "
                    + Limits.RESP_SUBSCRIPTIONS_MAX + " channels and patterns");
        }
        if (bytes + moreBytes > Limits.RESP_SUBSCRIPTION_BYTES_MAX) {
            throw new CommandError("ERR a connection listens to channels and patterns of at most "
                    + Limits.RESP_SUBSCRIPTION_BYTES_MAX + " bytes together");
        }
    }

    /// Also told to a client that wants no replies.
    private void confirm(String what, @Nullable Bytes name, RespWriter out) {
        boolean alone = connection.isReplyEmpty();
        out.push(3);
        out.bulkString(what);
        if (name == null) {
            out.nullBulkString();
        } else {
            out.bulkString(name);
        }
        out.integer(count());
        if (alone) connection.keepWritten();
    }

    @Override
    public void hear(@Nullable Bytes pattern, Bytes channel, Bytes message) {
        if (!connection.mayHear((long) channel.length() + message.length())) return;
        connection.push(out -> {
            out.push(pattern == null ? 3 : 4);
            out.bulkString(pattern == null ? "message" : "pmessage");
            if (pattern != null) out.bulkString(pattern);
            out.bulkString(channel);
            out.bulkString(message);
        });
    }

    @Override
    public void failed(Throwable why) {
        connection.fail(why);
    }
}
