package org.bellwether.server.resp;

import org.bellwether.api.Bytes;
import org.bellwether.api.Consistency;
import org.jspecify.annotations.Nullable;

/// What an operator may choose about the Redis protocol, for this node alone.
///
/// @param reads    how fresh reads are, on connections that have said neither `READONLY` nor `CLIENT READS`
/// @param password what `AUTH` must give before anything else is served; null if nobody is asked
/// @param cluster  whether clients are those of Redis Cluster, which are sent to the leader instead of being served by
///                 passing on what they ask
/// @param flushes  whether clients may remove all keys at once
public record RespConfig(Consistency reads, @Nullable Bytes password, boolean cluster,
        boolean flushes) {
    public static final RespConfig DEFAULT = new RespConfig(Consistency.LINEARIZABLE, null, false);

    /// Without `FLUSHALL` and `FLUSHDB`.
    public RespConfig(Consistency reads, @Nullable Bytes password, boolean cluster) {
        this(reads, password, cluster, false);
    }

    public RespConfig withFlush() {
        return new RespConfig(reads, password, cluster, true);
    }
}
