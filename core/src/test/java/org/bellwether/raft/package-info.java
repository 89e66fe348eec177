/// The core against the paper: claims, transcripts, and chance.
@NullMarked
package org.bellwether.raft;

import org.jspecify.annotations.NullMarked;
