package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The parameters that clients ask for by `CONFIG GET`, as a Redis would have to be set to do what this node
/// does. Two of them can be set: when idle clients go, and which keyspace events are told.
final class ConfigParameters {
    private static final String TIMEOUT = "timeout";
    private static final Set<String> SETTABLE = Set.of(TIMEOUT, KeyspaceEvents.PARAMETER);

    private ConfigParameters() {}

    private static Map<String, String> all(RespServer server) {
        var all = new TreeMap<String, String>();
        all.put("appendfsync", "always");
        all.put("appendonly", "yes");
        all.put("cluster-enabled", server.config().cluster() ? "yes" : "no");
        all.put("databases", "1");
        all.put("maxclients", Integer.toString(server.bounds().connectionsMax()));
        all.put("maxmemory", "0");
        all.put("maxmemory-policy", "noeviction");
        all.put(KeyspaceEvents.PARAMETER, server.keyspaceEvents().flags());
        all.put("port", Integer.toString(server.port()));
        all.put("proto-max-bulk-len",
                Integer.toString(server.store().limits().valueBytesMax()));
        all.put("replica-read-only", "no");
        all.put("requirepass", "");
        all.put("save", "");
        all.put("tcp-keepalive", "7200");
        all.put(TIMEOUT, Long.toString(server.idle().toSeconds()));
        return all;
    }

    static void get(Session session, Arguments arguments, RespWriter out) {
        var patterns = new ArrayList<Glob>();
        for (int i = 2; i < arguments.count(); i++) {
            var pattern = Glob.compileIgnoringCase(arguments.get(i));
            if (pattern != null) patterns.add(pattern);
        }
        var found = new ArrayList<Map.Entry<String, String>>();
        for (var parameter : all(session.server()).entrySet()) {
            if (matchesAny(patterns, parameter.getKey())) found.add(parameter);
        }
        out.map(found.size());
        for (var parameter : found) {
            out.bulkString(parameter.getKey());
            out.bulkString(parameter.getValue());
        }
    }

    private static boolean matchesAny(List<Glob> patterns, String name) {
        for (var pattern : patterns) {
            if (pattern.matches(name.getBytes(ISO_8859_1))) return true;
        }
        return false;
    }

    /// All or none of them.
    static void set(Session session, Arguments arguments, RespWriter out) {
        if (arguments.count() % 2 != 0) throw CommandError.wrongNumber("config|set");
        var all = all(session.server());
        var idle = session.server().idle();
        var flags = session.server().keyspaceEvents().flags();
        requireSettable(arguments, all);
        for (int i = 2; i < arguments.count(); i += 2) {
            var name = arguments.text(i).toLowerCase(Locale.ROOT);
            if (name.equals(TIMEOUT)) {
                idle = idle(arguments.get(i + 1));
            } else if (name.equals(KeyspaceEvents.PARAMETER)) {
                flags = flags(arguments.text(i + 1));
            }
        }
        session.server().setIdle(idle);
        session.server().keyspaceEvents().setFlags(flags);
        out.ok();
    }

    /// Before any value is looked at. The rest may be set to what it is.
    private static void requireSettable(Arguments arguments, Map<String, String> all) {
        var named = new HashSet<String>();
        for (int i = 2; i < arguments.count(); i += 2) {
            var given = arguments.text(i);
            var name = given.toLowerCase(Locale.ROOT);
            var now = all.get(name);
            if (now == null) {
                throw new CommandError("ERR Unknown option or number of arguments for CONFIG SET"
                        + " - '" + given + "'");
            }
            if (!SETTABLE.contains(name) && !arguments.text(i + 1).equals(now))
                throw new CommandError(failed(given, "can't set immutable config"));
            if (!named.add(name)) throw new CommandError(failed(given, "duplicate parameter"));
        }
    }

    private static Duration idle(byte[] given) {
        long seconds;
        try {
            seconds = WholeNumber.parse(given);
        } catch (CommandError none) {
            throw new CommandError(
                    failed(TIMEOUT, "argument couldn't be parsed into an integer"));
        }
        if (seconds < 0 || seconds > Integer.MAX_VALUE) {
            throw new CommandError(failed(TIMEOUT,
                    "argument must be between 0 and " + Integer.MAX_VALUE + " inclusive"));
        }
        return Duration.ofSeconds(seconds);
    }

    private static String flags(String given) {
        try {
            return KeyspaceEvents.canonical(given);
        } catch (IllegalArgumentException unknown) {
            throw new CommandError(failed(KeyspaceEvents.PARAMETER,
                    "Invalid event class character. Use 'Ag$lszhxetdmnKE'."));
        }
    }

    private static String failed(String name, String why) {
        return "ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + why;
    }

    static void resetStat(Session session, Arguments arguments, RespWriter out) {
        session.server().counts().reset();
        out.ok();
    }
}
