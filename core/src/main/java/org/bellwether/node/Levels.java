package org.bellwether.node;

import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import org.bellwether.api.NodeId;
import org.bellwether.transport.PeerMessage.Census;
import org.jspecify.annotations.Nullable;

/// How long ago each node last had applied everything that the leader had committed, as far as the leader's
/// counts show it. There is one mark for each node: a commit index and the moment at which it was noted. When the node has
/// applied so far it was level at that moment, and the next mark is set. So the answer is late by the time that
/// one mark takes: a node that is steadily 300 ms behind shows between 300 and 600 ms.
final class Levels {
    private final Map<NodeId, Level> levels = new TreeMap<>();

    private static final class Level {
        @Nullable
        Long levelNanos;
        long markNanos;
        long markIndex;
    }

    void noted(Census census, long nowNanos) {
        var listed = new ArrayList<NodeId>();
        for (var heard : census.nodes()) {
            listed.add(heard.node());
            var level = levels.get(heard.node());
            if (level == null) {
                level = new Level();
                levels.put(heard.node(), level);
                set(level, census, nowNanos);
            }
            if (heard.appliedIndex() >= level.markIndex) {
                level.levelNanos = level.markNanos;
                set(level, census, nowNanos);
            }
            if (heard.appliedIndex() >= census.commitIndex()) level.levelNanos = nowNanos;
        }
        levels.keySet().retainAll(listed);
    }

    private static void set(Level level, Census census, long nowNanos) {
        level.markNanos = nowNanos;
        level.markIndex = census.commitIndex();
    }

    /// When this node was last level; null if that was never seen.
    @Nullable
    Long lastLevelNanos(NodeId node) {
        var level = levels.get(node);
        return level == null ? null : level.levelNanos;
    }
}
