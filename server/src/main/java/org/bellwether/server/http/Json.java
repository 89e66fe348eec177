package org.bellwether.server.http;

import io.avaje.json.JsonWriter;
import io.avaje.json.stream.JsonStream;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/// Writes one JSON object.
final class Json {
    private static final JsonStream STREAM = JsonStream.builder().build();

    private Json() {}

    static byte[] object(Consumer<JsonWriter> fields) {
        var bytes = new ByteArrayOutputStream(256);
        try (var writer = STREAM.writer(bytes)) {
            writer.beginObject();
            fields.accept(writer);
            writer.endObject();
        }
        return bytes.toByteArray();
    }
}
