package org.bellwether.server.resp;

/// What the bytes that arrived come to.
sealed interface Parsed {
    /// All bytes are consumed; a request that is under way goes on with the next ones.
    enum Incomplete implements Parsed {
        INSTANCE
    }

    /// A command with its arguments, none of them shared with anybody. Never empty.
    record Request(Arguments arguments) implements Parsed {}

    /// Where the next request begins is unknown: the client is told why, and the connection ends.
    ///
    /// @param reply an error reply in Redis's words, each char a byte
    record ProtocolError(String reply) implements Parsed {}

    /// Somebody made a browser or another client of HTTP talk to us, and its headers would be taken for commands
    /// (cross-protocol scripting). The connection ends without a word to it, but with a line in our log.
    ///
    /// @param name the command's name, as it came
    record CrossProtocol(String name) implements Parsed {}
}
