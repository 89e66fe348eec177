package org.bellwether.storage;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// All keys and values as of one applied index, whatever happens to the storage afterwards: for sending a
/// snapshot, for backups, for comparing tables.
///
/// *Threads.* Taken on the loop, then read by one thread at a time, any thread; closed by any.
/// *Cost.* An open view keeps the values that have been replaced since, so it is closed soon. It
/// outlives the closing of its storage, and then keeps its files open.
public interface View extends AutoCloseable {
    Mark mark();

    /// Index of the last entry whose changes are seen.
    default long applied() {
        return mark().applied();
    }

    default Revision revision() {
        return mark().revision();
    }

    /// Shows keys with their values, in key order, from `from` on (it included, if it is there), until the
    /// visitor has enough. A long scan goes in slices: each starts where the one before ended.
    ///
    /// @return where the next slice starts; null if the last key has been shown
    /// @throws IllegalStateException if the view is closed, even while this runs
    /// @throws StorageException      if the keys or values cannot be read
    @Nullable
    Bytes scan(Bytes from, Visitor visitor);

    /// 64 bits that are equal if and, for all that matters, only if two views hold the same keys with the same
    /// values and histories, in whatever storage: the first eight bytes of a SHA-256 over all of them in
    /// order, as `docs/formats.md` draws them. Takes as long as a scan.
    default long digest() {
        var digest = new Digest();
        scan(Bytes.EMPTY, digest);
        return digest.value();
    }

    @Override
    void close();

    /// The first key after this one.
    static Bytes after(Bytes key) {
        return Bytes.wrap(Arrays.copyOf(key.array(), key.length() + 1));
    }

    /// What a scan shows its keys to.
    interface Visitor {
        /// @return whether to go on
        boolean visit(Bytes key, Versioned value);
    }

    /// SHA-256 because every JDK has it, with the processor's own instructions, and because nobody who
    /// chooses values can make two tables look alike.
    final class Digest implements Visitor {
        private final MessageDigest sha256;

        public Digest() {
            try {
                this.sha256 = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException("every JDK has SHA-256", impossible);
            }
        }

        @Override
        public boolean visit(Bytes key, Versioned value) {
            sha256.update(Slice.numbers(key, value));
            sha256.update(key.array());
            sha256.update(value.value().array());
            return true;
        }

        public long value() {
            return ByteBuffer.wrap(sha256.digest()).getLong();
        }
    }
}
