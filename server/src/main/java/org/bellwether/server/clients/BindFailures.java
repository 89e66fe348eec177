package org.bellwether.server.clients;

import java.nio.channels.UnresolvedAddressException;

/// Why a front end cannot listen where it is to.
public final class BindFailures {
    private BindFailures() {}

    /// In words for whoever has said where.
    public static String reason(Throwable cause) {
        if (cause instanceof UnresolvedAddressException) return "no such host";
        String why = String.valueOf(cause.getMessage());
        return why.contains("in use") ? "the port is in use" : why;
    }
}
