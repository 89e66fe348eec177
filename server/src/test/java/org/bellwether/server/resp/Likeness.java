package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Whether a reply of ours is that of Redis, as far as it must be: what is by chance, by the clock, or listed in
/// `docs/redis-compatibility.md` may differ, for the commands of which that is so and for no other.
final class Likeness {
    /// How long a command may have been on its way.
    private static final long LATE_MILLIS_MAX = 2_000;
    private static final Set<Object> ENCODINGS = Set.of("raw", "embstr", "int");
    /// Of a line about a client, what does not depend on the process.
    private static final List<String> CLIENT_FIELDS = List.of("name", "db", "sub", "psub", "cmd",
            "user", "resp");

    private Likeness() {}

    /// @param queued what `EXEC` answers, one by one; else of no meaning
    static boolean alike(List<String> command, List<List<String>> queued, Object theirs,
            Object ours) {
        if (!isNamed(command, "exec") || !(theirs instanceof List<?> many)
                || !(ours instanceof List<?> others)) {
            return alike(command, theirs, ours);
        }
        if (many.size() != others.size() || many.size() != queued.size()) return false;
        for (int i = 0; i < many.size(); i++) {
            if (!alike(queued.get(i), many.get(i), others.get(i))) return false;
        }
        return true;
    }

    private static boolean isNamed(List<String> command, String name) {
        return command.getFirst().equalsIgnoreCase(name);
    }

    private static boolean alike(List<String> command, Object theirs, Object ours) {
        if (theirs.equals(ours)) return true;
        var second = command.size() > 1 ? command.get(1).toLowerCase(Locale.ROOT) : "";
        return switch (command.getFirst().toLowerCase(Locale.ROOT)) {
            // Of an end, or of what is left until then. Both clocks go on meanwhile.
            case "pttl", "pexpiretime" -> near(theirs, ours, LATE_MILLIS_MAX);
            case "ttl", "expiretime" -> near(theirs, ours, LATE_MILLIS_MAX / 1_000);
            case "keys", "scan" -> asSet(theirs).equals(asSet(ours));
            // Redis says by which way a value came to be, we what it would be if it was set.
            case "object" -> switch (second) {
                case "encoding" -> ENCODINGS.contains(theirs) && ENCODINGS.contains(ours);
                case "refcount", "idletime" -> theirs instanceof Long && ours instanceof Long;
                default -> false;
            };
            case "memory" -> isPositive(theirs) && isPositive(ours);
            case "client" -> switch (second) {
                case "id" -> isPositive(theirs) && isPositive(ours);
                case "info" -> fields(theirs).equals(fields(ours));
                default -> false;
            };
            case "pubsub" -> second.equals("channels") && asSet(theirs).equals(asSet(ours));
            case "hello" -> greeting(theirs).equals(greeting(ours));
            default -> false;
        };
    }

    private static boolean near(Object theirs, Object ours, long most) {
        return isPositive(theirs) && isPositive(ours)
                && Math.abs((Long) theirs - (Long) ours) <= most;
    }

    private static boolean isPositive(Object reply) {
        return reply instanceof Long number && number > 0;
    }

    private static Object asSet(Object reply) {
        if (!(reply instanceof List<?> list)) return reply;
        var set = new HashSet<Object>();
        for (var each : list)
            set.add(asSet(each));
        return set;
    }

    private static List<String> fields(Object reply) {
        var line = new ArrayList<>(Arrays.asList(String.valueOf(reply).strip().split(" ")));
        line.removeIf(field -> !CLIENT_FIELDS.contains(field.split("=", 2)[0]));
        line.sort(null);
        return line;
    }

    /// Without the number of the connection, and the version: that server is not what we say that we are.
    private static Object greeting(Object reply) {
        if (!(reply instanceof List<?> list)) return reply;
        var known = new ArrayList<Object>(list);
        for (var name : List.of("id", "version")) {
            int at = known.indexOf(name);
            if (at >= 0 && at + 1 < known.size()) known.remove(at + 1);
        }
        return known;
    }
}
