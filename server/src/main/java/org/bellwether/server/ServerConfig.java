package org.bellwether.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import org.bellwether.api.Address;
import org.bellwether.api.Limits;
import org.bellwether.node.ClusterConfig;
import org.jspecify.annotations.Nullable;

/// What one node is started with.
///
/// @param dir      its data folder
/// @param http     where HTTP clients reach it; null for what the cluster's list of nodes says
/// @param peer     where other nodes reach it; null for what the cluster's list of nodes says
/// @param insecure whether addresses that other machines can reach are allowed: there is no
///                 authentication yet
public record ServerConfig(Path dir, @Nullable Address http, @Nullable Address peer,
        boolean insecure, ClusterConfig cluster, Limits limits) {

    public ServerConfig(Path dir, @Nullable Address http, @Nullable Address peer,
            boolean insecure) {
        this(dir, http, peer, insecure, ClusterConfig.DEFAULT, Limits.DEFAULT);
    }

    public ServerConfig at(Address newHttp, Address newPeer) {
        return new ServerConfig(dir, newHttp, newPeer, insecure, cluster, limits);
    }

    /// While this node leads, it replaces a voter that is silent for so long; zero for never.
    ///
    /// @throws IllegalArgumentException if that is no longer than the election timeout
    public ServerConfig withDeadAfter(Duration silence) {
        return new ServerConfig(dir, http, peer, insecure, cluster.withDeadAfter(silence), limits);
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
