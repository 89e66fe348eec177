package org.bellwether.server.resp;

import org.bellwether.api.Bytes;
import org.bellwether.api.Read;
import org.bellwether.api.Versioned;

/// What clients ask of how a value is kept. It is kept otherwise here than in Redis; the answers are what Redis would
/// say of a value that was just set.
final class ObjectActions {
    /// Up to so many bytes Redis keeps beside the value's header.
    private static final int EMBEDDED_BYTES_MAX = 44;
    /// Of a row beside key and value, on disk and in the block cache: revisions, lengths, its part of the index.
    private static final int ROW_BYTES = 48;

    private ObjectActions() {}

    @FunctionalInterface
    private interface Answer {
        void give(Versioned value, RespWriter out);
    }

    static Plan encoding(Session session, Arguments arguments) {
        return about(arguments, (value, out) -> out.bulkString(encoding(value.value())));
    }

    private static String encoding(Bytes value) {
        if (value.length() > EMBEDDED_BYTES_MAX) return "raw";
        try {
            WholeNumber.parse(value.array());
            return "int";
        } catch (CommandError text) {
            return "embstr";
        }
    }

    static Plan refcount(Session session, Arguments arguments) {
        return about(arguments, (_, out) -> out.integer(1));
    }

    /// When a key was last asked for is not kept: that would be a write for every read.
    static Plan idletime(Session session, Arguments arguments) {
        return about(arguments, (_, out) -> out.integer(0));
    }

    static Plan freq(Session session, Arguments arguments) {
        return about(arguments, (_, out) -> out.error("ERR An LFU maxmemory policy is not"
                + " selected, access frequency not tracked. Please note that when switching"
                + " between policies at runtime LRU and LFU data will take some time to adjust."));
    }

    private static Plan about(Arguments arguments, Answer answer) {
        return new Plan(new Read.Get(arguments.bytes(2)), (result, out) -> {
            var value = Shapes.value(result);
            if (value == null) {
                out.nullBulkString();
            } else {
                answer.give(value, out);
            }
        });
    }

    static Plan memoryUsage(Session session, Arguments arguments) {
        boolean sampled = arguments.count() == 5 && arguments.is(3, "samples");
        if (arguments.count() != 3 && !sampled) throw CommandError.syntax();
        if (sampled && WholeNumber.parse(arguments.get(4)) < 0) throw CommandError.syntax();
        long key = arguments.bytes(2).length();
        return about(arguments, (value, out) -> out
                .integer(key + value.value().length() + ROW_BYTES));
    }
}
