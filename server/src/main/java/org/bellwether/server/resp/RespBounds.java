package org.bellwether.server.resp;

import java.time.Duration;
import org.bellwether.api.Limits;

/// How much a client may take, of memory and of time.
///
/// @param connectionsMax open connections
/// @param pipelineMax    commands of one connection that are not answered; above it nothing more is read
/// @param pipelineBytes  the same in bytes, of their arguments
/// @param startedBytes   bytes of those that were given to the store, unless it is one alone
/// @param readsMax       keys of one connection that are being read
/// @param unsentBytesMax replies that the client has not taken; above it nothing more is done for it. Answers that
///                       are there or expected, and are not written yet: above it no more are asked for
/// @param heldBytesMax   all that all clients of a port make this node hold
/// @param trackedBytesMax what is remembered of the keys that clients keep copies of
/// @param silence        a request that has begun to arrive, and replies that are not taken: without progress
///                       for so long, they end the connection
/// @param linger         a refused client is listened to for so long, so that it can read why
/// @param strangerMax    within which a client says who it is
record RespBounds(int connectionsMax, int pipelineMax, int pipelineBytes, int startedBytes,
        int readsMax, int unsentBytesMax, long heldBytesMax, long trackedBytesMax,
        Duration silence, Duration linger, Duration strangerMax) {
    private static final long HELD_BYTES_MIN = Limits.RESP_REPLY_BYTES_MAX;

    static RespBounds of(Limits limits) {
        return new RespBounds(Limits.RESP_CONNECTIONS_MAX, Limits.RESP_PIPELINE_MAX,
                2 * limits.respRequestBytesMax(), limits.inboxBytesMax() / 4,
                Limits.RESP_READS_MAX, Limits.RESP_UNSENT_BYTES_MAX,
                Math.clamp(Runtime.getRuntime().maxMemory() / 4, HELD_BYTES_MIN,
                        Limits.RESP_HELD_BYTES_MAX),
                Math.min(Runtime.getRuntime().maxMemory() / 16, Limits.RESP_TRACKED_BYTES_MAX),
                Duration.ofSeconds(60), Duration.ofSeconds(5), Limits.RESP_STRANGER_TIME_MAX);
    }
}
