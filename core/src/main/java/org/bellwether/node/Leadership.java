package org.bellwether.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.bellwether.api.ClusterEvent.Kind;
import org.bellwether.api.NodeId;
import org.bellwether.api.Outcome;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.raft.Event;
import org.bellwether.raft.Raft;
import org.jspecify.annotations.Nullable;

/// Who leads, as this node sees it: who is told when that changes, and how leadership is handed over.
final class Leadership {
    private final NodeParts parts;
    private final Host host;
    private final EventLog events;
    private final Owner owner;
    private final Transfers transfers = new Transfers();
    private final List<Runnable> listeners = new ArrayList<>();
    private @Nullable NodeId leader;
    private long term;
    /// The term in which this node leads; 0 if it does not.
    private long office;
    /// Whether it is being handed over.
    private boolean transferring;

    /// Whoever has other work then.
    interface Owner {
        void tookOffice();

        /// Maybe for another one, in a later term.
        ///
        /// @param handedOver whether to a node that had all that was appended
        void lostOffice(boolean handedOver);

        /// Another node leads, or none that is known.
        void othersLead();

        /// Whether whoever leads serves, as far as this node knows.
        boolean isServed(Raft core);
    }

    Leadership(NodeParts parts, Host host, EventLog events, Owner owner) {
        this.parts = parts;
        this.host = host;
        this.events = events;
        this.owner = owner;
    }

    /// @param listener run whenever the leader or the term has changed
    void listen(Runnable listener) {
        listeners.add(listener);
    }

    /// The core has taken a step.
    void look(Raft core) {
        tellTransferred(core);
        boolean handedOver = transferring;
        transferring = core.transferring();
        if (core.term() == term && Objects.equals(core.leader(), leader)) return;
        tell(core, leader);
        term = core.term();
        leader = core.leader();
        long before = office;
        office = core.leads() ? core.term() : 0;
        if (before > 0 && office != before) owner.lostOffice(handedOver);
        if (office > 0 && office != before) owner.tookOffice();
        if (office == 0) owner.othersLead();
        for (var listener : List.copyOf(listeners))
            listener.run();
    }

    /// Whoever waits for it hears of it when the new leader serves: then what this node has appended is decided, too.
    private void tellTransferred(Raft core) {
        var elected = core.leader();
        if (!transfers.isEmpty() && elected != null && !core.leads() && owner.isServed(core))
            transfers.elected(elected);
    }

    private void tell(Raft core, @Nullable NodeId before) {
        var now = core.leader();
        if (now != null) {
            events.add(Kind.LEADER_ELECTED, now, core.term(),
                    nameOf(core, now) + " leads in term " + core.term());
        } else if (before != null) {
            events.add(Kind.LEADER_LOST, before, core.term(), "no leader is known in term "
                    + core.term() + "; the last was " + nameOf(core, before));
        }
    }

    private static String nameOf(Raft core, NodeId id) {
        var member = core.membership().find(id);
        return member == null ? "node " + id : member.name();
    }

    /// For a client that asked this node, which leads.
    void handOver(@Nullable NodeId to, Call.Write asked) {
        if (parts.identity().node().equals(to)) {
            asked.answer(done());
            return;
        }
        handOver(to, asked.deadlineNanos, end -> asked.answer(switch (end) {
            case DONE -> done();
            case NOT_BEGUN -> new Outcome.Refused(new Refusal.Conflict("no such voter is heard"));
            case OTHER_ELECTED -> new Outcome.Refused(
                    new Refusal.Conflict(
                            "another node was elected than the one that was asked for"));
            case OPEN -> new Outcome.Unknown("the other node has not taken over in time");
        }));
    }

    private Outcome done() {
        return new Outcome.Applied(Result.Done.DONE, parts.storage().revision());
    }

    /// @param to   null for the voter that is furthest
    /// @param done told, once
    void handOver(@Nullable NodeId to, long deadlineNanos, Consumer<Transfers.End> done) {
        host.step(new Event.Transfer(to));
        var core = host.core();
        if (core == null) {
            done.accept(Transfers.End.OPEN);
        } else if (core.leads() && !core.transferring()) {
            done.accept(Transfers.End.NOT_BEGUN);
        } else {
            transfers.add(to, deadlineNanos, done);
            tellTransferred(core);
        }
    }

    /// The core gives an attempt up after an election timeout, since no write is taken meanwhile. With slow disks it
    /// takes more than one of them.
    void tryAgain(Raft core, long nowNanos) {
        transfers.expire(nowNanos);
        if (transfers.isEmpty() || !core.leads() || core.transferring()) return;
        host.step(new Event.Transfer(transfers.wish()));
    }

    /// The node stops, and will not see how they end.
    void close() {
        transfers.close();
    }
}
