package org.bellwether.server.resp;

import java.util.ArrayList;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Expiry;
import org.jspecify.annotations.Nullable;

/// `SET` and the commands that are a part of it.
final class SetActions {
    private SetActions() {}

    /// The options of one `SET`, in any order.
    private static final class Options {
        private final Arguments arguments;
        private @Nullable Condition condition;
        private final ExpiryChoice end;
        private boolean givesBack;

        private Options(Arguments arguments) {
            this.arguments = arguments;
            this.end = new ExpiryChoice(arguments, "keepttl", Expiry.KEEP);
            int i = 3;
            while (i < arguments.count())
                i = option(i);
        }

        /// @return where the next one is
        private int option(int i) {
            if (arguments.is(i, "nx")) return condition(Condition.ABSENT, i);
            if (arguments.is(i, "xx")) return condition(Condition.EXISTS, i);
            boolean more = i + 1 < arguments.count();
            if (more && arguments.is(i, "ifeq"))
                return condition(new Condition.ValueIs(arguments.bytes(i + 1)), i + 1);
            if (more && arguments.is(i, "ifne"))
                return condition(new Condition.ValueIsNot(arguments.bytes(i + 1)), i + 1);
            if (arguments.is(i, "get")) {
                givesBack = true;
                return i + 1;
            }
            return end.take(i);
        }

        private int condition(Condition asked, int last) {
            if (condition != null && !condition.equals(asked)) throw CommandError.syntax();
            condition = asked;
            return last + 1;
        }
    }

    static Plan set(Session session, Arguments arguments) {
        var options = new Options(arguments);
        var expiry = options.end.expiry("set");
        var put = new Command.Put(arguments.bytes(1), arguments.bytes(2),
                options.condition == null ? Condition.ALWAYS : options.condition,
                expiry == null ? Expiry.NEVER : expiry, options.givesBack);
        return new Plan(put, options.givesBack ? Shapes.VALUE : Shapes.OK);
    }

    static Plan setnx(Session session, Arguments arguments) {
        return new Plan(new Command.Put(arguments.bytes(1), arguments.bytes(2), Condition.ABSENT),
                Shapes.DONE);
    }

    static Plan setex(Session session, Arguments arguments) {
        return lasting(arguments, ExpiryOption.SECONDS, "setex");
    }

    static Plan psetex(Session session, Arguments arguments) {
        return lasting(arguments, ExpiryOption.MILLIS, "psetex");
    }

    private static Plan lasting(Arguments arguments, ExpiryOption unit, String command) {
        var expiry = unit.ofNew(arguments.get(2), command);
        return new Plan(new Command.Put(arguments.bytes(1), arguments.bytes(3), Condition.ALWAYS,
                expiry, false), Shapes.OK);
    }

    static Plan getset(Session session, Arguments arguments) {
        return new Plan(new Command.Put(arguments.bytes(1), arguments.bytes(2), Condition.ALWAYS,
                Expiry.NEVER, true), Shapes.VALUE);
    }

    static Plan mset(Session session, Arguments arguments) {
        return new Plan(puts(arguments, Condition.ALWAYS, "mset"), Shapes.OK);
    }

    static Plan msetnx(Session session, Arguments arguments) {
        return new Plan(puts(arguments, Condition.ABSENT, "msetnx"), Shapes.DONE);
    }

    private static Command.Batch puts(Arguments arguments, Condition condition, String command) {
        if (arguments.count() % 2 == 0) throw CommandError.wrongNumber(command);
        var puts = new ArrayList<Command.Single>(arguments.count() / 2);
        for (int i = 1; i < arguments.count(); i += 2)
            puts.add(new Command.Put(arguments.bytes(i), arguments.bytes(i + 1), condition));
        return new Command.Batch(puts);
    }

    // The other way.

    static Plan getdel(Session session, Arguments arguments) {
        return new Plan(new Command.Delete(arguments.bytes(1), Condition.ALWAYS, true),
                Shapes.VALUE);
    }

    static Plan delifeq(Session session, Arguments arguments) {
        return new Plan(new Command.Delete(arguments.bytes(1),
                new Condition.ValueIs(arguments.bytes(2))), Shapes.DONE);
    }

    static Plan delex(Session session, Arguments arguments) {
        var condition = Condition.ALWAYS;
        if (arguments.count() > 2) {
            if (arguments.count() != 4) throw CommandError.wrongNumber("delex");
            condition = comparison(arguments, arguments.bytes(3));
        }
        return new Plan(new Command.Delete(arguments.bytes(1), condition), Shapes.DONE);
    }

    private static Condition comparison(Arguments arguments, Bytes value) {
        if (arguments.is(2, "ifeq")) return new Condition.ValueIs(value);
        if (arguments.is(2, "ifne")) return new Condition.ValueIsNot(value);
        throw new CommandError("ERR Invalid condition. Use IFEQ or IFNE");
    }
}
