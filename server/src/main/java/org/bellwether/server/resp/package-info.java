/// The Redis protocol front end: requests are parsed and replies written here, and the table of commands is
/// here; what they do is spelled in the api. `docs/redis-compatibility.md` lists where we differ from Redis.
@NullMarked
package org.bellwether.server.resp;

import org.jspecify.annotations.NullMarked;
