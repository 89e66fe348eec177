package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Single bits have changed on the disk of one voter of three while it was down: in its vote, in its log, in the file
/// that names its tables. It remembers, or it says what it cannot read and does not start; and the others go on.
class RottenVoteTest {
    private static final long SEED = 20_261_126;
    private static final int SOME = 10;
    private static final int CLIENTS = 2;
    /// As docs/formats.md has it.
    private static final int COPIES = 2;
    private static final int COPY_DISTANCE = 4096;
    private static final int COPY_BYTES = 120;
    private static final int TERM_AT = 48;
    private static final int VOTED_AT = 56;
    private static final int VOTE_AT = 64;
    private static final int SYNCED_AT = 80;

    private final SplittableRandom dice = new SplittableRandom(SEED);

    @TempDir
    Path dir;

    /// What one copy says.
    private record Vote(long term, boolean given, UUID to) {
        static Vote of(byte[] file, int copy) {
            var bytes = ByteBuffer.wrap(file, copy * COPY_DISTANCE, COPY_BYTES).slice();
            return new Vote(bytes.getLong(TERM_AT), bytes.get(VOTED_AT) == 1,
                    new UUID(bytes.getLong(VOTE_AT), bytes.getLong(VOTE_AT + Long.BYTES)));
        }

        /// In one term at most one vote: it may have gone on to a later term, not back, and not to somebody else.
        boolean remembers(Vote before) {
            return term > before.term || term == before.term
                    && (!before.given || given && to.equals(before.to));
        }
    }

    @Test
    void aVoteIsRememberedByEitherOfItsCopies() throws Exception {
        try (var cluster = new TestCluster(dir); var traffic = traffic(cluster, 1)) {
            int voter = voter(cluster);
            var ballot = cluster.folder(voter).resolve("log/ballot");
            for (int copy = 0; copy < COPIES; copy++) {
                for (int i = 0; i < 2; i++) {
                    cluster.stop(voter);
                    var before = Files.readAllBytes(ballot);
                    var vote = Vote.of(before, copy);
                    assertEquals(vote, Vote.of(before, 1 - copy));
                    int at = flip(ballot, copy * COPY_DISTANCE, COPY_BYTES);
                    if (i == 0)
                        expectFound(cluster, voter, "ballot, offset "
                                + copy * COPY_DISTANCE);
                    cluster.start(voter);
                    cluster.awaitReady(voter);
                    cluster.kill(voter);
                    var after = Files.readAllBytes(ballot);
                    assertTrue(Vote.of(after, 0).remembers(vote),
                            () -> "seed " + SEED + ", bit flipped at " + at + ": " + vote
                                    + " became "
                                    + Vote.of(after, 0));
                    assertArrayEquals(copy(after, 0), copy(after, 1), "both are good again");
                    cluster.start(voter);
                }
            }
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            traffic.expectOneStory();
        }
    }

    @Test
    void aVoteThatCannotBeReadIsNoVote_theNodeDoesNotStart() throws Exception {
        try (var cluster = new TestCluster(dir); var traffic = traffic(cluster, 2)) {
            int voter = voter(cluster);
            var ballot = cluster.folder(voter).resolve("log/ballot");
            cluster.stop(voter);
            var before = Files.readAllBytes(ballot);
            for (int i = 0; i < 2; i++) {
                for (int copy = 0; copy < COPIES; copy++)
                    flip(ballot, copy * COPY_DISTANCE, COPY_BYTES);
                expectRefusal(cluster, voter, ballot, "neither copy of the ballot can be read");
                traffic.awaitAcknowledged(SOME, cluster.others(voter));
                Files.write(ballot, before);
            }
            cluster.start(voter);
            cluster.awaitReady(voter);
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            traffic.expectOneStory();
        }
    }

    /// Whole, and right once: of a copy of the folder that was made before an election.
    @Test
    void aVoteOfLongAgoIsRefused() throws Exception {
        try (var cluster = new TestCluster(dir); var traffic = traffic(cluster, 3)) {
            int voter = voter(cluster);
            var ballot = cluster.folder(voter).resolve("log/ballot");
            cluster.stop(voter);
            var old = Files.readAllBytes(ballot);
            cluster.start(voter);
            cluster.awaitReady(voter);
            handOver(cluster);
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            cluster.stop(voter);
            var latest = Files.readAllBytes(ballot);
            assertNotEquals(Vote.of(old, 0), Vote.of(latest, 0));
            Files.write(ballot, old);
            expectRefusal(cluster, voter, ballot, "older than the log");
            traffic.awaitAcknowledged(SOME, cluster.others(voter));
            Files.write(ballot, latest);
            cluster.start(voter);
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            traffic.expectOneStory();
        }
    }

    @Test
    void noBitOfTheLogChangesUnnoticed() throws Exception {
        try (var cluster = new TestCluster(dir); var traffic = traffic(cluster, 4)) {
            int voter = voter(cluster);
            traffic.awaitAcknowledged(20 * SOME, cluster.nodes());
            cluster.stop(voter);
            var log = cluster.folder(voter).resolve("log");
            // It was stopped in order: so its ballot knows where the log ends, which is one segment.
            int end = (int) ByteBuffer.wrap(Files.readAllBytes(log.resolve("ballot")))
                    .getLong(SYNCED_AT);
            var segment = log.resolve("log-00000000000000000001");
            var active = cluster.folder(voter).resolve("tables/active");
            for (int i = 0; i < 4; i++) {
                var before = Files.readAllBytes(segment);
                int at = flip(segment, 0, end);
                var said = expectRefusal(cluster, voter, segment, segment.getFileName().toString());
                assertTrue(said.contains("offset"),
                        () -> "seed " + SEED + ", at " + at + ": " + said);
                if (i == 0) expectFound(cluster, voter, segment.getFileName().toString());
                Files.write(segment, before);
            }
            for (int i = 0; i < 2; i++) {
                var before = Files.readAllBytes(active);
                flip(active, 0, before.length);
                expectRefusal(cluster, voter, active, "tables");
                Files.write(active, before);
            }
            traffic.awaitAcknowledged(SOME, cluster.others(voter));
            cluster.start(voter);
            cluster.awaitReady(voter);
            traffic.awaitAcknowledged(SOME, cluster.nodes());
            traffic.expectOneStory();
        }
    }

    private static Traffic traffic(TestCluster cluster, int number) {
        return new Traffic(cluster, SEED + number, CLIENTS);
    }

    /// A follower that has voted.
    private static int voter(TestCluster cluster) {
        handOver(cluster);
        return cluster.others(cluster.awaitLeader(cluster.nodes())).getFirst();
    }

    /// A new term begins, with another leader.
    private static void handOver(TestCluster cluster) {
        int leader = cluster.awaitLeader(cluster.nodes());
        Await.until("another leader than n" + leader, () -> {
            try {
                cluster.call(leader, "POST", "/v1/cluster/transfer", new byte[0]);
                return cluster.awaitLeader(cluster.nodes()) != leader;
            } catch (IOException again) {
                return false;
            }
        });
    }

    /// Changes one bit of the bytes from `from` on.
    ///
    /// @return where
    private int flip(Path file, int from, int count) throws IOException {
        var bytes = Files.readAllBytes(file);
        int at = from + dice.nextInt(count);
        bytes[at] ^= (byte) (1 << dice.nextInt(Byte.SIZE));
        Files.write(file, bytes);
        return at;
    }

    private static byte[] copy(byte[] file, int number) {
        return java.util.Arrays.copyOfRange(file, number * COPY_DISTANCE,
                number * COPY_DISTANCE + COPY_BYTES);
    }

    /// It ends with 2, says why and where, serves nothing, and changes nothing.
    private static String expectRefusal(TestCluster cluster, int node, Path file, String reason)
            throws IOException {
        var before = Files.readAllBytes(file);
        try (var refused = BellProcess.start("serve", "--dir", cluster.folder(node).toString())) {
            assertEquals(Exit.USAGE, refused.awaitExit(), refused::text);
            assertTrue(refused.text().contains(reason), refused::text);
            assertFalse(refused.text().contains("serving"), refused::text);
            assertFalse(refused.text().contains("\tat "), refused::text);
            assertArrayEquals(before, Files.readAllBytes(file));
            return refused.text();
        }
    }

    private static void expectFound(TestCluster cluster, int node, String where) {
        var said = Typed.run(Exit.NO, "check", "--dir", cluster.folder(node).toString());
        assertTrue(said.contains(where), said);
    }
}
