package org.bellwether.api;

/// A value, its history in three numbers, and its end.
///
/// @param created  revision of the write that created the key
/// @param modified revision of the write that last set it; HTTP's `ETag`
/// @param version  number of writes since the key was created, 1 for the creating one
/// @param expires  when the key is absent, in milliseconds since 1970 by the cluster's time; [#NEVER] if it stays
public record Versioned(Bytes value, Revision created, Revision modified, long version,
        long expires) {
    public static final long NEVER = 0;

    public Versioned {
        if (expires < 0) throw new IllegalArgumentException("an expiry of " + expires);
    }

    /// One that stays.
    public Versioned(Bytes value, Revision created, Revision modified, long version) {
        this(value, created, modified, version, NEVER);
    }

    /// Whether it is absent once the cluster's time is this.
    public boolean isExpiredAt(long stamp) {
        return expires != NEVER && expires <= stamp;
    }
}
