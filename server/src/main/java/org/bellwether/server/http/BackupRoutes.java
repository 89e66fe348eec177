package org.bellwether.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.function.Consumer;
import org.bellwether.api.Backup;
import org.bellwether.api.KeyValueStore;
import org.bellwether.api.Limits;
import org.jspecify.annotations.Nullable;

/// A backup of everything, streamed from this node while it serves.
final class BackupRoutes {
    private static final AsciiString KEYS = AsciiString.cached("KV-Backup-Keys");
    private static final AsciiString REVISION = AsciiString.cached("KV-Backup-Revision");

    private final KeyValueStore store;

    BackupRoutes(KeyValueStore store) {
        this.store = store;
    }

    void addTo(Routes routes) {
        routes.row(HttpMethod.GET, "/v1/backup", this::backup);
    }

    /// Also of a node that is cut off from the others, and so not [ready][NodeView#notReady]: where a majority is lost, what
    /// the survivor has is what there is to save.
    private void backup(Exchange exchange) {
        var backup = store.backup();
        if (backup == null) {
            var why = store.node().notReady();
            exchange.answer(why != null
                    ? Problem.notReady(why)
                    : Problem.busy(Limits.BACKUPS_MAX + " backups are being read from this node,"
                            + " which is the limit; nothing happened"));
            return;
        }
        exchange.answer(new Reply(HttpResponseStatus.OK,
                HttpHeaderValues.APPLICATION_OCTET_STREAM, new Streamed(backup))
                .with(KEYS, Long.toString(backup.keys()))
                .with(REVISION, backup.revision().toString())
                .with(HttpHeaderNames.CONTENT_DISPOSITION,
                        "attachment; filename=\"bellwether-" + backup.revision()
                                + ".backup\""));
    }

    private record Streamed(Backup backup) implements Reply.Stream {
        @Override
        public void next(Consumer<? super byte @Nullable []> bytes, Consumer<String> failed) {
            backup.next(bytes, failed);
        }

        @Override
        public void close() {
            backup.close();
        }
    }
}
