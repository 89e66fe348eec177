package org.bellwether.simulation;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.bellwether.storage.Mark;
import org.bellwether.storage.Storage;
import org.bellwether.storage.Totals;

/// Tables on a machine that may, once, apply something wrongly: a row appears that no command has written. It is one
/// that no client asks for, since what a client can be told before anybody has compared is not in question here.
final class SpoilableStorage extends StorageAround {
    static final Bytes WRONG = Bytes.utf8("~wrong");

    private final Runnable spoilt;
    private boolean spoilNext;

    /// @param spoilt told when it has happened
    SpoilableStorage(Storage real, Runnable spoilt) {
        super(real);
        this.spoilt = spoilt;
    }

    void spoilNext() {
        spoilNext = real.get(WRONG) == null;
    }

    @Override
    public void commit(List<Change> changes, Mark mark) {
        if (!spoilNext) {
            super.commit(changes, mark);
            return;
        }
        spoilNext = false;
        var value = new Versioned(Bytes.utf8("wrong"), new Revision(1), new Revision(1), 1);
        var sum = new Totals.Sum(mark.totals());
        sum.add(WRONG, value);
        var more = new ArrayList<>(changes);
        more.add(new Change(WRONG, null, value));
        super.commit(more, new Mark(mark.applied(), mark.revision(), mark.version(), mark.stamp(),
                sum.totals()));
        spoilt.run();
    }
}
