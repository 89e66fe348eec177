package org.bellwether.server.resp;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Consistency;

/// What comes in on one connection: its requests, a few at a time, so that the rows which they read can be looked for side by
/// side before the first of them is started.
///
/// Only reads and writes of keys come together. Any other command may change what is known of the client, which decides
/// what it may send, how fresh its reads are, or whether there is anything behind it: it comes last, and what follows is
/// parsed when it has been started, or waits.
final class Arrivals {
    private static final int TOGETHER_MAX = 32;

    private final RespServer server;
    private final RespConnection connection;
    private final RequestParser parser;

    Arrivals(RespServer server, RespConnection connection) {
        this.server = server;
        this.connection = connection;
        this.parser = new RequestParser(server.requestLimits(server.config().password() != null));
    }

    void setLimits(RequestLimits limits) {
        parser.setLimits(limits);
    }

    /// Whether a request has begun to arrive and has not come to its end.
    boolean isUnderway() {
        return parser.isUnderway();
    }

    /// Of memory, for a request that has not come to its end.
    int heldBytes() {
        return parser.heldBytes();
    }

    /// Tells the connection of each request, until it wants no more.
    void read(ByteBuf bytes) {
        while (!connection.isEnding() && bytes.isReadable()) {
            var incoming = server.incoming(bytes);
            while (!connection.isEnding() && incoming.hasRemaining())
                read(incoming);
        }
    }

    private void read(ByteBuffer bytes) {
        var together = new ArrayList<Call>();
        Parsed parsed;
        boolean goesOn;
        do {
            parsed = parser.next(bytes);
            goesOn = parsed instanceof Parsed.Request(var arguments) && add(arguments, together);
        } while (goesOn && bytes.hasRemaining());
        lookAhead(together);
        for (int i = 0; i < together.size() && !connection.isEnding(); i++)
            connection.arrived(together.get(i));
        if (!connection.isEnding()) connection.heard(parsed);
    }

    /// @return whether the next one may come beside it
    private boolean add(Arguments arguments, List<Call> together) {
        var table = server.commands();
        var command = table.find(arguments);
        var refusal = table.refusal(command, arguments);
        var call = refusal == null && command != null
                ? new Call(connection, command, arguments)
                : new Call(connection, command, arguments, String.valueOf(refusal));
        together.add(call);
        return together.size() < TOGETHER_MAX && switch (call.action()) {
            case Action.Reads _, Action.Writes _ -> true;
            case Action.Alone _, Action.AtOnce _ -> false;
        };
    }

    /// What a majority has to confirm first is looked for after that.
    private void lookAhead(List<Call> together) {
        if (together.size() < 2
                || connection.session().consistency() instanceof Consistency.Linearizable)
            return;
        var expected = new ArrayList<Bytes>(together.size());
        for (var call : together) {
            var key = call.action() instanceof Action.Reads ? call.firstKey() : null;
            if (key != null) expected.add(Bytes.wrap(key));
        }
        if (expected.size() > 1) server.store().expect(expected);
    }
}
