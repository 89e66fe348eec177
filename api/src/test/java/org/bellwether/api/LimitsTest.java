package org.bellwether.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Collections;
import java.util.List;
import org.bellwether.api.Command.Batch;
import org.bellwether.api.Command.Clear;
import org.bellwether.api.Command.Copy;
import org.bellwether.api.Command.Delete;
import org.bellwether.api.Command.Edit;
import org.bellwether.api.Command.Expire;
import org.bellwether.api.Command.Expire.When;
import org.bellwether.api.Command.Put;
import org.bellwether.api.Command.Rename;
import org.bellwether.api.Command.Transaction;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final Limits LIMITS = Limits.DEFAULT;
    private static final int MANY = LIMITS.batchCommandsMax();
    private static final Bytes K = Bytes.utf8("k");

    private static Bytes bytes(int length) {
        return Bytes.wrap(new byte[length]);
    }

    private static String refusal(Command command) {
        return String.valueOf(LIMITS.check(command));
    }

    @Test
    void whatIsWithinTheLimitsPasses() {
        assertNull(LIMITS.check(new Put(bytes(8192), bytes(1 << 20))));
        assertNull(LIMITS.check(new Put(K, Bytes.EMPTY)));
        assertNull(LIMITS.check(new Delete(K)));
        assertNull(LIMITS.check(new Batch(Collections.nCopies(MANY, new Delete(K)))));
        assertNull(LIMITS.check(new Read.Get(K)));
    }

    @Test
    void whatIsOverALimitIsToldWhichAndByHowMuch() {
        assertEquals("key of 8193 bytes is over the limit of 8192",
                refusal(new Delete(bytes(8193))));
        assertEquals("value of 1048577 bytes is over the limit of 1048576",
                refusal(new Put(K, bytes((1 << 20) + 1))));
        assertEquals("batch of " + (MANY + 1) + " commands is over the limit of " + MANY,
                refusal(new Batch(Collections.nCopies(MANY + 1, new Delete(K)))));
        assertEquals("batch of 3145731 bytes is over the limit of 2097152",
                refusal(new Batch(Collections.nCopies(3, new Put(K, bytes(1 << 20))))));
        assertEquals("key of 8193 bytes is over the limit of 8192",
                String.valueOf(LIMITS.check(new Read.Get(bytes(8193)))));
    }

    @Test
    void everyCommandIsHeldToTheLimits() {
        var big = bytes((1 << 20) + 1);
        var max = Limits.EXPIRY_MILLIS_MAX;
        var plain = Condition.ALWAYS;
        for (var command : List.of(new Edit(bytes(8193), new Amendment.Add(1)),
                new Edit(K, new Amendment.Append(big)),
                new Edit(K, new Amendment.AddDecimal(big)),
                new Edit(K, new Amendment.Overwrite(1 << 20, K)),
                new Put(K, bytes(1 << 20), new Condition.ValueIs(bytes(1 << 20))),
                new Expire(bytes(8193), Expiry.NEVER, When.ALWAYS),
                new Rename(K, bytes(8193), true),
                new Copy(bytes(8193), K, true),
                new Transaction(List.of(), Collections.nCopies(MANY + 1, new Read.Get(K))),
                new Transaction(Collections.nCopies(MANY + 1, new Watch(K, Revision.NONE)),
                        List.of(new Clear())),
                new Transaction(List.of(), Collections.nCopies(2, new Batch(
                        Collections.nCopies(MANY, new Delete(K))))),
                new Transaction(List.of(), Collections.nCopies(3, new Put(K, bytes(1 << 20)))))) {
            assertInstanceOf(Refusal.OverLimit.class, LIMITS.check(command), command::toString);
        }
        for (var command : List.of(new Edit(K, new Amendment.Overwrite(-1, K)),
                new Put(K, K, plain, new Expiry.In(max + 1), false),
                new Expire(K, new Expiry.At(-max - 1), When.ALWAYS),
                new Transaction(List.of(), List.of()),
                new Batch(List.of(new Put(K, K, plain, Expiry.NEVER, true))),
                new Batch(List.of(new Delete(K, plain, true))))) {
            assertInstanceOf(Refusal.Malformed.class, LIMITS.check(command), command::toString);
        }
        for (var command : List.of(new Edit(K, new Amendment.Overwrite(Integer.MAX_VALUE,
                Bytes.EMPTY)), new Put(K, K, plain, new Expiry.At(-max), true), new Clear(),
                new Transaction(Collections.nCopies(MANY, new Watch(K, Revision.NONE)),
                        Collections.nCopies(MANY, new Put(K, K))))) {
            assertNull(LIMITS.check(command), command::toString);
        }
    }

    @Test
    void readsAreHeldToTheLimits() {
        assertNull(LIMITS.check(new Read.Size()));
        assertNull(LIMITS.check(new Read.Scan(null, 1000)));
        assertNull(LIMITS.check(new Read.GetMany(Collections.nCopies(Limits.READ_KEYS_MAX, K))));
        assertInstanceOf(Refusal.OverLimit.class, LIMITS.check(new Read.Scan(K, 1001)));
        assertInstanceOf(Refusal.Malformed.class, LIMITS.check(new Read.Scan(K, 0)));
        assertInstanceOf(Refusal.OverLimit.class,
                LIMITS.check(new Read.Count(Collections.nCopies(Limits.READ_KEYS_MAX + 1, K))));
        assertInstanceOf(Refusal.Malformed.class, LIMITS.check(new Read.GetMany(List.of())));
    }

    /// Or it could not be told so: past the limits of the protocol the connection ends.
    @Test
    void whatIsALittleOverALimitFitsIntoARedisRequest() {
        assertEquals(2 * LIMITS.valueBytesMax(), LIMITS.respArgumentBytesMax());
        assertEquals(2 * LIMITS.batchBytesMax(), LIMITS.respRequestBytesMax());
    }

    @Test
    void emptyKeysAndEmptyBatchesMakeNoSense() {
        assertInstanceOf(Refusal.Malformed.class, LIMITS.check(new Put(Bytes.EMPTY, K)));
        assertInstanceOf(Refusal.Malformed.class, LIMITS.check(new Read.Get(Bytes.EMPTY)));
        assertInstanceOf(Refusal.Malformed.class, LIMITS.check(new Batch(List.of())));
        assertInstanceOf(Refusal.Malformed.class,
                LIMITS.check(new Batch(List.of(new Delete(Bytes.EMPTY)))));
    }

    @Test
    void addressesAreReadWithTheirBrackets() {
        assertEquals(new Address("::1", 7401), Address.parse("[::1]:7401"));
        assertEquals("[::1]:7401", new Address("::1", 7401).toString());
        assertEquals(new Address("host", 1), Address.parse("host:1"));
        assertEquals(new Address("fe80::1%eth0", 1), Address.parse("[fe80::1%eth0]:1"));
        assertEquals(new Address("a_b-c.d", 1), Address.parse("a_b-c.d:1"));
        for (var wrong : new String[]{"", "host", "host:", ":1", "host:65536", "host:-1",
                "host:x", "::1:7401", "[::1:7401", "[]:1", "[host]:1", "a b:1", "a\r\nb:1", "\0:1",
                "http://host:1", "h".repeat(254) + ":1"}) {
            assertThrows(IllegalArgumentException.class, () -> Address.parse(wrong), wrong);
        }
    }

    @Test
    void bytesCompareUnsignedAndPrintHarmlessly() {
        assertEquals(-1,
                Integer.signum(Bytes.wrap(new byte[]{127}).compareTo(Bytes.wrap(new byte[]{-1}))));
        assertEquals(Bytes.utf8("a"), Bytes.wrap(new byte[]{'a'}));
        assertEquals("a\\x0a\\x1b\\x5c\\xff",
                Bytes.wrap(new byte[]{'a', 10, 27, '\\', -1}).toString());
    }

    @Test
    void nodeIdsSortByTheirTime() {
        var earlier = NodeId.parse("01a206c8-98c3-74cc-bd6e-7f4a47e902cb");
        var later = NodeId.parse("f1a206c8-98c3-74cc-bd6e-7f4a47e902cb");
        assertEquals(-1, Integer.signum(earlier.compareTo(later)),
                "unsigned, also beyond the year 6429");
        assertEquals(earlier, NodeId.parse(earlier.toString()));
    }
}
