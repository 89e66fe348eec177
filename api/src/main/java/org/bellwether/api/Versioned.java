package org.bellwether.api;

/// A value and its history in three numbers.
///
/// @param created  revision of the write that created the key
/// @param modified revision of the write that last set it; HTTP's `ETag`
/// @param version  number of writes since the key was created, 1 for the creating one
public record Versioned(Bytes value, Revision created, Revision modified, long version) {}
