package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.server.resp.Tracking.Mode;
import org.bellwether.server.resp.Tracking.Options;
import org.jspecify.annotations.Nullable;

/// What `CLIENT TRACKING` and its like do, by [Tracking]; which mistakes there are and what comes first is Redis's.
final class TrackingActions {
    private static final String SWITCH = " mode before disabling tracking for this client, and then"
            + " re-enabling it with a different mode.";

    private TrackingActions() {}

    /// The options as they were given.
    private static final class Asked {
        private final Session session;
        private final Arguments arguments;
        private final List<Bytes> prefixes = new ArrayList<>();
        private boolean bcast;
        private boolean optin;
        private boolean optout;
        private boolean noLoop;
        private @Nullable RespConnection redirect;

        Asked(Session session, Arguments arguments) {
            this.session = session;
            this.arguments = arguments;
        }

        void parse() {
            for (int i = 3; i < arguments.count(); i++) {
                boolean more = i + 1 < arguments.count();
                if (arguments.is(i, "redirect") && more) {
                    redirect(arguments.get(++i));
                } else if (arguments.is(i, "prefix") && more) {
                    prefixes.add(arguments.bytes(++i));
                } else if (arguments.is(i, "bcast")) {
                    bcast = true;
                } else if (arguments.is(i, "optin")) {
                    optin = true;
                } else if (arguments.is(i, "optout")) {
                    optout = true;
                } else if (arguments.is(i, "noloop")) {
                    noLoop = true;
                } else {
                    throw CommandError.syntax();
                }
            }
        }

        private void redirect(byte[] id) {
            if (redirect != null)
                throw new CommandError("ERR A client can only redirect to a single other client");
            long wanted = WholeNumber.parse(id);
            redirect = session.server().connections().stream()
                    .filter(each -> each.session().id() == wanted).findFirst()
                    .orElseThrow(() -> new CommandError(
                            "ERR The client ID you want redirect to does not exist"));
        }

        /// @param before null if tracking was off
        Options checked(@Nullable Options before) {
            if (!bcast && !prefixes.isEmpty()) {
                throw new CommandError(
                        "ERR PREFIX option requires BCAST mode to be enabled");
            }
            if (before != null && bcast != (before.mode() == Mode.BCAST))
                throw new CommandError("ERR You can't switch BCAST mode on/off"
                        + SWITCH.substring(" mode".length()));
            if (bcast && (optin || optout))
                throw new CommandError("ERR OPTIN and OPTOUT are not compatible with BCAST");
            if (optin && optout)
                throw new CommandError("ERR You can't specify both OPTIN mode and OPTOUT mode");
            if (before != null && (optin && before.mode() == Mode.OPTOUT
                    || optout && before.mode() == Mode.OPTIN))
                throw new CommandError("ERR You can't switch OPTIN/OPTOUT" + SWITCH);
            var known = before == null ? List.<Bytes>of() : before.prefixes();
            requireApart(known);
            int most = session.server().store().limits().keyBytesMax();
            for (var prefix : prefixes) {
                if (prefix.length() > most) {
                    throw new CommandError("ERR prefix of " + prefix.length()
                            + " bytes is over the limit of " + most);
                }
            }
            if (bcast && prefixes.isEmpty()) prefixes.add(Bytes.EMPTY);
            if (known.size() + prefixes.size() > Limits.RESP_PREFIXES_MAX) {
                throw new CommandError("ERR a client has at most " + Limits.RESP_PREFIXES_MAX
                        + " prefixes");
            }
            var mode = bcast ? Mode.BCAST : optin ? Mode.OPTIN : optout ? Mode.OPTOUT : Mode.READ;
            return new Options(mode, noLoop, prefixes);
        }

        private void requireApart(List<Bytes> known) {
            for (int i = 0; i < prefixes.size(); i++) {
                var prefix = prefixes.get(i);
                for (var other : known)
                    if (overlap(prefix, other)) throw overlaps(prefix, "an existing", other);
                for (var other : prefixes.subList(i + 1, prefixes.size()))
                    if (overlap(prefix, other)) throw overlaps(prefix, "another provided", other);
            }
        }

        private static boolean overlap(Bytes one, Bytes other) {
            return Tracking.startsWith(one, other) || Tracking.startsWith(other, one);
        }

        private static CommandError overlaps(Bytes prefix, String which, Bytes other) {
            return new CommandError("ERR Prefix '" + text(prefix) + "' overlaps with " + which
                    + " prefix '" + text(other)
                    + "'. Prefixes for a single client must not overlap.");
        }

        private static String text(Bytes prefix) {
            return new Arguments(prefix.array()).text(0);
        }
    }

    static void tracking(Session session, Arguments arguments, RespWriter out) {
        var asked = new Asked(session, arguments);
        asked.parse();
        var tracking = session.tracking();
        if (arguments.is(2, "on")) {
            tracking.begin(asked.checked(tracking.options()), asked.redirect);
        } else if (arguments.is(2, "off")) {
            tracking.end();
        } else {
            throw CommandError.syntax();
        }
        out.ok();
    }

    static void caching(Session session, Arguments arguments, RespWriter out) {
        var options = session.tracking().options();
        if (options == null) {
            throw new CommandError("ERR CLIENT CACHING can be called only when the client is in"
                    + " tracking mode with OPTIN or OPTOUT mode enabled");
        }
        boolean yes = arguments.is(2, "yes");
        if (!yes && !arguments.is(2, "no")) throw CommandError.syntax();
        if (yes && options.mode() != Mode.OPTIN) {
            throw new CommandError("ERR CLIENT CACHING YES is only valid when tracking is enabled"
                    + " in OPTIN mode.");
        }
        if (!yes && options.mode() != Mode.OPTOUT) {
            throw new CommandError("ERR CLIENT CACHING NO is only valid when tracking is enabled"
                    + " in OPTOUT mode.");
        }
        session.tracking().choose();
        out.ok();
    }

    static void getRedirect(Session session, Arguments arguments, RespWriter out) {
        out.integer(redirect(session));
    }

    /// -1 if there is nothing to tell, 0 if the client is told itself.
    static long redirect(Session session) {
        var tracking = session.tracking();
        return tracking.options() == null ? -1 : tracking.redirectId();
    }

    /// As `CLIENT LIST` has them.
    static String flags(Session session) {
        var options = session.tracking().options();
        if (options == null) return "";
        return "t" + (session.tracking().isBroken() ? "R" : "")
                + (options.mode() == Mode.BCAST ? "B" : "");
    }

    static void info(Session session, Arguments arguments, RespWriter out) {
        var options = session.tracking().options();
        out.map(3);
        out.bulkString("flags");
        var flags = words(session.tracking(), options);
        out.set(flags.size());
        flags.forEach(out::bulkString);
        out.bulkString("redirect");
        out.integer(redirect(session));
        out.bulkString("prefixes");
        var prefixes = options == null ? List.<Bytes>of() : options.prefixes();
        out.array(prefixes.size());
        prefixes.forEach(out::bulkString);
    }

    private static List<String> words(Tracking tracking, @Nullable Options options) {
        if (options == null) return List.of("off");
        var words = new ArrayList<>(List.of("on"));
        switch (options.mode()) {
            case READ -> {
            }
            case BCAST -> words.add("bcast");
            case OPTIN -> {
                words.add("optin");
                if (tracking.isChosen()) words.add("caching-yes");
            }
            case OPTOUT -> {
                words.add("optout");
                if (tracking.isChosen()) words.add("caching-no");
            }
        }
        if (options.noLoop()) words.add("noloop");
        if (tracking.isBroken()) words.add("broken_redirect");
        return words;
    }
}
