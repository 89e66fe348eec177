package org.bellwether.server.resp;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.jspecify.annotations.Nullable;

/// What one connection listens to. Messages are written between its replies, in RESP2 looking like one: there a client
/// that listens may ask for nothing else.
final class Subscriptions implements Channels.Subscriber {
    private final Channels all;
    private final RespConnection connection;
    private final int nameBytesMax;
    private final Set<Bytes> channels = new LinkedHashSet<>();
    private final Set<Bytes> patterns = new LinkedHashSet<>();
    private long bytes;

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

    /// Of the names of what it listens to.
    long bytes() {
        return bytes;
    }

    /// To all of them or, if there is no room for that, to none.
    ///
    /// @throws CommandError if there is none
    void subscribe(List<Bytes> names, RespWriter out) {
        requireRoom(names, channels);
        for (var channel : names) {
            all.subscribe(channel, this);
            if (channels.add(channel)) bytes += channel.length();
            confirm("subscribe", channel, out);
        }
    }

    void unsubscribe(Bytes channel, RespWriter out) {
        all.unsubscribe(channel, this);
        if (channels.remove(channel)) bytes -= channel.length();
        confirm("unsubscribe", channel, out);
    }

    /// As [#subscribe].
    void subscribePatterns(List<Bytes> texts, RespWriter out) {
        requireRoom(texts, patterns);
        texts.forEach(Channels::requireFit);
        for (var pattern : texts) {
            all.subscribePattern(pattern, this);
            if (patterns.add(pattern)) bytes += pattern.length();
            confirm("psubscribe", pattern, out);
        }
    }

    void unsubscribePattern(Bytes pattern, RespWriter out) {
        all.unsubscribePattern(pattern, this);
        if (patterns.remove(pattern)) bytes -= pattern.length();
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
        for (var pattern : List.copyOf(patterns))
            unsubscribePattern(pattern, out);
    }

    /// Without a word: the connection ends, or begins anew.
    void end() {
        channels.forEach(channel -> all.unsubscribe(channel, this));
        patterns.forEach(pattern -> all.unsubscribePattern(pattern, this));
        channels.clear();
        patterns.clear();
        bytes = 0;
    }

    private void requireRoom(List<Bytes> names, Set<Bytes> known) {
        var more = new LinkedHashSet<>(names);
        more.removeAll(known);
        long total = bytes;
        for (var name : more) {
            if (name.length() > nameBytesMax) {
                throw new CommandError("ERR channel of " + name.length()
                        + " bytes is over the limit of " + nameBytesMax);
            }
            total += name.length();
        }
        if (more.isEmpty()) return;
        if (count() + more.size() > Limits.RESP_SUBSCRIPTIONS_MAX) {
            throw new CommandError("ERR a connection listens to at most "
                    + Limits.RESP_SUBSCRIPTIONS_MAX + " channels and patterns");
        }
        if (total > Limits.RESP_SUBSCRIPTION_BYTES_MAX) {
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
