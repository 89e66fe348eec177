package org.bellwether.raft;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// What a leader knows of one other node's log (`nextIndex` and `matchIndex` of Raft, figure 2, with the
/// pipelining of thesis §10.2.1).
///
/// It *probes* with one append at a time until the logs are known to meet, then *streams*: sends ahead
/// without waiting, up to a bounded number of appends. A rejection, a lost append or a closed link leads
/// back to probing from what is known for sure.
final class Progress {
    final NodeId peer;

    /// Known to be on the peer's disk.
    long match;
    /// The next index to send.
    long next;
    boolean streaming;
    /// A probe is out; nothing more is sent until it is answered or a heartbeat is.
    boolean waiting;
    /// A timed heartbeat has gone out after that probe.
    private boolean probeIsOld;
    /// A fetch from the log's medium is under way.
    boolean fetching;

    /// Last index of each append sent and not yet acknowledged.
    private final Deque<Long> inFlight = new ArrayDeque<>();

    /// Ticks since anything of the current term was heard from it.
    int silentTicks;
    boolean heardEver;
    /// The latest read round it has echoed.
    long echoed;
    long appliedIndex;
    /// What it had acknowledged and lacks; null if nothing was missed yet.
    Raft.@Nullable Forgotten forgotten;
    /// Of all entries.
    long bytesSent;
    /// The furthest commit index it was told.
    long commitSent;

    /// As of the last timed heartbeat, for [#lostSomething].
    private long nextAtHeartbeat;
    private long matchAtHeartbeat;
    private long heartbeatRound;
    private int stalledHeartbeats;
    private boolean noteIsOpen;

    Progress(NodeId peer, long next) {
        this.peer = peer;
        this.next = next;
        this.nextAtHeartbeat = next;
    }

    boolean maySend(int appendsInFlightMax) {
        if (fetching) return false;
        return streaming ? inFlight.size() < appendsInFlightMax : !waiting;
    }

    void sent(long lastIndex, boolean hasEntries) {
        if (streaming) {
            if (hasEntries) inFlight.addLast(lastIndex);
            next = lastIndex + 1;
        } else {
            waiting = true;
            probeIsOld = false;
        }
    }

    /// Echoes of read rounds come in by the thousand while a slow disk keeps the answer to a probe: a probe is
    /// repeated with the timed heartbeats.
    boolean mayProbeAgain() {
        return !streaming && (!waiting || probeIsOld);
    }

    void acknowledged(long index) {
        match = Math.max(match, index);
        next = Math.max(next, match + 1);
        streaming = true;
        waiting = false;
        while (!inFlight.isEmpty() && inFlight.peekFirst() <= match)
            inFlight.removeFirst();
    }

    /// It lacks what it had acknowledged: it was started on an older copy of its folder, or the end of its log had become
    /// unreadable and was cut. Its disk has broken the promise that Raft rests on; what is committed stays so, since this
    /// leader holds it, and the sooner another does again, the better.
    void forgot(long after) {
        forgotten = new Raft.Forgotten(after, match);
        match = after;
    }

    /// Forgets what was sent ahead and asks anew, from `from` on.
    void probeFrom(long from) {
        next = Math.max(from, match + 1);
        streaming = false;
        waiting = false;
        inFlight.clear();
    }

    /// What is under way may be lost: asks again. From what is known for sure, or else from the last guess: a new
    /// leader knows nothing for sure, and to begin with the first entry of all would be the worst guess.
    void probeAgain() {
        if (streaming) {
            probeFrom(match + 1);
        } else {
            waiting = false;
        }
    }

    boolean hasInFlight() {
        return !inFlight.isEmpty();
    }

    void tick() {
        if (silentTicks < Integer.MAX_VALUE) silentTicks++;
    }

    void heard() {
        silentTicks = 0;
        heardEver = true;
    }

    /// What it has applied may be less than before: it may have been started on older tables.
    void echoed(Message.HeartbeatReply reply) {
        if (reply.round() < echoed) return;
        echoed = reply.round();
        appliedIndex = reply.appliedIndex();
    }

    /// A timed heartbeat goes out (not one of the many that read rounds make). What it leaves behind is noted
    /// unless the last note still waits for an answer: a round trip may be longer than the interval.
    void heartbeatSent(long round) {
        probeIsOld = waiting;
        if (noteIsOpen && streaming) return;
        stalledHeartbeats = hasInFlight() && match == matchAtHeartbeat ? stalledHeartbeats + 1 : 0;
        heartbeatRound = round;
        nextAtHeartbeat = next;
        matchAtHeartbeat = match;
        noteIsOpen = true;
    }

    /// Whether the reply to the noted heartbeat, or to a later one, shows that an append went missing (a link is
    /// first in, first out, so whatever was sent before the heartbeat has arrived before it), or suggests
    /// that an acknowledgement did. A false alarm costs one repeated append.
    boolean lostSomething(Message.HeartbeatReply reply) {
        if (!noteIsOpen || reply.round() < heartbeatRound) return false;
        noteIsOpen = false;
        if (!streaming) return false;
        boolean appendLost = reply.last().index() < nextAtHeartbeat - 1;
        return appendLost || stalledHeartbeats >= 2;
    }
}
