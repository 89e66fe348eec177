package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;

/// Which arguments of a command are keys.
final class CommandKeys {
    private CommandKeys() {}

    /// Their positions, specification by specification.
    ///
    /// @param count number of arguments, which the command accepts
    static List<Integer> positions(CommandInfo command, int count) {
        var positions = new ArrayList<Integer>();
        for (var spec : command.keys()) {
            int last = Math.min(spec.lastAmong(count), count - 1);
            for (int at = spec.first(); at <= last; at += spec.step())
                positions.add(at);
        }
        return positions;
    }
}
