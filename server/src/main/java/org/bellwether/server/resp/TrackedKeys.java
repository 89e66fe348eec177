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
import org.bellwether.api.Limits;
import org.bellwether.api.NodeView;
import org.bellwether.api.Revision;

/// Which clients of this node keep copies of which keys: they are told of what is applied here.
///
/// A node that is cut off from the others hears of no change. So it has its clients forget what they keep, and
/// says of nothing that they read that it may be kept: a copy is stale for as long as it takes to notice, and not for
/// as long as that goes on.
final class TrackedKeys implements ChangeFeed.Follower {
    private final ChangeFeed feed;
    private final Set<Tracking> clients = new LinkedHashSet<>();
    /// The keys that were read first come first.
    private final Map<Bytes, Set<Tracking>> readers = new LinkedHashMap<>();
    private long bytes;
    private boolean cutOff;

    TrackedKeys(ChangeFeed feed) {
        this.feed = feed;
    }

    int clientCount() {
        return clients.size();
    }

    int keyCount() {
        return readers.size();
    }

    int prefixCount() {
        return clients.stream().mapToInt(Tracking::prefixCount).sum();
    }

    void add(Tracking client) {
        if (clients.isEmpty()) feed.follow(this);
        clients.add(client);
    }

    /// @param keys of which it keeps copies
    void remove(Tracking client, Collection<Bytes> keys) {
        clients.remove(client);
        if (clients.isEmpty()) feed.unfollow(this);
        for (var key : keys) {
            var who = readers.get(key);
            if (who != null && who.remove(client) && who.isEmpty()) drop(key);
        }
    }

    void read(Bytes key, Tracking client) {
        if (cutOff) client.stale(key);
        var who = readers.get(key);
        if (who == null) {
            who = new LinkedHashSet<>();
            readers.put(key, who);
            bytes += weight(key);
        }
        who.add(client);
        // What is not followed is not kept.
        while (bytes > Limits.RESP_TRACKED_BYTES_MAX)
            tellReaders(readers.keySet().iterator().next());
    }

    private Set<Tracking> drop(Bytes key) {
        var who = readers.remove(key);
        if (who == null) return Set.of();
        bytes -= weight(key);
        return who;
    }

    private static long weight(Bytes key) {
        return key.length() + (long) Tracking.KEY_BYTES;
    }

    @Override
    public void changed(KeyChange change) {
        tellReaders(change.key());
        for (var client : clients)
            client.changed(change.key());
    }

    /// Once: who reads the key again is told again.
    private void tellReaders(Bytes key) {
        for (var client : drop(key)) {
            client.forget(key);
            client.stale(key);
        }
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
        boolean fresh = node.leader() != null && age != null && age.compareTo(patience) <= 0;
        if (!fresh && !cutOff) forgetAll();
        cutOff = !fresh;
    }
}
