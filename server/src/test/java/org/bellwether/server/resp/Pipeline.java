package org.bellwether.server.resp;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Commands that one client sends all at once, so that what it will be answered must be known beforehand: whether it
/// transacts, listens, or wants no replies. It is never in the dark about that, since what changes it is never misspelt.
final class Pipeline {
    private static final int COMMANDS_MAX = 100;
    private static final Set<String> PROTOCOL_2 = Set.of("hello 2");
    private static final Set<String> PROTOCOL_3 = Set.of("hello 3", "hello 3 setname you");
    private static final List<String> CHANNELS = List.of("news", "now", "e:1");

    /// @param answered whether a reply comes, rather than nothing or a push
    private record Line(List<String> command, boolean answered) {}

    /// All that came.
    private record Heard(List<Object> replies, List<Object> pushes) {}

    private final SplittableRandom random;
    private final RedisWords words;
    private final List<Line> lines = new ArrayList<>();
    private final Set<String> channels = new HashSet<>();
    private int protocol;
    private boolean transacting;

    Pipeline(long seed, int protocol) {
        this.random = new SplittableRandom(seed);
        this.words = new RedisWords(random);
        this.protocol = protocol;
        for (var line : List.of("reset", "hello " + protocol, "flushall"))
            say(List.of(line.split(" ")));
        for (int i = 1 + random.nextInt(COMMANDS_MAX); i > 0; i--)
            next();
        if (transacting) say(List.of("discard"));
        say(List.of("reset"));
        say(List.of("echo", "the end of " + seed));
    }

    private void say(List<String> command) {
        lines.add(new Line(command, true));
    }

    private void sayUnanswered(List<String> command) {
        lines.add(new Line(command, false));
    }

    /// In RESP2, who listens may do little else.
    private boolean isRestricted() {
        return protocol == 2 && !channels.isEmpty();
    }

    private void next() {
        int choice = random.nextInt(60);
        if (transacting || choice > 8) {
            command(words.command(transacting));
            return;
        }
        switch (choice) {
            case 0 -> session(words.session(!channels.isEmpty()));
            case 1, 2 -> listen("subscribe");
            case 3, 4 -> listen("unsubscribe");
            case 5, 6 -> say(List.of("publish", CHANNELS.get(random.nextInt(3)), words.value()));
            case 7 -> say(List.of("wait", "0", "0"));
            default -> mute();
        }
    }

    private void command(List<String> command) {
        boolean alone = command.size() == 1;
        switch (command.getFirst().toLowerCase(Locale.ROOT)) {
            // A key that is absent, and comes and goes, is known to make a difference.
            case "watch" -> words.everyKey().forEach(key -> say(List.of("set", key, "1", "nx")));
            case "multi" -> transacting |= alone && !isRestricted();
            case "exec", "discard" -> transacting &= !alone;
            default -> {
            }
        }
        say(command);
    }

    private void session(List<String> command) {
        say(command);
        var text = String.join(" ", command);
        if (text.equals("reset")) {
            channels.clear();
            protocol = 2;
        } else if (PROTOCOL_2.contains(text)) {
            protocol = 2;
        } else if (PROTOCOL_3.contains(text)) {
            protocol = 3;
        }
    }

    private void listen(String how) {
        var channel = CHANNELS.get(random.nextInt(3));
        lines.add(new Line(List.of(how, channel), protocol == 2));
        if (how.equals("subscribe")) {
            channels.add(channel);
        } else {
            channels.remove(channel);
        }
    }

    /// Some commands of which no reply is wanted.
    private void mute() {
        if (isRestricted()) return;
        if (random.nextBoolean()) {
            sayUnanswered(List.of("client", "reply", "skip"));
            sayUnanswered(List.of("incr", words.key()));
            return;
        }
        sayUnanswered(List.of("client", "reply", "off"));
        for (int i = random.nextInt(5); i > 0; i--) {
            sayUnanswered(random.nextBoolean()
                    ? List.of("append", words.key(), words.value())
                    : List.of("get", words.key()));
        }
        say(List.of("client", "reply", "on"));
    }

    /// @return null if all was the same; else what was not, and all that was said before
    @Nullable
    String hold(RespPair client) throws IOException {
        var request = new StringBuilder();
        for (var line : lines)
            request.append(RespClient.request(line.command.toArray(String[]::new)));
        client.theirs.raw(request.toString());
        client.ours.raw(request.toString());
        return compare(client, hear(client.theirs), hear(client.ours));
    }

    private Heard hear(RespClient client) throws IOException {
        var heard = new Heard(new ArrayList<>(), new ArrayList<>());
        var last = lines.getLast().command.getLast();
        for (Object next = client.read(); !next.equals(last); next = client.read()) {
            boolean push = next instanceof List<?> list && !list.isEmpty()
                    && "push".equals(list.getFirst());
            (push ? heard.pushes : heard.replies).add(next);
        }
        return heard;
    }

    private @Nullable String compare(RespPair client, Heard theirs, Heard ours) {
        var answered = lines.stream().filter(Line::answered).map(Line::command).toList();
        int count = answered.size() - 1;
        for (int i = 0; i < count; i++) {
            var command = answered.get(i);
            var their = i < theirs.replies.size() ? theirs.replies.get(i) : "nothing";
            var our = i < ours.replies.size() ? ours.replies.get(i) : "nothing";
            if (!Likeness.alike(command, client.queued(), their, our)
                    && !isKnown(command, their, our))
                return told(command, their, our);
            client.heard(command, our);
        }
        if (theirs.replies.size() != count || ours.replies.size() != count)
            return told(List.of("all"), theirs.replies, ours.replies);
        if (!theirs.pushes.equals(ours.pushes))
            return told(List.of("pushes"), theirs.pushes, ours.pushes);
        return null;
    }

    /// Of an absent key, Redis does not look at what else is wrong.
    private static boolean isKnown(List<String> command, Object their, Object our) {
        return command.getFirst().equalsIgnoreCase("getex") && "null".equals(their)
                && String.valueOf(our).startsWith("-ERR");
    }

    private String told(List<String> command, Object their, Object our) {
        var text = new StringBuilder();
        for (var line : lines)
            text.append(Talk.shown(line)).append('\n');
        return text + "of " + command + "\nRedis: " + Talk.shown(their) + "\n here: "
                + Talk.shown(our);
    }
}
