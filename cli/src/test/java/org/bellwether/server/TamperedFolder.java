package org.bellwether.server;

import java.nio.file.Path;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Totals;

/// Changes a value in the tables of a stopped node, behind everybody's back.
public final class TamperedFolder {
    private TamperedFolder() {}

    /// As a disk would do it: nothing but reading all of it tells.
    public static void rot(Path dir, String key, String value) throws Exception {
        change(dir, key, value, false);
    }

    /// As a wrong apply would do it: the tables come to what is in them.
    public static void misapply(Path dir, String key, String value) throws Exception {
        change(dir, key, value, true);
    }

    private static void change(Path dir, String key, String value, boolean counted)
            throws Exception {
        try (var node = StoppedNode.open(dir, dir.resolve(DataFolder.LOG),
                StorageKind.ROCKSDB)) {
            node.apply(Long.MAX_VALUE);
            var storage = node.storage();
            try (var all = storage.view(); var restore = storage.restore()) {
                var sum = new Totals.Sum();
                all.scan(Bytes.EMPTY, (each, its) -> {
                    var row = each.equals(Bytes.utf8(key))
                            ? new Versioned(Bytes.utf8(value), its.created(), its.modified(),
                                    its.version())
                            : its;
                    restore.put(each, row);
                    return sum.visit(each, row);
                });
                var mark = storage.mark();
                restore.finish(
                        new Mark(mark.applied(), mark.revision(), mark.version(), mark.stamp(),
                                counted ? sum.totals() : mark.totals()),
                        storage.origin());
                storage.install(restore);
            }
            try (var now = storage.view()) {
                storage.flush(now);
            }
        }
    }
}
