package org.bellwether.bench.ratis;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.bellwether.api.Bytes;
import org.bellwether.server.loop.EventLoops;
import org.bellwether.server.resp.BenchFront;
import org.bellwether.server.resp.BenchFront.Put;
import org.jspecify.annotations.Nullable;

/// One of three nodes of a small store on Apache Ratis: the same front as ours would have, everything that arrived in one
/// turn as one entry of Ratis's log. The log is synced before anything is acknowledged, as Ratis does unless told otherwise
/// (`unsafe-flush` and `async-flush` stay off), and linearizable reads of one turn share one round.
///
///     RatisNode NUMBER DIR PEER-PORT RESP-PORT netty|grpc
///
/// The ports are those of node 0: node 1 takes the next ones. Prints `ready: nN leads` when it leads.
public final class RatisNode implements BenchFront.Store {
    private static final int NODES = 3;
    private static final RaftGroupId GROUP = RaftGroupId.valueOf(new UUID(1, 2));

    private final RatisMap map;
    private final RaftServer server;
    private final ClientId client = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();

    private RatisNode(int number, Path dir, int peerPort, SupportedRpcType rpc) throws IOException {
        map = new RatisMap(() -> System.out.println("ready: n" + number + " leads"));
        var peers = new ArrayList<RaftPeer>();
        for (int i = 1; i <= NODES; i++) {
            peers.add(RaftPeer.newBuilder().setId("n" + i)
                    .setAddress("127.0.0.1:" + (peerPort + i)).build());
        }
        server = RaftServer.newBuilder().setServerId(RaftPeerId.valueOf("n" + number))
                .setGroup(RaftGroup.valueOf(GROUP, peers))
                .setProperties(properties(dir, peerPort + number, rpc)).setStateMachine(map)
                .build();
        server.start();
    }

    private static RaftProperties properties(Path dir, int port, SupportedRpcType rpc) {
        var properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, rpc);
        NettyConfigKeys.Server.setPort(properties, port);
        NettyConfigKeys.Server.setUseEpoll(properties, true);
        GrpcConfigKeys.Server.setPort(properties, port);
        RaftServerConfigKeys.setStorageDir(properties, List.of(dir.toFile()));
        RaftServerConfigKeys.Read.setOption(properties,
                RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        // Else every commit is one more entry in the log, which only makes restarts faster.
        RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
        return properties;
    }

    static void main(String[] args) throws IOException {
        int number = Integer.parseInt(args[0]);
        var rpc = switch (args[4]) {
            case "netty" -> SupportedRpcType.NETTY;
            case "grpc" -> SupportedRpcType.GRPC;
            default -> throw new IllegalArgumentException("no transport of Ratis: " + args[4]);
        };
        var node = new RatisNode(number, Path.of(args[1]), Integer.parseInt(args[2]), rpc);
        BenchFront.open(EventLoops.open("front", 1),
                new InetSocketAddress("127.0.0.1", Integer.parseInt(args[3]) + number), node);
    }

    @Override
    public CompletableFuture<?> put(List<Put> puts) {
        return ask(RatisMap.encode(puts), RaftClientRequest.writeRequestType());
    }

    @Override
    public CompletableFuture<?> readable() {
        return ask(Message.EMPTY, RaftClientRequest.readRequestType());
    }

    @Override
    public @Nullable Bytes get(Bytes key) {
        return map.get(key);
    }

    private CompletableFuture<?> ask(Message message, RaftClientRequest.Type type) {
        var request = RaftClientRequest.newBuilder().setClientId(client).setServerId(server.getId())
                .setGroupId(GROUP).setCallId(calls.incrementAndGet()).setMessage(message)
                .setType(type).build();
        try {
            return server.submitClientRequestAsync(request).thenAccept(RatisNode::check);
        } catch (IOException broken) {
            return CompletableFuture.failedFuture(broken);
        }
    }

    private static void check(RaftClientReply reply) {
        if (!reply.isSuccess()) throw new IllegalStateException("" + reply.getException());
    }
}
