package org.bellwether.api;

import java.util.regex.Pattern;

/// Where something listens: a host name or IP address, and a port. What people and programs give is checked by [#parse].
public record Address(String host, int port) {
    /// The longest name that DNS has.
    private static final int HOST_CHARS_MAX = 253;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?");

    public Address {
        if (host.isEmpty() || port < 0 || port > 65535) {
            throw new IllegalArgumentException("not an address: '" + host + "' port " + port);
        }
    }

    /// Reads `host:port`, with IPv6 addresses in brackets.
    ///
    /// @throws IllegalArgumentException if it is none; the message says why
    public static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            String host = text.substring(0, colon);
            boolean bracketed = host.startsWith("[") && host.endsWith("]");
            if (bracketed) host = host.substring(1, host.length() - 1);
            if (host.length() > HOST_CHARS_MAX) {
                throw new IllegalArgumentException("a host of " + host.length()
                        + " characters is over the limit of " + HOST_CHARS_MAX);
            }
            if (!(bracketed ? IPV6 : NAME).matcher(host).matches())
                throw new IllegalArgumentException("expected host:port, with an IPv6 address in"
                        + " brackets, got '" + text + "'");
            return new Address(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (IndexOutOfBoundsException | NumberFormatException notOne) {
            throw new IllegalArgumentException("expected host:port, got '" + text + "'", notOne);
        }
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
