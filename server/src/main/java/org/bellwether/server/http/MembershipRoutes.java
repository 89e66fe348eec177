package org.bellwether.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.avaje.json.JsonWriter;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.Base64;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.api.KeyValueStore;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.api.Result;

/// Changes of the list of nodes, and of who leads. Any node takes them; like writes they are made by the
/// leader. A node is named by its ID or by its short name.
final class MembershipRoutes {
    private static final AsciiString JSON = AsciiString.cached("application/json");
    private static final String MEMBERS = "/v1/cluster/members/";

    private final KeyValueStore store;

    MembershipRoutes(KeyValueStore store) {
        this.store = store;
    }

    void addTo(Routes routes) {
        routes.rowWithParameters(HttpMethod.POST, "/v1/cluster/join", this::join);
        routes.rowWithParameters(HttpMethod.DELETE, MEMBERS, this::remove);
        routes.rowWithParameters(HttpMethod.POST, "/v1/cluster/transfer", this::transfer);
        routes.rowWithParameters(HttpMethod.PUT, "/v1/cluster/voters", this::voters);
        routes.rowWithParameters(HttpMethod.PUT, "/v1/cluster/lease", this::lease);
    }

    private void join(Exchange exchange) {
        var given = new Parameters(exchange);
        var name = given.take("name");
        var join = new Command.Join(uuid(given.need("nonce")), name == null ? "" : name,
                address("peer", given.need("peer")), address("http", given.need("http")));
        store.write(join, given.end(store).timeout(), outcome -> exchange.answer(
                outcome instanceof Outcome.Applied(Result.Joined joined, var _)
                        ? joined(joined)
                        : Problem.of(outcome)));
    }

    private static Reply joined(Result.Joined joined) {
        return new Reply(HttpResponseStatus.OK, JSON, Json.object(json -> {
            json.name("node_id");
            json.value(joined.node().toString());
            json.name("cluster_id");
            json.value(joined.cluster().toString());
            json.name("bootstrap_b64");
            json.value(Base64.getEncoder().encodeToString(joined.bootstrap().array()));
            json.name("members");
            json.beginArray();
            for (var member : joined.members())
                member(json, member);
            json.endArray();
        }));
    }

    private static void member(JsonWriter json, Member member) {
        json.beginObject();
        json.name("id");
        json.value(member.id().toString());
        json.name("name");
        json.value(member.name());
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
        json.endObject();
    }

    private void remove(Exchange exchange) {
        var given = new Parameters(exchange);
        var name = new String(exchange.target().keyAfter(MEMBERS).array(), UTF_8);
        done(exchange, new Command.Remove(node(name)), given);
    }

    private void transfer(Exchange exchange) {
        var given = new Parameters(exchange);
        var to = given.take("to");
        done(exchange, new Command.Transfer(to == null ? null : node(to)), given);
    }

    private void voters(Exchange exchange) {
        var given = new Parameters(exchange);
        var target = given.need("target");
        try {
            done(exchange, new Command.SetVoters(Integer.parseInt(target)), given);
        } catch (NumberFormatException none) {
            throw BadRequest.of("target is a number of voters, got '" + Bytes.utf8(target) + "'");
        }
    }

    private void lease(Exchange exchange) {
        var given = new Parameters(exchange);
        boolean on = switch (given.need("reads")) {
            case "on" -> true;
            case "off" -> false;
            case String other ->
                throw BadRequest.of("reads is on or off, got '" + Bytes.utf8(other) + "'");
        };
        done(exchange, new Command.SetLeaseReads(on), given);
    }

    private void done(Exchange exchange, Command.Change change, Parameters given) {
        store.write(change, given.end(store).timeout(),
                outcome -> exchange.answer(outcome instanceof Outcome.Applied
                        ? new Reply(HttpResponseStatus.OK, JSON, "{\"done\":true}".getBytes(UTF_8))
                        : Problem.of(outcome)));
    }

    private NodeId node(String nameOrId) {
        for (var peer : store.cluster().members()) {
            if (peer.member().name().equals(nameOrId)) return peer.member().id();
        }
        try {
            return NodeId.parse(nameOrId);
        } catch (IllegalArgumentException neither) {
            throw BadRequest.of("'" + Bytes.utf8(nameOrId)
                    + "' is neither the name nor the ID of a node");
        }
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException none) {
            throw BadRequest.of("nonce is a UUID, got '" + Bytes.utf8(text) + "'");
        }
    }

    private static Address address(String what, String text) {
        Address address;
        try {
            address = Address.parse(text);
        } catch (IllegalArgumentException none) {
            throw BadRequest.of(what + " is HOST:PORT: " + none.getMessage());
        }
        // There nobody can be reached.
        if (address.port() == 0) throw BadRequest.of(what + " is HOST:PORT, and port 0 is none");
        return address;
    }
}
