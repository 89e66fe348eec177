package org.bellwether.storage;

import java.util.List;
import java.util.function.Supplier;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// The tables of the state machine: a map from key to value with its history, and how far the log is
/// applied in it.
///
/// *Threads.* One writer: the node's loop calls everything but [#flush], [#durable] and [#restore]. Other
/// threads read through a [View] that the loop took.
/// *Waiting.* What the loop calls never waits for a write to the disk, for a sync or for another thread. A
/// [#get] may have to read a file, in storages that hold more than their caches do; while that takes long,
/// [#isSlow] says so, and [#fetch] reads ahead.
/// *Durability.* The log is what survives: a crash may take back every commit after [#durable], the newest
/// first. Changes, applied index and revision of a commit survive together or not at all.
/// *Failure.* A method that throws makes the node stop, but for [StorageCongestedException]. Calls that
/// break the rules of a method throw [IllegalArgumentException] or [IllegalStateException] and change nothing.
public interface Storage extends AutoCloseable {
    @Nullable
    Versioned get(Bytes key);

    /// Whether a [#get] has lately had to wait for the disk, so that it is worth asking what is at hand.
    default boolean isSlow() {
        return false;
    }

    /// Whether [#get] would answer from memory.
    default boolean isAtHand(Bytes key) {
        return true;
    }

    /// Reads into memory what [#get] of these keys needs, on a thread of the storage's own; what is there when `done` runs
    /// is mostly still there when it is asked for. What fails is left to the [#get] that meets it.
    ///
    /// @param keys asked on that thread
    /// @param done run on that thread; soon and without anything read if too much is being fetched. Not run any more once
    ///             the storage is closed
    default void fetch(Supplier<List<Bytes>> keys, Runnable done) {
        done.run();
    }

    /// A hint: these keys will be asked for next, all of them. Most of a [#get] from memory is waiting for memory, and
    /// who knows several keys can have the processor wait for all of them at once. Changes nothing, and reads no disk.
    default void expect(List<Bytes> keys) {}

    /// Keys that expire at this time or before, the earliest first, and of the same time in their order.
    List<Bytes> expiring(long through, int keysMax);

    /// Performs the changes, of as many keys, and replaces the mark, all at once. That the mark's totals are those of the
    /// changed rows is up to the caller.
    ///
    /// @throws IllegalArgumentException  if the applied index does not move forward
    /// @throws StorageCongestedException if nothing was changed because the disk is full, or the storage too far behind;
    ///                                   the same commit may be tried again once it is not [#congested] any more
    void commit(List<Change> changes, Mark mark);

    /// As [#commit], but first removes every key that there is: all at once, and in no more time than a commit takes.
    ///
    /// @param changes nothing was there before any of them
    void replace(List<Change> changes, Mark mark);

    /// Of the last commit; [Mark#NONE] before the first. May be asked after [#close], too.
    Mark mark();

    default long applied() {
        return mark().applied();
    }

    default Revision revision() {
        return mark().revision();
    }

    /// What whoever restored this state, or the one that it came from, wanted to find beside it; empty if it has
    /// come from no restore.
    Bytes origin();

    /// The state as of now, to be read by another thread while writes go on. Copies no rows.
    View view();

    /// Whether the storage falls behind the commits, or its disk is full. The node then holds back what it can:
    /// a commit still succeeds, and never waits, but takes memory until the storage has caught up.
    boolean congested();

    /// Whether it is congested for want of space, as far as [#congested] has last found.
    boolean full();

    /// An applied index that would survive a crash now; what would be found may be later, never earlier. It
    /// rises by [#flush]; by a flush after an [#install] it may also fall. Callable on any thread.
    long durable();

    /// Makes the state durable that is seen in the view, or a later one, with an installed state if that is in the
    /// view; returns [#durable]. 0 from a storage that keeps nothing. Blocks: called on a background thread,
    /// never concurrently with itself. [#close] does not flush.
    ///
    /// @param now a view of this storage, which the caller closes; no older than the last install
    /// @throws StorageFullException if the disk is full; nothing is lost, and a later call may succeed
    long flush(View now);

    /// Begins a new state beside this one, which is not touched. Called on a background thread.
    ///
    /// @throws StorageFullException if the disk is full
    Restore restore();

    /// Replaces the whole state, mark and origin by what was restored; the applied index may go back. From here on only the new state is seen and changed; views of the old one stay as they are.
    /// A crash before the next [#flush] has returned may still find the old state as of [#durable], so
    /// what leads from there to here is kept until then.
    ///
    /// @throws IllegalStateException if the restore is not finished, or not of this storage
    void install(Restore restore);

    /// Ends it without waiting for views or a flush that still read: the last one to end lets the
    /// files go. Closing twice is closing once.
    @Override
    void close();

    /// One key's new value.
    ///
    /// @param before what [#get] gives before the commit
    /// @param value  null removes the key
    record Change(Bytes key, @Nullable Versioned before, @Nullable Versioned value) {}
}
