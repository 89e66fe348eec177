package org.bellwether.server.resp;

import java.util.Set;

/// Where keys stand among the arguments (Redis, "Command key specifications", index and range).
///
/// @param first position of the first one
/// @param last  position of the last one, counted from the first; below zero, from the end: -1 is the last
///              argument
/// @param step  from one to the next
/// @param flags what becomes of them
/// @param notes for readers; empty if there is nothing to say
record KeySpec(int first, int last, int step, Set<KeyFlag> flags, String notes) {

    /// Position of the last key among so many arguments; below the first if there is none.
    int lastAmong(int count) {
        return last >= 0 ? first + last : count + last;
    }

    /// The same as `COMMAND INFO` had it before there were specifications.
    int legacyLast() {
        return last >= 0 ? first + last : last;
    }
}
