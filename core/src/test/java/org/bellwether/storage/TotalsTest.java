package org.bellwether.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.junit.jupiter.api.Test;

class TotalsTest {
    private static final Bytes KEY = Bytes.utf8("key");

    private static Versioned row(String value, long created, long modified, long version) {
        return new Versioned(Bytes.utf8(value), new Revision(created), new Revision(modified),
                version);
    }

    private static Totals of(Bytes key, Versioned value) {
        var sum = new Totals.Sum();
        sum.add(key, value);
        return sum.totals();
    }

    @Test
    void whateverTheWayTheSameRowsComeToTheSame() {
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        var rows = new TreeMap<Bytes, Versioned>();
        var rolling = new Totals.Sum();
        for (int i = 1; i <= 5_000; i++) {
            var key = Bytes.utf8("k" + random.nextInt(200));
            var next = random.nextInt(3) == 0 ? null : row("v" + random.nextInt(), i, i, i);
            var before = next == null ? rows.remove(key) : rows.put(key, next);
            if (before != null) rolling.remove(key, before);
            if (next != null) rolling.add(key, next);
        }
        var anew = new Totals.Sum();
        rows.descendingMap().forEach(anew::add);
        assertEquals(anew.totals(), rolling.totals(), "seed " + seed);
        rows.forEach(rolling::remove);
        assertEquals(Totals.NONE, rolling.totals(), "seed " + seed);
    }

    @Test
    void everyPartOfARowCounts() {
        var all = new HashSet<Totals>();
        all.add(of(KEY, row("value", 1, 2, 3)));
        all.add(of(KEY, row("other", 1, 2, 3)));
        all.add(of(KEY, row("value", 2, 2, 3)));
        all.add(of(KEY, row("value", 1, 3, 3)));
        all.add(of(KEY, row("value", 1, 2, 4)));
        all.add(of(Bytes.utf8("keyv"), row("alue", 1, 2, 3)));
        all.add(of(Bytes.EMPTY, row("keyvalue", 1, 2, 3)));
        all.add(of(KEY, row("value", 2, 1, 3)));
        assertEquals(8, all.size());
    }

    @Test
    void twoRowsWithExchangedValuesAreSeen() {
        var other = Bytes.utf8("other");
        var straight = new Totals.Sum();
        straight.add(KEY, row("a", 1, 1, 1));
        straight.add(other, row("b", 1, 1, 1));
        var crossed = new Totals.Sum();
        crossed.add(KEY, row("b", 1, 1, 1));
        crossed.add(other, row("a", 1, 1, 1));
        assertNotEquals(straight.totals(), crossed.totals());
    }

    @Test
    void everyFlippedBitOfAValueIsSeen() {
        var value = new byte[64];
        var whole = of(KEY, new Versioned(Bytes.wrap(value.clone()), Revision.NONE, Revision.NONE,
                1));
        for (int bit = 0; bit < value.length * 8; bit++) {
            var flipped = value.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            var odd = of(KEY, new Versioned(Bytes.wrap(flipped), Revision.NONE, Revision.NONE, 1));
            assertTrue(odd.digest() != whole.digest(), "bit " + bit);
        }
    }
}
