package org.bellwether.transport;

import java.util.List;

/// One message as bytes: its head, then its payloads, which are the caller's own arrays and not copies of
/// them. `docs/formats.md` draws it.
public final class Frame {
    private final byte[] head;
    private final int headBytes;
    private final List<byte[]> payloads;
    private final int bytes;

    Frame(byte[] head, int headBytes, List<byte[]> payloads, int bytes) {
        this.head = head;
        this.headBytes = headBytes;
        this.payloads = payloads;
        this.bytes = bytes;
    }

    /// Holds the head in its first [#headBytes] bytes.
    public byte[] head() {
        return head;
    }

    /// Length, checksum and structured fields together.
    public int headBytes() {
        return headBytes;
    }

    /// What follows the head, in order. Nobody writes to these arrays.
    public List<byte[]> payloads() {
        return payloads;
    }

    /// All of it on the wire, the length field included.
    public int bytes() {
        return bytes;
    }

    /// A copy in one piece, for who has no socket to write pieces to.
    public byte[] toBytes() {
        byte[] whole = new byte[bytes];
        System.arraycopy(head, 0, whole, 0, headBytes);
        int at = headBytes;
        for (byte[] payload : payloads) {
            System.arraycopy(payload, 0, whole, at, payload.length);
            at += payload.length;
        }
        return whole;
    }
}
