package org.bellwether.simulation;

import java.io.IOException;
import java.util.List;
import org.bellwether.log.LogStore;
import org.bellwether.log.Recovered;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.bellwether.raft.Synced;

/// The real log, with the invariants looking on.
record ObservedLog(int node, LogStore log, Invariants invariants,
        World world) implements LogStore {
    @Override
    public Recovered open() throws IOException {
        var recovered = log.open();
        invariants.opened(node, recovered);
        return recovered;
    }

    @Override
    public List<Entry> read(long fromIndex, int bytesMax) throws IOException {
        world.evidence().count(Evidence.Of.FETCHES);
        return log.read(fromIndex, bytesMax);
    }

    @Override
    public boolean write(Persist group) throws IOException {
        invariants.writes(node, group);
        return counted(log.write(group));
    }

    @Override
    public boolean finish() throws IOException {
        return counted(log.finish());
    }

    private boolean counted(boolean finished) {
        if (!finished) world.evidence().count(Evidence.Of.STOOD_FOR_SPACE);
        return finished;
    }

    @Override
    public Synced sync() throws IOException {
        var synced = log.sync();
        invariants.synced(node);
        return synced;
    }

    @Override
    public void noteSynced() throws IOException {
        log.noteSynced();
    }

    @Override
    public Position cut(long through, long keepBytes) throws IOException {
        var base = log.cut(through, keepBytes);
        invariants.cut(node, base);
        return base;
    }

    @Override
    public void restart(Position base, Entry membership) throws IOException {
        invariants.restarts(node, base);
        log.restart(base, membership);
        invariants.synced(node);
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
