package org.bellwether.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.MemoryStorage;
import org.bellwether.storage.Storage;
import org.bellwether.storage.Storage.Change;
import org.bellwether.storage.Totals;
import org.bellwether.storage.rocksdb.RocksConfig;
import org.bellwether.storage.rocksdb.RocksStorage;
import org.jspecify.annotations.Nullable;

/// What a storage costs the node's loop: tables in memory beside tables on RocksDB, with and without compression.
/// As the state machine does it, each key is read before it is written.
public final class StorageBench {
    private static final int VALUE_BYTES = 128;
    private static final int BATCH = 16;
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;

    private final int keys;
    private final Path dir;

    private StorageBench(int keys, Path dir) {
        this.keys = keys;
        this.dir = dir;
    }

    static void main(String[] args) throws IOException {
        int keys = 1_000_000;
        int rounds = 3;
        var dir = Path.of("data/bench/storage-" + ProcessHandle.current().pid());
        var rocks = RocksConfig.DEFAULT;
        for (int i = 0; i + 1 < args.length; i += 2) {
            switch (args[i]) {
                case "--keys" -> keys = Integer.parseInt(args[i + 1]);
                case "--rounds" -> rounds = Integer.parseInt(args[i + 1]);
                case "--dir" -> dir = Path.of(args[i + 1]);
                case "--cache-mib" ->
                    rocks = rocks.withCacheBytes(Long.parseLong(args[i + 1]) << 20);
                case "--row-mib" -> rocks = rocks.withRowBytes(Long.parseLong(args[i + 1]) << 20);
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        var bench = new StorageBench(keys, dir);
        System.out.println("""
                | storage | insert /s | slowest ms | update /s | slowest ms | get /s | flush ms \
                | view and digest ms | disk MiB | open ms | get after open /s |
                |---|---|---|---|---|---|---|---|---|---|---|""");
        for (int round = 0; round < rounds; round++) {
            bench.run("memory", null);
            bench.run("RocksDB, LZ4", rocks);
            bench.run("RocksDB, plain", rocks.withCompressed(false));
            bench.run("RocksDB, LZ4, no cache of rows", rocks.withRowBytes(0));
        }
    }

    private void run(String name, @Nullable RocksConfig rocks) throws IOException {
        var folder = dir.resolve("tables");
        delete(folder);
        System.gc();
        var row = new StringBuilder("| ").append(name);
        try (var storage = open(folder, rocks)) {
            var random = new SplittableRandom(1);
            // Every key once, in an order that is neither sorted nor repeated: a stride that shares no factor.
            write(row, storage, i -> (int) (i * 7_368_787L % keys));
            write(row, storage, _ -> random.nextInt(keys));
            column(row, perSecond(keys, get(storage, random)));
            column(row, millis(() -> {
                try (var view = storage.view()) {
                    storage.flush(view);
                }
            }));
            column(row, millis(() -> {
                try (var view = storage.view()) {
                    view.digest();
                }
            }));
        }
        if (rocks != null) {
            column(row, bytes(folder) >> 20);
            long begun = System.nanoTime();
            try (var storage = open(folder, rocks)) {
                if (storage.mark().keys() != keys)
                    throw new IllegalStateException("it has " + storage.mark().totals());
                storage.get(key(1));
                column(row, (System.nanoTime() - begun) / MILLI);
                column(row, perSecond(keys, get(storage, new SplittableRandom(2))));
            }
        }
        System.out.println(row.append(" |"));
        delete(folder);
    }

    private static Storage open(Path folder, @Nullable RocksConfig rocks) {
        return rocks == null ? new MemoryStorage() : RocksStorage.open(folder, rocks);
    }

    private static Bytes key(int number) {
        return Bytes.utf8("user-%010d".formatted(number));
    }

    private interface Numbers {
        int key(int turn);
    }

    /// As many writes as there are keys, in batches, held back as a node would.
    private void write(StringBuilder row, Storage storage, Numbers numbers) {
        var random = new SplittableRandom(9);
        long slowest = 0;
        long spent = 0;
        for (int i = 0; i < keys; i += BATCH) {
            var batch = new ArrayList<Bytes>(BATCH);
            for (int j = i; j < Math.min(keys, i + BATCH); j++)
                batch.add(key(numbers.key(j)));
            var values = values(batch.size(), random);
            long begun = System.nanoTime();
            while (storage.congested())
                LockSupport.parkNanos(MILLI / 10);
            long admitted = System.nanoTime();
            long index = storage.applied() + 1;
            var changes = new ArrayList<Change>(BATCH);
            var sum = new Totals.Sum(storage.mark().totals());
            for (int j = 0; j < batch.size(); j++) {
                var now = storage.get(batch.get(j));
                var at = new Revision(index);
                var next = now == null
                        ? new Versioned(values.get(j), at, at, 1)
                        : new Versioned(values.get(j), now.created(), at, now.version() + 1);
                if (now != null) sum.remove(batch.get(j), now);
                sum.add(batch.get(j), next);
                changes.add(new Change(batch.get(j), now, next));
            }
            storage.commit(changes, new Mark(index, new Revision(index), 1, 0, sum.totals()));
            long ended = System.nanoTime();
            slowest = Math.max(slowest, ended - admitted);
            spent += ended - begun;
        }
        column(row, perSecond(keys, spent));
        row.append(" | ").append(String.format(Locale.ROOT, "%.1f", slowest / (double) MILLI));
    }

    /// Half of it repeats itself, as texts do.
    private static List<Bytes> values(int count, SplittableRandom random) {
        var values = new ArrayList<Bytes>(count);
        for (int i = 0; i < count; i++) {
            var bytes = new byte[VALUE_BYTES];
            for (int j = 0; j < VALUE_BYTES / 2; j++)
                bytes[j] = (byte) random.nextInt();
            values.add(Bytes.wrap(bytes));
        }
        return values;
    }

    private long get(Storage storage, SplittableRandom random) {
        long spent = 0;
        for (int i = 0; i < keys; i++) {
            var key = key(random.nextInt(keys));
            long begun = System.nanoTime();
            var found = storage.get(key);
            spent += System.nanoTime() - begun;
            if (found == null) throw new IllegalStateException("no " + key);
        }
        return spent;
    }

    private static long perSecond(int count, long nanos) {
        return count * SECOND / nanos;
    }

    private static long millis(Runnable work) {
        long begun = System.nanoTime();
        work.run();
        return (System.nanoTime() - begun) / MILLI;
    }

    private static void column(StringBuilder row, long number) {
        row.append(" | ").append(number);
    }

    private static long bytes(Path folder) throws IOException {
        long bytes = 0;
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".so")).toList())
                bytes += Files.size(file);
        }
        return bytes;
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList())
                Files.delete(file);
        }
    }
}
