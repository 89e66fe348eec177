package org.bellwether.node;

/// The tables in a node's folder are not those of the log beside them, so the node cannot start. Nothing was changed.
public final class StrangeTablesException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    StrangeTablesException(String message) {
        super(message);
    }
}
