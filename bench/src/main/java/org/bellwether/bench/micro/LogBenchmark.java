package org.bellwether.bench.micro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.bellwether.disk.FolderDisk;
import org.bellwether.log.Identity;
import org.bellwether.log.LogConfig;
import org.bellwether.log.SegmentedLog;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Membership;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// One entry into the log on a real disk: written, and written and synced.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LogBenchmark {
    @Param({"150", "7500"})
    private int entryBytes;

    private Path folder = Path.of("");
    private @Nullable FolderDisk disk;
    private @Nullable SegmentedLog log;
    private byte[] payload = {};
    private long index;

    @Setup(Level.Iteration)
    public void open() throws Exception {
        // Beside the program, and not in a temporary folder that may be in memory.
        folder = Files.createTempDirectory(Path.of(System.getProperty("user.dir")), "micro-log");
        var files = new FolderDisk(folder);
        var self = new NodeId(new UUID(1, 1));
        var identity = new Identity(self, new ClusterId(new UUID(1, 2)));
        var bootstrap = new Membership(identity.cluster(), List.of(new Member(self, "n1", true,
                new Address("localhost", 1), new Address("localhost", 2)))).bootstrapEntry();
        SegmentedLog.create(files, LogConfig.DEFAULT, identity, bootstrap);
        var opened = new SegmentedLog(files, LogConfig.DEFAULT, identity);
        index = opened.open().last().index();
        opened.write(new Persist(new Ballot(1, self), 0, List.of(), index));
        disk = files;
        log = opened;
        payload = new byte[entryBytes];
    }

    @TearDown(Level.Iteration)
    public void close() throws IOException {
        if (log != null) log.close();
        if (disk != null) disk.close();
        try (var all = Files.walk(folder)) {
            for (var path : all.sorted(Comparator.reverseOrder()).toList())
                Files.delete(path);
        }
    }

    private SegmentedLog append() throws IOException {
        var into = Objects.requireNonNull(log);
        var entry = Entry.of(new Position(1, ++index), Entry.Kind.COMMANDS, payload);
        into.write(new Persist(null, 0, List.of(entry), index - 1));
        // As the disk thread does after every sync.
        into.prepare();
        return into;
    }

    @Benchmark
    public Object write() throws IOException {
        return append();
    }

    @Benchmark
    public Object writeAndSync() throws IOException {
        return append().sync();
    }
}
