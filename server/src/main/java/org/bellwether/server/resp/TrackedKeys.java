package org.bellwether.server.resp;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.bellwether.api.Bytes;
import org.bellwether.api.ChangeFeed;
import org.bellwether.api.KeyChange;
import org.bellwether.api.NodeView;
import org.bellwether.api.Revision;

/// Which clients of this node keep copies of which keys: they are told of what is applied here.
///
/// A node that is cut off from the others hears of no change. So it has its clients forget what they keep, and
/// says of nothing that they read that it may be kept: a copy is stale for as long as it takes to notice, and not for
/// as long as that goes on.
final class TrackedKeys implements ChangeFeed.Follower {
    /// Of one key and its first reader, beside its bytes; of each more.
    private static final int KEY_BYTES = 300;
    private static final int READER_BYTES = 80;

    private final ChangeFeed feed;
    private final long bytesMax;
    private final Set<Tracking> clients = new LinkedHashSet<>();
    private final Set<Tracking> broadcast = new LinkedHashSet<>();
    /// The keys that were read first come first.
    private final Map<Bytes, Set<Tracking>> readers = new LinkedHashMap<>();
    private long bytes;
    private boolean cutOff;

    /// @param bytesMax of keys and who has read them; above it those that were read first are to be forgotten
    TrackedKeys(ChangeFeed feed, long bytesMax) {
        this.feed = feed;
        this.bytesMax = bytesMax;
    }

    int clientCount() {
        return clients.size();
    }

    int keyCount() {
        return readers.size();
    }

    int prefixCount() {
        return broadcast.stream().mapToInt(Tracking::prefixCount).sum();
    }

    boolean isCutOff() {
        return cutOff;
    }

    void add(Tracking client) {
        if (clients.isEmpty()) feed.follow(this);
        clients.add(client);
        if (client.isBroadcast()) broadcast.add(client);
    }

    /// @param keys of which it keeps copies
    void remove(Tracking client, Collection<Bytes> keys) {
        clients.remove(client);
        broadcast.remove(client);
        if (clients.isEmpty()) feed.unfollow(this);
        for (var key : keys) {
            var who = readers.get(key);
            if (who == null || !who.remove(client)) continue;
            bytes -= READER_BYTES;
            if (who.isEmpty()) drop(key);
        }
    }

    /// A connection has ended: nobody is told by way of it any more.
    void closed(RespConnection ended) {
        for (var client : clients)
            client.lost(ended);
    }

    void read(Bytes key, Tracking client) {
        var who = readers.get(key);
        if (who == null) {
            who = new LinkedHashSet<>();
            readers.put(key, who);
            bytes += key.length() + KEY_BYTES;
        }
        if (who.add(client)) bytes += READER_BYTES;
        while (bytes > bytesMax)
            tellReaders(readers.keySet().iterator().next());
    }

    private Set<Tracking> drop(Bytes key) {
        var who = readers.remove(key);
        if (who == null) return Set.of();
        bytes -= key.length() + KEY_BYTES + (long) READER_BYTES * who.size();
        return who;
    }

    /// Once: who reads the key again is told again.
    private void tellReaders(Bytes key) {
        for (var client : drop(key)) {
            client.forget(key);
            client.stale(key);
        }
    }

    @Override
    public void changed(KeyChange change) {
        tellReaders(change.key());
        for (var client : broadcast)
            client.changed(change.key());
    }

    @Override
    public void cleared(Revision at) {
        forgetAll();
    }

    @Override
    public void jumped(Revision to) {
        forgetAll();
    }

    private void forgetAll() {
        readers.forEach((key, who) -> who.forEach(client -> client.forget(key)));
        readers.clear();
        bytes = 0;
        clients.forEach(Tracking::everythingIsStale);
    }

    /// Called now and then.
    ///
    /// @param patience how old what this node shows may be
    void look(NodeView node, Duration patience) {
        var age = node.staleness();
        boolean fresh = node.notReady() == null && node.leader() != null && age != null
                && age.compareTo(patience) <= 0;
        if (!fresh && !cutOff) forgetAll();
        cutOff = !fresh;
    }
}
