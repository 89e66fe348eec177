package org.bellwether.machine;

import java.util.List;
import org.bellwether.api.Outcome;
import org.bellwether.storage.Storage;

/// The state machine (being written).
public final class Machine {
    private final Storage storage;

    public Machine(Storage storage) {
        this.storage = storage;
    }

    /// Applies the commands of one entry, all at once. One outcome per command, in order: applied or refused.
    public List<Outcome> apply(long index, byte[] payload) {
        throw new UnsupportedOperationException(storage.toString());
    }

    public Outcome read(org.bellwether.api.Read read) { throw new UnsupportedOperationException(); }

    /// Passes an entry that holds no commands.
    public void pass(long index) {
        throw new UnsupportedOperationException();
    }
}
