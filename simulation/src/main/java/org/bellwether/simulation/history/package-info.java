/// What clients saw, and whether one store could have shown it to them.
@NullMarked
package org.bellwether.simulation.history;

import org.jspecify.annotations.NullMarked;
