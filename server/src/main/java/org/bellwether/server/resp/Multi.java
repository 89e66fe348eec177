package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Revision;
import org.bellwether.api.Watch;

/// What a connection has queued since `MULTI`, and what it watches for that. Nothing of it is known to anybody else:
/// what is watched is a revision, which is compared when the transaction is applied.
final class Multi {
    private final int commandsMax;
    private final int bytesMax;
    private final int watchedBytesMax;
    private final Map<Bytes, Revision> watched = new LinkedHashMap<>();
    private List<Call> queued = new ArrayList<>();
    private int bytes;
    private long watchedBytes;
    private boolean open;
    private boolean spoiled;

    Multi(Limits limits) {
        commandsMax = limits.batchCommandsMax();
        bytesMax = limits.respRequestBytesMax();
        watchedBytesMax = limits.batchBytesMax();
    }

    long heldBytes() {
        return bytes + watchedBytes + (long) Call.OBJECT_BYTES * queued.size()
                + (long) Call.KEY_BYTES * watched.size();
    }

    boolean isOpen() {
        return open;
    }

    /// -1 if nothing has begun.
    int queuedCount() {
        return open ? queued.size() : -1;
    }

    void begin() {
        if (open) throw new CommandError("ERR MULTI calls can not be nested");
        open = true;
    }

    List<Call> queued() {
        return queued;
    }

    /// Something that was to be queued was refused.
    void spoil() {
        spoiled = open;
    }

    /// Instead of performing it.
    void queue(Call call, RespWriter out) {
        try {
            call.requireInTransaction();
            if (queued.size() >= commandsMax || bytes + call.bytes() > bytesMax) {
                throw new CommandError("ERR a transaction is over the limit of " + commandsMax
                        + " commands, or of " + bytesMax + " bytes");
            }
        } catch (CommandError refused) {
            spoiled = true;
            throw refused;
        }
        queued.add(call);
        bytes += call.bytes();
        out.simpleString("QUEUED");
    }

    /// Ends it, and with it what was watched for it.
    ///
    /// @return what was queued
    /// @throws CommandError if something could not be
    List<Call> take() {
        var taken = queued;
        boolean complete = !spoiled;
        end();
        if (!complete) {
            throw new CommandError("EXECABORT Transaction discarded because of previous errors.");
        }
        return taken;
    }

    void end() {
        open = false;
        spoiled = false;
        queued = new ArrayList<>();
        bytes = 0;
        unwatch();
    }

    // What must not change.

    /// @param modified when it was last written, as was read just now; what was seen first counts
    void watch(Bytes key, Revision modified) {
        if (watched.putIfAbsent(key, modified) == null) watchedBytes += key.length();
    }

    /// As much as could be compared at the end.
    void requireRoomToWatch(List<Bytes> more) {
        if (watched.size() + more.size() > commandsMax)
            throw new CommandError("ERR more than " + commandsMax + " keys would be watched");
        long total = watchedBytes;
        for (var key : more)
            total += key.length();
        if (total > watchedBytesMax) {
            throw new CommandError("ERR keys of more than " + watchedBytesMax
                    + " bytes together would be watched");
        }
    }

    void unwatch() {
        watched.clear();
        watchedBytes = 0;
    }

    List<Watch> watches() {
        var watches = new ArrayList<Watch>(watched.size());
        watched.forEach((key, modified) -> watches.add(new Watch(key, modified)));
        return watches;
    }
}
