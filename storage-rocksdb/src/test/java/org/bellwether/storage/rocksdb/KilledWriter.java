package org.bellwether.storage.rocksdb;

import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.LinkedBlockingQueue;
import org.bellwether.storage.Marks;
import org.bellwether.api.Bytes;
import org.bellwether.storage.Restore;
import org.bellwether.storage.Storage;
import org.bellwether.storage.StorageException;

/// Commits without end, flushes and restores beside it, and says what it knows to be durable, until it is killed.
final class KilledWriter {
    private KilledWriter() {}

    static RocksConfig small() {
        return new RocksConfig(1 << 20, 1 << 20, 64 * 1024, 2, 64, true,
                RocksConfig.DEFAULT.patience());
    }

    static void main(String[] arguments) throws Exception {
        var random = new SplittableRandom();
        var storage = RocksStorage.open(Path.of(arguments[0]), small());
        var replay = new Replay(400).through(storage.applied());
        if (!replay.model.equals(Replay.contents(storage))) {
            throw new StorageException("found another state than the replay's");
        }
        say("found", storage);
        var background = new LinkedBlockingQueue<Runnable>();
        Thread.ofPlatform().daemon().start(() -> {
            while (true) {
                try {
                    background.take().run();
                } catch (InterruptedException ended) {
                    return;
                }
            }
        });
        var restored = new LinkedBlockingQueue<Restore>();
        while (true) {
            if (random.nextInt(400) == 0) {
                var now = storage.view();
                background.add(() -> {
                    say("durable", storage.flush(now), storage);
                    now.close();
                });
            }
            if (random.nextInt(4_000) == 0) {
                // A snapshot arrives that is further than this node.
                var ahead = new Replay(400).through(replay.applied() + 1_000);
                background.add(() -> {
                    var restore = storage.restore();
                    ahead.model.forEach(restore::put);
                    restore.finish(Marks.of(ahead.applied(), ahead.revision(), ahead.model),
                            Bytes.EMPTY);
                    if (random.split().nextInt(3) == 0)
                        restore.close();
                    else
                        restored.add(restore);
                });
            }
            var arrived = restored.poll();
            if (arrived != null) {
                storage.install(arrived);
                replay.through(storage.applied());
                if (storage.applied() < replay.applied()) {
                    replay = new Replay(400).through(storage.applied());
                }
            }
            if (!storage.congested()) replay.commitNext(storage);
        }
    }

    private static void say(String what, Storage storage) {
        say(what, storage.durable(), storage);
    }

    private static void say(String what, long durable, Storage storage) {
        System.out.println(what + " " + durable + " of " + storage.applied());
    }
}
