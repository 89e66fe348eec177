package org.bellwether.server.http;

import java.time.Duration;

/// How long a client may take. A client that is slow on purpose holds a connection and no more than that, and
/// not for long.
///
/// @param head    from the first byte of a request to the end of its headers
/// @param silence between two bytes of a body
/// @param request from the first byte of a request to its last
/// @param idle    without a request, or without taking replies
/// @param linger  a refused client is listened to for this long, so that it can read why (RFC 9112 §9.6)
record Patience(Duration head, Duration silence, Duration request, Duration idle, Duration linger) {
    static final Patience DEFAULT = new Patience(Duration.ofSeconds(10), Duration.ofSeconds(10),
            Duration.ofSeconds(60), Duration.ofMinutes(5), Duration.ofSeconds(5));
}
