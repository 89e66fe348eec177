package org.bellwether.server.resp;

/// What the node holds in memory for one client, and what answers may yet add to it: so that all clients of a port
/// together stay within [Holdings].
final class Account {
    private final RespServer server;
    private final Runnable onAdmitted;
    /// What the server knows to be held.
    private long bytes;
    /// What those that were started were answered with, and may yet be.
    private long repliesBytes;
    private long expectedBytes;
    /// How many of them wait for room before the store is asked.
    private int heldBack;
    private boolean closed;

    /// @param onAdmitted run whenever something that waited for room was started
    Account(RespServer server, Runnable onAdmitted) {
        this.server = server;
        this.onAdmitted = onAdmitted;
    }

    /// Whether something waits for room.
    boolean isHeldBack() {
        return heldBack > 0;
    }

    /// Whether answers are to be written before more are asked for.
    boolean isFull() {
        return expectedBytes + repliesBytes >= server.bounds().unsentBytesMax();
    }

    /// Starts what may be answered with so much when there is room for it. What is behind it waits, too.
    void admit(long mayBecome, Runnable start) {
        expectedBytes += mayBecome;
        heldBack++;
        server.holdings().admit(mayBecome, () -> {
            heldBack--;
            if (closed) {
                // Nobody waits for it, and nothing was asked.
                met(mayBecome);
            } else {
                start.run();
                onAdmitted.run();
            }
        });
    }

    /// What was admitted is answered.
    void met(long mayHaveBecome) {
        if (mayHaveBecome == 0) return;
        expectedBytes -= mayHaveBecome;
        server.holdings().met(mayHaveBecome);
    }

    /// Keeps more of an answer, if there is room.
    boolean hold(long more) {
        if (more > 0 && !server.hasRoom(more)) return false;
        holdAll(more);
        return true;
    }

    /// Keeps more of an answer that must not be lost.
    void holdAll(long more) {
        repliesBytes += more;
        add(more);
    }

    /// An answer has become a reply.
    void written(long replyBytes) {
        repliesBytes -= replyBytes;
    }

    void add(long more) {
        set(bytes + more);
    }

    /// @param others what is held beside answers
    /// @return all that is held
    long count(long others) {
        set(others + repliesBytes);
        return bytes;
    }

    private void set(long now) {
        long known = closed ? 0 : now;
        server.holdings().changed(known - bytes);
        bytes = known;
    }

    /// Whatever is counted from now on is nothing.
    void close() {
        closed = true;
        set(0);
    }
}
