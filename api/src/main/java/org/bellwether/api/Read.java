package org.bellwether.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A question to the store.
public sealed interface Read {
    /// What can also be asked within a [Command.Transaction].
    sealed interface Plain extends Read, Step {}

    /// The value of one key. Answered with [Result.Found] or [Result.Absent].
    record Get(Bytes key) implements Plain {}

    /// The values of several keys. Answered with a [Result.Batch] of what [Get] gives; refused if they are more than
    /// [Limits#ANSWER_BYTES_MAX] together.
    record GetMany(List<Bytes> keys) implements Plain {
        public GetMany {
            keys = List.copyOf(keys);
        }
    }

    /// How many of these keys exist, one that is named twice counted twice. Answered with [Result.Amount].
    record Count(List<Bytes> keys) implements Plain {
        public Count {
            keys = List.copyOf(keys);
        }
    }

    /// How many keys there are: those in the tables, less those that have expired and are not removed yet – of which
    /// at most [Limits#DUE_KEYS_MAX] are looked for. Answered with [Result.Amount].
    record Size() implements Plain {}

    /// A page of keys in their order. A scan is a row of pages, each after the last key of the one before; it shows
    /// every key that was there all the time, and is free to show one that came or went meanwhile.
    /// Answered with [Result.Page].
    ///
    /// @param after the last key of the page before; null for the first page
    /// @param count of keys wanted, at most; a page with fewer is the last
    record Scan(@Nullable Bytes after, int count) implements Read {}
}
