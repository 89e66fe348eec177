package org.bellwether.server;

import org.bellwether.api.Consistency;
import org.bellwether.api.Bytes;
import org.bellwether.api.RespAddresses;
import java.util.List;
import java.util.ArrayList;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import org.bellwether.api.Address;
import org.bellwether.api.Limits;
import org.bellwether.node.ClusterConfig;
import org.bellwether.node.UpkeepConfig;
import org.bellwether.server.resp.RespConfig;
import org.jspecify.annotations.Nullable;

/// What one node is started with.
///
/// @param dir      its data folder
/// @param http     where HTTP clients reach it; null for what the cluster's list of nodes says
/// @param peer     where other nodes reach it; null for what the cluster's list of nodes says
/// @param resp     where Redis clients reach it, and how they are served: at most one end of each kind
/// @param insecure whether addresses that other machines can reach are allowed: there is no
///                 authentication yet
public record ServerConfig(Path dir, @Nullable Address http, @Nullable Address peer,
        List<Resp> resp, boolean insecure, StorageKind storage, ClusterConfig cluster,
        UpkeepConfig upkeep, Limits limits) {

    /// A front end for Redis clients.
    ///
    /// @param address    where it listens
    /// @param advertised where clients are told that it is; null for there
    record Resp(Address address, @Nullable Address advertised, RespConfig config) {
        /// Where clients are told that it is. Nobody reaches `0.0.0.0`: they are told the host at which other nodes
        /// reach this one.
        ///
        /// @throws StartException if there is no such host either
        Address told(Address peer) throws StartException {
            if (advertised != null) return advertised;
            if (!isWildcard(address.host())) return address;
            if (!isWildcard(peer.host())) return new Address(peer.host(), address.port());
            throw new StartException("Redis clients cannot be told to come to " + address
                    + ": say with --advertise-resp" + (config.cluster() ? "-cluster" : "")
                    + " HOST:PORT where they reach this node");
        }

        private static boolean isWildcard(String host) {
            try {
                return InetAddress.ofLiteral(host).isAnyLocalAddress();
            } catch (IllegalArgumentException aName) {
                return false;
            }
        }
    }

    public ServerConfig(Path dir, @Nullable Address http, @Nullable Address peer,
            boolean insecure) {
        this(dir, http, peer, List.of(), insecure, StorageKind.ROCKSDB, ClusterConfig.DEFAULT,
                UpkeepConfig.DEFAULT, Limits.DEFAULT);
    }

    public ServerConfig at(Address newHttp, Address newPeer) {
        return new ServerConfig(dir, newHttp, newPeer, resp, insecure, storage, cluster, upkeep,
                limits);
    }

    /// While this node leads, it replaces a voter that is silent for so long; zero for never.
    ///
    /// @throws IllegalArgumentException if that is no longer than the election timeout
    public ServerConfig withDeadAfter(Duration silence) {
        return new ServerConfig(dir, http, peer, resp, insecure, storage,
                cluster.withDeadAfter(silence), upkeep, limits);
    }

    /// Lets Redis clients in that talk to one server, and those that find the leader by Sentinel.
    ///
    /// @param address    where this listens
    /// @param advertised what clients are told instead, as behind a port mapping; null for the same
    /// @param reads      how fresh their reads are, unless they say otherwise
    /// @param password   what `AUTH` must give before anything else is served; null if nobody is asked
    /// @throws IllegalArgumentException if such clients are let in already
    public ServerConfig withResp(Address address, @Nullable Address advertised, Consistency reads,
            @Nullable Bytes password) {
        return withEnd(address, advertised, new RespConfig(reads, password, false));
    }

    /// The same for clients of Redis Cluster, which are sent to the leader.
    public ServerConfig withRespCluster(Address address, @Nullable Address advertised,
            Consistency reads, @Nullable Bytes password) {
        return withEnd(address, advertised, new RespConfig(reads, password, true));
    }

    private ServerConfig withEnd(Address address, @Nullable Address advertised,
            RespConfig config) {
        var more = new ArrayList<>(resp);
        for (var end : resp) {
            if (end.config().cluster() == config.cluster())
                throw new IllegalArgumentException("two ends for the same Redis clients");
        }
        more.add(new Resp(address, advertised, config));
        return new ServerConfig(dir, http, peer, List.copyOf(more), insecure, storage, cluster,
                upkeep, limits);
    }

    /// Lets Redis clients remove all keys at once.
    public ServerConfig withRespFlush() {
        return new ServerConfig(dir, http, peer, resp.stream().map(end -> new Resp(end.address(),
                end.advertised(), end.config().withFlush())).toList(), insecure, storage, cluster,
                upkeep, limits);
    }

    /// Where Redis clients are told that this node is.
    ///
    /// @param peerAddress where other nodes reach it
    /// @throws StartException if that cannot be told
    RespAddresses respAddresses(Address peerAddress) throws StartException {
        var all = RespAddresses.NONE;
        for (var end : resp) {
            var told = end.told(peerAddress);
            all = end.config().cluster()
                    ? new RespAddresses(all.standalone(), told)
                    : new RespAddresses(told, all.cluster());
        }
        return all;
    }

    public ServerConfig withStorage(StorageKind kind) {
        return new ServerConfig(dir, http, peer, resp, insecure, kind, cluster,
                upkeep.withFlushBytes(kind.flushBytes()), limits);
    }

    /// @param rate bytes per second that all snapshots together are sent with; 0 for no limit
    /// @throws IllegalArgumentException if it is negative
    public ServerConfig withSnapshotRate(long rate) {
        return new ServerConfig(dir, http, peer, resp, insecure, storage, cluster,
                upkeep.withSendBytesPerSecond(rate), limits);
    }

    /// How much of the log is kept for replicas that are not far behind.
    ///
    /// @throws IllegalArgumentException if either is negative
    public ServerConfig withLogKeep(long bytes, Duration time) {
        return new ServerConfig(dir, http, peer, resp, insecure, storage, cluster,
                upkeep.withKeep(bytes, time), limits);
    }

    /// @throws StartException if this address can be reached from outside and that was not allowed
    void check(Address address) throws StartException {
        try {
            if (!insecure && !InetAddress.getByName(address.host()).isLoopbackAddress()) {
                throw new StartException(address + " can be reached by others, and there is no"
                        + " authentication yet; --insecure allows it");
            }
        } catch (UnknownHostException unknown) {
            throw new StartException("no such host: " + address.host(), unknown);
        }
    }
}
