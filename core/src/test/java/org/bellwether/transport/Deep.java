package org.bellwether.transport;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Equality of records down to the bytes of their arrays, which their own `equals` compares by identity
/// or, as [org.bellwether.raft.Entry] does, not at all.
final class Deep {
    private Deep() {}

    static boolean equal(@Nullable Object a, @Nullable Object b) {
        if (a == null || b == null) return a == null && b == null;
        if (a instanceof byte[] x && b instanceof byte[] y) return Arrays.equals(x, y);
        if (a instanceof Set<?> && b instanceof Set<?>) return a.equals(b);
        if (a instanceof List<?> x && b instanceof List<?> y) return equalLists(x, y);
        if (!a.getClass().equals(b.getClass())) return false;
        if (!a.getClass().isRecord()) return Objects.equals(a, b);
        for (var component : a.getClass().getRecordComponents()) {
            if (!equal(get(component, a), get(component, b))) return false;
        }
        return true;
    }

    private static boolean equalLists(List<?> a, List<?> b) {
        if (a.size() != b.size()) return false;
        for (int i = 0; i < a.size(); i++) {
            if (!equal(a.get(i), b.get(i))) return false;
        }
        return true;
    }

    private static @Nullable Object get(RecordComponent component, Object of) {
        try {
            return component.getAccessor().invoke(of);
        } catch (ReflectiveOperationException broken) {
            throw new LinkageError(broken.getMessage(), broken);
        }
    }
}
