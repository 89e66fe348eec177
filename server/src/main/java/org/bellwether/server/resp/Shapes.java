package org.bellwether.server.resp;

import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Result;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// Replies that more than one command gives.
enum Shapes implements Shape {
    OK {
        @Override
        public void applied(Result result, RespWriter out) {
            out.ok();
        }
    },
    /// 1 if it was done, 0 if its condition did not hold, or if there was nothing to do it to.
    DONE {
        @Override
        public void applied(Result result, RespWriter out) {
            boolean done = switch (result) {
                case Result.Deleted(boolean existed) -> existed;
                case Result.Timed(boolean was) -> was;
                default -> true;
            };
            out.integer(done ? 1 : 0);
        }

        @Override
        public void conditionFailed(@Nullable Versioned current, RespWriter out) {
            out.integer(0);
        }
    },
    /// What the key held, or holds; also if the command's condition did not hold.
    VALUE {
        @Override
        public void applied(Result result, RespWriter out) {
            write(value(result), out);
        }

        @Override
        public long valueBytesMax(Limits limits) {
            return limits.valueBytesMax();
        }

        @Override
        public void conditionFailed(@Nullable Versioned current, RespWriter out) {
            write(current, out);
        }
    },
    /// One for each of several keys.
    VALUES {
        @Override
        public void applied(Result result, RespWriter out) {
            var values = ((Result.Batch) result).results();
            out.array(values.size());
            for (var value : values)
                write(value(value), out);
        }
    },
    /// A sum, a length, a count.
    NUMBER {
        @Override
        public void applied(Result result, RespWriter out) {
            out.integer(((Result.Amount) result).value());
        }
    };

    /// What a read found, or a command found before it.
    static @Nullable Versioned value(Result result) {
        return switch (result) {
            case Result.Found(var found) -> found;
            case Result.Before(var before) -> before;
            default -> null;
        };
    }

    /// That there is something, and when it came, but not what.
    static Versioned withoutValue(Versioned found) {
        return new Versioned(Bytes.EMPTY, found.created(), found.modified(), found.version(),
                found.expires());
    }

    static void write(@Nullable Versioned value, RespWriter out) {
        if (value == null) {
            out.nullBulkString();
        } else {
            out.bulkString(value.value());
        }
    }

    static Bytes bytes(Result result) {
        var value = value(result);
        return value == null ? Bytes.EMPTY : value.value();
    }
}
