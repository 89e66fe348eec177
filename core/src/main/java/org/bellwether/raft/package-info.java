/// The consensus core: pure. [Raft#step] takes an event and returns the effects it wants; there is no
/// I/O, clock, thread, randomness or logging in this room, so one thread and one seed replay any bug.
/// It is a leaf: log, transport and node speak its words (position, ballot, entry, message), it
/// speaks nobody's.
///
/// "The paper" is Ongaro and Ousterhout, *In Search of an Understandable Consensus Algorithm* (extended
/// version, 2014); "the thesis" is Ongaro, *Consensus: Bridging Theory and Practice* (2014).
@NullMarked
package org.bellwether.raft;

import org.jspecify.annotations.NullMarked;
