/// The state machine: pure. Commands and the state so far give results and the new state. It does not know
/// that it is replicated, and never meets `raft`; only `node` introduces them.
@NullMarked
package org.bellwether.machine;

import org.jspecify.annotations.NullMarked;
