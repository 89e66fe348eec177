package org.bellwether.transport;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.bellwether.api.Ack;
import org.bellwether.api.CatchUp;
import org.bellwether.api.ClusterView.Trouble;
import org.bellwether.raft.Entry;
import org.bellwether.storage.Totals;
import org.jspecify.annotations.Nullable;

/// What peers say to each other, as frames and back; `docs/formats.md` draws them.
///
/// A frame is a length, a checksum, a head with every structured field, and then the payloads as they
/// are. Payloads are never copied here: the array that goes to the log goes to every peer, under
/// the checksum that was made once, beside it ([Entry#payloadCrc]). Each checksum is verified on arrival,
/// so a damaged frame is noticed before anybody acts on it. TCP's own checksum is too weak for that.
public final class PeerCodec {
    /// The length field in front of every frame; it counts what follows it.
    public static final int LENGTH_BYTES = 4;

    /// Length, checksum, length of the fields.
    static final int PREFIX_BYTES = LENGTH_BYTES + 4 + 4;

    private static final int CRC_AT = LENGTH_BYTES;
    private static final int FIELDS_LENGTH_AT = CRC_AT + 4;

    static final int FORWARD = 32;
    static final int FORWARDED = 33;
    static final int CENSUS = 34;
    static final int SNAPSHOT_REQUEST = 35;
    static final int SNAPSHOT_BEGIN = 36;
    static final int SNAPSHOT_SLICE = 37;
    static final int SNAPSHOT_GONE = 38;
    static final int REPORT = 39;
    static final int PUBLISHED = 40;
    static final int HEALTH = 41;
    static final int HEALTHS = 42;
    static final int DOUBT = 43;

    /// Beside the version in a report. Who does not know it takes the sum for a very new version, and goes by its own.
    private static final int SPEAKS = 1 << 16;
    private static final int SEEN_BYTES = 16 + 8 + 1;

    private static final int ACK_LEADER = 1;
    private static final int ACK_QUORUM = 2;
    private static final int ACK_ALL = 3;

    private static final int NO_VERDICT = 0;
    private static final int DECIDED = 1;
    private static final int UNDECIDED = 2;

    /// Payload length and checksum, per payload.
    private static final int PAYLOAD_FIELDS_BYTES = 8;
    /// Of a put that was applied, which most are: index, outcome, revision, result.
    private static final int ANSWER_BYTES_EXPECTED = 4 + 1 + 8 + 2;
    private static final int HEARD_BYTES = 16 + 8 + 8 + 4;
    /// Shares travel in parts of this.
    private static final int WHOLE = 1_000_000;

    private PeerCodec() {}

    public static Frame encode(PeerMessage message) {
        return switch (message) {
            case PeerMessage.Consensus(var inner) -> {
                var out = begin(64 + MessageFields.bytesExpected(inner));
                MessageFields.write(out, inner);
                yield seal(out, MessageFields.payloads(inner));
            }
            case PeerMessage.Forward(long id, int hops, int timeoutMillis, var ack, var commands) -> {
                var out = begin(64 + PAYLOAD_FIELDS_BYTES * commands.size());
                out.u8(FORWARD).i64(id).i32(hops).i32(timeoutMillis).u8(code(ack));
                writePayloads(out, commands);
                yield seal(out, commands);
            }
            case PeerMessage.Forwarded(long id, var answers) -> {
                var out = begin(64 + ANSWER_BYTES_EXPECTED * answers.size());
                out.u8(FORWARDED).i64(id).i32(answers.size());
                for (var answer : answers) {
                    out.i32(answer.index());
                    OutcomeFields.write(out, answer.outcome());
                }
                yield seal(out, List.of());
            }
            case PeerMessage.Census(long term, long commitIndex, var nodes, var verdict) -> {
                var out = begin(128 + HEARD_BYTES * nodes.size());
                out.u8(CENSUS).i64(term).i64(commitIndex);
                writeVerdict(out, verdict);
                out.i32(nodes.size());
                for (var heard : nodes) {
                    out.node(heard.node()).i64(heard.appliedIndex()).i64(heard.sinceMillis());
                    writeCatchUp(out, heard.catchUp());
                }
                yield seal(out, List.of());
            }
            case PeerMessage.SnapshotRequest(long transfer, int part) ->
                seal(begin(32).u8(SNAPSHOT_REQUEST).i64(transfer).i32(part), List.of());
            case PeerMessage.SnapshotBegin(long transfer, var head) -> {
                var out = begin(256 + head.membership().bytes());
                head.write(out.u8(SNAPSHOT_BEGIN).i64(transfer));
                yield seal(out, List.of());
            }
            case PeerMessage.SnapshotSlice(long transfer, int part, boolean last, var rows) -> {
                var out = begin(64);
                out.u8(SNAPSHOT_SLICE).i64(transfer).i32(part).bool(last);
                writePayloads(out, List.of(rows));
                yield seal(out, List.of(rows));
            }
            case PeerMessage.SnapshotGone(long transfer) ->
                seal(begin(32).u8(SNAPSHOT_GONE).i64(transfer), List.of());
            case PeerMessage.Published(var channel, var said) -> {
                var out = begin(64).u8(PUBLISHED);
                var payloads = List.of(channel, said);
                writePayloads(out, payloads);
                yield seal(out, payloads);
            }
            case PeerMessage.Health(int unsyncedMillis, boolean full) ->
                seal(begin(32).u8(HEALTH).i32(unsyncedMillis).bool(full), List.of());
            case PeerMessage.Healths(var nodes) -> {
                var out = begin(32 + SEEN_BYTES * nodes.size()).u8(HEALTHS).i32(nodes.size());
                for (var seen : nodes)
                    out.node(seen.node()).i64(seen.lagBytes()).u8(bits(seen.troubles()));
                yield seal(out, List.of());
            }
            case PeerMessage.Doubt(var whose) ->
                seal(begin(32).u8(DOUBT).node(whose), List.of());
            case PeerMessage.Report(int versionMax, var newest, boolean speaks) -> {
                var out = begin(64).u8(REPORT).i32(speaks ? versionMax | SPEAKS : versionMax)
                        .bool(newest != null);
                if (newest != null) writeTotals(out.position(newest.at()), newest.totals());
                yield seal(out, List.of());
            }
        };
    }

    private static void writeVerdict(FieldWriter out, PeerMessage.@Nullable Verdict verdict) {
        if (verdict == null) {
            out.u8(NO_VERDICT);
        } else if (verdict.right() == null) {
            out.u8(UNDECIDED).position(verdict.at());
        } else {
            writeTotals(out.u8(DECIDED).position(verdict.at()), verdict.right());
        }
    }

    private static void writeTotals(FieldWriter out, Totals totals) {
        out.i64(totals.keys()).i64(totals.digest());
    }

    /// @param frame one whole frame, length field included, from position to limit; its payloads are
    ///              copied out of it
    /// @throws BadFrameException if it is anything but what [#encode] makes
    public static PeerMessage decode(ByteBuffer frame) throws BadFrameException {
        var all = frame.slice();
        if (all.limit() < PREFIX_BYTES)
            throw new BadFrameException("a frame of " + all.limit() + " bytes is cut short");
        long length = Integer.toUnsignedLong(all.getInt(0));
        if (length != all.limit() - LENGTH_BYTES) {
            throw new BadFrameException("a frame of %d bytes says that %d follow its length"
                    .formatted(all.limit(), length));
        }
        long fieldsBytes = Integer.toUnsignedLong(all.getInt(FIELDS_LENGTH_AT));
        if (fieldsBytes > all.limit() - PREFIX_BYTES) {
            throw new BadFrameException("a frame of %d bytes says that its fields take %d"
                    .formatted(all.limit(), fieldsBytes));
        }
        int headBytes = PREFIX_BYTES + (int) fieldsBytes;
        if (all.getInt(CRC_AT) != headCrc(all, headBytes))
            throw new BadFrameException("a frame's head fails its checksum");

        var in = new FieldReader(all.slice(PREFIX_BYTES, (int) fieldsBytes));
        var payloads = new Payloads(all.slice(headBytes, all.limit() - headBytes));
        var message = read(in, payloads);
        in.end("the fields of a frame");
        payloads.end();
        return message;
    }

    private static PeerMessage read(FieldReader in, Payloads payloads) throws BadFrameException {
        int type = in.u8("type");
        return switch (type) {
            case FORWARD -> new PeerMessage.Forward(in.i64("id"), in.i32("hops"),
                    in.i32("timeout"), readAck(in), readPayloads(in, payloads));
            case FORWARDED -> new PeerMessage.Forwarded(in.i64("id"), readAnswers(in));
            case CENSUS -> readCensus(in);
            case REPORT -> readReport(in);
            case HEALTH -> new PeerMessage.Health(in.i32("unsynced"), in.bool("full"));
            case HEALTHS -> readHealths(in);
            case DOUBT -> new PeerMessage.Doubt(in.node("node"));
            case PUBLISHED -> readPublished(in, payloads);
            case SNAPSHOT_REQUEST ->
                new PeerMessage.SnapshotRequest(in.i64("transfer"), in.i32("part"));
            case SNAPSHOT_BEGIN ->
                new PeerMessage.SnapshotBegin(in.i64("transfer"), SnapshotHead.read(in));
            case SNAPSHOT_SLICE -> readSlice(in, payloads);
            case SNAPSHOT_GONE -> new PeerMessage.SnapshotGone(in.i64("transfer"));
            default ->
                new PeerMessage.Consensus(MessageFields.read(type, in, payloads));
        };
    }

    private static PeerMessage readReport(FieldReader in) throws BadFrameException {
        int version = in.positive("state machine version");
        boolean speaks = (version & SPEAKS) != 0;
        if (version == SPEAKS) throw new BadFrameException("a report without a version");
        return new PeerMessage.Report(version & ~SPEAKS,
                in.bool("marked") ? readMarked(in) : null, speaks);
    }

    private static PeerMessage readHealths(FieldReader in) throws BadFrameException {
        int count = in.count(SEEN_BYTES, "nodes");
        var nodes = new ArrayList<PeerMessage.Seen>(count);
        for (int i = 0; i < count; i++)
            nodes.add(new PeerMessage.Seen(in.node("node"), in.i64("lag"),
                    troubles(in.u8("troubles"))));
        return new PeerMessage.Healths(nodes);
    }

    private static int bits(Set<Trouble> troubles) {
        int bits = 0;
        for (var trouble : troubles) {
            bits |= switch (trouble) {
                case SLOW_DISK -> 1;
                case DISK_FULL -> 2;
                case FAR_BEHIND -> 4;
            };
        }
        return bits;
    }

    /// Of bits that a later program may have added to, those that are known.
    private static Set<Trouble> troubles(int bits) {
        var troubles = EnumSet.noneOf(Trouble.class);
        for (var trouble : Trouble.values()) {
            if ((bits & bits(Set.of(trouble))) != 0) troubles.add(trouble);
        }
        return troubles;
    }

    private static int code(Ack ack) {
        return switch (ack) {
            case LEADER -> ACK_LEADER;
            case QUORUM -> ACK_QUORUM;
            case ALL -> ACK_ALL;
        };
    }

    private static Ack readAck(FieldReader in) throws BadFrameException {
        int code = in.u8("ack");
        return switch (code) {
            case ACK_LEADER -> Ack.LEADER;
            case ACK_QUORUM -> Ack.QUORUM;
            case ACK_ALL -> Ack.ALL;
            default -> throw new BadFrameException("no ack has code " + code);
        };
    }

    private static PeerMessage readCensus(FieldReader in) throws BadFrameException {
        long term = in.natural("term");
        long commitIndex = in.natural("commit index");
        var verdict = readVerdict(in);
        return new PeerMessage.Census(term, commitIndex, readHeard(in), verdict);
    }

    private static PeerMessage.@Nullable Verdict readVerdict(FieldReader in)
            throws BadFrameException {
        int code = in.u8("verdict");
        return switch (code) {
            case NO_VERDICT -> null;
            case UNDECIDED -> new PeerMessage.Verdict(in.position("marker"), null);
            case DECIDED -> {
                var marked = readMarked(in);
                yield new PeerMessage.Verdict(marked.at(), marked.totals());
            }
            default -> throw new BadFrameException("no verdict has code " + code);
        };
    }

    private static PeerMessage.Marked readMarked(FieldReader in) throws BadFrameException {
        return new PeerMessage.Marked(in.position("marker"),
                new Totals(in.natural("keys"), in.i64("digest")));
    }

    private static PeerMessage readSlice(FieldReader in, Payloads payloads)
            throws BadFrameException {
        long transfer = in.i64("transfer");
        int part = in.i32("part");
        boolean last = in.bool("last");
        var rows = readPayloads(in, payloads);
        if (rows.size() != 1) throw new BadFrameException("a slice has one payload");
        return new PeerMessage.SnapshotSlice(transfer, part, last, rows.getFirst());
    }

    private static PeerMessage readPublished(FieldReader in, Payloads payloads)
            throws BadFrameException {
        var parts = readPayloads(in, payloads);
        if (parts.size() != 2)
            throw new BadFrameException("what is published has a channel and a message");
        return new PeerMessage.Published(parts.getFirst(), parts.getLast());
    }

    private static List<PeerMessage.Heard> readHeard(FieldReader in) throws BadFrameException {
        int count = in.count(HEARD_BYTES, "nodes");
        var nodes = new ArrayList<PeerMessage.Heard>(count);
        for (int i = 0; i < count; i++) {
            nodes.add(new PeerMessage.Heard(in.node("node"), in.natural("applied index"),
                    in.i64("since"), readCatchUp(in)));
        }
        return nodes;
    }

    private static void writeCatchUp(FieldWriter out, @Nullable CatchUp catchUp) {
        if (catchUp == null) {
            out.i32(-1);
            return;
        }
        var left = catchUp.left();
        out.i32((int) (catchUp.share() * WHOLE)).i64(catchUp.bytesPerSecond())
                .i64(left == null ? -1 : left.toMillis());
    }

    private static @Nullable CatchUp readCatchUp(FieldReader in) throws BadFrameException {
        int share = in.i32("share");
        if (share < 0) return null;
        long rate = in.i64("rate");
        long left = in.i64("time left");
        return new CatchUp(Math.min(1.0, (double) share / WHOLE), rate,
                left < 0 ? null : Duration.ofMillis(left));
    }

    private static List<PeerMessage.Answer> readAnswers(FieldReader in) throws BadFrameException {
        int count = in.count(4 + OutcomeFields.BYTES_MIN, "answers");
        var answers = new ArrayList<PeerMessage.Answer>(count);
        for (int i = 0; i < count; i++)
            answers.add(new PeerMessage.Answer(in.i32("index"), OutcomeFields.read(in)));
        return answers;
    }

    private static void writePayloads(FieldWriter out, List<byte[]> payloads) {
        out.i32(payloads.size());
        for (byte[] payload : payloads)
            out.i32(payload.length).i32(Entry.crcOf(payload));
    }

    private static List<byte[]> readPayloads(FieldReader in, Payloads payloads)
            throws BadFrameException {
        int count = in.count(PAYLOAD_FIELDS_BYTES, "payloads");
        var list = new ArrayList<byte[]>(count);
        for (int i = 0; i < count; i++)
            list.add(payloads.next(in.i32("payload length"), in.i32("payload checksum")));
        return list;
    }

    private static FieldWriter begin(int bytesExpected) {
        return new FieldWriter(bytesExpected).skip(PREFIX_BYTES);
    }

    private static Frame seal(FieldWriter out, List<byte[]> payloads) {
        int headBytes = out.length();
        long bytes = headBytes;
        for (byte[] payload : payloads)
            bytes += payload.length;
        byte[] array = out.array();
        var head = ByteBuffer.wrap(array);
        head.putInt(0, Math.toIntExact(bytes - LENGTH_BYTES));
        head.putInt(FIELDS_LENGTH_AT, headBytes - PREFIX_BYTES);
        head.putInt(CRC_AT, headCrc(head, headBytes));
        return new Frame(array, headBytes, payloads, (int) bytes);
    }

    /// Covers everything in the head but itself: a flipped bit in a length is noticed too.
    static int headCrc(ByteBuffer frame, int headBytes) {
        var crc = new CRC32C();
        crc.update(frame.slice(0, CRC_AT));
        crc.update(frame.slice(FIELDS_LENGTH_AT, headBytes - FIELDS_LENGTH_AT));
        return (int) crc.getValue();
    }

    /// What follows the head.
    static final class Payloads {
        private final ByteBuffer in;

        Payloads(ByteBuffer in) {
            this.in = in;
        }

        /// The next payload, once it is known to fit and to be sound.
        byte[] next(int length, int crc) throws BadFrameException {
            if (length < 0 || length > in.remaining()) {
                throw new BadFrameException("a payload of %d bytes does not fit into the %d left"
                        .formatted(Integer.toUnsignedLong(length), in.remaining()));
            }
            byte[] payload = new byte[length];
            in.get(payload);
            if (Entry.crcOf(payload) != crc) {
                throw new BadFrameException(
                        "a payload of " + length + " bytes fails its checksum");
            }
            return payload;
        }

        void end() throws BadFrameException {
            if (in.hasRemaining())
                throw new BadFrameException(in.remaining() + " bytes too many after the payloads");
        }
    }
}
