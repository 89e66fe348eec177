package org.bellwether.server.resp;

import java.util.List;
import java.util.SplittableRandom;

/// Requests that were right once, and have been cut, spliced, repeated, flipped, or given other lengths.
final class RequestMutator {
    private static final List<String> NUMBERS = List.of("0", "-1", "-2", "1", "2147483647",
            "2147483648", "-2147483648", "9223372036854775807", "9223372036854775808",
            "18446744073709551616", "65536", "65537", "2097152", "2097153", "00", "+1", "1x", "");
    private static final String BYTES = "\r\n*$:+-_,#!=(%~>\0\u00ff\"'\\ 0aZ";

    /// What [RedisWords] does not say.
    private static final List<String> OTHERS = List.of("auth x", "auth default x",
            "hello 3 auth default x setname y", "hello 3 auth x", "subscribe a b c",
            "unsubscribe", "punsubscribe", "psubscribe " + "*".repeat(300), "quit", "info",
            "command", "command docs", "command getkeys mset a 1 b 2", "client list",
            "client reply off", "client reply skip", "wait 1 1", "randomkey", "readonly",
            "replicaof no one", "sentinel masters", "cluster slots", "post / http/1.1",
            "keys " + "a*".repeat(200) + "b", "set a 1 ifeq 1 get", "delex a ifne 2");

    private final SplittableRandom random;
    private final RedisWords words;

    RequestMutator(SplittableRandom random) {
        this.random = random;
        this.words = new RedisWords(random);
    }

    String next() {
        var input = new StringBuilder();
        for (int i = 1 + random.nextInt(4); i > 0; i--)
            input.append(request());
        for (int i = random.nextInt(4); i > 0; i--)
            mutate(input);
        return input.toString();
    }

    private String request() {
        var command = words().toArray(String[]::new);
        return random.nextInt(6) == 0
                ? String.join(" ", command).replace("\r\n", "") + "\r\n"
                : RespClient.request(command);
    }

    private List<String> words() {
        return switch (random.nextInt(8)) {
            case 0 -> words.session(false);
            case 1 -> words.listening();
            case 2 -> List.of(OTHERS.get(random.nextInt(OTHERS.size())).split(" "));
            default -> words.command(random.nextInt(4) == 0);
        };
    }

    private void mutate(StringBuilder input) {
        if (input.isEmpty()) return;
        int at = random.nextInt(input.length());
        int end = Math.min(input.length(), at + 1 + random.nextInt(20));
        switch (random.nextInt(7)) {
            case 0 -> input.setCharAt(at, BYTES.charAt(random.nextInt(BYTES.length())));
            case 1 -> input.delete(at, end);
            case 2 -> input.insert(at, input.substring(at, end).repeat(1 + random.nextInt(50)));
            case 3 -> input.insert(at, NUMBERS.get(random.nextInt(NUMBERS.size())));
            case 4 -> input.setLength(at);
            case 5 -> input.insert(at, request());
            default -> otherLength(input, at);
        }
    }

    /// Of the header that comes next.
    private void otherLength(StringBuilder input, int from) {
        int at = from;
        while (at < input.length() && input.charAt(at) != '$' && input.charAt(at) != '*')
            at++;
        int end = input.indexOf("\r", at);
        if (end < 0) return;
        input.replace(at + 1, Math.max(at + 1, end),
                NUMBERS.get(random.nextInt(NUMBERS.size())));
    }
}
