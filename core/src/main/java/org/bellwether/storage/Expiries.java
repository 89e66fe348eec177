package org.bellwether.storage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.bellwether.api.Bytes;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// Which keys of a table in memory expire, in the order in which they do.
final class Expiries {
    private final TreeSet<Expiry> all = new TreeSet<>(
            Comparator.comparingLong(Expiry::at).thenComparing(Expiry::key));

    private record Expiry(long at, Bytes key) {}

    void changed(Bytes key, @Nullable Versioned before, @Nullable Versioned after) {
        long was = before == null ? Versioned.NEVER : before.expires();
        long is = after == null ? Versioned.NEVER : after.expires();
        if (was == is) return;
        if (was != Versioned.NEVER) all.remove(new Expiry(was, key));
        if (is != Versioned.NEVER) all.add(new Expiry(is, key));
    }

    List<Bytes> through(long stamp, int keysMax) {
        var keys = new ArrayList<Bytes>();
        for (var expiry : all) {
            if (expiry.at > stamp || keys.size() == keysMax) break;
            keys.add(expiry.key);
        }
        return keys;
    }
}
