package org.bellwether.server.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.function.Consumer;
import org.bellwether.api.Bytes;

/// One request, whole, and where its reply goes. [#reply] is called once, on the loop.
record Exchange(HttpRequest head, Target target, Bytes body, Consumer<Reply> reply) {
    HttpMethod method() {
        return head.method();
    }

    HttpHeaders headers() {
        return head.headers();
    }

    void answer(Reply with) {
        reply.accept(with);
    }
}
