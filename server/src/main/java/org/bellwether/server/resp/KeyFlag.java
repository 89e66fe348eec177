package org.bellwether.server.resp;

/// What a command does to a key, in the order in which Redis lists it.
enum KeyFlag {
    /// Reads and writes what the key holds, or how long.
    RW("RW"),
    /// Reads it.
    RO("RO"),
    /// Overwrites it, whatever it was.
    OW("OW"),
    /// Removes it.
    RM("RM"),
    /// The user gets to see what the key holds, or something of it.
    ACCESS("access"),
    /// Changes what the key holds by what it held.
    UPDATE("update"),
    /// Adds, without a look at what is there.
    INSERT("insert"),
    /// Deletes what is in it on purpose.
    DELETE("delete"),
    /// Depends on the arguments which of these hold.
    VARIABLE_FLAGS("variable_flags");

    final String word;

    KeyFlag(String word) {
        this.word = word;
    }
}
