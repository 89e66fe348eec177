package org.bellwether.server.clients;

/// What the node holds in memory for one client, and what answers may yet add to it: so that all clients of a port
/// together stay within [Holdings].
public final class Account {
    private final Holdings holdings;
    private final long answersMax;
    private final Runnable onAdmitted;
    /// What the server knows to be held.
    private long bytes;
    /// What those that were started were answered with, and may yet be.
    private long repliesBytes;
    private long expectedBytes;
    /// How many of them wait for room before the store is asked.
    private int heldBack;
    private boolean closed;

    /// @param answersMax bytes of answers that may be there and expected before no more are asked for
    /// @param onAdmitted run whenever something that waited for room was started
    public Account(Holdings holdings, long answersMax, Runnable onAdmitted) {
        this.holdings = holdings;
        this.answersMax = answersMax;
        this.onAdmitted = onAdmitted;
    }

    /// Whether something waits for room.
    public boolean isHeldBack() {
        return heldBack > 0;
    }

    /// Whether answers are to be written before more are asked for.
    public boolean isFull() {
        return expectedBytes + repliesBytes >= answersMax;
    }

    /// Starts what may be answered with so much when there is room for it. What is behind it waits, too.
    public void admit(long mayBecome, Runnable start) {
        expectedBytes += mayBecome;
        heldBack++;
        holdings.admit(mayBecome, () -> {
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
    public void met(long mayHaveBecome) {
        if (mayHaveBecome == 0) return;
        expectedBytes -= mayHaveBecome;
        holdings.met(mayHaveBecome);
    }

    /// Keeps more of an answer, if there is room.
    public boolean hold(long more) {
        if (more > 0 && !holdings.hasRoom(more)) return false;
        holdAll(more);
        return true;
    }

    /// Whether a value had better not be read for this client.
    public boolean isTight() {
        return holdings.isTight();
    }

    /// Keeps more of an answer that must not be lost.
    public void holdAll(long more) {
        repliesBytes += more;
        add(more);
    }

    /// An answer has become a reply.
    public void written(long replyBytes) {
        repliesBytes -= replyBytes;
    }

    public void add(long more) {
        set(bytes + more);
    }

    /// @param others what is held beside answers
    /// @return all that is held
    public long count(long others) {
        set(others + repliesBytes);
        return bytes;
    }

    private void set(long now) {
        long known = closed ? 0 : now;
        holdings.changed(known - bytes);
        bytes = known;
    }

    /// Whatever is counted from now on is nothing.
    public void close() {
        closed = true;
        set(0);
    }
}
