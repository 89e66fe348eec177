package org.bellwether.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bellwether.api.RespAddresses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private static final ClusterId CLUSTER = new ClusterId(new UUID(-1, 1));

    private static Member member(int number, boolean voter) {
        return new Member(Cores.id(number), "n" + number, voter,
                new Address("127.0.0.1", 7500 + number),
                new Address("::1", 65_535));
    }

    private static Membership sample() {
        return new Membership(CLUSTER, List.of(member(3, false), member(1, true), member(2, true)));
    }

    @Test
    void itSurvivesTheRoundTrip() {
        assertEquals(sample(), Membership.decode(sample().encode()));
        assertEquals(List.of(Cores.id(1), Cores.id(2)), sample().voters());
    }

    /// Whether or not a program knows of Redis clients, it reads a list that has none.
    @Test
    void whereRedisClientsReachThemIsAVersionOfItsOwn() {
        var resp = new RespAddresses(new Address("10.0.0.1", 6401), new Address("::1", 6411));
        var with = sample().withAddresses(Cores.id(2), new Address("a", 1), new Address("b", 2),
                resp);
        assertEquals(with, Membership.decode(with.encode()));
        assertEquals(resp, with.members().get(1).resp());
        assertEquals(3, with.encode()[0]);
        assertEquals(2, sample().encode()[0]);
        byte[] whole = with.encode();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(IllegalArgumentException.class, () -> Membership.decode(cut));
        }
    }

    /// So a program that knows nothing of leases reads a list as long as there are none.
    @Test
    void thatLeaseReadsAreOnIsAVersionOfItsOwn() {
        var on = sample().withLeaseReads(true);
        assertEquals(on, Membership.decode(on.encode()));
        assertEquals(4, on.encode()[0]);
        assertEquals(sample(), on.withLeaseReads(false));
        assertEquals(2, on.withLeaseReads(false).encode()[0]);
        assertTrue(on.withVotersTarget(5).without(Cores.id(3)).withVoter(Cores.id(2), false)
                .leaseReads());
        byte[] whole = on.encode();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(IllegalArgumentException.class, () -> Membership.decode(cut));
        }
    }

    @Test
    void equalListsHaveEqualBytesWhateverTheOrder() {
        var members = new ArrayList<>(sample().members());
        Collections.reverse(members);
        assertArrayEquals(sample().encode(), new Membership(CLUSTER, members).encode());
    }

    @Test
    void cutOrOfAnotherVersionItIsRefused() {
        byte[] whole = sample().encode();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(IllegalArgumentException.class, () -> Membership.decode(cut));
        }
        byte[] longer = Arrays.copyOf(whole, whole.length + 1);
        assertThrows(IllegalArgumentException.class, () -> Membership.decode(longer));
        whole[0] = 9;
        var refused = assertThrows(IllegalArgumentException.class, () -> Membership.decode(whole));
        assertEquals("membership of version 9; this program reads versions 1 to 4",
                refused.getMessage());
    }

    @Test
    void aNodeIsListedOnce() {
        var twice = List.of(member(1, true), member(1, false));
        assertThrows(IllegalArgumentException.class, () -> new Membership(CLUSTER, twice));
    }
}
