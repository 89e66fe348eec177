package org.bellwether.server.resp;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A conversation of two clients that take turns, one command after the other, at a real Redis and here. In some of
/// them a third one listens: to channels, and to what happens to keys.
final class Talk {
    private static final int COMMANDS = 32;
    private static final int LISTENED_EVERY = 5;
    /// Of so many conversations, one has a listener.
    private static final int HEARD_EVERY = 4;
    private static final int MORE_KEYS_MAX = 30;
    private static final int SCANS_MAX = 10_000;

    private final SplittableRandom random;
    private final RedisWords words;
    private final int protocol;
    private final FakeNode node;
    private final List<RespPair> speakers;
    private final RespPair listener;
    private final boolean heard;
    private final List<String> said = new ArrayList<>();

    Talk(long seed, int protocol, FakeNode node, List<RespPair> speakers, RespPair listener) {
        this.random = new SplittableRandom(seed);
        this.words = new RedisWords(random);
        this.protocol = protocol;
        this.node = node;
        this.speakers = speakers;
        this.listener = listener;
        this.heard = seed % HEARD_EVERY == 0;
    }

    /// @return null if all was the same; else all that was said until it was not
    @Nullable
    String hold() throws Exception {
        begin();
        for (int i = 0; i < COMMANDS; i++) {
            var client = speakers.get(random.nextInt(10) < 7 ? 0 : 1);
            var difference = step(client);
            if (difference == null && heard && i % LISTENED_EVERY == LISTENED_EVERY - 1)
                difference = compareHeard();
            if (difference != null) {
                return difference.isEmpty() ? null : String.join("\n", said) + difference;
            }
        }
        return null;
    }

    private void begin() throws Exception {
        node.store(store -> store.followsClock = true);
        // What the last conversation has left.
        for (var client : List.of(listener.theirs, listener.ours)) {
            client.send("RESET");
            while (!client.read().equals("+RESET")) {
                // a message of old
            }
        }
        listener.say(List.of("HELLO", Integer.toString(protocol)));
        var lines = List.of("RESET", "HELLO " + protocol, "FLUSHALL",
                "CONFIG SET notify-keyspace-events " + (heard ? "KEA" : "K"));
        for (var line : lines) {
            var command = List.of(line.split(" "));
            for (var client : speakers)
                client.heard(command, client.say(command).ours());
        }
    }

    /// @return null for no difference; an empty text for one that is known, after which nothing can be compared
    private @Nullable String step(RespPair client) throws IOException {
        int choice = random.nextInt(300);
        if (client.isTransacting() || choice > 20) {
            return compare(client, words.command(client.isTransacting()));
        }
        return switch (choice) {
            case 0 -> walk(client);
            case 1, 2, 3 -> vanish(client);
            case 4, 5, 6 -> draw(client);
            case 7, 8, 9 -> compare(client, words.session(false));
            default -> heard ? listen() : compare(client, words.command(false));
        };
    }

    private @Nullable String listen() throws IOException {
        var difference = compareHeard();
        return difference == null ? compare(listener, words.listening()) : difference;
    }

    private @Nullable String compare(RespPair client, List<String> command) throws IOException {
        var replies = say(client, command);
        if (Likeness.alike(command, client.queued(), replies.theirs(), replies.ours())) {
            client.heard(command, replies.ours());
            return null;
        }
        // Of an absent key, Redis does not look at what else is wrong.
        boolean knownOfGetex = command.getFirst().equalsIgnoreCase("getex")
                && "null".equals(replies.theirs())
                && String.valueOf(replies.ours()).startsWith("-ERR");
        if (knownOfGetex) return null;
        return client.sawKeyComeAndGo(command, replies.theirs()) ? "" : difference(replies);
    }

    private static String difference(RespPair.Replies replies) {
        return "\nRedis: " + shown(replies.theirs()) + "\n here: " + shown(replies.ours());
    }

    static String shown(Object reply) {
        var text = String.valueOf(reply);
        return text.length() < 500 ? text : text.substring(0, 500) + "… of " + text.length();
    }

    private RespPair.Replies say(RespPair client, List<String> command) throws IOException {
        said.add(client.name + ": " + shown(command));
        return client.say(command);
    }

    /// All keys, a few at a time, are the same keys.
    private @Nullable String walk(RespPair client) throws IOException {
        var more = new ArrayList<>(List.of("mset"));
        for (int i = 1 + random.nextInt(MORE_KEYS_MAX); i > 0; i--)
            more.addAll(List.of("more:" + i, "x"));
        var difference = compare(client, more);
        if (difference != null) return difference;
        var options = new ArrayList<>(List.of("count", Integer.toString(1 + random.nextInt(7))));
        if (random.nextBoolean())
            options.addAll(List.of("match", random.nextBoolean() ? "*:?" : "*"));
        if (random.nextInt(3) == 0) options.addAll(List.of("type", "string"));
        said.add(client.name + ": scan … " + options);
        var replies = new RespPair.Replies(walk(client.theirs, options),
                walk(client.ours, options));
        return replies.theirs().equals(replies.ours()) ? null : difference(replies);
    }

    private static Set<Object> walk(RespClient client, List<String> options) throws IOException {
        var keys = new HashSet<>();
        var cursor = "0";
        for (int i = 0; i < SCANS_MAX; i++) {
            var command = new ArrayList<>(List.of("scan", cursor));
            command.addAll(options);
            var page = (List<?>) client.send(command.toArray(String[]::new)).read();
            keys.addAll((List<?>) page.get(1));
            cursor = (String) page.getFirst();
            if (cursor.equals("0")) return keys;
        }
        throw new AssertionError("a scan does not end");
    }

    /// A key is given a moment to live, and is gone for both.
    private @Nullable String vanish(RespPair client) throws IOException {
        var key = words.key();
        var difference = compare(client, words.fleeting(key));
        if (difference != null) return difference;
        var exists = List.of("exists", key);
        long start = System.nanoTime();
        while (true) {
            var replies = say(client, exists);
            if (replies.equals(new RespPair.Replies(0L, 0L))) break;
            if (System.nanoTime() - start > FakeNode.HANG.toNanos()) return difference(replies);
            said.removeLast();
        }
        said.removeLast();
        // By then, who listens has heard of it.
        return compare(client, exists);
    }

    /// Whatever key comes is one that there is.
    private @Nullable String draw(RespPair client) throws IOException {
        var replies = say(client, List.of("randomkey"));
        boolean none = "null".equals(replies.theirs());
        if (none || "null".equals(replies.ours()))
            return replies.theirs().equals(replies.ours()) ? null : difference(replies);
        for (var drawn : List.of(replies.theirs(), replies.ours())) {
            var exists = say(client, List.of("exists", (String) drawn));
            if (!exists.equals(new RespPair.Replies(1L, 1L))) return difference(replies);
        }
        return null;
    }

    // Who listens.

    /// Whatever was sent by now came before the answer. Of one message that comes by several ways, the order of these is
    /// by chance.
    private @Nullable String compareHeard() throws IOException {
        var marker = "heard " + said.size();
        var theirs = heardUntil(listener.theirs.send("PING", marker), marker);
        var ours = heardUntil(listener.ours.send("PING", marker), marker);
        return theirs.equals(ours) ? null : difference(new RespPair.Replies(theirs, ours));
    }

    private static List<String> heardUntil(RespClient client, String marker) throws IOException {
        var heard = new ArrayList<String>();
        for (var next = client.read(); !isMarker(next, marker); next = client.read())
            heard.add(String.valueOf(next));
        heard.sort(null);
        return heard;
    }

    private static boolean isMarker(Object reply, String marker) {
        return reply.equals(marker) || reply.equals(List.of("pong", marker));
    }
}
