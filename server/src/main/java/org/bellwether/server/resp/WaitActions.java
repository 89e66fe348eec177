package org.bellwether.server.resp;

import java.util.concurrent.TimeUnit;
import org.bellwether.api.ClusterView;
import org.bellwether.api.Revision;

/// `WAIT`: how many replicas have what this client has written. An acknowledged write is on the disks of a
/// majority already; so many are counted at once, and the others as they are known to have applied it.
final class WaitActions {
    private final Call call;
    /// Disks of this node that must have it: 0 or 1; below zero if nothing is to be said of them.
    private final int here;
    private final long wanted;
    private final long deadlineNanos;
    private final boolean forEver;
    /// The term in which this node leads and was asked; 0 if it does not lead.
    private final long office;
    /// The log entry that they must have applied; 0 until it is known.
    private long index;

    private WaitActions(Call call, int here, long wanted, long millis) {
        this.call = call;
        this.here = here;
        this.wanted = wanted;
        this.forEver = millis == 0;
        this.office = office(call);
        this.deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static long office(Call call) {
        var node = call.session().server().store().node();
        return node.leads() ? node.term() : 0;
    }

    static void await(Call call) {
        start(call, -1, 1);
    }

    /// How it is by now.
    static void count(Session session, Arguments arguments, RespWriter out) {
        WholeNumber.parse(arguments.get(1));
        timeout(arguments.get(2));
        out.integer(count(session, coveringIndex(session)));
    }

    static void awaitDisks(Call call) {
        start(call, disksHere(call.arguments()), 2);
    }

    /// How it is by now.
    static void countDisks(Session session, Arguments arguments, RespWriter out) {
        disksHere(arguments);
        WholeNumber.parse(arguments.get(2));
        timeout(arguments.get(3));
        long index = coveringIndex(session);
        out.array(2);
        out.integer(index > 0 ? 1 : 0);
        out.integer(count(session, index));
    }

    private static int disksHere(Arguments arguments) {
        long here = WholeNumber.parse(arguments.get(1));
        if (here < 0 || here > 1)
            throw new CommandError("ERR value is out of range, value must between 0 and 1");
        return (int) here;
    }

    private static void start(Call call, int here, int at) {
        long wanted = WholeNumber.parse(call.arguments().get(at));
        var one = new WaitActions(call, here, wanted, timeout(call.arguments().get(at + 1)));
        var server = call.session().server();
        if (!one.isOver(server.store().cluster())) server.waits().add(one);
    }

    private static long timeout(byte[] text) {
        long millis;
        try {
            millis = WholeNumber.parse(text);
        } catch (CommandError none) {
            throw new CommandError("ERR timeout is not an integer or out of range");
        }
        if (millis < 0) throw new CommandError("ERR timeout is negative");
        if (millis > Integer.MAX_VALUE) throw new CommandError("ERR timeout is out of range");
        return millis;
    }

    /// Answers if there is something to answer.
    ///
    /// @return false if it is to look again
    boolean isOver(ClusterView cluster) {
        if (!call.isWanted()) return true;
        int have = count(cluster);
        // Who leads no more hears of no replica.
        boolean deposed = office != 0 && office(call) != office;
        boolean late = deposed || call.isLastOfItsClient()
                || !forEver && System.nanoTime() - deadlineNanos >= 0;
        boolean enough = have >= wanted && (here < 1 || index > 0);
        if (!enough && !late) return false;
        call.answer(out -> answer(have, out));
        return true;
    }

    private void answer(int have, RespWriter out) {
        if (here < 0) {
            out.integer(have);
            return;
        }
        out.array(2);
        out.integer(index > 0 ? 1 : 0);
        out.integer(have);
    }

    private int count(ClusterView cluster) {
        if (index == 0) index = coveringIndex(call.session());
        return count(call.session(), index, cluster);
    }

    /// The reply to a write names a revision, replicas are known by entries: what this node has applied when it has
    /// seen the one covers the other.
    ///
    /// @return 0 if it has not yet
    private static long coveringIndex(Session session) {
        var node = session.server().store().node();
        return node.revision().compareTo(session.written()) >= 0 ? node.appliedIndex() : 0;
    }

    private static int count(Session session, long index) {
        return count(session, index, session.server().store().cluster());
    }

    private static int count(Session session, long index, ClusterView cluster) {
        boolean wrote = !session.written().equals(Revision.NONE);
        int voters = 0;
        int applied = 0;
        for (var peer : cluster.members()) {
            if (peer.member().voter()) voters++;
            boolean leads = peer.member().id().equals(cluster.leader());
            boolean has = index > 0 && peer.appliedIndex() >= index;
            // Who has written nothing asks how many are there, and level.
            if (!leads && has && (wrote || Replicas.isOnline(cluster, peer))) applied++;
        }
        return wrote ? Math.max(voters / 2, applied) : applied;
    }
}
