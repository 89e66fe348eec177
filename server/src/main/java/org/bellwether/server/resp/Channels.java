package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bellwether.api.Bytes;
import org.bellwether.api.Messages;
import org.jspecify.annotations.Nullable;

/// Who of this node's clients listens to which channel. What is published on whichever node arrives here.
final class Channels implements Messages.Listener {
    private final Map<Bytes, Set<Subscriber>> channels = new LinkedHashMap<>();
    private final Map<Bytes, Pattern> patterns = new LinkedHashMap<>();

    private record Pattern(Glob glob, Set<Subscriber> subscribers) {}

    /// One client that listens.
    interface Subscriber {
        /// @param pattern by which it listens; null if by the channel's name
        void hear(@Nullable Bytes pattern, Bytes channel, Bytes message);

        /// It could not be told: it hears nothing more.
        void failed(Throwable why);
    }

    /// @return whether it did not listen to it yet
    boolean subscribe(Bytes channel, Subscriber subscriber) {
        return channels.computeIfAbsent(channel, _ -> new LinkedHashSet<>()).add(subscriber);
    }

    /// @return whether it listened to it
    boolean unsubscribe(Bytes channel, Subscriber subscriber) {
        var subscribers = channels.get(channel);
        if (subscribers == null || !subscribers.remove(subscriber)) return false;
        if (subscribers.isEmpty()) channels.remove(channel);
        return true;
    }

    /// @throws CommandError if the pattern is too long
    boolean subscribePattern(Bytes text, Subscriber subscriber) {
        return patterns.computeIfAbsent(text, _ -> new Pattern(compiled(text),
                new LinkedHashSet<>())).subscribers.add(subscriber);
    }

    /// @throws CommandError if the pattern is too long
    static void requireFit(Bytes pattern) {
        var _ = compiled(pattern);
    }

    private static Glob compiled(Bytes text) {
        var glob = Glob.compile(text.array());
        if (glob == null) throw new CommandError("ERR the pattern is too long");
        return glob;
    }

    boolean unsubscribePattern(Bytes text, Subscriber subscriber) {
        var pattern = patterns.get(text);
        if (pattern == null || !pattern.subscribers.remove(subscriber)) return false;
        if (pattern.subscribers.isEmpty()) patterns.remove(text);
        return true;
    }

    @Override
    public void published(Bytes channel, Bytes message) {
        // Hearing may end a connection, and with it its subscriptions.
        var subscribers = channels.get(channel);
        if (subscribers != null) {
            for (var each : List.copyOf(subscribers))
                tell(each, null, channel, message);
        }
        if (patterns.isEmpty()) return;
        for (var pattern : List.copyOf(patterns.entrySet())) {
            if (!pattern.getValue().glob.matches(channel.array())) continue;
            for (var each : List.copyOf(pattern.getValue().subscribers))
                tell(each, pattern.getKey(), channel, message);
        }
    }

    /// Whoever publishes is not to suffer for it, least of all the node in the midst of applying an entry.
    private static void tell(Subscriber each, @Nullable Bytes pattern, Bytes channel,
            Bytes message) {
        try {
            each.hear(pattern, channel, message);
        } catch (Throwable broken) {
            each.failed(broken);
        }
    }

    /// How many would hear a message; who listens in two ways hears it twice.
    int listeners(Bytes channel) {
        int listeners = subscribers(channel);
        for (var pattern : patterns.values()) {
            if (pattern.glob.matches(channel.array())) listeners += pattern.subscribers.size();
        }
        return listeners;
    }

    /// Who listens to the channel by its name.
    int subscribers(Bytes channel) {
        var subscribers = channels.get(channel);
        return subscribers == null ? 0 : subscribers.size();
    }

    int patternCount() {
        return patterns.size();
    }

    /// Those that somebody listens to by name.
    List<Bytes> names() {
        return new ArrayList<>(channels.keySet());
    }
}
