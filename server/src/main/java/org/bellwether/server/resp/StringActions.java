package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Read;
import org.bellwether.api.Result;

/// What the commands on values do, spelled in the commands and reads of the api.
final class StringActions {
    private static final Shape OK = (_, out) -> out.ok();
    private static final Shape VALUE = StringActions::value;
    private static final Shape VALUES = (result, out) -> {
        var values = ((Result.Batch) result).results();
        out.array(values.size());
        for (var value : values)
            value(value, out);
    };
    private static final Shape LENGTH = (result, out) -> out.integer(
            result instanceof Result.Found(var found) ? found.value().length() : 0);

    /// 1 if it was done, 0 if its condition did not hold.
    private enum Done implements Shape {
        SHAPE;

        @Override
        public void applied(Result result, RespWriter out) {
            out.integer(1);
        }

        @Override
        public void conditionFailed(RespWriter out) {
            out.integer(0);
        }
    }

    private StringActions() {}

    private static void value(Result result, RespWriter out) {
        if (result instanceof Result.Found(var found)) {
            out.bulkString(found.value());
        } else {
            out.nullBulkString();
        }
    }

    static void get(Call call) {
        call.read(new Read.Get(call.arguments().bytes(1)), VALUE);
    }

    static void mget(Call call) {
        call.readAll(gets(call.arguments()), VALUES);
    }

    /// Of all arguments.
    static List<Read.Get> gets(Arguments arguments) {
        var gets = new ArrayList<Read.Get>(arguments.count() - 1);
        for (int i = 1; i < arguments.count(); i++)
            gets.add(new Read.Get(arguments.bytes(i)));
        return gets;
    }

    static void strlen(Call call) {
        call.read(new Read.Get(call.arguments().bytes(1)), LENGTH);
    }

    static void getrange(Call call) {
        long start = WholeNumber.parse(call.arguments().get(2));
        long end = WholeNumber.parse(call.arguments().get(3));
        call.read(new Read.Get(call.arguments().bytes(1)), (result, out) -> out.bulkString(
                result instanceof Result.Found(var found)
                        ? part(found.value(), start, end)
                        : Bytes.EMPTY));
    }

    /// Both ends belong to it; below zero they count from the end.
    private static Bytes part(Bytes whole, long start, long end) {
        long length = whole.length();
        long first = Math.max(0, start < 0 ? length + start : start);
        long last = Math.min(length - 1, Math.max(0, end < 0 ? length + end : end));
        boolean backwards = start < 0 && end < 0 && start > end;
        if (backwards || first > last) return Bytes.EMPTY;
        var part = new byte[(int) (last - first) + 1];
        System.arraycopy(whole.array(), (int) first, part, 0, part.length);
        return Bytes.wrap(part);
    }

    /// Options that change what is stored or answered otherwise than by a condition are a syntax error, as in
    /// a Redis that is older than they are: a value that was to expire and stays would be a false success.
    static void set(Call call) {
        var arguments = call.arguments();
        var condition = Condition.ALWAYS;
        for (int i = 3; i < arguments.count(); i++) {
            if (!condition.equals(Condition.ALWAYS)) throw CommandError.syntax();
            if (arguments.is(i, "nx")) {
                condition = Condition.ABSENT;
            } else if (arguments.is(i, "xx")) {
                condition = Condition.EXISTS;
            } else {
                throw CommandError.syntax();
            }
        }
        call.write(new Command.Put(arguments.bytes(1), arguments.bytes(2), condition), OK);
    }

    static void setnx(Call call) {
        call.write(new Command.Put(call.arguments().bytes(1), call.arguments().bytes(2),
                Condition.ABSENT), Done.SHAPE);
    }

    static void mset(Call call) {
        call.write(puts(call.arguments(), Condition.ALWAYS, "mset"), OK);
    }

    static void msetnx(Call call) {
        call.write(puts(call.arguments(), Condition.ABSENT, "msetnx"), Done.SHAPE);
    }

    private static Command.Batch puts(Arguments arguments, Condition condition, String name) {
        if (arguments.count() % 2 == 0) throw CommandError.wrongNumber(name);
        var puts = new ArrayList<Command.Single>(arguments.count() / 2);
        for (int i = 1; i < arguments.count(); i += 2)
            puts.add(new Command.Put(arguments.bytes(i), arguments.bytes(i + 1), condition));
        return new Command.Batch(puts);
    }
}
