package org.bellwether.api;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A caller of [KeyValueStore#read] who can say more, when its turn has come, than it could when it asked. Between the two
/// others were answered, and what it asks for may be large.
public interface ReadCaller extends Consumer<Outcome> {
    /// What to answer instead of reading a value, for which there is no room or nobody there any more; null to read it.
    @Nullable
    Outcome refusal();

    /// Whether it is to be answered at the same moment as what was asked right before, so that nothing changes between.
    /// Whoever says so sees to it that not much is asked for in one moment.
    default boolean joins() {
        return false;
    }
}
