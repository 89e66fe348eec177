package org.bellwether.api;

import org.jspecify.annotations.Nullable;

/// Where Redis clients reach a node.
///
/// @param standalone those that talk to one server, and those that find it by Sentinel; null if they do not
/// @param cluster    those of Redis Cluster, which are sent to the leader; null if they do not
public record RespAddresses(@Nullable Address standalone, @Nullable Address cluster) {
    public static final RespAddresses NONE = new RespAddresses(null, null);

    public static RespAddresses standalone(Address address) {
        return new RespAddresses(address, null);
    }

    public boolean isNone() {
        return equals(NONE);
    }
}
