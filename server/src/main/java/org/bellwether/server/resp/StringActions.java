package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bellwether.api.Amendment;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.Command.Expire.When;
import org.bellwether.api.Expiry;
import org.bellwether.api.Read;
import org.bellwether.api.Result;

/// What the commands that read a value or make a new one of it do, spelled in the commands and reads of the api.
final class StringActions {
    private static final Shape LENGTH = (result, out) -> out
            .integer(Shapes.bytes(result).length());
    private static final Shape DIGITS = (result, out) -> out
            .bulkString(((Result.Text) result).digits());

    private StringActions() {}

    // Reading.

    static Plan get(Session session, Arguments arguments) {
        return new Plan(new Read.Get(arguments.bytes(1)), Shapes.VALUE);
    }

    static Plan mget(Session session, Arguments arguments) {
        return new Plan(new Read.GetMany(keys(arguments)), Shapes.VALUES);
    }

    /// All arguments.
    static List<Bytes> keys(Arguments arguments) {
        var keys = new ArrayList<Bytes>(arguments.count() - 1);
        for (int i = 1; i < arguments.count(); i++)
            keys.add(arguments.bytes(i));
        return keys;
    }

    static Plan strlen(Session session, Arguments arguments) {
        return new Plan(new Read.Get(arguments.bytes(1)), LENGTH);
    }

    static Plan getrange(Session session, Arguments arguments) {
        long start = WholeNumber.parse(arguments.get(2));
        long end = WholeNumber.parse(arguments.get(3));
        return new Plan(new Read.Get(arguments.bytes(1)), (result, out) -> out
                .bulkString(part(Shapes.bytes(result), start, end)));
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

    /// Without an option it is [#get].
    static Plan getex(Session session, Arguments arguments) {
        var key = arguments.bytes(1);
        var end = new ExpiryChoice(arguments, "persist", Expiry.NEVER);
        int i = 2;
        while (i < arguments.count())
            i = end.take(i);
        var expiry = Objects.requireNonNull(end.expiry("getex"), "there is an option");
        return new Plan(new Command.Expire(key, expiry, When.ALWAYS, true), Shapes.VALUE);
    }

    // Making a new one.

    static Plan incr(Session session, Arguments arguments) {
        return sum(arguments, 1);
    }

    static Plan decr(Session session, Arguments arguments) {
        return sum(arguments, -1);
    }

    static Plan incrby(Session session, Arguments arguments) {
        return sum(arguments, WholeNumber.parse(arguments.get(2)));
    }

    static Plan decrby(Session session, Arguments arguments) {
        long number = WholeNumber.parse(arguments.get(2));
        // There is no such number above zero.
        if (number == Long.MIN_VALUE) throw new CommandError("ERR decrement would overflow");
        return sum(arguments, -number);
    }

    private static Plan sum(Arguments arguments, long number) {
        return edit(arguments, new Amendment.Add(number), Shapes.NUMBER);
    }

    static Plan incrbyfloat(Session session, Arguments arguments) {
        return edit(arguments, new Amendment.AddDecimal(arguments.bytes(2)), DIGITS);
    }

    static Plan append(Session session, Arguments arguments) {
        return edit(arguments, new Amendment.Append(arguments.bytes(2)), Shapes.NUMBER);
    }

    static Plan setrange(Session session, Arguments arguments) {
        long offset = WholeNumber.parse(arguments.get(2));
        if (offset < 0) throw new CommandError("ERR offset is out of range");
        var bytes = arguments.bytes(3);
        long length = offset + bytes.length();
        int most = session.server().store().limits().valueBytesMax();
        if (!bytes.isEmpty() && (length < 0 || length > most)) {
            throw new CommandError("ERR string exceeds maximum allowed size (" + most + " bytes)");
        }
        return edit(arguments, new Amendment.Overwrite((int) Math.min(offset, most), bytes),
                Shapes.NUMBER);
    }

    private static Plan edit(Arguments arguments, Amendment how, Shape shape) {
        return new Plan(new Command.Edit(arguments.bytes(1), how), shape);
    }
}
