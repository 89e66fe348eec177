package org.bellwether.bench.ratis;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.bellwether.api.Bytes;
import org.bellwether.server.resp.BenchFront.Put;
import org.jspecify.annotations.Nullable;

/// The state machine: a map. One entry of Ratis's log holds all writes of one turn.
final class RatisMap extends BaseStateMachine {
    private static final CompletableFuture<Message> DONE = CompletableFuture
            .completedFuture(Message.EMPTY);

    private final Map<Bytes, Bytes> map = new ConcurrentHashMap<>();
    private final Runnable whenLeading;

    /// @param whenLeading run each time this node has become the leader and may serve
    RatisMap(Runnable whenLeading) {
        this.whenLeading = whenLeading;
    }

    @Nullable
    Bytes get(Bytes key) {
        return map.get(key);
    }

    static Message encode(List<Put> puts) {
        int bytes = 0;
        for (var put : puts)
            bytes += 2 * Integer.BYTES + put.key().length() + put.value().length();
        var out = ByteBuffer.allocate(bytes);
        for (var put : puts) {
            write(out, put.key());
            write(out, put.value());
        }
        return Message.valueOf(UnsafeByteOperations.unsafeWrap(out.array()));
    }

    private static void write(ByteBuffer out, Bytes bytes) {
        out.putInt(bytes.length()).put(bytes.array());
    }

    private static Bytes read(ByteBuffer in) {
        var bytes = new byte[in.getInt()];
        in.get(bytes);
        return Bytes.wrap(bytes);
    }

    private void apply(ByteString data) {
        var in = data.asReadOnlyByteBuffer();
        while (in.hasRemaining())
            map.put(read(in), read(in));
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        apply(entry.getStateMachineLogEntry().getLogData());
        updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
        return DONE;
    }

    /// Only asked so that Ratis finds out that this node still leads; the values are read from the map.
    @Override
    public CompletableFuture<Message> query(Message request) {
        return DONE;
    }

    @Override
    public void notifyLeaderReady() {
        whenLeading.run();
    }
}
