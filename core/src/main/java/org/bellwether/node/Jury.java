package org.bellwether.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bellwether.api.NodeId;
import org.bellwether.raft.Position;
import org.bellwether.storage.Totals;
import org.bellwether.transport.PeerMessage.Marked;
import org.bellwether.transport.PeerMessage.Verdict;
import org.jspecify.annotations.Nullable;

/// What every node's tables came to at the latest markers, and so what they should have come to: what a majority
/// of the voters says. The leader's word is one of them, like any other.
public class Jury {
    /// Of so many markers the words are kept, on the leader and on each node.
    static final int MARKERS_MAX = 8;

    private final TreeMap<Long, Case> cases = new TreeMap<>();

    /// @param words in the order in which they were heard
    private record Case(Position at, Map<NodeId, Totals> words) {}

    void heard(NodeId from, Marked word) {
        long index = word.at().index();
        if (cases.size() == MARKERS_MAX && !cases.containsKey(index)) {
            if (index < cases.firstKey()) return;
            cases.pollFirstEntry();
        }
        cases.computeIfAbsent(index, _ -> new Case(word.at(), new LinkedHashMap<>())).words.put(
                from,
                word.totals());
    }

    /// Begins anew: whoever leads now has heard nothing yet.
    void clear() {
        cases.clear();
    }

    /// Of the newest marker of which something can be said; null if there is none.
    ///
    /// @param voters who has a word
    /// @param since  the entry by which they have it: of what was before, others judge. A node that was repaired since
    ///               may by now be the majority, and its word of then is wrong
    @Nullable
    Verdict verdict(List<NodeId> voters, long since) {
        for (var about : cases.tailMap(since, false).descendingMap().values()) {
            var right = right(about.words, voters);
            if (right != null) return new Verdict(about.at, right);
            if (about.words.keySet().containsAll(voters)) return new Verdict(about.at, null);
        }
        return null;
    }

    /// Hook for a planted bug.
    protected @Nullable Totals right(Map<NodeId, Totals> words, List<NodeId> voters) {
        var counts = new HashMap<Totals, Integer>();
        for (var voter : voters) {
            var word = words.get(voter);
            if (word != null && counts.merge(word, 1, Integer::sum) > voters.size() / 2)
                return word;
        }
        return null;
    }

    boolean hasHeard(NodeId node, Position at) {
        return wordOf(node, at) != null;
    }

    boolean agrees(NodeId node, Verdict verdict) {
        return verdict.right() != null && verdict.right().equals(wordOf(node, verdict.at()));
    }

    /// Whether this leader may tell it: that nothing can be decided, or else what it has come to itself. Who is found odd
    /// by it fetches the state from the leader; one that was just started has no word yet, and may be as odd.
    boolean isForTelling(NodeId leader, Verdict verdict) {
        return verdict.right() == null || agrees(leader, verdict);
    }

    private @Nullable Totals wordOf(NodeId node, Position at) {
        var about = cases.get(at.index());
        return about == null ? null : about.words.get(node);
    }

    /// Who said something else.
    List<NodeId> odd(Verdict verdict) {
        var odd = new ArrayList<NodeId>();
        var about = cases.get(verdict.at().index());
        if (about == null || verdict.right() == null) return odd;
        about.words.forEach((node, word) -> {
            if (!word.equals(verdict.right())) odd.add(node);
        });
        odd.sort(null);
        return odd;
    }
}
