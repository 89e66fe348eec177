package org.bellwether.server.resp;

import java.util.Locale;

/// What clients and the dispatcher must know of a command, in the order in which Redis lists it.
enum CommandFlag {
    /// May change data; goes to the leader.
    WRITE,
    /// Changes nothing; clients may send it to a replica.
    READONLY,
    /// Refused when memory is full.
    DENYOOM,
    /// For operators.
    ADMIN,
    /// Has to do with channels.
    PUBSUB,
    /// Not from scripts. There are none here; clients are told what Redis tells them.
    NOSCRIPT,
    /// Served while data is loaded.
    LOADING,
    /// Served by a replica that has lost its leader.
    STALE,
    /// Not in the log of slow commands.
    SKIP_SLOWLOG,
    /// Takes constant or logarithmic time.
    FAST,
    /// Served before `AUTH`.
    NO_AUTH,
    /// Not while a replica loads in the background.
    NO_ASYNC_LOADING,
    /// Served while a script runs.
    ALLOW_BUSY;

    final String word = name().toLowerCase(Locale.ROOT);
}
