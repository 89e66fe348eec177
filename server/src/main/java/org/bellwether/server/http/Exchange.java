package org.bellwether.server.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.function.Consumer;
import org.bellwether.api.Bytes;
import org.jspecify.annotations.Nullable;

/// One request, whole, and where its reply goes. [#reply] is called once, on the loop.
///
/// @param room asked before much work is put into a reply
record Exchange(HttpRequest head, Target target, Bytes body, Room room, Consumer<Reply> reply) {
    /// Where replies are held until they are taken.
    interface Room {
        /// What is to be answered instead of so many bytes, for which there is no room; null if there is.
        @Nullable
        Reply refusal(long bytes);
    }

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
