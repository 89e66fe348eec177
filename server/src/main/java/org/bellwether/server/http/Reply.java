package org.bellwether.server.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/// A response before it has its common headers.
final class Reply {
    final HttpResponseStatus status;
    final AsciiString contentType;
    final byte[] body;
    final List<CharSequence> headers = new ArrayList<>(6);

    Reply(HttpResponseStatus status, AsciiString contentType, byte[] body) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
    }

    Reply with(CharSequence name, CharSequence value) {
        headers.add(name);
        headers.add(value);
        return this;
    }
}
