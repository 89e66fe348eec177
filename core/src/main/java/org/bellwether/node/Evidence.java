package org.bellwether.node;

import java.io.IOException;
import org.bellwether.storage.View;
import org.bellwether.transport.SnapshotHead;

/// Where tables are kept that turned out to be wrong, for people who want to know how it came to that. Called on the
/// background thread.
@FunctionalInterface
public interface Evidence {
    /// @return how people find it
    /// @throws IOException if it cannot be kept; the repair goes on without
    String keep(View tables, SnapshotHead head) throws IOException;
}
