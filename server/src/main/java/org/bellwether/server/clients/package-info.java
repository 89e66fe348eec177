/// What the front ends have in common: the memory that clients make this node hold, and its bounds.
@NullMarked
package org.bellwether.server.clients;

import org.jspecify.annotations.NullMarked;
