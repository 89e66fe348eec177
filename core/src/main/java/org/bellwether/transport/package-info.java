/// How nodes reach each other: the transport contract, what travels on it and its encoding.
@NullMarked
package org.bellwether.transport;

import org.jspecify.annotations.NullMarked;
