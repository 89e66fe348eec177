package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeySlotTest {
    private static int slot(String key) {
        return KeySlot.of(key.getBytes(ISO_8859_1));
    }

    /// "The following is the expected output for the given input" — Redis Cluster specification, appendix A.
    @Test
    void theCheckValueOfTheSpecification() {
        assertEquals(0x31c3, KeySlot.crc16("123456789".getBytes(ISO_8859_1), 0, 9));
    }

    @ParameterizedTest
    @CsvSource({"'', 0", "foo, 12182", "bar, 5061", "hello, 866", "somekey, 11058",
            "123456789, 12739", "user1000, 3443", "foo{hash_tag}, 2515", "hash_tag, 2515"})
    void slotsThatRedisGives(String key, int slot) {
        assertEquals(slot, slot(key));
    }

    /// The examples of the specification, "Hash tags".
    @Test
    void onlyTheFirstTagCounts() {
        assertEquals(slot("user1000"), slot("{user1000}.following"));
        assertEquals(slot("user1000"), slot("{user1000}.followers"));
        assertEquals(slot("{bar"), slot("foo{{bar}}zap"));
        assertEquals(slot("bar"), slot("foo{bar}{zap}"));
    }

    @Test
    void anEmptyOrUnclosedTagIsNone() {
        byte[] key = "foo{}{bar}".getBytes(ISO_8859_1);
        assertEquals(KeySlot.crc16(key, 0, key.length) % KeySlot.COUNT, KeySlot.of(key));
        assertEquals(8363, slot("foo{}{bar}"));
        assertEquals(slot("a"), slot("}{a}"));
        byte[] open = "foo{bar".getBytes(ISO_8859_1);
        assertEquals(KeySlot.crc16(open, 0, open.length) % KeySlot.COUNT, KeySlot.of(open));
    }

    @Test
    void bytesAreUnsigned() {
        assertEquals(7915, slot("\u00ff\u0000\u0080"));
    }
}
