/// Puts a node together from a folder and two addresses, and takes it apart again in good order.
@NullMarked
package org.bellwether.server;

import org.jspecify.annotations.NullMarked;
