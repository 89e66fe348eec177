package org.bellwether.api;

/// What a key must still be like for a [Command.Transaction] to be performed. That an absent key was made and removed
/// again in between is not noticed.
///
/// @param modified when it was last written, as it was read; [Revision#NONE] if it was absent
public record Watch(Bytes key, Revision modified) {}
