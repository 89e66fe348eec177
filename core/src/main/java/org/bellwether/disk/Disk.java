package org.bellwether.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// One flat folder of files: the seam below the log. Real disks stand behind [FolderDisk]; simulation
/// puts one there that loses, tears, fails and hangs.
///
/// A name created, renamed or deleted survives power loss once [#syncNames] has returned; bytes once
/// [DiskFile#sync] has.
public interface Disk {
    /// A page of memory, a block of most file systems, and eight sectors.
    int BLOCK_BYTES = 4096;

    List<String> names() throws IOException;

    /// Opens a file, creating it empty if there is none.
    DiskFile open(String name) throws IOException;

    /// Opens a file that nobody could do without, and keeps every other process from doing the same until it is closed, or
    /// the folder is. Opened and closed once more in between, it is free again.
    default DiskFile openAlone(String name) throws IOException {
        return open(name);
    }

    /// Replaces `to` if it exists. Neither may be open.
    void rename(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    void syncNames() throws IOException;

    long usableBytes() throws IOException;

    /// A file of this folder. Positions are absolute; writing past the end extends it.
    interface DiskFile extends AutoCloseable {
        long size() throws IOException;

        /// Fills `into` from `at` on; returns how many bytes there were, less than asked only at the end.
        int read(ByteBuffer into, long at) throws IOException;

        /// Writes all of all buffers. Whole blocks cost least: from a multiple of [#BLOCK_BYTES] to another.
        ///
        /// @throws DiskFullException if there is no space; some of the bytes may have been written
        void write(ByteBuffer[] from, long at) throws IOException;

        void sync() throws IOException;

        @Override
        void close() throws IOException;
    }

    /// No space left. The only failure of a disk after which it may still be trusted.
    final class DiskFullException extends IOException {
        private static final long serialVersionUID = 1L;

        public DiskFullException(String message) {
            super(message);
        }
    }
}
