package org.bellwether.storage.rocksdb;

import java.io.IOException;
import org.bellwether.storage.StorageBehindException;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageException;
import org.bellwether.storage.StorageFullException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/// What went wrong, in the contract's terms: a full disk or too much to write, after which all is as before; damage; or
/// anything else.
final class Failures {
    private Failures() {}

    static StorageException translate(String doing, RocksDBException failed) {
        if (isFull(failed.getStatus()))
            return new StorageFullException(doing + ": no space left", failed);
        if (isStall(failed.getStatus()))
            return new StorageBehindException(doing + ": too much waits to be written", failed);
        var told = doing + ": " + describe(failed);
        return isDamage(failed.getStatus())
                ? new StorageDamagedException(told, failed)
                : new StorageException(told, failed);
    }

    static StorageException translate(String doing, IOException failed) {
        var message = String.valueOf(failed.getMessage());
        return message.contains("No space left on device")
                || message.contains("Disk quota exceeded")
                        ? new StorageFullException(doing + ": no space left", failed)
                        : new StorageException(doing + ": " + failed, failed);
    }

    static boolean isFull(@Nullable Status status) {
        return status != null && status.getSubCode() == Status.SubCode.NoSpace;
    }

    /// A write that would have had to wait, and was told not to.
    private static boolean isStall(@Nullable Status status) {
        return status != null && status.getCode() == Status.Code.Incomplete;
    }

    /// A checksum that does not fit, or files that do not belong together; not a disk that cannot be read or written.
    private static boolean isDamage(@Nullable Status status) {
        return status != null && status.getCode() == Status.Code.Corruption;
    }

    private static String describe(RocksDBException failed) {
        var status = failed.getStatus();
        return status == null
                ? String.valueOf(failed.getMessage())
                : status.getCodeString() + ", " + failed.getMessage();
    }
}
