package org.bellwether.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.bellwether.api.Address;
import org.bellwether.api.Consistency;
import org.bellwether.api.RespAddresses;
import org.jspecify.annotations.Nullable;
import org.bellwether.server.ServerConfig.Told;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a node tells others of where it is.
class ServerConfigTest {
    private static final Address ANY = new Address("0.0.0.0", 6401);
    private static final Address ANY_6 = new Address("::", 6411);
    private static final ServerConfig NONE = new ServerConfig(Path.of("nowhere"), null, null,
            true);

    private static ServerConfig listening(Address address, @Nullable Address advertised) {
        return NONE.withResp(address, advertised, Consistency.LINEARIZABLE, null);
    }

    @Test
    void whereItListens() throws StartException {
        var address = new Address("10.0.0.1", 6401);
        assertEquals(RespAddresses.standalone(address),
                listening(address, null).respAddresses(new Address("10.0.0.9", 1)));
    }

    @Test
    void orWhatItIsToldToSay() throws StartException {
        var elsewhere = new Address("example.org", 1);
        assertEquals(RespAddresses.standalone(elsewhere),
                listening(ANY, elsewhere).respAddresses(new Address("10.0.0.9", 1)));
    }

    /// Nobody reaches 0.0.0.0.
    @Test
    void orWhereOtherNodesReachIt_whenItListensEverywhere() throws StartException {
        var config = listening(ANY, null).withRespCluster(ANY_6, null, Consistency.LINEARIZABLE,
                null);
        assertEquals(new RespAddresses(new Address("10.0.0.9", 6401),
                new Address("10.0.0.9", 6411)),
                config.respAddresses(new Address("10.0.0.9", 7501)));
    }

    @Test
    void orItDoesNotStart() {
        var peer = new Address("0.0.0.0", 7501);
        var refused = assertThrows(StartException.class,
                () -> listening(ANY, null).respAddresses(peer));
        assertEquals("Redis clients cannot be told to come to 0.0.0.0:6401: say with"
                + " --advertise-resp HOST:PORT where they reach this node", refused.getMessage());
        var ofCluster = assertThrows(StartException.class,
                () -> NONE.withRespCluster(ANY_6, null, Consistency.LINEARIZABLE, null)
                        .respAddresses(peer));
        assertTrue(String.valueOf(ofCluster.getMessage()).contains("--advertise-resp-cluster"));
    }

    private static ServerConfig at(String host, @Nullable Address http, @Nullable Address peer) {
        return new ServerConfig(Path.of("nowhere"), new Address(host, 7401),
                new Address(host, 7501), true).withAdvertised(http, peer);
    }

    @Test
    void theListOfNodesSaysWhereItListens() throws StartException {
        assertEquals(new Told(new Address("10.0.0.1", 7401), new Address("10.0.0.1", 7501),
                RespAddresses.NONE), at("10.0.0.1", null, null).toldOfNew());
    }

    @Test
    void orWhatIsAdvertised_whichRedisClientsAreToldAsWell() throws StartException {
        var http = new Address("example.org", 1);
        var peer = new Address("peer.example.org", 2);
        var config = at("::", http, peer).withResp(ANY, null, Consistency.LINEARIZABLE, null);
        assertEquals(new Told(http, peer, RespAddresses.standalone(
                new Address("peer.example.org", 6401))), config.toldOfNew());
    }

    /// Each of the two needs its own.
    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "0"})
    void noListOfNodesSaysThatItIsEverywhere(String everywhere) {
        var elsewhere = new Address("example.org", 1);
        var http = assertThrows(StartException.class,
                () -> at(everywhere, null, elsewhere).toldOfNew());
        assertEquals("nobody reaches a node at " + new Address(everywhere, 7401)
                + ": say with --advertise-http HOST:PORT where others reach this one",
                http.getMessage());
        var peer = assertThrows(StartException.class,
                () -> at(everywhere, elsewhere, null).toldOfNew());
        assertTrue(String.valueOf(peer.getMessage()).contains("--advertise-peer"));
    }

    @Test
    void nobodyIsToldToComeWhereNobodyCan() {
        for (var nowhere : new Address[]{ANY, ANY_6, new Address("example.org", 0)}) {
            assertThrows(IllegalArgumentException.class, () -> at("10.0.0.1", nowhere, null));
            assertThrows(IllegalArgumentException.class, () -> at("10.0.0.1", null, nowhere));
        }
        var refused = assertThrows(IllegalArgumentException.class,
                () -> NONE.withAdvertised(null, new Address("example.org", 1)));
        assertEquals("--advertise-peer is for a node that listens elsewhere: say with --peer"
                + " where", refused.getMessage());
    }
}
