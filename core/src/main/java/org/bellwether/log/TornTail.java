package org.bellwether.log;

/// What stands behind the last record of a log and is none, as a loss of power leaves it: a start cuts it.
///
/// @param offset in the file
/// @param bytes  up to the last that is not zero
public record TornTail(String file, long offset, long bytes) {
    @Override
    public String toString() {
        return file + ", offset " + offset + ": " + bytes + " bytes";
    }
}
