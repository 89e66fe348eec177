package org.bellwether.simulation;

import java.util.List;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Storage;

/// Loses the changes of one entry in thirty, and counts on as if nothing had happened: an apply error that was
/// logged and passed over.
final class ForgetfulStorage extends StorageAround {
    ForgetfulStorage(Storage real) {
        super(real);
    }

    @Override
    public void commit(List<Change> changes, Mark mark) {
        super.commit(mark.applied() % 30 == 0 ? List.of() : changes, mark);
    }
}
