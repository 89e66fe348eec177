package org.bellwether.simulation.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bellwether.simulation.history.RevisionOrder.Claim;
import org.junit.jupiter.api.Test;

class RevisionOrderTest {
    private final List<Claim> claims = new ArrayList<>();
    private long request;

    @Test
    void oneStoryIsLegal() {
        wrote("a", 1, 2, 1, 10);
        wrote("b", 3, 4, 2, 20);
        saw("a", 5, 6, 2, 1, 10);
        wrote("a", 7, 8, 3, 0);
        saw("a", 9, 10, 3, 0, 0);
        assertEquals(Verdict.OK, check());
    }

    @Test
    void oneRevisionMadeTwiceIsConvicted() {
        wrote("a", 1, 2, 1, 10);
        wrote("b", 1, 4, 1, 20);
        convictedFor("both made revision 1");
    }

    @Test
    void readThatMissesAWriteIsConvicted() {
        wrote("a", 1, 2, 1, 10);
        wrote("a", 3, 4, 2, 11);
        saw("a", 5, 6, 2, 1, 10);
        convictedFor("not the latest write");
    }

    @Test
    void absenceAfterAWriteIsConvicted() {
        wrote("a", 1, 2, 1, 10);
        saw("a", 3, 4, 5, 0, 0);
        convictedFor("absent although");
    }

    @Test
    void absenceMayComeFromAnUnknownDelete() {
        wrote("a", 1, 2, 1, 10);
        saw("a", 3, 4, 5, 0, 0);
        assertEquals(Verdict.OK, RevisionOrder.check(claims, Set.of("a")));
    }

    @Test
    void revisionsRespectRealTime() {
        wrote("a", 1, 2, 5, 10);
        wrote("b", 3, 4, 4, 20);
        convictedFor("back in time");
    }

    @Test
    void readsRespectRealTime() {
        wrote("a", 1, 2, 1, 10);
        wrote("b", 1, 2, 2, 20);
        saw("a", 3, 4, 1, 1, 10);
        convictedFor("back in time");
    }

    @Test
    void twoValuesOfOneRevisionAreConvicted() {
        saw("a", 1, 2, 5, 5, 10);
        saw("a", 1, 2, 6, 5, 11);
        convictedFor("two values");
    }

    private void wrote(String key, long called, long returned, long at, int value) {
        claims.add(new Claim(++request, key, called, returned, true, at, at, value, true));
    }

    private void saw(String key, long called, long returned, long at, long modified, int value) {
        claims.add(new Claim(++request, key, called, returned, false, at, modified, value, true));
    }

    private Verdict check() {
        return RevisionOrder.check(claims, Set.of());
    }

    private void convictedFor(String what) {
        var verdict = assertInstanceOf(Verdict.Illegal.class, check());
        assertTrue(verdict.why().contains(what), verdict.why());
    }
}
