/// The log on disk: its contract, the segmented file, recovery and checksums; below it a seam of files
/// thin enough to be simulated.
@NullMarked
package org.bellwether.log;

import org.jspecify.annotations.NullMarked;
