package org.bellwether.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import org.bellwether.api.Bytes;
import org.bellwether.api.Revision;
import org.bellwether.api.Versioned;
import org.junit.jupiter.api.Test;

class MemoryViewTest {
    private static final Bytes A = Bytes.utf8("a");
    private static final Bytes B = Bytes.utf8("b");

    private final MemoryRows rows = new MemoryRows();

    private MemoryView viewOfTwo() {
        for (var key : new Bytes[]{A, B}) {
            rows.put(key, new Versioned(key, new Revision(1), new Revision(1), 1));
        }
        return new MemoryView(rows.freeze(), Mark.NONE, Bytes.EMPTY);
    }

    /// Rows may be changed where they are once nobody looks at them: that is not yet so when somebody else closes the view.
    @Test
    void aViewThatIsClosedWhileItIsReadIsLeftWhenTheReaderHasGone() {
        var view = viewOfTwo();
        var seen = new ArrayList<Bytes>();
        assertThrows(IllegalStateException.class, () -> view.scan(Bytes.EMPTY, (key, _) -> {
            seen.add(key);
            view.close();
            assertFalse(view.isLeft());
            return true;
        }));
        assertEquals(1, seen.size());
        assertTrue(view.isLeft());
    }

    @Test
    void aViewIsNotLeftBeforeItIsClosed() {
        var view = viewOfTwo();
        assertFalse(view.isLeft());
        assertEquals(View.after(A), view.scan(Bytes.EMPTY, (_, _) -> false));
        assertFalse(view.isLeft());
        view.close();
        assertTrue(view.isLeft());
        assertThrows(IllegalStateException.class, () -> view.scan(A, (_, _) -> true));
        assertTrue(view.isLeft());
    }
}
