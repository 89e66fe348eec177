package org.bellwether.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.UUID;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Position;
import org.bellwether.storage.Totals;
import org.bellwether.transport.PeerMessage.Marked;
import org.bellwether.transport.PeerMessage.Verdict;
import org.junit.jupiter.api.Test;

/// Who decides what is right: a majority of the voters, and nobody else.
class JuryTest {
    private static final NodeId A = id(1);
    private static final NodeId B = id(2);
    private static final NodeId C = id(3);
    private static final NodeId LEARNER = id(4);
    private static final List<NodeId> VOTERS = List.of(A, B, C);
    private static final Totals RIGHT = new Totals(10, 1);
    private static final Totals WRONG = new Totals(10, 2);
    private static final Totals WRONG_TOO = new Totals(11, 1);

    private final Jury jury = new Jury();

    private static NodeId id(int number) {
        return new NodeId(new UUID(1, number));
    }

    private static Position at(long index) {
        return new Position(3, index);
    }

    private void says(NodeId node, long index, Totals totals) {
        jury.heard(node, new Marked(at(index), totals));
    }

    @Test
    void twoOfThreeDecideWhoeverSpokeFirst() {
        says(A, 5, WRONG);
        assertNull(jury.verdict(VOTERS, 0), "one word is no majority, be it the leader's");
        says(B, 5, RIGHT);
        assertNull(jury.verdict(VOTERS, 0));
        says(C, 5, RIGHT);
        var verdict = new Verdict(at(5), RIGHT);
        assertEquals(verdict, jury.verdict(VOTERS, 0));
        assertEquals(List.of(A), jury.odd(verdict));
        assertTrue(jury.agrees(B, verdict));
        assertFalse(jury.agrees(A, verdict));
        assertFalse(jury.agrees(LEARNER, verdict), "who has said nothing agrees with nobody");
    }

    @Test
    void aLeaderWithoutAWordOfItsOwnPassesNoVerdictOn() {
        says(B, 5, RIGHT);
        says(C, 5, RIGHT);
        var verdict = new Verdict(at(5), RIGHT);
        assertEquals(verdict, jury.verdict(VOTERS, 0));
        assertFalse(jury.isForTelling(A, verdict), "it may be as odd as whoever would ask it");
        says(A, 5, WRONG);
        assertFalse(jury.isForTelling(A, verdict));
        assertTrue(jury.isForTelling(B, verdict));
        assertTrue(jury.isForTelling(A, new Verdict(at(5), null)), "an alarm repairs nobody");
    }

    @Test
    void aLearnerHasNoWordAndIsJudged() {
        says(A, 5, RIGHT);
        says(LEARNER, 5, RIGHT);
        assertNull(jury.verdict(VOTERS, 0));
        says(B, 5, RIGHT);
        says(LEARNER, 5, WRONG);
        assertEquals(List.of(LEARNER), jury.odd(new Verdict(at(5), RIGHT)));
    }

    @Test
    void whereAllHaveSpokenAndNoMajorityAgreesNobodyIsRight() {
        says(A, 5, RIGHT);
        says(B, 5, WRONG);
        assertNull(jury.verdict(VOTERS, 0), "the third may still decide");
        says(C, 5, WRONG_TOO);
        var verdict = new Verdict(at(5), null);
        assertEquals(verdict, jury.verdict(VOTERS, 0));
        assertEquals(List.of(), jury.odd(verdict));
        assertFalse(jury.agrees(A, verdict));
        assertEquals(new Verdict(at(5), null), jury.verdict(List.of(A, B), 0), "two that differ");
        assertEquals(new Verdict(at(5), RIGHT), jury.verdict(List.of(A), 0),
                "a sole voter is right");
    }

    /// Found by simulation: a voter was repaired, the others left the list, and its word of before was the majority's.
    @Test
    void whoGoesByANewListJudgesWhatComesAfterIt() {
        says(A, 5, WRONG);
        says(B, 5, RIGHT);
        assertNull(jury.verdict(List.of(A), 7));
        says(A, 7, WRONG);
        assertNull(jury.verdict(List.of(A), 7), "the list itself is no marker");
        says(A, 8, RIGHT);
        assertEquals(new Verdict(at(8), RIGHT), jury.verdict(List.of(A), 7));
    }

    @Test
    void theNewestMarkerOfWhichSomethingCanBeSaidCounts() {
        says(A, 5, RIGHT);
        says(B, 5, RIGHT);
        says(A, 9, WRONG);
        assertEquals(new Verdict(at(5), RIGHT), jury.verdict(VOTERS, 0));
        says(C, 9, WRONG);
        assertEquals(new Verdict(at(9), WRONG), jury.verdict(VOTERS, 0));
    }

    @Test
    void onlyTheLatestMarkersAreRemembered() {
        for (int index = 1; index <= 3 * Jury.MARKERS_MAX; index++)
            says(A, index, RIGHT);
        assertFalse(jury.hasHeard(A, at(2 * Jury.MARKERS_MAX)));
        assertTrue(jury.hasHeard(A, at(2 * Jury.MARKERS_MAX + 1)));
        says(B, 1, RIGHT);
        assertFalse(jury.hasHeard(B, at(1)), "too late to be of use");
        jury.clear();
        assertNull(jury.verdict(VOTERS, 0));
    }
}
