package org.bellwether.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How far a node is that was far behind, and is on its way to being level. An estimate, for people.
///
/// @param share          from 0 to 1, of what it lacked when it began, or of the snapshot it is sent. It falls only where
///                       a snapshot is begun anew
/// @param bytesPerSecond sent to it lately
/// @param left           how long it will still take, at the pace so far; null if that cannot be told yet
public record CatchUp(double share, long bytesPerSecond, @Nullable Duration left) {}
