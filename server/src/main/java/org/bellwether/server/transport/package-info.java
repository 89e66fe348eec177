/// The transport between nodes over TCP: handshake, frames, reconnects, bounds. `docs/formats.md` draws
/// every byte.
@NullMarked
package org.bellwether.server.transport;

import org.jspecify.annotations.NullMarked;
