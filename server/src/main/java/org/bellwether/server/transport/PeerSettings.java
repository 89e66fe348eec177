package org.bellwether.server.transport;

import java.util.random.RandomGenerator;
import org.bellwether.api.Address;
import org.bellwether.api.Limits;
import org.bellwether.log.Identity;
import org.jspecify.annotations.Nullable;

/// @param listen     where this node listens for peers; port 0 takes a free one
/// @param advertised where peers are told to dial it; null for where it listens
/// @param dice       spreads reconnects
public record PeerSettings(Identity self, Address listen, @Nullable Address advertised,
        Limits limits, RandomGenerator dice) {}
