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
    private final Set<Bytes> channels = new LinkedHashSet<>();
    private final Set<Bytes> patterns = new LinkedHashSet<>();

    Subscriptions(Channels all, RespConnection connection) {
        this.all = all;
        this.connection = connection;
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

    void subscribe(Bytes channel, RespWriter out) {
        requireRoom();
        all.subscribe(channel, this);
        channels.add(channel);
        confirm("subscribe", channel, out);
    }

    void unsubscribe(Bytes channel, RespWriter out) {
        all.unsubscribe(channel, this);
        channels.remove(channel);
        confirm("unsubscribe", channel, out);
    }

    void subscribePattern(Bytes pattern, RespWriter out) {
        requireRoom();
        all.subscribePattern(pattern, this);
        patterns.add(pattern);
        confirm("psubscribe", pattern, out);
    }

    void unsubscribePattern(Bytes pattern, RespWriter out) {
        all.unsubscribePattern(pattern, this);
        patterns.remove(pattern);
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
    }

    private void requireRoom() {
        if (count() >= Limits.RESP_SUBSCRIPTIONS_MAX) {
            throw new CommandError("ERR a connection listens to at most "
                    + Limits.RESP_SUBSCRIPTIONS_MAX + " channels and patterns");
        }
    }

    private void confirm(String what, @Nullable Bytes name, RespWriter out) {
        out.push(3);
        out.bulkString(what);
        if (name == null) {
            out.nullBulkString();
        } else {
            out.bulkString(name);
        }
        out.integer(count());
    }

    @Override
    public void hear(@Nullable Bytes pattern, Bytes channel, Bytes message) {
        if (!connection.mayHear()) return;
        var out = connection.out();
        out.push(pattern == null ? 3 : 4);
        out.bulkString(pattern == null ? "message" : "pmessage");
        if (pattern != null) out.bulkString(pattern);
        out.bulkString(channel);
        out.bulkString(message);
        connection.told();
    }
}
