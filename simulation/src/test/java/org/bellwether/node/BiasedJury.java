package org.bellwether.node;

import java.util.List;
import java.util.Map;
import org.bellwether.api.NodeId;
import org.bellwether.storage.Totals;
import org.jspecify.annotations.Nullable;

/// Takes the leader's word, which it hears first, for that of the majority.
public final class BiasedJury extends Jury {
    @Override
    protected @Nullable Totals right(Map<NodeId, Totals> words, List<NodeId> voters) {
        return words.size() <= voters.size() / 2 ? null : words.values().iterator().next();
    }
}
