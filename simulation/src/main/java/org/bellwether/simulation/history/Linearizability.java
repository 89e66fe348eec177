package org.bellwether.simulation.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Is there an order of these operations on one key, each taking effect at one moment between its call and
/// its return, in which a plain register gives these answers?
///
/// The search of Wing and Gong (1993) with the memory of Lowe (2017): walk the calls in time order, take
/// one that the register allows, remember (what is taken, what the register holds), and go back when a
/// return is met that is not yet taken. Keys are independent, so each is searched alone (Herlihy and
/// Wing 1990, locality). An operation with an unknown outcome never returns: it may be taken at any time
/// after its call, or not at all, hence the search is over when all *answered* operations are taken.
public final class Linearizability {
    private static final int STATES_MAX = 1 << 20;
    private static final int SHOWN_MAX = 24;

    private Linearizability() {}

    public static Verdict check(List<Operation> history) {
        return check(history, STATES_MAX);
    }

    /// @param statesMax how many states the search may remember before it gives up
    public static Verdict check(List<Operation> history, int statesMax) {
        var search = new Search(history, statesMax);
        return switch (search.run()) {
            case LEGAL -> Verdict.OK;
            case GAVE_UP -> new Verdict.Unknown("gave up after " + statesMax + " states of "
                    + history.size() + " operations");
            case ILLEGAL -> new Verdict.Illegal(explain(history, statesMax));
        };
    }

    /// The smallest part that is still impossible: first the shortest prefix in time (every prefix of a
    /// linearizable history is linearizable, so halving finds it), then without the reads it can do without.
    private static String explain(List<Operation> history, int statesMax) {
        var returns = history.stream().filter(operation -> !operation.isUnknown())
                .mapToLong(Operation::returned).sorted().toArray();
        int low = 0;
        int high = returns.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (isIllegal(prefix(history, returns[middle]), statesMax))
                high = middle;
            else
                low = middle + 1;
        }
        var evidence = prefix(history, returns[low]);
        for (int i = evidence.size() - 1; i >= 0; i--) {
            if (evidence.get(i).kind() == Operation.Kind.GET) {
                var without = new ArrayList<>(evidence);
                without.remove(i);
                if (isIllegal(without, statesMax)) evidence = without;
            }
        }
        var text = new StringBuilder("no order explains these ").append(evidence.size())
                .append(" operations:");
        int from = Math.max(0, evidence.size() - SHOWN_MAX);
        if (from > 0) text.append("\n  … ").append(from).append(" earlier ones");
        for (var operation : evidence.subList(from, evidence.size()))
            text.append("\n  ").append(operation);
        return text.toString();
    }

    private static boolean isIllegal(List<Operation> history, int statesMax) {
        return new Search(history, statesMax).run() == Found.ILLEGAL;
    }

    /// What was seen until then: operations still under way are open, reads under way say nothing.
    private static List<Operation> prefix(List<Operation> history, long until) {
        var seen = new ArrayList<Operation>();
        for (var operation : history) {
            if (operation.called() > until) continue;
            if (operation.returned() <= until) {
                seen.add(operation);
            } else if (operation.kind() != Operation.Kind.GET) {
                seen.add(new Operation(operation.client(), operation.called(), Operation.NEVER,
                        operation.kind(), operation.guard(), operation.value(),
                        Operation.UNKNOWN));
            }
        }
        seen.sort(Comparator.comparingLong(Operation::called));
        return seen;
    }

    private enum Found {
        LEGAL, ILLEGAL, GAVE_UP
    }

    /// One search. Events are numbered in time order from 1; event 0 is the head of the linked list of those
    /// not yet taken.
    private static final class Search {
        private final Operation[] operations;
        private final int statesMax;
        private final int[] next;
        private final int[] previous;
        private final int[] operationAt;
        private final int[] callOf;
        private final int[] returnOf;
        private final long[] taken;
        private int answeredLeft;

        Search(List<Operation> history, int statesMax) {
            this.operations = history.toArray(Operation[]::new);
            this.statesMax = statesMax;
            int count = operations.length;
            this.next = new int[2 * count + 1];
            this.previous = new int[2 * count + 1];
            this.operationAt = new int[2 * count + 1];
            this.callOf = new int[count];
            this.returnOf = new int[count];
            this.taken = new long[(count + 63) / 64];
            link(count);
        }

        /// Calls come before returns of the same moment: intervals are closed. Returns that never came are
        /// left out.
        private void link(int count) {
            var events = new ArrayList<Integer>();
            for (int i = 0; i < count; i++) {
                events.add(i);
                if (!operations[i].isUnknown()) {
                    events.add(~i);
                    answeredLeft++;
                }
            }
            events.sort(Comparator.<Integer>comparingLong(event -> event >= 0
                    ? operations[event].called()
                    : operations[~event].returned()).thenComparing(event -> event < 0));
            int last = 0;
            for (int i = 0; i < events.size(); i++) {
                int at = i + 1;
                int event = events.get(i);
                operationAt[at] = event;
                if (event >= 0)
                    callOf[event] = at;
                else
                    returnOf[~event] = at;
                next[last] = at;
                previous[at] = last;
                last = at;
            }
            next[last] = 0;
            previous[0] = last;
        }

        Found run() {
            var memory = new Memory(taken.length);
            int[] stackOperation = new int[operations.length];
            int[] stackState = new int[operations.length];
            int depth = 0;
            int state = Operation.ABSENT;
            int at = next[0];
            while (answeredLeft > 0) {
                int event = operationAt[at];
                if (at != 0 && event >= 0) {
                    int after = operations[event].after(state);
                    if (after != Operation.IMPOSSIBLE && memory.isNew(taken, event, after)) {
                        if (memory.size() > statesMax) return Found.GAVE_UP;
                        stackOperation[depth] = event;
                        stackState[depth++] = state;
                        state = after;
                        take(event);
                        at = next[0];
                    } else {
                        at = next[at];
                    }
                } else {
                    if (depth == 0) return Found.ILLEGAL;
                    int back = stackOperation[--depth];
                    state = stackState[depth];
                    putBack(back);
                    at = next[callOf[back]];
                }
            }
            return Found.LEGAL;
        }

        private void take(int operation) {
            taken[operation >>> 6] |= 1L << operation;
            unlink(callOf[operation]);
            if (!operations[operation].isUnknown()) {
                unlink(returnOf[operation]);
                answeredLeft--;
            }
        }

        private void putBack(int operation) {
            taken[operation >>> 6] &= ~(1L << operation);
            if (!operations[operation].isUnknown()) {
                relink(returnOf[operation]);
                answeredLeft++;
            }
            relink(callOf[operation]);
        }

        private void unlink(int at) {
            next[previous[at]] = next[at];
            previous[next[at]] = previous[at];
        }

        private void relink(int at) {
            next[previous[at]] = at;
            previous[next[at]] = at;
        }
    }

    /// The set of (taken, state) that were tried, in one array with open addressing.
    private static final class Memory {
        private final int words;
        private long[] slots;
        private int capacity = 256;
        private int size;

        Memory(int words) {
            this.words = words;
            this.slots = new long[capacity * (words + 1)];
        }

        int size() {
            return size;
        }

        /// Adds `taken` with one more operation, and a state. A slot's last word is the state plus one, so
        /// that an empty slot is zero.
        boolean isNew(long[] taken, int more, int state) {
            if (2 * size >= capacity) grow();
            int word = more >>> 6;
            long bit = 1L << more;
            taken[word] |= bit;
            boolean added = add(taken, 0, state + 1L);
            taken[word] &= ~bit;
            return added;
        }

        private boolean add(long[] from, int offset, long state) {
            int slot = hash(from, offset, state) & capacity - 1;
            while (true) {
                int base = slot * (words + 1);
                if (slots[base + words] == 0) {
                    System.arraycopy(from, offset, slots, base, words);
                    slots[base + words] = state;
                    size++;
                    return true;
                }
                if (slots[base + words] == state && Arrays.equals(slots, base, base + words, from,
                        offset, offset + words)) {
                    return false;
                }
                slot = slot + 1 & capacity - 1;
            }
        }

        private int hash(long[] from, int offset, long state) {
            long mixed = state * 0x9e3779b97f4a7c15L;
            for (int i = 0; i < words; i++) {
                mixed = (mixed ^ from[offset + i]) * 0xbf58476d1ce4e5b9L;
                mixed ^= mixed >>> 29;
            }
            return (int) (mixed ^ mixed >>> 32);
        }

        private void grow() {
            long[] old = slots;
            int oldCapacity = capacity;
            capacity *= 2;
            slots = new long[capacity * (words + 1)];
            size = 0;
            for (int slot = 0; slot < oldCapacity; slot++) {
                int base = slot * (words + 1);
                if (old[base + words] != 0) add(old, base, old[base + words]);
            }
        }
    }
}
