package org.bellwether.server.resp;

import org.bellwether.api.Bytes;
import org.bellwether.api.Consistency;
import org.jspecify.annotations.Nullable;

/// What an operator may choose about the Redis protocol, for this node alone.
///
/// @param reads    how fresh reads are, on connections that have not said `READONLY`
/// @param password what `AUTH` must give before anything else is served; null if nobody is asked
public record RespConfig(Consistency reads, @Nullable Bytes password) {
    public static final RespConfig DEFAULT = new RespConfig(Consistency.LINEARIZABLE, null);
}
