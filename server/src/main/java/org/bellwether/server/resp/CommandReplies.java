package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What `COMMAND` and its subcommands answer: the table, in the shape in which clients want it. go-redis reads
/// in it what may be sent to a replica, redis-py where the keys are, redis-cli its help.
final class CommandReplies {
    private final CommandTable table;

    CommandReplies(CommandTable table) {
        this.table = table;
    }

    /// @param arguments of `COMMAND`, as many as it accepts
    void reply(Arguments arguments, RespWriter out) {
        if (arguments.count() == 1) {
            all(out);
            return;
        }
        switch (arguments.text(1).toLowerCase(Locale.ROOT)) {
            case "count" -> out.integer(table.list().size());
            case "docs" -> docs(arguments, out);
            case "getkeys" -> getKeys(arguments.from(2), out);
            case "info" -> info(arguments, out);
            case "list" -> list(arguments, out);
            default -> throw new IllegalArgumentException("not in the table");
        }
    }

    private void all(RespWriter out) {
        out.array(table.list().size());
        for (var command : table.list())
            info(command, out);
    }

    private void info(Arguments arguments, RespWriter out) {
        if (arguments.count() == 2) {
            all(out);
            return;
        }
        out.array(arguments.count() - 2);
        for (int i = 2; i < arguments.count(); i++) {
            var command = table.findByName(arguments.get(i));
            if (command == null) {
                out.nullBulkString();
            } else {
                info(command, out);
            }
        }
    }

    private static void info(CommandInfo command, RespWriter out) {
        out.array(10);
        out.bulkString(command.name());
        out.integer(command.arity());
        statuses(command.flags().stream().map(flag -> flag.word).toList(), out);
        legacyKeys(command.keys(), out);
        statuses(command.categories().stream().map(category -> category.word).toList(), out);
        out.set(command.tips().size());
        for (var tip : command.tips())
            out.bulkString(tip);
        out.set(command.keys().size());
        for (var spec : command.keys())
            keySpec(spec, out);
        var subcommands = command.subcommands().list();
        out.set(subcommands.size());
        for (var each : subcommands)
            info(each, out);
    }

    /// First, last and step, as they were before there were specifications: one range for all.
    private static void legacyKeys(List<KeySpec> keys, RespWriter out) {
        out.integer(keys.isEmpty() ? 0 : keys.getFirst().first());
        out.integer(keys.isEmpty() ? 0 : keys.getLast().legacyLast());
        out.integer(keys.isEmpty() ? 0 : keys.getFirst().step());
    }

    private static void keySpec(KeySpec spec, RespWriter out) {
        out.map(spec.notes().isEmpty() ? 3 : 4);
        if (!spec.notes().isEmpty()) {
            out.bulkString("notes");
            out.bulkString(spec.notes());
        }
        out.bulkString("flags");
        statuses(spec.flags().stream().map(flag -> flag.word).toList(), out);
        out.bulkString("begin_search");
        typeAndSpec("index", 1, out);
        field("index", spec.first(), out);
        out.bulkString("find_keys");
        typeAndSpec("range", 3, out);
        field("lastkey", spec.last(), out);
        field("keystep", spec.step(), out);
        field("limit", 0, out);
    }

    private static void typeAndSpec(String type, int fields, RespWriter out) {
        out.map(2);
        out.bulkString("type");
        out.bulkString(type);
        out.bulkString("spec");
        out.map(fields);
    }

    private static void field(String name, int value, RespWriter out) {
        out.bulkString(name);
        out.integer(value);
    }

    private static void statuses(Collection<String> words, RespWriter out) {
        out.set(words.size());
        for (var word : words)
            out.simpleString(word);
    }

    private void docs(Arguments arguments, RespWriter out) {
        var asked = new ArrayList<CommandInfo>();
        for (int i = 2; i < arguments.count(); i++) {
            var command = table.findByName(arguments.get(i));
            if (command != null) asked.add(command);
        }
        docs(arguments.count() == 2 ? table.list() : asked, out);
    }

    private static void docs(List<CommandInfo> commands, RespWriter out) {
        out.map(commands.size());
        for (var command : commands) {
            out.bulkString(command.name());
            docs(command, out);
        }
    }

    private static void docs(CommandInfo command, RespWriter out) {
        var deprecation = command.deprecation();
        boolean container = !command.subcommands().isEmpty();
        out.map(4 + (deprecation == null ? 0 : 3) + (container ? 1 : 0));
        field("summary", command.summary(), out);
        field("since", command.since(), out);
        field("group", command.group(), out);
        field("complexity", command.cost(), out);
        if (deprecation != null) {
            out.bulkString("doc_flags");
            statuses(List.of("deprecated"), out);
            field("deprecated_since", deprecation.since(), out);
            field("replaced_by", deprecation.replacedBy(), out);
        }
        if (container) {
            out.bulkString("subcommands");
            docs(command.subcommands().list(), out);
        }
    }

    private static void field(String name, String value, RespWriter out) {
        out.bulkString(name);
        out.bulkString(value);
    }

    private void list(Arguments arguments, RespWriter out) {
        var filter = filter(arguments);
        if (filter == null) {
            out.error("ERR syntax error");
            return;
        }
        var names = new ArrayList<String>();
        for (var command : table.list()) {
            if (filter.test(command)) names.add(command.name());
            for (var each : command.subcommands().list()) {
                if (filter.test(each)) names.add(each.name());
            }
        }
        out.array(names.size());
        for (var name : names)
            out.bulkString(name);
    }

    private static @Nullable Predicate<CommandInfo> filter(Arguments arguments) {
        if (arguments.count() == 2) return _ -> true;
        if (arguments.count() != 5 || !arguments.is(2, "filterby")) return null;
        if (arguments.is(3, "module")) return _ -> false;
        if (arguments.is(3, "aclcat")) {
            var word = "@" + arguments.text(4).toLowerCase(Locale.ROOT);
            return command -> command.categories().stream()
                    .anyMatch(category -> category.word.equals(word));
        }
        if (!arguments.is(3, "pattern")) return null;
        var pattern = Glob.compileIgnoringCase(arguments.get(4));
        return pattern == null
                ? _ -> false
                : command -> pattern.matches(command.name()
                        .getBytes(ISO_8859_1));
    }

    private void getKeys(Arguments asked, RespWriter out) {
        var command = table.find(asked);
        if (command == null) {
            out.error("ERR Invalid command specified");
        } else if (command.keys().isEmpty()) {
            out.error("ERR The command has no key arguments");
        } else if (!command.accepts(asked.count())) {
            out.error("ERR Invalid number of arguments specified for command");
        } else {
            var positions = CommandKeys.positions(command, asked.count());
            out.array(positions.size());
            for (int at : positions)
                out.bulkString(asked.get(at));
        }
    }
}
