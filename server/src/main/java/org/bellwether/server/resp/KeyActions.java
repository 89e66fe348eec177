package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Command;
import org.bellwether.api.Read;
import org.bellwether.api.Result;

/// What the commands on keys do, spelled in the commands and reads of the api.
final class KeyActions {
    private static final Shape DELETED = (result, out) -> out.integer(switch (result) {
        case Result.Batch(var results) -> deleted(results);
        default -> deleted(List.of(result));
    });
    private static final Shape FOUND = (result, out) -> {
        int found = 0;
        for (var each : ((Result.Batch) result).results()) {
            if (each instanceof Result.Found) found++;
        }
        out.integer(found);
    };
    private static final Shape TYPE = (result, out) -> out.simpleString(
            result instanceof Result.Found ? "string" : "none");

    private KeyActions() {}

    private static int deleted(List<Result> results) {
        int deleted = 0;
        for (var each : results) {
            if (each instanceof Result.Deleted(var existed) && existed) deleted++;
        }
        return deleted;
    }

    static void del(Call call) {
        var arguments = call.arguments();
        if (arguments.count() == 2) {
            call.write(new Command.Delete(arguments.bytes(1)), DELETED);
            return;
        }
        var deletes = new ArrayList<Command.Single>(arguments.count() - 1);
        for (int i = 1; i < arguments.count(); i++)
            deletes.add(new Command.Delete(arguments.bytes(i)));
        call.write(new Command.Batch(deletes), DELETED);
    }

    /// A key that is named twice counts twice.
    static void exists(Call call) {
        call.readAll(StringActions.gets(call.arguments()), FOUND);
    }

    static void type(Call call) {
        call.read(new Read.Get(call.arguments().bytes(1)), TYPE);
    }
}
