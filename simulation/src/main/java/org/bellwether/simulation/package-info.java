/// Whole clusters on virtual time: real nodes on faulty networks, disks and clocks, from one seed.
@NullMarked
package org.bellwether.simulation;

import org.jspecify.annotations.NullMarked;
