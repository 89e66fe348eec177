/// `bell` as a process among processes, and the house's rules.
@NullMarked
package org.bellwether.cli;

import org.jspecify.annotations.NullMarked;
