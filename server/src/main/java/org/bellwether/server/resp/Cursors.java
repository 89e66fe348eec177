package org.bellwether.server.resp;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.jspecify.annotations.Nullable;

/// Where scans stand: a client is given a number and brings it back, on any connection to this node. A key does not fit
/// into it; so the key is kept here, and of very many scans at once those that rested longest must begin anew.
final class Cursors {
    private static final long FIRST_MAX = 1L << 47;

    private final Map<Long, Bytes> keys = new LinkedHashMap<>(16, 0.75f, true) {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Bytes> eldest) {
            return size() > Limits.RESP_CURSORS_MAX;
        }
    };
    /// By chance, so that a number of another node, or of this one's last life, means nothing.
    private long last = ThreadLocalRandom.current().nextLong(FIRST_MAX);

    long of(Bytes key) {
        keys.put(++last, key);
        return last;
    }

    /// The last key of the page that ended with this cursor; null if it is not known any more.
    @Nullable
    Bytes key(long cursor) {
        return keys.get(cursor);
    }
}
