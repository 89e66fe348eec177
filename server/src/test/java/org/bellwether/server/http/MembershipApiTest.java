package org.bellwether.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.bellwether.api.Address;
import org.bellwether.raft.Membership;
import org.bellwether.server.Bootstrap;
import org.bellwether.server.Bootstrap.Founder;
import org.bellwether.server.Server;
import org.bellwether.server.ServerConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Changes of the list of nodes as docs/http.md describes them: three real nodes that talk to each other and to
/// us over real sockets. Newcomers are let in here and never start.
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MembershipApiTest {
    private static final Jsonb JSON = Jsonb.builder().build();

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .build();
    private final AtomicInteger unique = new AtomicInteger();
    private final List<Server> servers = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        servers.addAll(cluster(dir, 3));
        awaitLeader();
    }

    @AfterAll
    void stop() {
        servers.forEach(Server::close);
        client.close();
    }

    private static List<Server> cluster(Path dir, int nodes) throws Exception {
        int port = freePorts(2 * nodes);
        var founders = new ArrayList<Founder>();
        for (int i = 1; i <= nodes; i++) {
            founders.add(new Founder(dir.resolve("n" + i), "n" + i,
                    new Address("127.0.0.1", port++), new Address("127.0.0.1", port++)));
        }
        Bootstrap.found(founders);
        var started = new ArrayList<Server>();
        for (var founder : founders) {
            started.add(Server.start(new ServerConfig(founder.dir(), null, null, false), why -> {
                throw new AssertionError(why);
            }));
        }
        return started;
    }

    /// Below those that the kernel gives to outgoing connections.
    private static int freePorts(int count) {
        var random = new SplittableRandom();
        while (true) {
            int first = random.nextInt(12_000, 31_000);
            boolean free = true;
            for (int port = first; free && port < first + count; port++)
                free = isFree(port);
            if (free) return first;
        }
    }

    private static boolean isFree(int port) {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    // Join.

    @Test
    void askingTwiceWithOneNonceJoinsOnce_onWhicheverNode() throws Exception {
        for (var first : new Server[]{leader(), replica()}) {
            int before = members(first).size();
            var target = join("twice" + before, UUID.randomUUID().toString());
            var once = ask(first, "POST", target);
            assertEquals(200, once.statusCode(), once::body);
            var joined = object(once);
            for (var asked : servers) {
                var again = ask(asked, "POST", target);
                assertEquals(200, again.statusCode(), again::body);
                assertEquals(joined.get("node_id"), object(again).get("node_id"));
            }
            assertEquals(before + 1, list(joined, "members").size());
            assertEquals(object(ask(first, "GET", "/v1/cluster")).get("cluster_id"),
                    joined.get("cluster_id"));
            var bootstrap = Membership.decode(
                    Base64.getDecoder().decode(String.valueOf(joined.get("bootstrap_b64"))));
            assertEquals(3, bootstrap.members().size());
            var itself = Objects.requireNonNull(member(first, "twice" + before));
            assertEquals(joined.get("node_id"), itself.get("id"));
            assertEquals(false, itself.get("voter"));
        }
    }

    @Test
    void whoeverHasNoNameIsGivenOne() throws Exception {
        var answer = ask(replica(), "POST", join("", UUID.randomUUID().toString()));
        assertEquals(200, answer.statusCode(), answer::body);
        var id = String.valueOf(object(answer).get("node_id"));
        await("the name to be listed", () -> members(leader()).stream()
                .anyMatch(member -> id.equals(member.get("id"))
                        && String.valueOf(member.get("name")).matches("n\\d+")));
    }

    @Test
    void aPlaceOrNameThatIsTakenIsAConflict() throws Exception {
        for (var asked : new Server[]{leader(), replica()}) {
            for (var taken : servers) {
                var place = ask(asked, "POST", "/v1/cluster/join?nonce=" + UUID.randomUUID()
                        + "&peer=" + taken.self().peer() + "&http=127.0.0.1:9");
                assertProblem(409, "conflict", "is heard", place);
                var name = ask(asked, "POST",
                        join(taken.self().name(), UUID.randomUUID().toString()));
                assertProblem(409, "conflict",
                        "there is a node named " + taken.self().name() + " already", name);
            }
        }
    }

    @Test
    void aMalformedWishToJoinIsExplained() throws Exception {
        var nonce = "nonce=" + UUID.randomUUID();
        var rest = "&peer=127.0.0.1:8&http=127.0.0.1:9";
        for (var row : new String[][]{{rest.substring(1), "'nonce' is missing"},
                {"nonce=" + rest, "'nonce' is missing"}, {"nonce=17" + rest, "nonce is a UUID"},
                {nonce + "&http=127.0.0.1:9", "'peer' is missing"},
                {nonce + "&peer=127.0.0.1:8", "'http' is missing"},
                {nonce + "&peer=8&http=127.0.0.1:9", "peer is HOST:PORT"},
                {nonce + "&peer=127.0.0.1:8&http=x:99999", "http is HOST:PORT"},
                {nonce + "&peer=:8&http=127.0.0.1:9", "peer is HOST:PORT"},
                {nonce + "&peer=127.0.0.1:0&http=127.0.0.1:9", "port 0 is none"},
                {nonce + "&peer=%00:7&http=127.0.0.1:9", "peer is HOST:PORT"},
                {nonce + "&peer=a%20b:7&http=127.0.0.1:9", "peer is HOST:PORT"},
                {nonce + "&peer=127.0.0.1:8&http=a%0d%0ab:2", "http is HOST:PORT"},
                {nonce + "&peer=127.0.0.1:8&http=http://127.0.0.1:21", "http is HOST:PORT"},
                {nonce + "&peer=127.0.0.1:8&http=" + "h".repeat(300) + ":1",
                        "a host of 300 characters is over the limit of 253"},
                {nonce + rest + "&name=a%20b", "printable ASCII without spaces"},
                {nonce + rest + "&name=%C3%A4", "printable ASCII without spaces"},
                {nonce + rest + "&name=" + "n".repeat(65), "at most 64 characters"},
                {nonce + rest + "&voter=true", "unknown query parameter 'voter'"},
                {nonce + rest + "&key=k", "there is no key here"},
                {nonce + rest + "&timeout=5", "timeout is like"}}) {
            for (var asked : new Server[]{leader(), replica()})
                assertProblem(400, "bad_request", row[1],
                        ask(asked, "POST", "/v1/cluster/join?" + row[0]));
        }
        assertEquals("POST", ask(leader(), "GET", "/v1/cluster/join").headers()
                .firstValue("Allow").orElse(""));
    }

    @Test
    void thereIsALimitOfNodes_andTheLastVoterStays(@TempDir Path dir) throws Exception {
        try (var only = cluster(dir, 1).getFirst()) {
            await("a leader", () -> ask(only, "GET", "/readyz").statusCode() == 200);
            assertProblem(409, "conflict", "it is the only voter",
                    ask(only, "DELETE", "/v1/cluster/members/n1"));
            for (int nodes = 2; nodes <= 64; nodes++) {
                var answer = ask(only, "POST", join("", UUID.randomUUID().toString()));
                assertEquals(200, answer.statusCode(), answer::body);
            }
            assertProblem(409, "conflict", "64 nodes already",
                    ask(only, "POST", join("", UUID.randomUUID().toString())));
            assertEquals(200, ask(only, "DELETE", "/v1/cluster/members/n64").statusCode());
            assertEquals(200, ask(only, "POST", join("", UUID.randomUUID().toString()))
                    .statusCode());
        }
    }

    // Remove.

    @Test
    void aNodeIsRemovedByNameOrById() throws Exception {
        for (var asked : new Server[]{leader(), replica()}) {
            for (boolean byName : new boolean[]{true, false}) {
                var name = "gone" + unique.incrementAndGet();
                var id = String.valueOf(object(ask(asked, "POST",
                        join(name, UUID.randomUUID().toString()))).get("node_id"));
                await("it to be listed", () -> member(asked, name) != null);
                var target = "/v1/cluster/members/" + (byName ? name : id);
                var removed = ask(asked, "DELETE", target);
                assertEquals(200, removed.statusCode(), removed::body);
                assertEquals("{\"done\":true}", removed.body());
                await("it to be gone", () -> member(asked, name) == null);
                // Removed is removed, however often one asks; its name means nothing any more.
                assertEquals(200, ask(asked, "DELETE", "/v1/cluster/members/" + id).statusCode());
                assertProblem(400, "bad_request", "neither the name nor the ID",
                        ask(asked, "DELETE", "/v1/cluster/members/" + name));
            }
        }
    }

    @Test
    void aStrangerIsNotRemoved() throws Exception {
        for (var asked : new Server[]{leader(), replica()}) {
            assertProblem(409, "conflict", "is not one of",
                    ask(asked, "DELETE", "/v1/cluster/members/" + UUID.randomUUID()));
            assertProblem(400, "bad_request", "'nobody' is neither the name nor the ID",
                    ask(asked, "DELETE", "/v1/cluster/members/nobody"));
            assertProblem(400, "bad_request", "neither",
                    ask(asked, "DELETE", "/v1/cluster/members/"));
            assertProblem(400, "bad_request", "unknown query parameter 'force'",
                    ask(asked, "DELETE", "/v1/cluster/members/n1?force=true"));
        }
        assertTrue(servers.stream().allMatch(server -> members(leader()).stream()
                .anyMatch(member -> server.self().name().equals(member.get("name")))));
    }

    // Leadership.

    @Test
    void leadershipGoesWhereItIsAsked_askedOfAnyNode() throws Exception {
        for (boolean atLeader : new boolean[]{true, false}) {
            var to = replica();
            var asked = atLeader ? leader() : to;
            var answer = ask(asked, "POST", "/v1/cluster/transfer?to="
                    + (atLeader ? to.self().name() : to.self().id().toString()));
            assertEquals(200, answer.statusCode(), answer::body);
            assertEquals(to.self().name(), leader().self().name());
        }
        var old = leader();
        var anywhere = ask(replica(), "POST", "/v1/cluster/transfer");
        assertEquals(200, anywhere.statusCode(), anywhere::body);
        assertNotEquals(old.self().name(), leader().self().name());
        assertEquals(200, ask(replica(), "POST",
                "/v1/cluster/transfer?to=" + leader().self().name()).statusCode(), "it does");
    }

    @Test
    void leadershipDoesNotGoToWhoCannotLead() throws Exception {
        for (var asked : new Server[]{leader(), replica()}) {
            assertProblem(400, "bad_request", "neither the name nor the ID",
                    ask(asked, "POST", "/v1/cluster/transfer?to=nobody"));
            assertProblem(409, "conflict", "no such voter is heard",
                    ask(asked, "POST", "/v1/cluster/transfer?to=" + UUID.randomUUID()));
        }
    }

    // Voters.

    @Test
    void theWantedNumberOfVotersIsSetAndShown() throws Exception {
        for (var asked : new Server[]{leader(), replica()}) {
            for (int target : new int[]{4, 9, 3}) {
                var answer = ask(asked, "PUT", "/v1/cluster/voters?target=" + target);
                assertEquals(200, answer.statusCode(), answer::body);
                for (var server : servers) {
                    await("all to know", () -> number(object(ask(server, "GET", "/v1/cluster")),
                            "voters_target") == target);
                }
            }
        }
    }

    @Test
    void leaseReadsAreSwitchedAndShown() throws Exception {
        for (var asked : new Server[]{leader(), replica()}) {
            for (boolean on : new boolean[]{true, false}) {
                // Until the rules that all nodes know are in effect, it is refused.
                await("the switch", () -> ask(asked, "PUT",
                        "/v1/cluster/lease?reads=" + (on ? "on" : "off")).statusCode() == 200);
                for (var server : servers) {
                    await("all to know", () -> Boolean.valueOf(on).equals(
                            object(ask(server, "GET", "/v1/cluster")).get("lease_reads")));
                    var read = ask(server, "GET", "/v1/kv/nothing?consistency=lease");
                    assertEquals("lease",
                            read.headers().firstValue("KV-Consistency").orElse(""));
                }
            }
            assertProblem(400, "bad_request", "reads is on or off, got 'yes'",
                    ask(asked, "PUT", "/v1/cluster/lease?reads=yes"));
            assertProblem(400, "bad_request", "'reads' is missing",
                    ask(asked, "PUT", "/v1/cluster/lease"));
        }
    }

    @Test
    void aNumberOfVotersThatMakesNoSenseIsRefused() throws Exception {
        for (var asked : new Server[]{leader(), replica()}) {
            for (int target : new int[]{0, -1, 10})
                assertProblem(400, "bad_request",
                        "a cluster strives for 1 to 9 voters, not for " + target,
                        ask(asked, "PUT", "/v1/cluster/voters?target=" + target));
            assertProblem(400, "bad_request", "target is a number of voters, got 'three'",
                    ask(asked, "PUT", "/v1/cluster/voters?target=three"));
            assertProblem(400, "bad_request", "'target' is missing",
                    ask(asked, "PUT", "/v1/cluster/voters"));
        }
    }

    // Health and events.

    @Test
    void theListOfNodesTellsHowTheyAre() throws Exception {
        for (var asked : new Server[]{leader(), replica()}) {
            await("all to be heard and level once", () -> members(asked).stream()
                    .filter(member -> Boolean.TRUE.equals(member.get("voter")))
                    .allMatch(member -> number(member, "heard_ms") >= 0
                            && number(member, "lag_ms") >= 0 && number(member, "lag") >= 0));
            assertEquals(List.of(), object(ask(asked, "GET", "/v1/cluster")).get("warnings"));
        }
        var name = "never" + unique.incrementAndGet();
        ask(leader(), "POST", join(name, UUID.randomUUID().toString()));
        var never = Objects.requireNonNull(member(leader(), name));
        assertTrue(number(never, "lag") > 0);
        assertEquals(-1, number(never, "lag_ms"), "it was never level");
    }

    @Test
    void whatHappenedIsToldByNumber() throws Exception {
        var all = object(ask(leader(), "GET", "/v1/cluster/events"));
        long next = number(all, "next");
        assertTrue(next > 0);
        assertTrue(list(all, "events").stream()
                .anyMatch(event -> "leader_elected".equals(event.get("kind"))));

        var name = "told" + unique.incrementAndGet();
        var joined = object(ask(leader(), "POST", join(name, UUID.randomUUID().toString())));
        var since = object(ask(leader(), "GET", "/v1/cluster/events?after=" + next));
        var event = list(since, "events").stream().filter(
                each -> String.valueOf(each.get("text")).startsWith(name + " joined"))
                .findFirst().orElseThrow();
        assertEquals("node_joined", event.get("kind"));
        assertEquals(joined.get("node_id"), event.get("node"));
        assertTrue(number(event, "number") > next);
        assertTrue(number(event, "index") > 1 && number(event, "term") >= 1);
        assertFalse(Instant.parse(String.valueOf(event.get("time"))).isAfter(Instant.now()));

        var none = object(ask(leader(), "GET", "/v1/cluster/events?after=999999"));
        assertEquals(List.of(), none.get("events"));
        assertTrue(number(none, "next") < 999_999);
        for (var bad : new String[]{"x", "-1", "", "99999999999999999999"})
            assertProblem(400, "bad_request", "after is a number",
                    ask(leader(), "GET", "/v1/cluster/events?after=" + bad));
        assertProblem(400, "bad_request", "unknown query parameter 'before'",
                ask(leader(), "GET", "/v1/cluster/events?before=3"));
    }

    // Asking.

    private String join(String name, String nonce) {
        int port = unique.addAndGet(2);
        return "/v1/cluster/join?nonce=" + nonce + "&name=" + name + "&peer=127.0.0.1:" + port
                + "&http=127.0.0.1:" + (port + 1);
    }

    private HttpResponse<String> ask(Server server, String method, String target) {
        var request = HttpRequest.newBuilder(URI.create("http://" + server.self().http() + target))
                .timeout(TestServer.HANG).method(method, BodyPublishers.noBody()).build();
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException broken) {
            throw new AssertionError(broken);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new AssertionError(ended);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        TestServer.await(what, condition);
    }

    /// The node that all of them take for the leader.
    private Server leader() {
        awaitLeader();
        return servers.stream().filter(this::leads).findFirst().orElseThrow();
    }

    private Server replica() {
        awaitLeader();
        return servers.stream().filter(server -> !leads(server)).findFirst().orElseThrow();
    }

    private void awaitLeader() {
        await("one leader for all", () -> servers.stream()
                .map(server -> ask(server, "GET", "/readyz").headers().firstValue("KV-Leader"))
                .distinct().count() == 1 && servers.stream().anyMatch(this::leads));
    }

    private boolean leads(Server server) {
        var ready = ask(server, "GET", "/readyz");
        return ready.statusCode() == 200
                && ready.headers().firstValue("KV-Role").orElse("").equals("leader");
    }

    private List<Map<?, ?>> members(Server server) {
        return list(object(ask(server, "GET", "/v1/cluster")), "members");
    }

    private @Nullable Map<?, ?> member(Server server, String name) {
        return members(server).stream().filter(member -> name.equals(member.get("name")))
                .findFirst().orElse(null);
    }

    private static Map<?, ?> object(HttpResponse<String> response) {
        assertEquals(200, response.statusCode(), response::body);
        return (Map<?, ?>) JSON.type(Object.class).fromJson(response.body());
    }

    private static List<Map<?, ?>> list(Map<?, ?> fields, String name) {
        var found = new ArrayList<Map<?, ?>>();
        for (var each : (List<?>) Objects.requireNonNull(fields.get(name)))
            found.add((Map<?, ?>) Objects.requireNonNull(each));
        return found;
    }

    private static long number(Map<?, ?> fields, String name) {
        return fields.get(name) instanceof Number number ? number.longValue() : -1;
    }

    private static void assertProblem(int status, String code, String text,
            HttpResponse<String> response) {
        assertEquals(status, response.statusCode(), response::body);
        assertEquals("application/problem+json",
                response.headers().firstValue("Content-Type").orElse(""));
        assertTrue(response.body().contains("\"code\":\"" + code + '"'), response.body());
        assertTrue(response.body().contains(text), response.body());
    }
}
