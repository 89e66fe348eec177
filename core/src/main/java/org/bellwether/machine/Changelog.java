package org.bellwether.machine;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Amendment;
import org.bellwether.api.Bytes;
import org.bellwether.api.ChangeFeed;
import org.bellwether.api.KeyChange;
import org.bellwether.api.KeyChange.Kind;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.jspecify.annotations.Nullable;

/// The changes of one entry, noted as they are made and told when they are in the tables. Costs nothing while nobody
/// follows.
final class Changelog {
    private final List<ChangeFeed.Follower> followers;
    private final List<Note> notes = new ArrayList<>();

    @FunctionalInterface
    private interface Note {
        void tell(ChangeFeed.Follower follower);
    }

    /// @param followers as they are at the moment
    Changelog(List<ChangeFeed.Follower> followers) {
        this.followers = followers;
    }

    void add(Kind kind, Bytes key, Revision at, @Nullable Versioned after) {
        if (followers.isEmpty()) return;
        var change = new KeyChange(kind, key, at, after);
        notes.add(follower -> follower.changed(change));
    }

    /// @param timed whether it was said when it is to expire
    void set(Bytes key, Revision at, @Nullable Versioned after, boolean timed) {
        if (followers.isEmpty()) return;
        if (after == null) {
            add(Kind.DELETED, key, at, null);
            return;
        }
        add(Kind.SET, key, at, after);
        if (timed && after.expires() != Versioned.NEVER)
            add(Kind.EXPIRY_SET, key, at, after);
    }

    void edited(Bytes key, Amendment how, Revision at, @Nullable Versioned after) {
        add(switch (how) {
            case Amendment.Add _ -> Kind.ADDED_TO;
            case Amendment.AddDecimal _ -> Kind.DECIMAL_ADDED_TO;
            case Amendment.Append _ -> Kind.APPENDED_TO;
            case Amendment.Overwrite _ -> Kind.OVERWRITTEN;
        }, key, at, after);
    }

    void timed(Bytes key, Revision at, @Nullable Versioned after) {
        if (after == null) {
            add(Kind.DELETED, key, at, null);
        } else {
            add(after.expires() == Versioned.NEVER ? Kind.EXPIRY_REMOVED : Kind.EXPIRY_SET, key, at,
                    after);
        }
    }

    void cleared(Revision at) {
        if (!followers.isEmpty()) notes.add(follower -> follower.cleared(at));
    }

    void tell() {
        for (var note : notes) {
            for (var follower : followers)
                note.tell(follower);
        }
    }
}
