package org.bellwether.server;

import java.nio.file.Path;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;

/// Changes a value in the tables of a stopped node, behind everybody's back.
public final class TamperedFolder {
    private TamperedFolder() {}

    public static void change(Path dir, String key, String value) throws Exception {
        try (var node = StoppedNode.open(dir, dir.resolve(DataFolder.LOG),
                StorageKind.ROCKSDB)) {
            node.apply(Long.MAX_VALUE);
            var storage = node.storage();
            try (var all = storage.view(); var restore = storage.restore()) {
                all.scan(Bytes.EMPTY, (each, its) -> {
                    boolean chosen = each.equals(Bytes.utf8(key));
                    restore.put(each, chosen
                            ? new Versioned(Bytes.utf8(value), its.created(), its.modified(),
                                    its.version())
                            : its);
                    return true;
                });
                restore.finish(storage.mark(), storage.origin());
                storage.install(restore);
            }
            try (var now = storage.view()) {
                storage.flush(now);
            }
        }
    }
}
