package org.bellwether.api;

/// Where something listens: a host name or IP address, and a port.
public record Address(String host, int port) {
    public Address {
        if (host.isEmpty() || port < 0 || port > 65535) {
            throw new IllegalArgumentException("not an address: '" + host + "' port " + port);
        }
    }

    /// Reads `host:port`, with IPv6 addresses in brackets.
    public static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            String host = text.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]"))
                host = host.substring(1, host.length() - 1);
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
