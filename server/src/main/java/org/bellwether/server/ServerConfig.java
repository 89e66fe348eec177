package org.bellwether.server;

import org.bellwether.api.Consistency;
import org.bellwether.api.Bytes;
import org.bellwether.api.RespAddresses;
import java.util.List;
import java.util.ArrayList;
import java.util.Objects;
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
/// @param dir        its data folder
/// @param http       where it listens for HTTP clients; null for where the cluster's list of nodes says that it is
/// @param peer       where it listens for other nodes; null for where the cluster's list of nodes says that it is
/// @param advertised what the list of nodes is to say instead
/// @param resp       where Redis clients reach it, and how they are served: at most one end of each kind
/// @param insecure   whether addresses that other machines can reach are allowed: there is no
///                   authentication yet
public record ServerConfig(Path dir, @Nullable Address http, @Nullable Address peer,
        Advertised advertised, List<Resp> resp, boolean insecure, StorageKind storage,
        ClusterConfig cluster, UpkeepConfig upkeep, Limits limits) {

    /// Where others reach a node that they do not reach where it listens, as behind a port mapping.
    ///
    /// @param http null for where it listens
    /// @param peer null for where it listens
    record Advertised(@Nullable Address http, @Nullable Address peer) {
        static final Advertised NONE = new Advertised(null, null);
    }

    /// What the list of nodes says of where a node is.
    public record Told(Address http, Address peer, RespAddresses resp) {}

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
            if (!isWildcard(address)) return address;
            if (!isWildcard(peer)) return new Address(peer.host(), address.port());
            throw new StartException("Redis clients cannot be told to come to " + address
                    + ": say with --advertise-resp" + (config.cluster() ? "-cluster" : "")
                    + " HOST:PORT where they reach this node");
        }
    }

    public ServerConfig(Path dir, @Nullable Address http, @Nullable Address peer,
            boolean insecure) {
        this(dir, http, peer, Advertised.NONE, List.of(), insecure, StorageKind.ROCKSDB,
                ClusterConfig.DEFAULT, UpkeepConfig.DEFAULT, Limits.DEFAULT);
    }

    public ServerConfig at(Address newHttp, Address newPeer) {
        return new ServerConfig(dir, newHttp, newPeer, advertised, resp, insecure, storage, cluster,
                upkeep,
                limits);
    }

    /// Lets the list of nodes say that this node is elsewhere than it listens.
    ///
    /// @param newHttp where HTTP clients reach it; null for where it listens
    /// @param newPeer where other nodes reach it; null for where it listens
    /// @throws IllegalArgumentException if nobody can be told to come there, or it is not said where this node listens
    public ServerConfig withAdvertised(@Nullable Address newHttp, @Nullable Address newPeer) {
        refuseUnlessReachable("http", http, newHttp);
        refuseUnlessReachable("peer", peer, newPeer);
        return new ServerConfig(dir, http, peer, new Advertised(newHttp, newPeer), resp, insecure,
                storage, cluster, upkeep, limits);
    }

    private static void refuseUnlessReachable(String end, @Nullable Address listen,
            @Nullable Address told) {
        if (told == null) return;
        if (listen == null) {
            throw new IllegalArgumentException("--advertise-" + end
                    + " is for a node that listens elsewhere: say with --" + end + " where");
        }
        if (isWildcard(told) || told.port() == 0) {
            throw new IllegalArgumentException(
                    "--advertise-" + end + ": nobody reaches a node at " + told);
        }
    }

    /// While this node leads, it replaces a voter that is silent for so long; zero for never.
    ///
    /// @throws IllegalArgumentException if that is no longer than the election timeout
    public ServerConfig withDeadAfter(Duration silence) {
        return new ServerConfig(dir, http, peer, advertised, resp, insecure, storage,
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

    private ServerConfig withEnd(Address address, @Nullable Address advertisedResp,
            RespConfig config) {
        var more = new ArrayList<>(resp);
        for (var end : resp) {
            if (end.config().cluster() == config.cluster())
                throw new IllegalArgumentException("two ends for the same Redis clients");
        }
        more.add(new Resp(address, advertisedResp, config));
        return new ServerConfig(dir, http, peer, advertised, List.copyOf(more), insecure, storage,
                cluster,
                upkeep, limits);
    }

    /// Lets Redis clients remove all keys at once.
    public ServerConfig withRespFlush() {
        return new ServerConfig(dir, http, peer, advertised,
                resp.stream().map(end -> new Resp(end.address(),
                        end.advertised(), end.config().withFlush())).toList(),
                insecure, storage, cluster,
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

    /// What the list of nodes is to say of this node.
    ///
    /// @param listenHttp where it listens for HTTP clients
    /// @param listenPeer where it listens for other nodes
    /// @throws StartException if nobody can be told to come there
    Told told(Address listenHttp, Address listenPeer) throws StartException {
        var toldPeer = told("peer", listenPeer, advertised.peer());
        return new Told(told("http", listenHttp, advertised.http()), toldPeer,
                respAddresses(toldPeer));
    }

    private static Address told(String end, Address listen, @Nullable Address instead)
            throws StartException {
        if (instead != null) return instead;
        if (!isWildcard(listen)) return listen;
        throw new StartException("nobody reaches a node at " + listen + ": say with --advertise-"
                + end + " HOST:PORT where others reach this one");
    }

    /// The same of a new node, whose addresses must be given.
    ///
    /// @throws StartException if it may not listen there, too
    public Told toldOfNew() throws StartException {
        var listenHttp = Objects.requireNonNull(http, "a new node needs an HTTP address");
        var listenPeer = Objects.requireNonNull(peer, "a new node needs a peer address");
        check(listenHttp);
        check(listenPeer);
        return told(listenHttp, listenPeer);
    }

    private static boolean isWildcard(Address address) {
        try {
            return InetAddress.ofLiteral(address.host()).isAnyLocalAddress();
        } catch (IllegalArgumentException aName) {
            return false;
        }
    }

    public ServerConfig withStorage(StorageKind kind) {
        return new ServerConfig(dir, http, peer, advertised, resp, insecure, kind, cluster,
                upkeep.withFlushBytes(kind.flushBytes()), limits);
    }

    /// @param rate bytes per second that all snapshots together are sent with; 0 for no limit
    /// @throws IllegalArgumentException if it is negative
    public ServerConfig withSnapshotRate(long rate) {
        return new ServerConfig(dir, http, peer, advertised, resp, insecure, storage, cluster,
                upkeep.withSendBytesPerSecond(rate), limits);
    }

    /// How much of the log is kept for replicas that are not far behind.
    ///
    /// @throws IllegalArgumentException if either is negative
    public ServerConfig withLogKeep(long bytes, Duration time) {
        return new ServerConfig(dir, http, peer, advertised, resp, insecure, storage, cluster,
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
