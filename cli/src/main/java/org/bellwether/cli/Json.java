package org.bellwether.cli;

import io.avaje.json.JsonDataException;
import io.avaje.jsonb.Jsonb;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Reads what nodes say, without trusting that it is what we expect.
final class Json {
    private static final Jsonb JSON = Jsonb.builder().build();

    private Json() {}

    /// @throws Failure if this is no JSON object
    static Map<?, ?> object(byte[] text) {
        try {
            if (JSON.type(Object.class).fromJson(text) instanceof Map<?, ?> fields) return fields;
        } catch (JsonDataException | IllegalStateException garbled) {
            throw new Failure(Exit.UNAVAILABLE,
                    "not the answer of a Bellwether node: " + garbled.getMessage());
        }
        throw new Failure(Exit.UNAVAILABLE, "not the answer of a Bellwether node");
    }

    /// The text of a field, empty if it is absent or null.
    static String text(Map<?, ?> fields, String name) {
        return Objects.toString(fields.get(name), "");
    }

    /// A number, or -1 if there is none by this name.
    static long number(Map<?, ?> fields, String name) {
        return fields.get(name) instanceof Number number ? number.longValue() : -1;
    }

    /// The texts in a list field; empty if it is none.
    static List<String> texts(Map<?, ?> fields, String name) {
        var found = new java.util.ArrayList<String>();
        if (fields.get(name) instanceof List<?> list) {
            for (var each : list) {
                if (each instanceof String text) found.add(text);
            }
        }
        return found;
    }

    /// The objects in a list field; empty if it is none.
    static List<Map<?, ?>> objects(Map<?, ?> fields, String name) {
        var found = new java.util.ArrayList<Map<?, ?>>();
        if (fields.get(name) instanceof List<?> list) {
            for (var each : list) {
                if (each instanceof Map<?, ?> object) found.add(object);
            }
        }
        return found;
    }
}
