/// The seam below everything that writes files: one flat folder, real or simulated.
@NullMarked
package org.bellwether.disk;

import org.jspecify.annotations.NullMarked;
