package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Commands by their names, in the order in which they were listed. A name is found as it came, in upper or
/// lower case, without a string being made of it.
final class CommandNames {
    static final CommandNames NONE = new CommandNames(List.of());

    private final List<CommandInfo> commands;
    /// Open addressing, at most half full.
    private final @Nullable CommandInfo[] slots;

    CommandNames(List<CommandInfo> commands) {
        this.commands = List.copyOf(commands);
        slots = new CommandInfo[Math.max(2, Integer.highestOneBit(commands.size()) * 4)];
        for (var command : commands) {
            var name = ownName(command);
            int slot = slotOf(name.getBytes(ISO_8859_1));
            while (slots[slot] != null) {
                if (ownName(slots[slot]).equals(name)) {
                    throw new IllegalArgumentException(command.name() + " stands there twice");
                }
                slot = slot + 1 & slots.length - 1;
            }
            slots[slot] = command;
        }
    }

    List<CommandInfo> list() {
        return commands;
    }

    boolean isEmpty() {
        return commands.isEmpty();
    }

    @Nullable
    CommandInfo find(byte[] name) {
        for (int slot = slotOf(name);; slot = slot + 1 & slots.length - 1) {
            var command = slots[slot];
            if (command == null || isNamed(command, name)) return command;
        }
    }

    private int slotOf(byte[] name) {
        int hash = 0;
        for (byte b : name)
            hash = 31 * hash + Arguments.lower(b);
        return (hash ^ hash >>> 16) & slots.length - 1;
    }

    private static boolean isNamed(CommandInfo command, byte[] name) {
        var known = command.name();
        int from = known.indexOf('|') + 1;
        if (known.length() - from != name.length) return false;
        for (int i = 0; i < name.length; i++) {
            if (Arguments.lower(name[i]) != known.charAt(from + i)) return false;
        }
        return true;
    }

    /// Within its container.
    private static String ownName(CommandInfo command) {
        return command.name().substring(command.name().indexOf('|') + 1);
    }
}
