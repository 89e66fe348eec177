package org.bellwether.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Consumer;

/// The route table: one row for each method and path. A row either names one path or everything below a
/// prefix. Whatever takes GET takes HEAD, which the connection answers without the body (RFC 9110 §9.3.2).
final class Routes {
    private final List<Row> rows = new ArrayList<>();

    /// @param takesParameters whether the handler looks at them, and refuses those it does not know
    private record Row(HttpMethod method, String path, boolean takesParameters,
            Consumer<Exchange> handler) {
        boolean covers(String asked) {
            return path.endsWith("/") ? asked.startsWith(path) : asked.equals(path);
        }
    }

    /// Takes no parameters: any is refused here.
    Routes row(HttpMethod method, String path, Consumer<Exchange> handler) {
        return add(method, path, false, handler);
    }

    Routes rowWithParameters(HttpMethod method, String path, Consumer<Exchange> handler) {
        return add(method, path, true, handler);
    }

    private Routes add(HttpMethod method, String path, boolean takesParameters,
            Consumer<Exchange> handler) {
        rows.add(new Row(method, path, takesParameters, handler));
        if (method.equals(HttpMethod.GET))
            rows.add(new Row(HttpMethod.HEAD, path, takesParameters, handler));
        return this;
    }

    void dispatch(Exchange exchange) {
        var allowed = new StringJoiner(", ");
        String path = exchange.target().path();
        for (var row : rows) {
            if (!row.covers(path)) continue;
            if (row.method.equals(exchange.method())) {
                if (!row.takesParameters) new Parameters(exchange).refuse();
                row.handler.accept(exchange);
                return;
            }
            allowed.add(row.method.name());
        }
        if (allowed.length() == 0) {
            exchange.answer(Problem.of(HttpResponseStatus.NOT_FOUND, "no_such_route",
                    "there is nothing at this path; see /v1/kv/{key} and /v1/cluster"));
        } else {
            exchange.answer(Problem.of(HttpResponseStatus.METHOD_NOT_ALLOWED, "method_not_allowed",
                    "this path takes " + allowed).with(HttpHeaderNames.ALLOW, allowed.toString()));
        }
    }
}
