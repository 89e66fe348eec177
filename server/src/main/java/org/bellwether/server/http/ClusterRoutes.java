package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.avaje.json.JsonWriter;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.Locale;
import org.bellwether.api.Bytes;
import org.bellwether.api.ClusterEvent;
import org.bellwether.api.CatchUp;
import org.bellwether.api.ClusterView;
import org.bellwether.api.ClusterView.Trouble;
import org.bellwether.api.KeyValueStore;
import org.jspecify.annotations.Nullable;

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
        routes.row(HttpMethod.GET, "/v1/cluster", this::cluster);
        routes.rowWithParameters(HttpMethod.GET, "/v1/cluster/events", this::events);
        routes.rowWithParameters(HttpMethod.GET, "/livez", this::live);
        routes.rowWithParameters(HttpMethod.GET, "/readyz", this::ready);
        routes.rowWithParameters(HttpMethod.GET, "/healthz", this::ready);
        routes.row(HttpMethod.GET, "/version", this::version);
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

    private void live(Exchange exchange) {
        readProbe(exchange);
        exchange.answer(ok("ok\n"));
    }

    /// Who probes others asks them for the reason with this; here it is always told.
    private static void readProbe(Exchange exchange) {
        var given = new Parameters(exchange);
        given.take("verbose");
        given.refuse();
    }

    private void ready(Exchange exchange) {
        readProbe(exchange);
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
            json.name("lease_reads");
            json.value(view.leaseReads());
            json.name("members");
            json.beginArray();
            for (var peer : view.members())
                member(json, view, peer);
            json.endArray();
            json.name("warnings");
            json.beginArray();
            for (var warning : view.warnings())
                json.value(warning);
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
        var resp = member.resp();
        if (resp.standalone() != null) {
            json.name("resp");
            json.value(resp.standalone().toString());
        }
        if (resp.cluster() != null) {
            json.name("resp_cluster");
            json.value(resp.cluster().toString());
        }
        json.endObject();
        json.name("applied_index");
        json.value(peer.appliedIndex());
        json.name("lag");
        json.value(peer.lag());
        json.name("lag_bytes");
        if (peer.lagBytes() < 0) {
            json.nullValue();
        } else {
            json.value(peer.lagBytes());
        }
        millis(json, "lag_ms", peer.sinceLevel());
        millis(json, "heard_ms", peer.sinceHeard());
        catchUp(json, peer.catchUp());
        json.name("troubles");
        json.beginArray();
        for (var trouble : Trouble.values()) {
            if (peer.troubles().contains(trouble))
                json.value(trouble.name().toLowerCase(Locale.ROOT));
        }
        json.endArray();
        json.endObject();
    }

    private static void catchUp(JsonWriter json, @Nullable CatchUp catchUp) {
        json.name("catch_up");
        if (catchUp == null) {
            json.nullValue();
            return;
        }
        json.beginObject();
        json.name("percent");
        json.value(Math.round(catchUp.share() * 1000) / 10.0);
        json.name("bytes_per_second");
        json.value(catchUp.bytesPerSecond());
        millis(json, "left_ms", catchUp.left());
        json.endObject();
    }

    private static void millis(JsonWriter json, String name, @Nullable Duration duration) {
        json.name(name);
        if (duration == null) {
            json.nullValue();
        } else {
            json.value(duration.toMillis());
        }
    }

    private void events(Exchange exchange) {
        var given = new Parameters(exchange);
        long after = number("after", given.take("after"));
        given.end(store);
        // What is known last comes as `next` even if it is older: whoever asks has missed a start of this node.
        var known = store.events(0);
        long last = known.isEmpty() ? 0 : known.getLast().number();
        exchange.answer(new Reply(HttpResponseStatus.OK, JSON, Json.object(json -> {
            json.serializeNulls(true);
            json.name("events");
            json.beginArray();
            for (var event : store.events(after))
                event(json, event);
            json.endArray();
            json.name("next");
            json.value(last);
        })));
    }

    private static void event(JsonWriter json, ClusterEvent event) {
        json.beginObject();
        json.name("number");
        json.value(event.number());
        json.name("time");
        if (event.time() == null) {
            json.nullValue();
        } else {
            json.value(event.time().toString());
        }
        json.name("kind");
        json.value(event.kind().name().toLowerCase(Locale.ROOT));
        json.name("node");
        if (event.node() == null) {
            json.nullValue();
        } else {
            json.value(event.node().toString());
        }
        json.name("term");
        json.value(event.term());
        json.name("index");
        json.value(event.index());
        json.name("text");
        json.value(event.text());
        json.endObject();
    }

    private static long number(String name, @Nullable String text) {
        if (text == null) return 0;
        try {
            long number = Long.parseLong(text);
            if (number >= 0) return number;
        } catch (NumberFormatException none) {
            // falls through to the one message
        }
        throw BadRequest.of(name + " is a number, 0 or more, got '" + Bytes.utf8(text) + "'");
    }
}
