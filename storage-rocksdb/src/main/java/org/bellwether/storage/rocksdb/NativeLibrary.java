package org.bellwether.storage.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bellwether.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/// RocksDB's native part must be a file that can be mapped as a program. Left to itself it unpacks 15 MB into the
/// folder for temporary files, under another name in every process, and a killed process leaves them there. So
/// it goes into the folder of the tables, under one name; the temporary folder is the second choice.
final class NativeLibrary {
    private static final String FOLDER = "native";
    private static boolean loaded;

    private NativeLibrary() {}

    /// @throws StorageException if it can be loaded from nowhere; says why, and what to do
    static synchronized void load(Path folder) {
        if (loaded) return;
        var own = folder.resolve(FOLDER);
        var first = tryLoad(own);
        var second = first == null ? null : tryLoad(null);
        if (first != null && second != null) {
            var failed = new StorageException("cannot load RocksDB's native library, neither from "
                    + own + " (" + first.getMessage() + ") nor from "
                    + System.getProperty("java.io.tmpdir") + " (" + second.getMessage()
                    + "). One of the two must be writable and not mounted noexec; -Djava.io.tmpdir="
                    + " names another second one. It runs on Linux with glibc.", second);
            failed.addSuppressed(first);
            throw failed;
        }
        RocksDB.loadLibrary();
        loaded = true;
    }

    /// @param folder null for the folder for temporary files
    /// @return why not; null if it is loaded
    private static @Nullable Throwable tryLoad(@Nullable Path folder) {
        try {
            if (folder != null) Files.createDirectories(folder);
            NativeLibraryLoader.getInstance()
                    .loadLibrary(folder == null ? null : folder.toString());
            return null;
        } catch (IOException | UnsatisfiedLinkError | RuntimeException failed) {
            return failed;
        }
    }
}
