package org.bellwether.log;

import static org.bellwether.disk.Disk.BLOCK_BYTES;

import org.bellwether.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A disk in memory that keeps apart what programs see and what survives power loss. At a crash, every
/// 512-byte sector of every write that was not synced survives or not by chance; of the changes to names
/// that were not synced the first few do, and of the deletions among the others any.
final class CrashDisk implements Disk {
    /// Power went.
    static final class Crash extends IOException {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("crash");
        }
    }

    private static final int SECTOR = 512;

    private final Random random;
    private Map<String, Content> live = new HashMap<>();
    private Map<String, Content> durable = new HashMap<>();
    private final List<NameChange> unsyncedNames = new ArrayList<>();
    private int generation;
    /// Hands the write during which power went to chance.
    private @Nullable Runnable dying;

    /// What was written of files by name, in writes that were not of whole blocks.
    final List<String> writtenInParts = new ArrayList<>();
    int operations;
    int crashAt = Integer.MAX_VALUE;
    boolean failSync;
    long capacity = Long.MAX_VALUE;

    private record NameChange(boolean isDeletion, Runnable redo) {}

    CrashDisk(long seed) {
        this.random = new Random(seed);
    }

    /// Power loss: what was open is dead, what was not synced is a matter of luck.
    void crash() {
        if (dying != null) dying.run();
        int survivingNames = random.nextInt(unsyncedNames.size() + 1);
        for (int i = 0; i < unsyncedNames.size(); i++) {
            var change = unsyncedNames.get(i);
            if (i < survivingNames || (change.isDeletion && random.nextBoolean()))
                change.redo.run();
        }
        unsyncedNames.clear();
        durable.values().stream().distinct().forEach(content -> content.crash(random));
        live = new HashMap<>(durable);
        kill();
    }

    /// The process dies and the machine goes on: all that was written is still to be read, and still not
    /// durable.
    void kill() {
        dying = null;
        operations = 0;
        crashAt = Integer.MAX_VALUE;
        generation++;
    }

    /// The bytes of a file, to be damaged by a test.
    byte[] bytes(String name) {
        return Objects.requireNonNull(live.get(name), name).live;
    }

    void put(String name, byte[] bytes) {
        var content = new Content();
        content.live = bytes.clone();
        content.durable = bytes.clone();
        live.put(name, content);
        durable.put(name, content);
    }

    void remove(String name) {
        live.remove(name);
        durable.remove(name);
    }

    CrashDisk copy() {
        return copy(1);
    }

    CrashDisk copy(long seed) {
        var copy = new CrashDisk(seed);
        live.forEach((name, content) -> copy.put(name, content.live));
        return copy;
    }

    /// Every byte of every file, to see that nothing was changed.
    Map<String, List<Byte>> picture() {
        var picture = new HashMap<String, List<Byte>>();
        live.forEach((name, content) -> {
            var bytes = new ArrayList<Byte>();
            for (byte b : content.live) {
                bytes.add(b);
            }
            picture.put(name, bytes);
        });
        return picture;
    }

    @Override
    public List<String> names() {
        return live.keySet().stream().sorted().toList();
    }

    @Override
    public DiskFile open(String name) throws IOException {
        var content = live.get(name);
        if (content == null) {
            operation();
            var created = new Content();
            content = created;
            live.put(name, created);
            unsyncedNames.add(new NameChange(false, () -> durable.put(name, created)));
        }
        return new File(name, content);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        operation();
        var content = live.remove(from);
        if (content == null) throw new IOException("no file " + from);
        live.put(to, content);
        unsyncedNames.add(new NameChange(false, () -> {
            durable.remove(from, content);
            durable.put(to, content);
        }));
    }

    @Override
    public void delete(String name) throws IOException {
        operation();
        var content = live.remove(name);
        if (content == null) throw new IOException("no file " + name);
        unsyncedNames.add(new NameChange(true, () -> durable.remove(name, content)));
    }

    @Override
    public void syncNames() throws IOException {
        operation();
        durable = new HashMap<>(live);
        unsyncedNames.clear();
    }

    @Override
    public long usableBytes() {
        return capacity - live.values().stream().mapToLong(content -> content.live.length).sum();
    }

    private void operation() throws IOException {
        if (operations++ >= crashAt) throw new Crash();
    }

    private record Write(int at, byte[] bytes) {}

    private static final class Content {
        byte[] live = new byte[0];
        byte[] durable = new byte[0];
        final List<Write> unsynced = new ArrayList<>();

        void crash(Random random) {
            for (var write : unsynced) {
                for (int from = 0; from < write.bytes.length;) {
                    int sectorEnd = (write.at + from) / SECTOR * SECTOR + SECTOR - write.at;
                    int to = Math.min(write.bytes.length, sectorEnd);
                    if (random.nextBoolean())
                        durable = put(durable, write.at + from, write.bytes, from, to);
                    from = to;
                }
            }
            unsynced.clear();
            live = durable.clone();
        }

        static byte[] put(byte[] into, int at, byte[] bytes, int from, int to) {
            byte[] result = at + to - from > into.length
                    ? Arrays.copyOf(into, at + to - from)
                    : into;
            System.arraycopy(bytes, from, result, at, to - from);
            return result;
        }
    }

    private final class File implements DiskFile {
        private final String name;
        private final Content content;
        private final int born = generation;

        File(String name, Content content) {
            this.name = name;
            this.content = content;
        }

        @Override
        public long size() {
            return content.live.length;
        }

        @Override
        public int read(ByteBuffer into, long at) {
            int count = (int) Math.max(0, Math.min(into.remaining(), content.live.length - at));
            into.put(content.live, (int) Math.min(at, content.live.length), count);
            return count;
        }

        @Override
        public void write(ByteBuffer[] from, long at) throws IOException {
            requireAlive();
            int total = Arrays.stream(from).mapToInt(ByteBuffer::remaining).sum();
            var bytes = ByteBuffer.allocate(total);
            for (var buffer : from) {
                bytes.put(buffer);
            }
            var write = new Write((int) at, bytes.array());
            if (((at | total) & (BLOCK_BYTES - 1)) != 0) writtenInParts.add(name);
            if (operations >= crashAt) dying = () -> content.unsynced.add(write);
            operation();
            if (at + total - content.live.length > usableBytes())
                throw new DiskFullException("full");
            content.unsynced.add(write);
            content.live = Content.put(content.live, write.at, write.bytes, 0, total);
        }

        @Override
        public void sync() throws IOException {
            requireAlive();
            operation();
            if (failSync) throw new IOException("Input/output error");
            content.durable = content.live.clone();
            content.unsynced.clear();
        }

        @Override
        public void close() {}

        private void requireAlive() {
            if (born != generation) throw new IllegalStateException("used after the crash");
        }
    }
}
