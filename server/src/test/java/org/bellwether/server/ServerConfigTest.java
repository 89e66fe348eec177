package org.bellwether.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.bellwether.api.Address;
import org.bellwether.api.Consistency;
import org.bellwether.api.RespAddresses;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a node tells Redis clients of where it is.
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
}
