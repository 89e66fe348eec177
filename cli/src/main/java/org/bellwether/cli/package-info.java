/// `bell`, the one executable: serves, keeps a cluster for development, and asks any node.
@NullMarked
package org.bellwether.cli;

import org.jspecify.annotations.NullMarked;
