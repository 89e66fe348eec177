package org.bellwether.server.resp;

import java.time.Duration;
import java.util.List;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterView;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.api.NodeView;
import org.jspecify.annotations.Nullable;

/// The nodes as clients of Redis want to know them: one leads, the others replicate it, each at the address at
/// which such clients reach it. Whoever has none is not spoken of.
///
/// @param lastLeader who was seen to lead last
record Replicas(NodeView node, ClusterView cluster, boolean forCluster,
        @Nullable NodeId lastLeader) {
    /// Longer than heartbeats are apart: a replica that was not heard for so long is not online.
    private static final Duration ONLINE = Duration.ofSeconds(1);
    /// Within which the next leader is mostly elected, also where the last one only hangs.
    private static final Duration ELECTION = Duration.ofSeconds(4);

    static Replicas asSeenBy(RespServer server) {
        return new Replicas(server.store().node(), server.store().cluster(),
                server.config().cluster(), server.lastLeader());
    }

    /// Who leads and may serve; null if nobody is known to, or Redis clients do not reach it.
    @Nullable
    Member leader() {
        return leader(node, forCluster);
    }

    /// The same for whoever asks so often that the list of all nodes would be too much.
    static @Nullable Member leader(NodeView node, boolean forCluster) {
        var leader = node.leaderServes() ? node.leader() : null;
        return leader == null || reached(leader, forCluster) == null ? null : leader;
    }

    /// Who leads, or did until now: null only if nobody has been seen to.
    @Nullable
    Member latestLeader() {
        var leader = leader();
        if (leader != null) return leader;
        return cluster.members().stream().map(ClusterView.Peer::member)
                .filter(member -> member.id().equals(lastLeader) && reached(member) != null)
                .findFirst().orElse(null);
    }

    /// Whether this node does.
    boolean isLeader() {
        return node.leads() && node.leaderServes();
    }

    /// Where the leader is reached; null as above.
    @Nullable
    Address leaderAddress() {
        var leader = leader();
        return leader == null ? null : reached(leader);
    }

    /// Who does not lead, with an address, sorted by ID.
    List<ClusterView.Peer> others() {
        return butFor(node.leaderServes() ? node.leader() : null);
    }

    /// Everybody else, with an address, sorted by ID.
    List<ClusterView.Peer> butFor(@Nullable Member one) {
        var id = one == null ? null : one.id();
        return cluster.members().stream().filter(
                peer -> !peer.member().id().equals(id) && reached(peer.member()) != null).toList();
    }

    List<ClusterView.Peer> online(List<ClusterView.Peer> peers) {
        return peers.stream().filter(this::isOnline).toList();
    }

    boolean isOnline(ClusterView.Peer peer) {
        return isOnline(cluster, peer);
    }

    /// Of most others this node hears by the leader alone. While that is silent, and the next one is being elected, they
    /// are as they were; not for longer, since this node may be the one that is cut off.
    static boolean isOnline(ClusterView cluster, ClusterView.Peer peer) {
        var heard = peer.sinceHeard();
        if (heard == null) return false;
        var silence = cluster.toldAgo().compareTo(ELECTION) < 0 ? cluster.toldAgo() : ELECTION;
        return heard.minus(silence).compareTo(ONLINE) <= 0;
    }

    /// Where clients like those that ask reach it; null if they do not.
    @Nullable
    Address reached(Member member) {
        return reached(member, forCluster);
    }

    private static @Nullable Address reached(Member member, boolean forCluster) {
        return forCluster ? member.resp().cluster() : member.resp().standalone();
    }

    Address address(ClusterView.Peer peer) {
        return address(peer.member());
    }

    Address address(Member member) {
        var address = reached(member);
        if (address == null) throw new IllegalArgumentException(member + " has no such address");
        return address;
    }

    /// Entries of the log take the place of bytes. Never 0, which Lettuce takes for no replica at all.
    static long offset(long appliedIndex) {
        return Math.max(1, appliedIndex);
    }
}
