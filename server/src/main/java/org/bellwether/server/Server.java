package org.bellwether.server;

import java.util.function.Consumer;
import org.bellwether.api.Member;

/// stub
public final class Server implements AutoCloseable {
    private final NodeFolder folder;

    private Server(NodeFolder folder) {
        this.folder = folder;
    }

    public static Server start(ServerConfig config, Consumer<? super Throwable> onHalt)
            throws StartException {
        return new Server(NodeFolder.open(config.dir()));
    }

    public Member self() {
        return folder.self();
    }

    @Override
    public void close() {
        folder.close();
    }
}
