package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bellwether.api.Address;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.NodeId;
import org.bellwether.api.NodeView;
import org.jspecify.annotations.Nullable;

/// Tells who leads to clients that listen as they would to a Redis Sentinel, the moment it may serve: each node tells
/// its own clients. And ends the connections of a leader's clients when it leads no more, after their replies have
/// left, so that they look for the new one.
final class SentinelEvents {
    private static final String NAME = "mymaster";
    /// A replica is told to be gone a second after it was heard last; and to look at all nodes is work.
    private static final int LOOKS_PER_REPLICAS = 10;

    private final RespServer server;
    /// By which clients have asked for the leader; they listen for the same.
    private final Set<String> names = new LinkedHashSet<>(Set.of(NAME));
    private final Map<NodeId, Boolean> replicas = new LinkedHashMap<>();
    private @Nullable Address master;
    private boolean led;
    private int looks;

    SentinelEvents(RespServer server) {
        this.server = server;
    }

    /// A client calls the leader so.
    void named(String name) {
        if (names.size() < Limits.RESP_MASTER_NAMES_MAX) names.add(name);
    }

    /// Called often.
    void look(NodeView node) {
        if (led && !node.leads()) server.dismissClients();
        led = node.leads();
        var leader = Replicas.leader(node, false);
        if (leader == null || node.leads() && node.notReady() != null) return;
        var address = Objects.requireNonNull(leader.resp().standalone());
        var before = master;
        if (!address.equals(before)) {
            master = address;
            if (before != null) say("+switch-master", text(before) + " " + text(address), true);
            // They are told anew, as those of this leader: the one before may be among them.
            replicas.clear();
        } else if (++looks % LOOKS_PER_REPLICAS != 0) {
            return;
        }
        // What is seen first is no news.
        lookAtReplicas(Replicas.asSeenBy(server), address, before != null);
    }

    private void lookAtReplicas(Replicas nodes, Address leader, boolean isNews) {
        for (var peer : nodes.others()) {
            boolean online = nodes.isOnline(peer);
            var before = replicas.put(peer.member().id(), online);
            if (!isNews) continue;
            var described = described(nodes.address(peer), leader);
            if (before == null) say("+slave", described, false);
            if (before == null ? !online : before != online)
                say(online ? "-sdown" : "+sdown", described, false);
        }
        replicas.keySet().removeIf(id -> nodes.cluster().members().stream()
                .noneMatch(peer -> peer.member().id().equals(id)));
    }

    private static String described(Address replica, Address leader) {
        return "slave " + replica + " " + text(replica) + " @ %s " + text(leader);
    }

    private static String text(Address address) {
        return address.host() + " " + address.port();
    }

    private void say(String channel, String text, boolean nameFirst) {
        for (var name : names) {
            var message = nameFirst ? name + " " + text : text.replace("%s", name);
            server.channels().published(bytes(channel), bytes(message));
        }
    }

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes(ISO_8859_1));
    }
}
