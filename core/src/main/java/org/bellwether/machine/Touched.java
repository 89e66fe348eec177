package org.bellwether.machine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Read;
import org.bellwether.api.Step;

/// Which keys are looked up when something is performed: for whoever reads them into memory before.
public final class Touched {
    private Touched() {}

    /// By an entry that holds commands.
    ///
    /// @throws IllegalArgumentException if it does not
    public static List<Bytes> by(byte[] payload) {
        var entry = Payload.decode(payload);
        var keys = new ArrayList<>(entry.due());
        keys.addAll(by(entry.commands()));
        return keys;
    }

    static List<Bytes> by(List<Command> commands) {
        var keys = new ArrayList<Bytes>(commands.size());
        for (var command : commands)
            add(command, keys);
        return keys;
    }

    public static List<Bytes> by(Read.Plain read) {
        var keys = new ArrayList<Bytes>();
        add(read, keys);
        return keys;
    }

    private static void add(Command command, List<Bytes> keys) {
        switch (command) {
            case Command.Plain plain -> addPlain(plain, keys);
            case Command.Transaction(var watches, var steps) -> {
                for (var watch : watches)
                    keys.add(watch.key());
                for (var step : steps)
                    add(step, keys);
            }
            case Command.Change _ -> {
            }
        }
    }

    private static void add(Step step, List<Bytes> keys) {
        switch (step) {
            case Command.Plain plain -> addPlain(plain, keys);
            case Read.Get(var key) -> keys.add(key);
            case Read.GetMany(var some) -> keys.addAll(some);
            case Read.Count(var some) -> keys.addAll(new LinkedHashSet<>(some));
            case Read.Size() -> {
            }
        }
    }

    private static void addPlain(Command.Plain command, List<Bytes> keys) {
        switch (command) {
            case Command.Single single -> keys.add(single.key());
            case Command.Batch(var commands) -> {
                for (var single : commands)
                    keys.add(single.key());
            }
            case Command.Edit edit -> keys.add(edit.key());
            case Command.Expire expire -> keys.add(expire.key());
            case Command.Rename(var from, var to, var _) -> {
                keys.add(from);
                keys.add(to);
            }
            case Command.Copy(var from, var to, var _) -> {
                keys.add(from);
                keys.add(to);
            }
            case Command.Clear() -> {
            }
        }
    }
}
