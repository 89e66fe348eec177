package org.bellwether.storage;

import java.util.Arrays;
import org.bellwether.api.Bytes;

/// Rows as bytes, each with its key, one behind the other in a few arrays. As objects they would be several things each
/// for the collector to look at and to carry about, and as many misses of the processor's caches for whoever asks for them.
///
/// A row is known by its *place*: a number of 31 bits that says which array, and where in it.
public interface FlatRecords {
    /// The array that it is in.
    byte[] bytes(int place);

    /// Where in the array it begins.
    int at(int place);

    /// Where its key begins.
    int keyAt(int place);

    /// The first byte behind its key.
    int keyEnd(int place);

    default int keyBytes(int place) {
        return keyEnd(place) - keyAt(place);
    }

    default boolean hasKey(int place, Bytes key) {
        int from = keyAt(place);
        int end = from + key.length();
        return end == keyEnd(place)
                && Arrays.equals(bytes(place), from, end, key.array(), 0, key.length());
    }

    default Bytes key(int place) {
        return Bytes.wrap(Arrays.copyOfRange(bytes(place), keyAt(place), keyEnd(place)));
    }
}
