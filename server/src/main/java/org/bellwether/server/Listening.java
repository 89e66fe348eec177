package org.bellwether.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.bellwether.api.Address;

/// Whether an address can be listened on.
public final class Listening {
    private Listening() {}

    /// @throws StartException if something listens already where this node is to, or this machine has no such address
    static void refuseIfTaken(ServerConfig config) throws StartException {
        if (config.http() != null) refuseIfTaken("HTTP", config.http());
        if (config.peer() != null) refuseIfTaken("peer", config.peer());
        for (var resp : config.resp())
            refuseIfTaken("RESP", resp.address());
    }

    private static void refuseIfTaken(String what, Address address) throws StartException {
        try {
            tryOut(address);
        } catch (IOException taken) {
            throw failure(what, address, taken);
        }
    }

    /// Listens there for a moment.
    ///
    /// @throws IOException if something listens there already, or this machine has no such address
    public static void tryOut(Address address) throws IOException {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(address.host(), address.port()));
        }
    }

    static StartException failure(String what, Address address, Throwable cause) {
        String why = String.valueOf(cause.getMessage());
        return new StartException("cannot listen on " + address + " (" + what + "): "
                + (why.contains("in use") ? "the port is in use" : why), cause);
    }
}
