package org.bellwether.simulation;

import java.io.IOException;
import java.util.List;
import org.bellwether.log.LogStore;
import org.bellwether.log.Recovered;
import org.bellwether.raft.Ballot;
import org.bellwether.raft.Entry;
import org.bellwether.raft.Persist;
import org.bellwether.raft.Position;
import org.bellwether.raft.Synced;

/// The real log behind a wrapper that breaks one promise of [LogStore].
abstract class BuggyLog implements LogStore {
    final LogStore real;

    private BuggyLog(LogStore real) {
        this.real = real;
    }

    /// Says that it has synced, and syncs only now and then.
    static LogStore skipsSyncs(LogStore real) {
        return new BuggyLog(real) {
            private Position last = Position.NONE;
            private Ballot ballot = Ballot.INITIAL;
            private int syncs;

            @Override
            public Recovered open() throws IOException {
                var recovered = real.open();
                last = recovered.last();
                ballot = recovered.ballot();
                return recovered;
            }

            @Override
            public boolean write(Persist group) throws IOException {
                if (group.ballot() != null) ballot = group.ballot();
                if (!group.entries().isEmpty()) last = group.entries().getLast().position();
                return real.write(group);
            }

            @Override
            public Synced sync() throws IOException {
                return ++syncs % 4 == 0 ? real.sync() : new Synced(last, ballot);
            }
        };
    }

    /// Keeps the term and not the vote.
    static LogStore forgetsVote(LogStore real) {
        return new BuggyLog(real) {
            private Ballot ballot = Ballot.INITIAL;

            @Override
            public Recovered open() throws IOException {
                var recovered = real.open();
                ballot = recovered.ballot();
                return recovered;
            }

            @Override
            public boolean write(Persist group) throws IOException {
                var cast = group.ballot();
                if (cast != null) ballot = cast;
                return real.write(new Persist(cast == null ? null : new Ballot(cast.term(), null),
                        group.truncateFrom(), group.entries(), group.commitIndex()));
            }

            @Override
            public Synced sync() throws IOException {
                return new Synced(real.sync().last(), ballot);
            }
        };
    }

    /// Takes for committed, at a restart, whatever it holds.
    static LogStore appliesTail(LogStore real) {
        return new BuggyLog(real) {
            @Override
            public Recovered open() throws IOException {
                var kept = real.open();
                return new Recovered(kept.ballot(), kept.base(), kept.termStarts(), kept.last(),
                        kept.last().index(), List.of(), kept.memberships());
            }
        };
    }

    @Override
    public Recovered open() throws IOException {
        return real.open();
    }

    @Override
    public List<Entry> read(long fromIndex, int bytesMax) throws IOException {
        return real.read(fromIndex, bytesMax);
    }

    @Override
    public boolean write(Persist group) throws IOException {
        return real.write(group);
    }

    @Override
    public boolean finish() throws IOException {
        return real.finish();
    }

    @Override
    public Synced sync() throws IOException {
        return real.sync();
    }

    @Override
    public void noteSynced() throws IOException {
        real.noteSynced();
    }

    @Override
    public Position cut(long through, long keepBytes) throws IOException {
        return real.cut(through, keepBytes);
    }

    @Override
    public void restart(Position base, Entry membership) throws IOException {
        real.restart(base, membership);
    }

    @Override
    public Room prepare() throws IOException {
        return real.prepare();
    }

    @Override
    public void close() throws IOException {
        real.close();
    }
}
