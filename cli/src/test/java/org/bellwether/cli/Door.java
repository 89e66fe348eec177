package org.bellwether.cli;

import java.io.IOException;
import org.bellwether.simulation.history.Operation;
import org.bellwether.simulation.history.Operation.Answer;
import org.bellwether.simulation.history.Operation.Guard;
import org.bellwether.simulation.history.Operation.Kind;

/// By which protocol one client speaks with the nodes of a cluster.
interface Door extends AutoCloseable {
    /// @throws java.net.ConnectException if nothing can have happened, for there was nobody to ask
    /// @throws IOException               if it was asked, and not answered
    Heard ask(int node, String key, Asked asked) throws IOException;

    /// One of the writes that this protocol has.
    ///
    /// @param dice  below 10
    /// @param seen  what the client last saw of the key; [Operation#ABSENT] for nothing
    /// @param value that nobody has put yet
    default Asked write(int dice, int seen, int value) {
        return dice < 8 ? Asked.of(Kind.PUT, value) : Asked.of(Kind.DELETE, Operation.ABSENT);
    }

    @Override
    void close();

    /// What is asked of a key.
    ///
    /// @param value    as in [Operation]
    /// @param together with a read of what was there, in one transaction
    record Asked(Kind kind, Guard guard, int value, boolean together) {
        static final Asked GET = of(Kind.GET, Operation.ABSENT);

        static Asked of(Kind kind, int value) {
            return new Asked(kind, Operation.ALWAYS, value, false);
        }

        static Asked putIf(Guard guard, int value) {
            return new Asked(Kind.PUT, guard, value, false);
        }

        Asked inOneTransaction() {
            return new Asked(kind, guard, value, true);
        }
    }

    /// What a node said.
    sealed interface Heard {
        /// @param guard what must have been true: what was asked, or all that the answer tells
        record Said(Guard guard, Answer answer) implements Heard {}

        /// Not now; nothing happened.
        record Nothing() implements Heard {}

        record Unknown() implements Heard {}
    }
}
