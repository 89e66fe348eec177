package org.bellwether.server.resp;

import org.bellwether.api.Limits;

/// How large a request may be. What a client announces is checked before a byte of it is awaited.
///
/// @param argumentsMax     number of arguments, the name included
/// @param argumentBytesMax one of them
/// @param requestBytesMax  all of them together
/// @param inlineBytesMax   a line that is a command by itself
/// @param stranger         whether these hold because the client has not said who it is
record RequestLimits(int argumentsMax, int argumentBytesMax, int requestBytesMax,
        int inlineBytesMax, boolean stranger) {

    static RequestLimits of(Limits limits) {
        return new RequestLimits(Limits.RESP_ARGUMENTS_MAX, limits.respArgumentBytesMax(),
                limits.respRequestBytesMax(), Limits.RESP_INLINE_BYTES_MAX, false);
    }

    /// Before `AUTH`: enough for it, and for nothing with which memory could be filled (CVE-2021-32675).
    static RequestLimits ofStranger() {
        return new RequestLimits(Limits.RESP_STRANGER_ARGUMENTS_MAX,
                Limits.RESP_STRANGER_ARGUMENT_BYTES_MAX,
                Limits.RESP_STRANGER_ARGUMENTS_MAX * Limits.RESP_STRANGER_ARGUMENT_BYTES_MAX,
                Limits.RESP_INLINE_BYTES_MAX, true);
    }
}
