package org.bellwether.server.transport;

import java.util.random.RandomGenerator;
import org.bellwether.api.Address;
import org.bellwether.api.Limits;
import org.bellwether.log.Identity;

/// @param listen where peers reach this node; port 0 takes a free one
/// @param dice   spreads reconnects
public record PeerSettings(Identity self, Address listen, Limits limits, RandomGenerator dice) {}
