package org.bellwether.log;

import java.io.IOException;
import java.util.List;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
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
    /// many as fit into `bytesMax`; empty if the log does not hold `fromIndex`, be it that it does not reach
    /// there or that it [has been cut][#cut] behind it. Which, the base tells.
    List<Entry> read(long fromIndex, int bytesMax) throws IOException;

    /// Writes a group. Nothing is durable before [#sync].
    ///
    /// @return whether all of it is written. Where the next segment should begin and the disk has no room for it, the rest
    ///         waits for [#finish]; until that is done, nothing else is written or synced
    boolean write(Persist group) throws IOException;

    /// Goes on with the group that could not be finished.
    ///
    /// @return whether it is now
    boolean finish() throws IOException;

    /// Makes everything written so far survive power loss.
    Synced sync() throws IOException;

    /// Notes beside the log how far it is synced: if some of that is lost, the next start misses it, and refuses the log.
    /// Else only the groups that came later bear witness to those before. Costs more than a sync, so it is called when
    /// nobody waits; nothing is written if it is known.
    void noteSynced() throws IOException;

    /// Lets the log lose its beginning: the entries up to `through` are committed, and what came of them is
    /// durable elsewhere. Removes them only in large pieces, so some are kept; never the end of the log;
    /// and only a bounded number of pieces, so call it again until the base stays. A hint: a disk that is too
    /// full even for this is left as it is. Durable when it returns; after a crash on the way the log begins
    /// where it did or where it would have.
    ///
    /// @param keepBytes at least so much of the log is kept, counted from its end, if there is as much: for
    ///                  replicas that are not far behind
    /// @return the base: the position before the first entry that is still held
    Position cut(long through, long keepBytes) throws IOException;

    /// Begins the log anew behind a snapshot of the state as of `base`, which must be durable already:
    /// drops every entry, and goes on at the index after `base`. But a log that holds `base` is kept as it is: what it
    /// has behind it may have been promised. The ballot is kept, or raised to the term of `base` if it is older.
    /// Durable when it returns; after a crash on the way there is the old log, whole, or the new one, empty.
    ///
    /// @param membership the entry with the list of nodes in effect at `base`
    /// @throws IllegalArgumentException if the log is known to be committed as far as `base`, and does not hold it
    void restart(Position base, Entry membership) throws IOException;

    /// Does one slice of preparation for what is to come (the next segment), and says how it stands. Never
    /// throws for want of space.
    Room prepare() throws IOException;

    @Override
    void close() throws IOException;

    /// How much room there is for new entries.
    ///
    /// @param bytesLeft of [records][#recordBytes] can be written for sure, whatever becomes of the disk. Where one segment
    ///                  ends and the next begins, as much may be lost as the largest of them takes
    record Room(Level level, long bytesLeft) {
        /// Before anything is known.
        public static final Room UNKNOWN = new Room(Level.PREPARING, 0);
        /// What was taken does not even fit.
        public static final Room NONE = new Room(Level.FULL, 0);

        public boolean isFull() {
            return level == Level.FULL || level == Level.FULL_PREPARING;
        }

        /// Whether [LogStore#prepare] has more to do, and should be called again soon.
        public boolean isPreparing() {
            return level == Level.PREPARING || level == Level.FULL_PREPARING;
        }

        /// Whether entries may be written without counting them.
        public enum Level {
            /// They may, and there is nothing to prepare.
            READY,
            /// They may.
            PREPARING,
            /// The disk is full: only what fits into `bytesLeft`, which is kept for what makes room, and for the list
            /// of nodes. Call [LogStore#prepare] again now and then, space may return.
            FULL,
            /// As FULL, but more of the room that is kept is just being prepared.
            FULL_PREPARING
        }
    }

    /// What an entry takes of the log. @param payloadBytes of the entry
    static long recordBytes(int payloadBytes) {
        return RecordHeader.recordBytes(payloadBytes);
    }
}
