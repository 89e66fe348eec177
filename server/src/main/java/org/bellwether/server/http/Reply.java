package org.bellwether.server.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A response before it has its common headers.
final class Reply {
    private static final byte[] NOTHING = {};

    final HttpResponseStatus status;
    final AsciiString contentType;
    final byte[] body;
    final @Nullable Stream stream;
    final List<CharSequence> headers = new ArrayList<>(6);

    Reply(HttpResponseStatus status, AsciiString contentType, byte[] body) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.stream = null;
    }

    /// A body that comes piece by piece, of unknown length.
    interface Stream {
        /// @param bytes  told the next piece, on the loop; null after the last
        /// @param failed told instead that there will be no more
        void next(Consumer<? super byte @Nullable []> bytes, Consumer<String> failed);

        /// Nobody will ask for more.
        void close();
    }

    Reply(HttpResponseStatus status, AsciiString contentType, Stream stream) {
        this.status = status;
        this.contentType = contentType;
        this.body = NOTHING;
        this.stream = stream;
    }

    Reply with(CharSequence name, CharSequence value) {
        headers.add(name);
        headers.add(value);
        return this;
    }
}
