/// The HTTP front end: a short pipeline of Netty's codec and one handler per connection, a small route
/// table, and handlers that speak only the api. `docs/http.md` describes the protocol.
@NullMarked
package org.bellwether.server.http;

import org.jspecify.annotations.NullMarked;
