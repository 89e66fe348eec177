package org.bellwether.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bellwether.api.NodeId;
import org.bellwether.transport.PeerMessage;
import org.jspecify.annotations.Nullable;

/// The links that peers dialed to this node, at most one of each peer: the newest.
///
/// A peer that dials again does so because its old connection is gone, whether or not we have noticed. So the
/// newer link takes the place of the older one, and that is no news about the peer.
final class IncomingLinks {
    /// Connections that have not yet said who they are.
    private static final int HANDSHAKES_MAX = 64;

    private final NettyTransport owner;
    private final Map<NodeId, Channel> links = new LinkedHashMap<>();
    private Set<NodeId> members = Set.of();
    private Set<NodeId> removed = Set.of();
    private int handshakes;

    IncomingLinks(NettyTransport owner) {
        this.owner = owner;
    }

    void setMembers(Set<NodeId> members, Set<NodeId> removed) {
        var before = this.members;
        this.members = members;
        this.removed = removed;
        for (var link : new ArrayList<>(links.entrySet())) {
            boolean hasLeft = !members.contains(link.getKey()) && before.contains(link.getKey());
            if (hasLeft || removed.contains(link.getKey())) link.getValue().close();
        }
    }

    Duration handshakeMax() {
        return owner.handshakeMax();
    }

    /// @return false if too many are being greeted already
    boolean begin() {
        if (handshakes >= HANDSHAKES_MAX) return false;
        handshakes++;
        return true;
    }

    void end() {
        handshakes--;
    }

    /// Why this caller is not let in, null if it is.
    @Nullable
    String refusalOf(Hello hello) {
        var self = owner.settings().self();
        if (!hello.cluster().equals(self.cluster())) {
            return "cluster " + hello.cluster() + "; this node is of cluster " + self.cluster();
        }
        if (hello.format() != Hello.FORMAT) {
            return "format version " + hello.format() + "; this node reads version " + Hello.FORMAT;
        }
        if (hello.from().equals(self.node()))
            return "the caller claims to be node " + self.node() + ", which is this one";
        if (!hello.expected().equals(self.node()))
            return "this is node " + self.node() + ", not node " + hello.expected();
        if (removed.contains(hello.from()))
            return "node " + hello.from() + " was removed from the cluster";
        // Not only who is in our list: that may be old, and who leads by now may be newer than it.
        if (!members.contains(hello.from())
                && links.size() >= owner.settings().limits().membersMax())
            return "too many links from nodes that are not in the list of nodes";
        return null;
    }

    /// Whether this caller belonged to the cluster once.
    boolean wasRemoved(Hello hello) {
        return hello.cluster().equals(owner.settings().self().cluster())
                && removed.contains(hello.from());
    }

    void refusedTo(Channel stranger, String reason) {
        var from = stranger.remoteAddress();
        var host = from instanceof InetSocketAddress inet ? inet.getAddress() : from;
        owner.warn(host + ": " + reason, "Refused a peer link from " + from + ": " + reason);
    }

    void accepted(Hello hello, ChannelHandlerContext greeter) {
        var peer = hello.from();
        var channel = greeter.channel();
        // Never within the call that closes, so that no news comes in the middle of something else.
        channel.closeFuture().addListener(_ -> owner.loop().execute(() -> closed(peer, channel)));
        channel.pipeline().addLast(new FrameDecoder(owner.settings().limits().frameBytesMax()),
                new Reader(peer));
        channel.pipeline().remove(greeter.handler());
        var older = links.put(peer, channel);
        if (older != null) older.close();
        if (members.contains(peer)) {
            owner.heardFrom(peer, hello.back());
        } else {
            owner.dialBack(peer, hello.back());
        }
        owner.connected(peer);
    }

    private void closed(NodeId peer, Channel channel) {
        if (links.remove(peer, channel)) owner.disconnected(peer);
    }

    /// Hands on what arrives on one link.
    private final class Reader extends ChannelInboundHandlerAdapter {
        private final NodeId peer;

        Reader(NodeId peer) {
            this.peer = peer;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            // A link that was replaced may still have bytes to read: too late for them.
            if (context.channel().equals(links.get(peer)))
                owner.received(peer, (PeerMessage) message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var root = Strangers.rootOf(cause);
            if (!(root instanceof IOException))
                owner.warn("Link from node " + peer + " is cut: " + Strangers.describe(root));
            context.close();
        }
    }
}
