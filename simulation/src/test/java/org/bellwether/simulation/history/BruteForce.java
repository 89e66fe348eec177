package org.bellwether.simulation.history;

import java.util.ArrayList;
import java.util.List;

/// Linearizability by its definition and by nothing else: tries every order that respects real time, and
/// for every unknown outcome also that it never happened.
final class BruteForce {
    private BruteForce() {}

    static boolean isLinearizable(List<Operation> history) {
        return anyOrder(new ArrayList<>(history), Operation.ABSENT);
    }

    private static boolean anyOrder(List<Operation> left, int state) {
        if (left.stream().allMatch(Operation::isUnknown)) return true;
        for (int i = 0; i < left.size(); i++) {
            var first = left.get(i);
            boolean someoneMustBeEarlier = left.stream()
                    .anyMatch(other -> other.returned() < first.called());
            if (someoneMustBeEarlier) continue;
            int after = first.after(state);
            if (after == Operation.IMPOSSIBLE) continue;
            var rest = new ArrayList<>(left);
            rest.remove(i);
            if (anyOrder(rest, after)) return true;
        }
        return false;
    }
}
