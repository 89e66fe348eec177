package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All commands that there are, and what must hold before one is looked at: that it exists, and has as many
/// arguments as it needs.
final class CommandTable {
    /// Of a name, and of all arguments together, in an error.
    private static final int QUOTED_BYTES_MAX = 128;
    private static final Set<String> SCRIPTING = Set.of("EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO",
            "FCALL", "FCALL_RO", "SCRIPT", "FUNCTION");

    private final CommandNames commands;

    CommandTable() {
        this(rows());
    }

    private CommandTable(List<CommandInfo> rows) {
        commands = new CommandNames(rows);
    }

    /// What clients are told of, and get: a command that nobody performs is as unknown as any other word.
    static CommandTable served() {
        var served = new ArrayList<CommandInfo>();
        for (var row : rows()) {
            var kept = row.served();
            if (kept != null) served.add(kept);
        }
        return new CommandTable(served);
    }

    private static List<CommandInfo> rows() {
        var rows = new ArrayList<CommandInfo>();
        rows.addAll(ConnectionCommands.rows());
        rows.addAll(StringCommands.rows());
        rows.addAll(KeyCommands.rows());
        rows.addAll(SessionCommands.rows());
        rows.addAll(ServerCommands.rows());
        rows.addAll(ClusterCommands.rows());
        return rows;
    }

    List<CommandInfo> list() {
        return commands.list();
    }

    /// The command that this is; of a container with something behind it, the subcommand.
    ///
    /// @return null if there is none
    @Nullable
    CommandInfo find(Arguments arguments) {
        var command = commands.find(arguments.get(0));
        if (command == null || command.subcommands().isEmpty() || arguments.count() == 1) {
            return command;
        }
        return command.subcommands().find(arguments.get(1));
    }

    /// By its full name, as in `client|id`.
    @Nullable
    CommandInfo findByName(byte[] fullName) {
        var name = new String(fullName, ISO_8859_1);
        int bar = name.indexOf('|');
        if (bar < 0) return commands.find(fullName);
        var container = commands.find(name.substring(0, bar).getBytes(ISO_8859_1));
        return container == null
                ? null
                : container.subcommands().find(name.substring(bar + 1).getBytes(ISO_8859_1));
    }

    /// Why this cannot be performed, whatever it means; null if it may be.
    ///
    /// @param command what [#find] says it is
    @Nullable
    String refusal(@Nullable CommandInfo command, Arguments arguments) {
        if (command == null) return unknown(arguments);
        return command.accepts(arguments.count()) ? null : wrongNumber(command);
    }

    static String wrongNumber(CommandInfo command) {
        return "ERR wrong number of arguments for '" + command.name() + "' command";
    }

    /// Libraries look for these words when they try what we may not have. Redisson then sends a script again without
    /// `_RO`, whether it had that or not, at once and for ever: of scripts it is told in other words.
    private String unknown(Arguments arguments) {
        if (SCRIPTING.contains(arguments.text(0).toUpperCase(Locale.ROOT)))
            return "ERR there are no scripts here, and no command '"
                    + quoted(arguments, 0, QUOTED_BYTES_MAX) + "'";
        if (commands.find(arguments.get(0)) != null) {
            return "ERR unknown subcommand '" + quoted(arguments, 1, QUOTED_BYTES_MAX) + "'. Try "
                    + arguments.text(0).toUpperCase(Locale.ROOT) + " HELP.";
        }
        var behind = new StringBuilder();
        for (int i = 1; i < arguments.count() && behind.length() < QUOTED_BYTES_MAX; i++) {
            int room = QUOTED_BYTES_MAX - behind.length();
            behind.append('\'').append(quoted(arguments, i, room)).append("' ");
        }
        return "ERR unknown command '" + quoted(arguments, 0, QUOTED_BYTES_MAX)
                + "', with args beginning with: " + behind;
    }

    /// As C prints it: to the first zero.
    private static String quoted(Arguments arguments, int index, int bytesMax) {
        byte[] bytes = arguments.get(index);
        int length = 0;
        while (length < bytes.length && length < bytesMax && bytes[length] != 0)
            length++;
        return new String(bytes, 0, length, ISO_8859_1);
    }
}
