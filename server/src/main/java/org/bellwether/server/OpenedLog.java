package org.bellwether.server;

import java.io.IOException;
import java.util.List;
import org.bellwether.log.LogStore;
import org.bellwether.log.Recovered;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.bellwether.raft.Synced;

/// A log that was opened before the node that it belongs to: the addresses to listen on are in it.
record OpenedLog(LogStore log, Recovered recovered) implements LogStore {
    @Override
    public Recovered open() {
        return recovered;
    }

    @Override
    public List<Entry> read(long fromIndex, int bytesMax) throws IOException {
        return log.read(fromIndex, bytesMax);
    }

    @Override
    public boolean write(Persist group) throws IOException {
        return log.write(group);
    }

    @Override
    public boolean finish() throws IOException {
        return log.finish();
    }

    @Override
    public Synced sync() throws IOException {
        return log.sync();
    }

    @Override
    public void noteSynced() throws IOException {
        log.noteSynced();
    }

    @Override
    public Position cut(long through, long keepBytes) throws IOException {
        return log.cut(through, keepBytes);
    }

    @Override
    public void restart(Position base, Entry membership) throws IOException {
        log.restart(base, membership);
    }

    @Override
    public Room prepare() throws IOException {
        return log.prepare();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
