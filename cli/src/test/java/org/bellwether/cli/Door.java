package org.bellwether.cli;

import java.io.IOException;

/// By which protocol one client speaks with the nodes of a cluster.
interface Door extends AutoCloseable {
    /// @throws java.net.ConnectException if nothing can have happened, for there was nobody to ask
    /// @throws IOException               if it was asked, and not answered
    Heard put(int node, String key, int value) throws IOException;

    Heard delete(int node, String key) throws IOException;

    Heard get(int node, String key) throws IOException;

    @Override
    void close();

    /// What a node said.
    sealed interface Heard {
        /// Of a write. @param existed whether the key had a value before
        record Done(boolean existed) implements Heard {}

        /// Of a read.
        record Saw(int value) implements Heard {}

        /// Not now; nothing happened.
        record Nothing() implements Heard {}

        record Unknown() implements Heard {}
    }
}
