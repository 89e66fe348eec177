/// The one interface of embedder, front ends, client and command line: commands, reads, consistency
/// levels, outcomes and limits. No threads, no I/O, JDK only.
@NullMarked
package org.bellwether.api;

import org.jspecify.annotations.NullMarked;
