package org.bellwether.simulation.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The second checker: takes the store at its word, the revisions it gave out, and looks whether they tell
/// one story. Linear in the length of the history and across keys, where [Linearizability] sees short
/// histories of single keys and trusts nobody.
///
/// A *claim* is one thing an answer said: a write made this revision, or at this revision the key held that.
public final class RevisionOrder {
    /// One thing that an answer said of one key. Several claims with one `request` came in one answer.
    ///
    /// @param at       the revision of the whole store that the answer names
    /// @param modified for a key that was seen: the revision of its last write; 0 if absent.
    ///                 For a write: `at`
    /// @param value    the value seen or written; [Operation#ABSENT] for none
    /// @param inOrder  whether the answer must respect real time (a local read need not)
    public record Claim(long request, String key, long called, long returned, boolean write,
            long at, long modified, int value, boolean inOrder) {}

    private record Write(long request, int value) {}

    private final Map<String, NavigableMap<Long, Write>> writes = new HashMap<>();
    private final Map<Long, Long> requestOf = new HashMap<>();
    private final Set<String> openDeletes;

    private RevisionOrder(Set<String> openDeletes) {
        this.openDeletes = openDeletes;
    }

    /// @param openDeletes keys with a delete whose outcome is unknown: their absence needs no known cause
    public static Verdict check(List<Claim> claims, Set<String> openDeletes) {
        var order = new RevisionOrder(openDeletes);
        String why = order.contradiction(claims);
        if (why == null) why = againstTime(claims);
        return why == null ? Verdict.OK : new Verdict.Illegal(why);
    }

    private @Nullable String contradiction(List<Claim> claims) {
        for (var claim : claims) {
            if (claim.write()) {
                String why = written(claim);
                if (why != null) return why;
            }
        }
        // A seen value reveals the revision of a write whose own outcome is unknown.
        for (var claim : claims) {
            if (!claim.write() && claim.modified() > 0) {
                var known = writesOf(claim.key()).putIfAbsent(claim.modified(),
                        new Write(-1, claim.value()));
                if (known != null && known.value() != claim.value())
                    return "one revision of a key, two values: " + known + " and " + claim;
            }
        }
        for (var claim : claims) {
            if (!claim.write()) {
                String why = seen(claim);
                if (why != null) return why;
            }
        }
        return null;
    }

    private @Nullable String written(Claim claim) {
        Long other = requestOf.put(claim.at(), claim.request());
        if (other != null && other != claim.request())
            return "requests " + other + " and " + claim.request() + " both made revision "
                    + claim.at() + ": " + claim;
        writesOf(claim.key()).put(claim.at(), new Write(claim.request(), claim.value()));
        return null;
    }

    private @Nullable String seen(Claim claim) {
        if (claim.modified() > claim.at()) return "seen before it was written: " + claim;
        var latest = writesOf(claim.key()).floorEntry(claim.at());
        if (claim.modified() > 0) {
            return latest != null && latest.getKey() == claim.modified()
                    ? null
                    : "not the latest write of the key, which is " + latest + ": " + claim;
        }
        boolean explained = latest == null || latest.getValue().value() == Operation.ABSENT
                || openDeletes.contains(claim.key());
        return explained ? null : "absent although " + latest + " wrote it: " + claim;
    }

    private NavigableMap<Long, Write> writesOf(String key) {
        return writes.computeIfAbsent(key, _ -> new TreeMap<>());
    }

    /// The order of revisions must respect real time: whoever asks after an answer was given sees a
    /// revision at least as high, and makes a higher one.
    private static @Nullable String againstTime(List<Claim> claims) {
        var byCall = new ArrayList<Claim>();
        for (var claim : claims) {
            if (claim.inOrder()) byCall.add(claim);
        }
        var byReturn = new ArrayList<>(byCall);
        byCall.sort(Comparator.comparingLong(Claim::called));
        byReturn.sort(Comparator.comparingLong(Claim::returned));
        int answered = 0;
        Claim highest = null;
        for (var claim : byCall) {
            while (answered < byReturn.size()
                    && byReturn.get(answered).returned() < claim.called()) {
                var earlier = byReturn.get(answered++);
                if (highest == null || earlier.at() > highest.at()) highest = earlier;
            }
            long least = highest == null ? 0 : claim.write() ? highest.at() + 1 : highest.at();
            if (claim.at() < least) return "went back in time: " + claim + " after " + highest;
        }
        return null;
    }
}
