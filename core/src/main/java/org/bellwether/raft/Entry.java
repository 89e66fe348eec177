package org.bellwether.raft;

import java.util.zip.CRC32C;

/// One entry of the log. Its payload is encoded once, by the leader; the same bytes go to every disk and
/// every peer, with the checksum that was made beside them. Nobody writes to the array.
///
/// @param payloadCrc CRC32C of the payload
public record Entry(Position position, Kind kind, byte[] payload, int payloadCrc) {
    private static final byte[] NOTHING = new byte[0];

    /// What an entry is for. The number is its byte on disk and wire.
    public enum Kind {
        /// The empty entry of a new term (Raft §8): lets entries of older terms commit.
        EMPTY(0),
        /// A batch of commands for the state machine; opaque here.
        COMMANDS(1),
        /// The list of all nodes, in effect from the moment it is appended ([Membership]).
        MEMBERSHIP(2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }

        /// @throws IllegalArgumentException if no kind has this code
        public static Kind of(int code) {
            return switch (code) {
                case 0 -> EMPTY;
                case 1 -> COMMANDS;
                case 2 -> MEMBERSHIP;
                default -> throw new IllegalArgumentException("no entry kind has code " + code);
            };
        }
    }

    public static Entry of(Position position, Kind kind, byte[] payload) {
        return new Entry(position, kind, payload, crcOf(payload));
    }

    public static Entry empty(Position position) {
        return of(position, Kind.EMPTY, NOTHING);
    }

    public static int crcOf(byte[] payload) {
        var crc = new CRC32C();
        crc.update(payload, 0, payload.length);
        return (int) crc.getValue();
    }

    public long index() {
        return position.index();
    }

    public long term() {
        return position.term();
    }

    public int bytes() {
        return payload.length;
    }

    /// By position alone: two entries at the same position are the same entry, or the log is broken.
    @Override
    public boolean equals(Object other) {
        return other instanceof Entry that && position.equals(that.position);
    }

    @Override
    public int hashCode() {
        return position.hashCode();
    }

    @Override
    public String toString() {
        return kind + "@" + position + "(" + payload.length + ")";
    }
}
