package org.bellwether.api;

import org.jspecify.annotations.Nullable;

/// What an applied command did to one key.
///
/// @param at    the store's revision after it
/// @param after what the key holds since then; null if it is absent
public record KeyChange(Kind kind, Bytes key, Revision at, @Nullable Versioned after) {
    /// By which way a key came to be as it is. One command may take several.
    public enum Kind {
        SET, ADDED_TO, DECIMAL_ADDED_TO, APPENDED_TO, OVERWRITTEN, DELETED,
        /// Its time had come, and its row went.
        EXPIRED,
        /// It has another end than before.
        EXPIRY_SET,
        /// It stays from now on.
        EXPIRY_REMOVED, RENAMED_FROM, RENAMED_TO, COPIED_TO
    }
}
