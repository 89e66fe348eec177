/// The shell: one loop that performs what `raft` decides, applies what is committed, and answers. Time,
/// scheduling, randomness, files and transport come in through small interfaces, so that the same code
/// runs on sockets and disks and under simulation.
@NullMarked
package org.bellwether.node;

import org.jspecify.annotations.NullMarked;
