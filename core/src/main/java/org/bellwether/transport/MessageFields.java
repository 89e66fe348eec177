package org.bellwether.transport;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Message;
import org.bellwether.raft.Message.VoteKind;

/// The fields of each [Message] within a frame's head, the type byte first.
final class MessageFields {
    static final int VOTE_REQUEST = 1;
    static final int VOTE_REPLY = 2;
    static final int APPEND = 3;
    static final int COMMITTED = 4;
    static final int APPEND_ACK = 5;
    static final int APPEND_REJECT = 6;
    static final int HEARTBEAT = 7;
    static final int HEARTBEAT_REPLY = 8;
    static final int TIMEOUT_NOW = 9;
    static final int READ_REQUEST = 10;
    static final int READ_REPLY = 11;
    static final int SNAPSHOT_OFFER = 12;

    /// Position, kind, payload length, payload checksum.
    private static final int ENTRY_BYTES = 16 + 1 + 4 + 4;

    private MessageFields() {}

    static int bytesExpected(Message message) {
        return message instanceof Message.Append append
                ? ENTRY_BYTES * append.entries().size()
                : 0;
    }

    static List<byte[]> payloads(Message message) {
        if (!(message instanceof Message.Append append) || append.entries().isEmpty())
            return List.of();
        var payloads = new ArrayList<byte[]>(append.entries().size());
        for (var entry : append.entries())
            payloads.add(entry.payload());
        return payloads;
    }

    static void write(FieldWriter out, Message message) {
        switch (message) {
            case Message.VoteRequest(long term, var kind, var last) ->
                out.u8(VOTE_REQUEST).i64(term).u8(code(kind)).position(last);
            case Message.VoteReply(long term, var kind, boolean granted) ->
                out.u8(VOTE_REPLY).i64(term).u8(code(kind)).bool(granted);
            case Message.Append(long term, var previous, var entries, long commitIndex) -> {
                out.u8(APPEND).i64(term).position(previous).i64(commitIndex).i32(entries.size());
                for (var entry : entries) {
                    out.position(entry.position()).u8(entry.kind().code())
                            .i32(entry.payload().length).i32(entry.payloadCrc());
                }
            }
            case Message.Committed(long term, var through) ->
                out.u8(COMMITTED).i64(term).position(through);
            case Message.AppendAck(long term, var matched) ->
                out.u8(APPEND_ACK).i64(term).position(matched);
            case Message.AppendReject(long term, var previous, var hint) ->
                out.u8(APPEND_REJECT).i64(term).position(previous).position(hint);
            case Message.Heartbeat(long term, long round, long commitIndex) ->
                out.u8(HEARTBEAT).i64(term).i64(round).i64(commitIndex);
            case Message.HeartbeatReply(long term, long round, var last, long appliedIndex) ->
                out.u8(HEARTBEAT_REPLY).i64(term).i64(round).position(last).i64(appliedIndex);
            case Message.SnapshotOffer(long term, var base) ->
                out.u8(SNAPSHOT_OFFER).i64(term).position(base);
            case Message.TimeoutNow(long term) -> out.u8(TIMEOUT_NOW).i64(term);
            case Message.ReadRequest(long term, long ticket) ->
                out.u8(READ_REQUEST).i64(term).i64(ticket);
            case Message.ReadReply(long term, long ticket, var index) ->
                out.u8(READ_REPLY).i64(term).i64(ticket).bool(index != null)
                        .i64(index == null ? 0 : index);
        }
    }

    static Message read(int type, FieldReader in, PeerCodec.Payloads payloads)
            throws BadFrameException {
        return switch (type) {
            case VOTE_REQUEST -> new Message.VoteRequest(in.natural("term"), readKind(in),
                    in.position("last position"));
            case VOTE_REPLY ->
                new Message.VoteReply(in.natural("term"), readKind(in), in.bool("granted"));
            case APPEND -> readAppend(in, payloads);
            case COMMITTED ->
                new Message.Committed(in.natural("term"), in.position("committed position"));
            case APPEND_ACK ->
                new Message.AppendAck(in.natural("term"), in.position("matched position"));
            case APPEND_REJECT -> new Message.AppendReject(in.natural("term"),
                    in.position("previous position"), in.position("hint"));
            case HEARTBEAT -> new Message.Heartbeat(in.natural("term"), in.i64("round"),
                    in.natural("commit index"));
            case HEARTBEAT_REPLY -> new Message.HeartbeatReply(in.natural("term"),
                    in.i64("round"), in.position("last position"), in.natural("applied index"));
            case SNAPSHOT_OFFER ->
                new Message.SnapshotOffer(in.natural("term"), in.position("base"));
            case TIMEOUT_NOW -> new Message.TimeoutNow(in.natural("term"));
            case READ_REQUEST -> new Message.ReadRequest(in.natural("term"), in.i64("ticket"));
            case READ_REPLY -> readReadReply(in);
            default -> throw new BadFrameException("no message has type " + type);
        };
    }

    private static Message.Append readAppend(FieldReader in, PeerCodec.Payloads payloads)
            throws BadFrameException {
        long term = in.natural("term");
        var previous = in.position("previous position");
        long commitIndex = in.natural("commit index");
        int count = in.count(ENTRY_BYTES, "entries");
        var entries = new ArrayList<Entry>(count);
        for (int i = 0; i < count; i++) {
            var position = in.position("position of an entry");
            var kind = readEntryKind(in);
            int length = in.i32("payload length");
            int crc = in.i32("payload checksum");
            entries.add(new Entry(position, kind, payloads.next(length, crc), crc));
        }
        return new Message.Append(term, previous, entries, commitIndex);
    }

    private static Message.ReadReply readReadReply(FieldReader in) throws BadFrameException {
        long term = in.natural("term");
        long ticket = in.i64("ticket");
        boolean known = in.bool("index known");
        long index = in.natural("read index");
        if (!known && index != 0)
            throw new BadFrameException("a read index that is not known is " + index);
        return new Message.ReadReply(term, ticket, known ? index : null);
    }

    private static Entry.Kind readEntryKind(FieldReader in) throws BadFrameException {
        int code = in.u8("entry kind");
        try {
            return Entry.Kind.of(code);
        } catch (IllegalArgumentException unknown) {
            throw new BadFrameException("no entry kind has code " + code, unknown);
        }
    }

    private static int code(VoteKind kind) {
        return switch (kind) {
            case PRE_VOTE -> 1;
            case VOTE -> 2;
            case TRANSFER -> 3;
        };
    }

    private static VoteKind readKind(FieldReader in) throws BadFrameException {
        int code = in.u8("vote kind");
        return switch (code) {
            case 1 -> VoteKind.PRE_VOTE;
            case 2 -> VoteKind.VOTE;
            case 3 -> VoteKind.TRANSFER;
            default -> throw new BadFrameException("no vote kind has code " + code);
        };
    }
}
