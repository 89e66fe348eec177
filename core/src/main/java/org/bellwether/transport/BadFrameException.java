package org.bellwether.transport;

/// These bytes are not what a peer of this protocol version sends. The link they came on is closed;
/// nothing of them reaches the node.
public final class BadFrameException extends Exception {
    private final String reason;

    public BadFrameException(String reason) {
        super(reason);
        this.reason = reason;
    }

    BadFrameException(String reason, Throwable cause) {
        super(reason, cause);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
