package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A row of the table as it is written down: what holds for all rows of a sheet is said once.
final class CommandRow {
    private final String group;
    private final String name;
    private final int arity;
    private final Set<CommandFlag> flags = EnumSet.noneOf(CommandFlag.class);
    private final Set<AclCategory> categories = EnumSet.noneOf(AclCategory.class);
    private final List<KeySpec> keys = new ArrayList<>();
    private final List<String> tips = new ArrayList<>();
    private final List<CommandInfo> subcommands = new ArrayList<>();
    private String cost = "O(1)";
    private CommandInfo.@Nullable Deprecation deprecation;
    private @Nullable Action action;

    private CommandRow(String group, String name, int arity) {
        this.group = group;
        this.name = name;
        this.arity = arity;
    }

    /// Rows of one group, all of them in some categories.
    record Sheet(String group, AclCategory... categories) {
        /// @param arity as in Redis: the name counts; below zero, at least so many
        CommandRow command(String name, int arity, CommandFlag... flags) {
            var row = new CommandRow(group, name, arity);
            row.flags.addAll(List.of(flags));
            return row.in(categories);
        }
    }

    CommandRow in(AclCategory... more) {
        categories.addAll(List.of(more));
        return this;
    }

    /// One key, the first argument.
    CommandRow key(KeyFlag... what) {
        return key(1, what);
    }

    CommandRow key(int position, KeyFlag... what) {
        return keys(new KeySpec(position, 0, 1, flags(what), ""));
    }

    /// One key in every so many arguments, to the last.
    CommandRow keysEvery(int step, KeyFlag... what) {
        return keys(new KeySpec(1, -1, step, flags(what), ""));
    }

    /// Why the only key has the flags that it has.
    CommandRow note(String notes) {
        var spec = keys.removeLast();
        return keys(new KeySpec(spec.first(), spec.last(), spec.step(), spec.flags(), notes));
    }

    CommandRow tips(String... more) {
        tips.addAll(List.of(more));
        return this;
    }

    /// If it is not constant time.
    CommandRow cost(String time) {
        cost = time;
        return this;
    }

    CommandRow deprecated(String since, String replacedBy) {
        deprecation = new CommandInfo.Deprecation(since, replacedBy);
        return this;
    }

    CommandRow atOnce(Action.Answer answer) {
        action = new Action.AtOnce(answer);
        return this;
    }

    CommandRow alone(Action.Task task) {
        action = new Action.Alone(task, null);
        return this;
    }

    /// @param within what a transaction is answered instead
    CommandRow alone(Action.Task task, Action.Answer within) {
        action = new Action.Alone(task, within);
        return this;
    }

    CommandRow reads(Plan.Maker plan) {
        action = new Action.Reads(plan);
        return this;
    }

    CommandRow writes(Plan.Maker plan) {
        action = new Action.Writes(plan, null);
        return this;
    }

    /// @param bare what it is with no more arguments than it needs: then it writes nothing
    CommandRow writes(Plan.Maker plan, Plan.Maker bare) {
        action = new Action.Writes(plan, new Action.Reads(bare));
        return this;
    }

    CommandRow subcommands(CommandInfo... all) {
        subcommands.addAll(List.of(all));
        cost = "Depends on subcommand.";
        return this;
    }

    /// The last column.
    ///
    /// @param version of Redis, or of Valkey, that had it first
    CommandInfo since(String version, String summary) {
        categories.addAll(AclCategory.impliedBy(flags));
        return new CommandInfo(name, arity, Collections.unmodifiableSet(flags),
                Collections.unmodifiableSet(categories), List.copyOf(keys),
                List.copyOf(tips), group, version, cost, summary, deprecation,
                new CommandNames(subcommands), action);
    }

    private CommandRow keys(KeySpec spec) {
        keys.add(spec);
        return this;
    }

    private static Set<KeyFlag> flags(KeyFlag... what) {
        var set = EnumSet.noneOf(KeyFlag.class);
        set.addAll(List.of(what));
        return Collections.unmodifiableSet(set);
    }
}
