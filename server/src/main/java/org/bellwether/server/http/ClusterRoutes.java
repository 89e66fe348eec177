package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.avaje.json.JsonWriter;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.List;
import org.bellwether.api.ClusterView;
import org.bellwether.api.KeyValueStore;

/// The list of all nodes, and whether this one lives and is ready.
final class ClusterRoutes {
    private static final AsciiString JSON = AsciiString.cached("application/json");

    private final KeyValueStore store;
    private final String version;

    ClusterRoutes(KeyValueStore store, String version) {
        this.store = store;
        this.version = version;
    }

    void addTo(Routes routes) {
        for (var method : List.of(HttpMethod.GET, HttpMethod.HEAD)) {
            routes.row(method, "/v1/cluster", this::cluster);
            routes.row(method, "/livez", exchange -> exchange.answer(ok("ok\n")));
            routes.row(method, "/readyz", this::ready);
            routes.row(method, "/healthz", this::ready);
            routes.row(method, "/version", this::version);
        }
    }

    private void version(Exchange exchange) {
        exchange.answer(new Reply(HttpResponseStatus.OK, JSON, Json.object(json -> {
            json.name("version");
            json.value(version);
        })));
    }

    private static Reply ok(String text) {
        return new Reply(HttpResponseStatus.OK, HttpHeaderValues.TEXT_PLAIN, text.getBytes(UTF_8));
    }

    private void ready(Exchange exchange) {
        var not = store.node().notReady();
        exchange.answer(not == null
                ? ok("ready\n")
                : Problem.notReady(not));
    }

    private void cluster(Exchange exchange) {
        var view = store.cluster();
        exchange.answer(new Reply(HttpResponseStatus.OK, JSON, Json.object(json -> {
            json.serializeNulls(true);
            json.name("cluster_id");
            json.value(view.id().toString());
            json.name("term");
            json.value(view.term());
            json.name("leader");
            if (view.leader() == null) {
                json.nullValue();
            } else {
                json.value(view.leader().toString());
            }
            json.name("voters_target");
            json.value(view.votersTarget());
            json.name("members");
            json.beginArray();
            for (var peer : view.members())
                member(json, view, peer);
            json.endArray();
        })));
    }

    private static void member(JsonWriter json, ClusterView view, ClusterView.Peer peer) {
        var member = peer.member();
        json.beginObject();
        json.name("id");
        json.value(member.id().toString());
        json.name("name");
        json.value(member.name());
        json.name("role");
        json.value(member.id().equals(view.leader()) ? "leader" : "replica");
        json.name("voter");
        json.value(member.voter());
        json.name("addresses");
        json.beginObject();
        json.name("http");
        json.value(member.http().toString());
        json.name("peer");
        json.value(member.peer().toString());
        json.endObject();
        json.name("applied_index");
        json.value(peer.appliedIndex());
        json.name("lag");
        json.value(peer.lag());
        json.name("heard_ms");
        if (peer.sinceHeard() == null) {
            json.nullValue();
        } else {
            json.value(peer.sinceHeard().toMillis());
        }
        json.endObject();
    }
}
