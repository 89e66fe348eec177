package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One row of the [CommandTable]: all that is known of a command but what it does.
///
/// @param name        lower case; of a subcommand `container|name`
/// @param arity       number of arguments, the name included (of a subcommand, both names); below zero: at
///                    least so many
/// @param categories  those of its flags included
/// @param tips        hints for clients and proxies: whom to send it to, how to combine replies
/// @param since       version of Redis (or of Valkey) that had it first
/// @param cost        time that it takes
/// @param deprecation since when, and what to use instead
/// @param subcommands empty, unless it is a container
/// @param action      what it does; null of a container, and of what the store has no words for yet
record CommandInfo(String name, int arity, Set<CommandFlag> flags, Set<AclCategory> categories,
        List<KeySpec> keys, List<String> tips, String group, String since, String cost,
        String summary, @Nullable Deprecation deprecation, CommandNames subcommands,
        @Nullable Action action) {

    record Deprecation(String since, String replacedBy) {}

    /// Without what nobody performs; null if that is all of it.
    @Nullable
    CommandInfo served() {
        if (action != null) return this;
        var served = new ArrayList<CommandInfo>();
        for (var each : subcommands.list()) {
            var kept = each.served();
            if (kept != null) served.add(kept);
        }
        return served.isEmpty()
                ? null
                : new CommandInfo(name, arity, flags, categories, keys, tips, group, since, cost,
                        summary, deprecation, new CommandNames(served), null);
    }

    boolean is(CommandFlag flag) {
        return flags.contains(flag);
    }

    /// Whether it can be called with so many arguments.
    boolean accepts(int count) {
        return arity >= 0 ? count == arity : count >= -arity;
    }
}
