package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// Commands as a client of Redis might send them: most of them sensible, all options, few keys, so that they meet; and
/// some with a word too many, too few, or another one than makes sense.
final class RedisWords {
    private static final List<String> KEYS = List.of("a", "b", "c", "d{a}", "e:1", "f f");
    private static final List<String> VALUES = List.of("0", "1", "-1", "10", "abc", "", " 5", "5 ",
            "007", "3.5", "-0.25", "1e3", "9223372036854775807", "-9223372036854775808", "-0",
            "9223372036854775808", "xyz".repeat(20), "nan", "inf", "\u0000\u00ff\r\n");
    private static final List<String> NUMBERS = List.of("0", "1", "-1", "2", "5", "100", "-100",
            "9223372036854775807", "-9223372036854775808", "9223372036854775808", "abc", "1.5",
            "", "01", " 1");
    private static final List<String> NO_TIMES = List.of("0", "-1", "abc", "1.5", "");
    private static final List<String> SIMPLE = List.of("ping", "echo x", "dbsize", "select 0",
            "select 1", "select x", "object encoding", "memory", "config get databases",
            "client getname", "client id", "client info", "client setname me", "client setname ",
            "client nope", "client reply", "client no-evict off",
            "client no-evict x", "pubsub channels", "pubsub numpat", "pubsub numsub news e:1",
            "pubsub channels n*", "publish news", "publish nobody x");
    /// Channels that [#listening] listens to, and one that nobody does.
    private static final List<String> CHANNELS = List.of("news", "now", "e:1", "nobody");
    private static final List<String> PATTERNS = List.of("n*", "[en]*", "*", "__key*",
            "__keyevent@0__:*", "__keyspace@0__:a");
    private static final int LONG_VALUE_BYTES_MAX = 1 << 16;

    private final SplittableRandom random;

    RedisWords(SplittableRandom random) {
        this.random = random;
    }

    /// @param transacting whether it would be queued
    List<String> command(boolean transacting) {
        var words = new ArrayList<>(sensible(transacting));
        // Once in a while, something else than was meant.
        switch (random.nextInt(40)) {
            case 0 -> words.add(one(NUMBERS));
            case 1 -> {
                if (words.size() > 1) words.removeLast();
            }
            case 2 -> words.set(0, words.getFirst().toUpperCase(Locale.ROOT));
            case 3 -> {
                if (words.size() > 2) words.set(words.size() - 1, one(NO_TIMES));
            }
            default -> {
            }
        }
        // What each refuses for a reason of its own, and what is known to differ.
        boolean emptyKey = words.size() > 1 && words.subList(1, words.size()).contains("")
                && mayBeKey(words);
        return emptyKey || appendsNothing(words) ? command(transacting) : words;
    }

    /// That changes nothing: here, nobody is told that it was done.
    private static boolean appendsNothing(List<String> words) {
        return words.getFirst().equalsIgnoreCase("append") && words.size() == 3
                && words.getLast().isEmpty();
    }

    private static boolean mayBeKey(List<String> words) {
        return switch (words.getFirst().toLowerCase(Locale.ROOT)) {
            case "set", "setnx", "append", "getset", "setrange", "incrby", "decrby", "setex",
                    "psetex", "expire", "pexpire", "incrbyfloat", "getrange", "substr",
                    "expireat", "pexpireat", "publish" ->
                words.get(1).isEmpty();
            default -> true;
        };
    }

    private List<String> sensible(boolean transacting) {
        if (transacting && random.nextInt(5) == 0)
            return List.of(one(List.of("exec", "exec", "exec", "discard", "multi")));
        return switch (random.nextInt(transacting ? 31 : 36)) {
            case 0, 1, 2 -> set();
            case 3, 4 -> List.of("get", key());
            case 5 -> pairs(one(List.of("mset", "msetnx")));
            case 6 -> keys(one(List.of("mget", "exists", "touch")));
            case 7 -> keys(one(List.of("del", "unlink")));
            case 8 -> List.of(one(List.of("incr", "decr")), key());
            case 9 -> List.of(one(List.of("incrby", "decrby")), key(), one(NUMBERS));
            case 10 -> List.of("incrbyfloat", key(), one(VALUES));
            case 11 -> List.of("append", key(), value());
            case 12 -> List.of("setrange", key(), one(List.of("0", "3", "10", "-1", "x", "5000")),
                    value());
            case 13 -> List.of("getrange", key(), one(NUMBERS), one(NUMBERS));
            case 14 -> List.of("strlen", key());
            case 15 -> List.of(one(List.of("setnx", "getset")), key(), value());
            case 16 -> List.of(one(List.of("setex", "psetex")), key(), time(), value());
            case 17 -> List.of("getdel", key());
            case 18 -> getex();
            case 19, 20 -> expire();
            case 21 -> List.of(one(List.of("ttl", "pttl", "expiretime", "pexpiretime")), key());
            case 22 -> List.of("persist", key());
            case 23 -> List.of(one(List.of("rename", "renamenx")), key(), key());
            case 24 -> copy();
            case 25 -> List.of("type", key());
            case 26 -> List.of("object",
                    one(List.of("encoding", "freq", "refcount", "idletime")), key());
            case 27 -> List.of(one(SIMPLE).split(" ", -1));
            case 28 -> random.nextInt(6) == 0
                    ? List.of(one(List.of("flushall", "flushdb")),
                            one(List.of("async", "sync", "x")))
                    : List.of("dbsize");
            case 29 -> List.of("publish", one(CHANNELS), value());
            case 30 -> List.of("memory", "usage", key());
            case 31 -> List.of("multi");
            case 32 -> keys("watch");
            case 33 -> List.of(one(List.of("unwatch", "exec", "discard")));
            case 34 -> List.of("keys", one(List.of("*", "?", "[a-c]", "*1", "x", "d\\{*")));
            default -> scan();
        };
    }

    private List<String> set() {
        var words = new ArrayList<>(List.of("set", key(), value()));
        for (int i = random.nextInt(4); i > 0 && random.nextBoolean(); i--) {
            switch (random.nextInt(9)) {
                case 0 -> words.add("nx");
                case 1 -> words.add("xx");
                case 2, 3 -> words.add("get");
                case 4 -> words.add("keepttl");
                case 5 -> words.addAll(List.of("ex", time()));
                case 6 -> words.addAll(List.of("px", time()));
                case 7 -> words.addAll(List.of("exat", ahead(1_000)));
                default -> words.addAll(List.of("pxat", ahead(1)));
            }
        }
        return words;
    }

    private List<String> getex() {
        var words = new ArrayList<>(List.of("getex", key()));
        for (int i = random.nextInt(3); i > 0; i--) {
            switch (random.nextInt(6)) {
                case 0 -> words.add("persist");
                case 1 -> words.addAll(List.of("ex", later()));
                case 2 -> words.addAll(List.of("px", later()));
                case 3 -> words.addAll(List.of("exat", later()));
                case 4 -> words.addAll(List.of("pxat", later()));
                default -> {
                }
            }
        }
        return words;
    }

    private List<String> expire() {
        var words = new ArrayList<String>();
        switch (random.nextInt(4)) {
            case 0 -> words.addAll(List.of("expire", key(), time()));
            case 1 -> words.addAll(List.of("pexpire", key(), time()));
            case 2 -> words.addAll(List.of("expireat", key(), end(1_000)));
            default -> words.addAll(List.of("pexpireat", key(), end(1)));
        }
        for (int i = random.nextInt(3); i > 0 && random.nextBoolean(); i--)
            words.add(one(List.of("nx", "xx", "gt", "lt", "NX", "zz")));
        return words;
    }

    private List<String> copy() {
        var words = new ArrayList<>(List.of("copy", key(), key()));
        if (random.nextBoolean()) words.add("replace");
        if (random.nextInt(5) == 0) words.addAll(List.of("db", "0"));
        return words;
    }

    private List<String> scan() {
        var words = new ArrayList<>(List.of("scan", "0", "count", "1000"));
        if (random.nextBoolean())
            words.addAll(List.of("match", one(List.of("*", "[ab]", "e:*", "zz"))));
        if (random.nextInt(3) == 0)
            words.addAll(List.of("type", one(List.of("string", "list", "hash"))));
        if (random.nextInt(10) == 0) words.set(1, "x");
        return words;
    }

    private List<String> keys(String command) {
        var words = new ArrayList<>(List.of(command));
        for (int i = 1 + random.nextInt(3); i > 0; i--)
            words.add(key());
        return words;
    }

    private List<String> pairs(String command) {
        var words = new ArrayList<>(List.of(command));
        for (int i = 1 + random.nextInt(3); i > 0; i--)
            words.addAll(List.of(key(), value()));
        return words;
    }

    /// Of a key that is set to be past, Redis still counts for a while.
    private String ahead(int unitMillis) {
        return Long.toString((System.currentTimeMillis() + random.nextInt(3_600_000, 7_200_000))
                / unitMillis);
    }

    /// Long ago, or an hour away; not at a moment at which the one clock has it and the other has not.
    private String end(int unitMillis) {
        long now = System.currentTimeMillis();
        long millis = random.nextInt(4) == 0 ? now - 3_600_000 : now + 3_600_000;
        return random.nextInt(10) == 0 ? "abc" : Long.toString(millis / unitMillis);
    }

    /// Far enough, and never the same twice: which of two ends is later must not depend on the clock.
    private String time() {
        return random.nextInt(4) == 0
                ? one(NO_TIMES)
                : later();
    }

    private String later() {
        return Integer.toString(random.nextInt(100_000, 100_000_000));
    }

    /// How the client of a conversation that others go on with is spoken to, and who it is.
    ///
    /// @param listens whether it listens to some channel
    List<String> session(boolean listens) {
        return switch (random.nextInt(listens ? 2 : 4)) {
            case 0 -> List.of("reset");
            case 1 -> List.of("client", "setname", one(List.of("me", "a b", "x-1")));
            case 2 -> List.of("hello");
            default -> List.of(one(List.of("hello 2", "hello 3", "hello 4", "hello x",
                    "hello 3 setname you", "hello 2 setname", "hello 3 auth default",
                    "hello 2 nope")).split(" "));
        };
    }

    /// For a client that does nothing else; one channel each, since the order of several is by chance.
    List<String> listening() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> List.of("subscribe", one(CHANNELS.subList(0, 3)));
            case 2, 3, 4 -> List.of("psubscribe", one(PATTERNS));
            case 5 -> List.of("unsubscribe", one(CHANNELS));
            case 6 -> List.of("punsubscribe", one(PATTERNS));
            default -> List.of("ping", "still there");
        };
    }

    /// Sets a key that is gone in a moment.
    List<String> fleeting(String key) {
        var millis = Integer.toString(1 + random.nextInt(3));
        return switch (random.nextInt(4)) {
            case 0 -> List.of("set", key, value(), "px", millis);
            case 1 -> List.of("psetex", key, millis, value());
            case 2 -> List.of("getex", key, "px", millis);
            default -> List.of("pexpire", key, millis);
        };
    }

    List<String> everyKey() {
        return KEYS;
    }

    String key() {
        return one(KEYS);
    }

    /// Of any bytes, once in a while, and of any length.
    String value() {
        if (random.nextInt(50) > 0) return one(VALUES);
        int length = random.nextInt(1 + random.nextInt(LONG_VALUE_BYTES_MAX));
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return new String(bytes, ISO_8859_1);
    }

    private String one(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
