package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Messages;
import org.jspecify.annotations.Nullable;

/// Who of this node's clients listens to which channel. What is published on whichever node arrives here.
final class Channels implements Messages.Listener {
    private final Map<Bytes, Listeners> channels = new LinkedHashMap<>();
    private final Map<Bytes, Pattern> patterns = new LinkedHashMap<>();
    private long steps;

    /// @param name as everybody keeps it who listens to it
    private record Listeners(Bytes name, Set<Subscriber> all) {
        /// Mostly there is one, and a set of the usual size takes three times as much.
        Listeners(Bytes name) {
            this(name, new LinkedHashSet<>(2));
        }
    }

    private record Pattern(Glob glob, Listeners listeners) {}

    /// One client that listens.
    interface Subscriber {
        /// @param pattern by which it listens; null if by the channel's name
        void hear(@Nullable Bytes pattern, Bytes channel, Bytes message);

        /// It could not be told: it hears nothing more.
        void failed(Throwable why);
    }

    /// @return the name to be kept: the same for all that listen to it
    Bytes subscribe(Bytes channel, Subscriber subscriber) {
        var listeners = channels.computeIfAbsent(channel, Listeners::new);
        listeners.all.add(subscriber);
        return listeners.name;
    }

    void unsubscribe(Bytes channel, Subscriber subscriber) {
        var listeners = channels.get(channel);
        if (listeners == null) return;
        listeners.all.remove(subscriber);
        if (listeners.all.isEmpty()) channels.remove(channel);
    }

    /// The pattern, ready to be compared.
    ///
    /// @throws CommandError if it is too long
    Glob compiled(Bytes pattern) {
        var known = patterns.get(pattern);
        var glob = known == null ? Glob.compile(pattern.array()) : known.glob;
        if (glob == null) throw new CommandError("ERR the pattern is too long");
        return glob;
    }

    /// Every message is compared with every pattern, here and on the node's loop: all of them together have a bound.
    ///
    /// @param more compiled patterns
    /// @throws CommandError if they are too many beside those that are there
    void requireRoom(Map<Bytes, Glob> more) {
        long all = steps;
        for (var each : more.entrySet()) {
            if (!patterns.containsKey(each.getKey())) all += each.getValue().steps();
        }
        if (all > Limits.RESP_PATTERNS_MAX) {
            throw new CommandError("ERR the clients of this port listen to at most "
                    + Limits.RESP_PATTERNS_MAX + " different patterns");
        }
    }

    /// As [#subscribe].
    ///
    /// @param glob what the text was compiled to
    Bytes subscribePattern(Bytes text, Glob glob, Subscriber subscriber) {
        var pattern = patterns.computeIfAbsent(text, _ -> {
            steps += glob.steps();
            return new Pattern(glob, new Listeners(text));
        });
        pattern.listeners.all.add(subscriber);
        return pattern.listeners.name;
    }

    void unsubscribePattern(Bytes text, Subscriber subscriber) {
        var pattern = patterns.get(text);
        if (pattern == null) return;
        pattern.listeners.all.remove(subscriber);
        if (!pattern.listeners.all.isEmpty()) return;
        patterns.remove(text);
        steps -= pattern.glob.steps();
    }

    @Override
    public void published(Bytes channel, Bytes message) {
        // Hearing may end a connection, and with it its subscriptions.
        var listeners = channels.get(channel);
        if (listeners != null) {
            for (var each : List.copyOf(listeners.all))
                tell(each, null, channel, message);
        }
        for (var pattern : matching(channel)) {
            for (var each : List.copyOf(pattern.all))
                tell(each, pattern.name, channel, message);
        }
    }

    private List<Listeners> matching(Bytes channel) {
        if (patterns.isEmpty()) return List.of();
        var matching = new ArrayList<Listeners>();
        for (var pattern : patterns.values()) {
            if (pattern.glob.matches(channel.array())) matching.add(pattern.listeners);
        }
        return matching;
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
        for (var pattern : matching(channel))
            listeners += pattern.all.size();
        return listeners;
    }

    /// Who listens to the channel by its name.
    int subscribers(Bytes channel) {
        var listeners = channels.get(channel);
        return listeners == null ? 0 : listeners.all.size();
    }

    int patternCount() {
        return patterns.size();
    }

    /// Those that somebody listens to by name.
    List<Bytes> names() {
        return new ArrayList<>(channels.keySet());
    }
}
