package org.bellwether.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.SplittableRandom;

/// Free ports for servers that must know them before they start. Taken from below the range from which the
/// kernel serves outgoing connections, at a random place, so that two test runs hardly meet.
final class Ports {
    private static final int LOWEST = 12_000;
    private static final int HIGHEST = 31_000;
    private static final SplittableRandom RANDOM = new SplittableRandom();

    private Ports() {}

    /// The first of `count` free ports in a row.
    static synchronized int row(int count) {
        for (int i = 0; i < 1_000; i++) {
            int first = RANDOM.nextInt(LOWEST, HIGHEST);
            if (areFree(first, count)) return first;
        }
        throw new AssertionError("no free ports");
    }

    private static boolean areFree(int first, int count) {
        for (int port = first; port < first + count; port++) {
            if (!isFree(port)) return false;
        }
        return true;
    }

    static boolean isFree(int port) {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
