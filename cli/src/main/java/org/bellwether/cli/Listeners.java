package org.bellwether.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bellwether.api.Address;
import org.jspecify.annotations.Nullable;

/// Where one node listens. That each port is free does not say that there is one for each: so that is asked before a
/// cluster is founded that could never start.
final class Listeners {
    private final Map<String, Address> taken = new LinkedHashMap<>();

    /// @param option  that says it
    /// @param address null if it is not said, or there is none
    /// @throws Failure if it cannot be listened on beside the others
    Listeners add(String option, @Nullable Address address) {
        if (address == null) return this;
        taken.forEach((other, where) -> {
            if (meets(where, address)) {
                throw new Failure(Exit.USAGE, other + " " + where + " and " + option + " " + address
                        + " are the same address; each needs a port of its own");
            }
        });
        taken.put(option, address);
        return this;
    }

    /// Port 0 is whichever is free.
    private static boolean meets(Address one, Address other) {
        if (one.port() != other.port() || one.port() == 0) return false;
        if (one.host().equals(other.host())) return true;
        try {
            var here = InetAddress.getByName(one.host());
            var there = InetAddress.getByName(other.host());
            return here.equals(there) || here.isAnyLocalAddress() || there.isAnyLocalAddress();
        } catch (UnknownHostException unknown) {
            // Said where it is to be listened on.
            return false;
        }
    }
}
