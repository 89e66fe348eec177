package org.bellwether.cli;

import org.bellwether.api.Address;
import org.bellwether.server.ServerConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What the list of nodes is to say where others reach a node elsewhere than it listens. Shared by every command that
/// makes one or runs it.
final class AdvertiseOptions {
    @Option(names = "--advertise-http", paramLabel = "HOST:PORT", converter = Addresses.class,
            description = "What the list of nodes says instead of --http, if HTTP clients reach it elsewhere, as in a container. Needed where it listens on 0.0.0.0.")
    private @Nullable Address http;

    @Option(names = "--advertise-peer", paramLabel = "HOST:PORT", converter = Addresses.class,
            description = "What the list of nodes says instead of --peer, if other nodes reach it elsewhere. Needed where it listens on 0.0.0.0.")
    private @Nullable Address peer;

    /// @throws Failure if that makes no sense
    ServerConfig of(ServerConfig config) {
        try {
            return config.withAdvertised(http, peer);
        } catch (IllegalArgumentException refused) {
            throw new Failure(Exit.USAGE, String.valueOf(refused.getMessage()));
        }
    }
}
