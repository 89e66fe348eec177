package org.bellwether.log;

import java.io.IOException;
import java.util.List;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Synced;

/// The ordered log, and the ballot beside it, on some medium.
///
/// *Threads.* Called by one thread at a time, the disk thread; nothing here touches the loop.
/// *Failure.* A method that throws makes the node stop: the log never guesses, and never retries a sync
/// (after a failed `fsync` the next one can lie). A full disk is not a failure; see [#prepare].
public interface LogStore extends AutoCloseable {
    /// Reads back what survived. Called once, first. Cuts a torn tail, refuses damage.
    ///
    /// @throws DamagedLogException if bytes that were known to be synced cannot be read back
    Recovered open() throws IOException;

    /// Reads entries from `fromIndex` on: in order, no gaps, at least one if the log holds it, else as
    /// many as fit into `bytesMax`; empty if the log does not hold `fromIndex`.
    List<Entry> read(long fromIndex, int bytesMax) throws IOException;

    /// Writes a group. Nothing is durable before [#sync].
    void write(Persist group) throws IOException;

    /// Makes everything written so far survive power loss.
    Synced sync() throws IOException;

    /// Does one slice of preparation for what is to come (the next segment), and says how it stands. Never
    /// throws for want of space.
    Room prepare() throws IOException;

    @Override
    void close() throws IOException;

    /// How much room there is for new entries.
    enum Room {
        /// Entries may be written, and there is nothing to prepare.
        READY,
        /// Entries may be written; call [LogStore#prepare] again soon.
        PREPARING,
        /// The disk is full: what was already handed over can still be written, new proposals must be
        /// refused. Call [LogStore#prepare] again now and then, space may return.
        FULL
    }
}
