package org.bellwether.bench.micro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.bellwether.api.Bytes;
import org.bellwether.api.Command;
import org.bellwether.disk.FolderDisk;
import org.bellwether.machine.CommandCodec;
import org.bellwether.machine.Machine;
import org.bellwether.machine.Payload;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.storage.Storage;
import org.bellwether.storage.rocksdb.RocksConfig;
import org.bellwether.storage.rocksdb.RocksStorage;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// Commands into bytes, and entries of 50 puts into the tables; per put.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ApplyBenchmark {
    private static final int BATCH = 50;
    private static final int KEYS = 10_000;
    private static final Bytes VALUE = Bytes.utf8("v".repeat(128));

    @Param({"memory", "rocksdb"})
    private String storageKind = "";

    private final List<byte[]> payloads = new ArrayList<>();
    private Path folder = Path.of("");
    private @Nullable FolderDisk disk;
    private @Nullable Storage storage;
    private @Nullable Machine machine;
    private long index;

    private static Command put(int number) {
        return new Command.Put(Bytes.utf8("key:%012d".formatted(number % KEYS)), VALUE);
    }

    @Setup(Level.Iteration)
    public void open() throws Exception {
        folder = Files.createTempDirectory("bellwether-micro");
        Storage opened;
        if (storageKind.equals("memory")) {
            var tables = new FolderDisk(folder);
            disk = tables;
            opened = new MemoryStorage(tables);
        } else {
            opened = RocksStorage.open(folder, RocksConfig.DEFAULT);
        }
        storage = opened;
        machine = new Machine(opened);
        index = 0;
        payloads.clear();
        for (int from = 0; from < KEYS; from += BATCH) {
            var commands = new ArrayList<byte[]>();
            for (int i = from; i < from + BATCH; i++)
                commands.add(CommandCodec.encode(put(i)));
            payloads.add(Payload.of(0, commands));
        }
    }

    @TearDown(Level.Iteration)
    public void close() throws IOException {
        if (storage != null) storage.close();
        if (disk != null) disk.close();
        try (var all = Files.walk(folder)) {
            for (var path : all.sorted(Comparator.reverseOrder()).toList())
                Files.delete(path);
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public Object apply() {
        index++;
        return Objects.requireNonNull(machine).apply(index,
                payloads.get((int) (index % payloads.size())));
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public Object encode() {
        var commands = new ArrayList<byte[]>(BATCH);
        for (int i = 0; i < BATCH; i++)
            commands.add(CommandCodec.encode(new Command.Put(VALUE, VALUE)));
        return Payload.of(0, commands);
    }
}
