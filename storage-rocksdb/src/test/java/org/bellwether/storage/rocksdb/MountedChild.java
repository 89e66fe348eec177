package org.bellwether.storage.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.bellwether.storage.StorageFullException;

/// What runs on a file system made for it; see [MountTest].
final class MountedChild {
    private static final int BALLAST_BYTES = 12 << 20;

    private MountedChild() {}

    static void main(String[] arguments) throws Exception {
        var mount = Path.of(arguments[1]);
        try {
            switch (arguments[0]) {
                case "full" -> fillTheDisk(mount);
                case "open" -> RocksStorage.open(mount.resolve("tables"), KilledWriter.small())
                        .close();
                default -> throw new IllegalArgumentException(arguments[0]);
            }
            System.out.println("good");
        } catch (Throwable failed) {
            System.out.println("failed: " + failed);
            failed.printStackTrace(System.out);
        }
        System.exit(0);
    }

    /// Until there is no room; then reads must go on, and with room again everything.
    private static void fillTheDisk(Path mount) throws Exception {
        var folder = mount.resolve("tables");
        var ballast = mount.resolve("ballast");
        Files.write(ballast, new byte[BALLAST_BYTES]);
        var replay = new Replay(4_000);
        try (var storage = RocksStorage.open(folder, KilledWriter.small())) {
            replay.commitNext(storage);
            Replay.flush(storage);
            fillUp(mount);
            boolean full = false;
            while (!full) {
                try {
                    for (int i = 0; i < 20; i++)
                        replay.commitNext(storage);
                    Replay.flush(storage);
                } catch (StorageFullException told) {
                    full = true;
                    // Where a commit was refused, it changed nothing.
                    replay = new Replay(4_000).through(storage.applied());
                }
            }
            await(storage::congested);
            check(replay.model.equals(Replay.contents(storage)), "reads go on");
            check(storage.durable() <= storage.applied(), "durable");
            Files.delete(mount.resolve("more"));
            Files.delete(ballast);
            await(() -> !storage.congested());
            for (int i = 0; i < 100; i++)
                replay.commitNext(storage);
            check(Replay.flush(storage) == replay.applied(), "flushed again");
        }
        try (var storage = RocksStorage.open(folder, KilledWriter.small())) {
            check(storage.applied() == replay.applied(), "all is there");
            check(replay.model.equals(Replay.contents(storage)), "and right");
        }
    }

    private static void fillUp(Path mount) throws Exception {
        try (var file = Files.newOutputStream(mount.resolve("more"))) {
            var block = new byte[4_096];
            while (true)
                file.write(block);
        } catch (IOException noSpace) {
            check(String.valueOf(noSpace.getMessage()).contains("No space"), noSpace.toString());
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean())
            Thread.onSpinWait();
    }
}
