package org.bellwether.api;

/// This node was removed from the cluster, and takes no part any more.
public final class RemovedException extends Exception {
    public RemovedException(NodeId node) {
        super("node " + node + " was removed from the cluster; to come back it joins as a new"
                + " node, with an empty folder");
    }
}
