package org.bellwether.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Supplier;
import org.bellwether.api.Ack;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;
import org.bellwether.api.CatchUp;
import org.bellwether.api.ClusterId;
import org.bellwether.api.ClusterView.Trouble;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.api.Refusal;
import org.bellwether.api.RespAddresses;
import org.bellwether.api.Result;
import org.bellwether.api.Revision;
import org.bellwether.api.Token;
import org.bellwether.api.Versioned;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Message;
import org.bellwether.raft.Message.VoteKind;
import org.bellwether.raft.Position;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Totals;
import org.jspecify.annotations.Nullable;

/// Random messages and outcomes of every kind, all from one seed.
final class Samples {
    private final SplittableRandom random;
    private final int payloadBytesMax;

    Samples(long seed, int payloadBytesMax) {
        this.random = new SplittableRandom(seed);
        this.payloadBytesMax = payloadBytesMax;
    }

    /// One of each kind.
    List<PeerMessage> peerMessages() {
        var all = new ArrayList<PeerMessage>();
        for (var message : messages())
            all.add(new PeerMessage.Consensus(message));
        all.add(new PeerMessage.Forward(random.nextLong(), 1 + random.nextInt(3),
                random.nextInt(60_000), oneOf(List.of(Ack.values())), list(this::payload)));
        all.add(new PeerMessage.Forwarded(random.nextLong(), answers()));
        all.add(new PeerMessage.Census(natural(), natural(), list(() -> new PeerMessage.Heard(
                node(), natural(), random.nextInt(4) == 0 ? -1 : natural(), catchUp())),
                verdict()));
        all.add(new PeerMessage.Published(payload(), payload()));
        all.add(new PeerMessage.Report(1 + random.nextInt(9), random.nextBoolean()
                ? new PeerMessage.Marked(position(), mark().totals())
                : null, random.nextBoolean()));
        all.add(new PeerMessage.Health(random.nextInt(100_000), random.nextBoolean()));
        all.add(new PeerMessage.Healths(list(() -> new PeerMessage.Seen(node(),
                random.nextLong(), random.nextBoolean()
                        ? Set.of()
                        : Set.of(Trouble.SLOW_DISK, Trouble.FAR_BEHIND)))));
        all.add(new PeerMessage.Doubt(node()));
        all.add(new PeerMessage.SnapshotRequest(random.nextLong(), random.nextInt(1_000)));
        all.add(new PeerMessage.SnapshotBegin(random.nextLong(), new SnapshotHead(natural(),
                Entry.of(position(), Entry.Kind.MEMBERSHIP, payload()), mark())));
        all.add(new PeerMessage.SnapshotSlice(random.nextLong(), random.nextInt(1_000),
                random.nextBoolean(), payload()));
        all.add(new PeerMessage.SnapshotGone(random.nextLong()));
        return all;
    }

    private PeerMessage.@Nullable Verdict verdict() {
        return switch (random.nextInt(3)) {
            case 0 -> null;
            case 1 -> new PeerMessage.Verdict(position(), null);
            default -> new PeerMessage.Verdict(position(), mark().totals());
        };
    }

    private Mark mark() {
        return new Mark(natural(), revision(), 1 + random.nextInt(9), natural(),
                new Totals(natural(), random.nextLong()));
    }

    /// With a share that travels exactly.
    private @Nullable CatchUp catchUp() {
        if (random.nextBoolean()) return null;
        return new CatchUp(random.nextInt(9) / 8.0, natural(),
                random.nextBoolean() ? null : Duration.ofMillis(random.nextInt(1 << 30)));
    }

    List<Message> messages() {
        return List.of(new Message.VoteRequest(natural(), kind(), position()),
                new Message.VoteReply(natural(), kind(), random.nextBoolean()),
                new Message.Append(natural(), position(), list(this::entry), natural()),
                new Message.Committed(natural(), position()),
                new Message.AppendAck(natural(), position()),
                new Message.AppendReject(natural(), position(), position()),
                new Message.Heartbeat(natural(), random.nextLong(), natural()),
                new Message.HeartbeatReply(natural(), random.nextLong(), position(), natural()),
                new Message.TimeoutNow(natural()),
                new Message.SnapshotOffer(natural(), position()),
                new Message.ReadRequest(natural(), random.nextLong()),
                new Message.ReadReply(natural(), random.nextLong(),
                        random.nextBoolean() ? natural() : null));
    }

    /// One of each kind, with one of each kind of result and refusal among them.
    List<Outcome> outcomes() {
        var all = new ArrayList<Outcome>();
        for (var result : results())
            all.add(new Outcome.Applied(result, revision()));
        for (var refusal : refusals())
            all.add(new Outcome.Refused(refusal));
        all.add(new Outcome.NotLeader(null));
        all.add(new Outcome.NotLeader(member()));
        for (var cause : Outcome.Busy.values())
            all.add(new Outcome.Overloaded(cause, text()));
        all.add(new Outcome.Unknown(text()));
        all.add(new Outcome.Accepted(token()));
        return all;
    }

    private List<PeerMessage.Answer> answers() {
        return outcomes().stream()
                .map(outcome -> new PeerMessage.Answer(random.nextInt(1 << 20), outcome)).toList();
    }

    List<Result> results() {
        var written = new Result.Written(random.nextBoolean());
        var deleted = new Result.Deleted(random.nextBoolean());
        return List.of(written, deleted, new Result.Batch(List.of()),
                new Result.Batch(List.of(written, deleted, written)),
                new Result.Found(versioned()), Result.Absent.ABSENT,
                new Result.Joined(node(), new ClusterId(new UUID(random.nextLong(), 7)),
                        Bytes.wrap(payload()), List.of(member(), member())),
                new Result.Replicated(written, random.nextBoolean()),
                new Result.Replicated(new Result.Batch(List.of(deleted)), random.nextBoolean()),
                Result.Done.DONE, new Result.Before(null), new Result.Before(versioned()),
                new Result.Timed(random.nextBoolean()), new Result.Amount(random.nextLong()),
                new Result.Text(Bytes.wrap(payload())),
                new Result.Batch(List.of(new Result.Found(versioned()), Result.Absent.ABSENT)),
                new Result.Page(List.of(Bytes.wrap(payload()), Bytes.EMPTY)),
                new Result.Steps(List.of(new Outcome.Applied(written, revision()),
                        new Outcome.Applied(new Result.Batch(List.of(deleted)), revision()),
                        new Outcome.Refused(new Refusal.Malformed(text())))));
    }

    List<Refusal> refusals() {
        return List.of(new Refusal.Arithmetic(oneOf(List.of(Refusal.Fault.values()))),
                new Refusal.ConditionFailed(null, revision()),
                new Refusal.ConditionFailed(versioned(), revision()),
                new Refusal.OverLimit(text(), random.nextLong(), random.nextLong(), text()),
                new Refusal.Malformed(text()), new Refusal.Conflict(text()),
                new Refusal.Lost(token()), new Refusal.Forgotten(token(), natural()),
                new Refusal.StorageFull(text()));
    }

    Entry entry() {
        var kind = oneOf(List.of(Entry.Kind.values()));
        return Entry.of(position(), kind, payload());
    }

    byte[] payload() {
        byte[] payload = new byte[random.nextInt(payloadBytesMax + 1)];
        random.nextBytes(payload);
        return payload;
    }

    private Versioned versioned() {
        return new Versioned(Bytes.wrap(payload()), revision(), revision(), natural(),
                random.nextBoolean() ? Versioned.NEVER : natural());
    }

    private Member member() {
        return new Member(node(), text(), random.nextBoolean(), new Address("127.0.0.1", 7501),
                new Address("::1", random.nextInt(65_536)),
                new RespAddresses(optionalAddress(), optionalAddress()));
    }

    private @Nullable Address optionalAddress() {
        return random.nextBoolean() ? new Address("host", random.nextInt(65_536)) : null;
    }

    private NodeId node() {
        return new NodeId(new UUID(random.nextLong(), random.nextLong()));
    }

    private Position position() {
        return new Position(natural(), natural());
    }

    private Token token() {
        return new Token(Math.max(1, natural()), Math.max(1, natural()));
    }

    private Revision revision() {
        return new Revision(natural());
    }

    private VoteKind kind() {
        return oneOf(List.of(VoteKind.values()));
    }

    /// Small, large and largest.
    private long natural() {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> Long.MAX_VALUE;
            case 2 -> random.nextLong(1000);
            default -> random.nextLong() & Long.MAX_VALUE;
        };
    }

    private String text() {
        return oneOf(List.of("", "full", "die Ämter sind besetzt", "🔔".repeat(20)));
    }

    private <T> List<T> list(Supplier<T> each) {
        int size = random.nextInt(5);
        var list = new ArrayList<T>(size);
        for (int i = 0; i < size; i++)
            list.add(each.get());
        return list;
    }

    private <T> T oneOf(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
