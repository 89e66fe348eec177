package org.bellwether.server.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.bellwether.disk.Disk;

/// A real folder that can be made to be full.
final class FullDisk implements Disk {
    private final Disk real;
    volatile boolean full;

    FullDisk(Disk real) {
        this.real = real;
    }

    @Override
    public List<String> names() throws IOException {
        return real.names();
    }

    @Override
    public DiskFile open(String name) throws IOException {
        var file = real.open(name);
        return new DiskFile() {
            @Override
            public long size() throws IOException {
                return file.size();
            }

            @Override
            public int read(ByteBuffer into, long at) throws IOException {
                return file.read(into, at);
            }

            @Override
            public void write(ByteBuffer[] from, long at) throws IOException {
                long bytes = 0;
                for (var buffer : from)
                    bytes += buffer.remaining();
                if (full && at + bytes > file.size()) {
                    throw new DiskFullException("no space left for " + name);
                }
                file.write(from, at);
            }

            @Override
            public void sync() throws IOException {
                file.sync();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    @Override
    public void rename(String from, String to) throws IOException {
        real.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        real.delete(name);
    }

    @Override
    public void syncNames() throws IOException {
        real.syncNames();
    }

    @Override
    public long usableBytes() throws IOException {
        return full ? 0 : real.usableBytes();
    }
}
