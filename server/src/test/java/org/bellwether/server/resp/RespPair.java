package org.bellwether.server.resp;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// One client that says the same to a real Redis and to us, and what it knows of its sessions.
final class RespPair implements AutoCloseable {
    final String name;
    final RespClient theirs;
    final RespClient ours;
    private final List<List<String>> queued = new ArrayList<>();
    private final Set<String> watched = new HashSet<>();
    private boolean transacting;

    RespPair(String name, RespClient theirs, RespClient ours) {
        this.name = name;
        this.theirs = theirs;
        this.ours = ours;
    }

    /// @param theirs what Redis said
    record Replies(Object theirs, Object ours) {}

    Replies say(List<String> command) throws IOException {
        var words = command.toArray(String[]::new);
        theirs.send(words);
        ours.send(words);
        return new Replies(theirs.read(), ours.read());
    }

    boolean isTransacting() {
        return transacting;
    }

    /// Each in its turn, and what it was answered.
    List<List<String>> queued() {
        return queued;
    }

    /// What follows from an answer that both gave.
    void heard(List<String> command, Object reply) {
        if ("+QUEUED".equals(reply)) {
            queued.add(command);
            return;
        }
        boolean ok = "+OK".equals(reply);
        switch (command.getFirst().toLowerCase(Locale.ROOT)) {
            case "multi" -> transacting |= ok;
            case "watch" -> {
                if (ok) watched.addAll(command.subList(1, command.size()));
            }
            case "unwatch" -> {
                if (ok) watched.clear();
            }
            case "exec", "discard" -> {
                if (ok || !String.valueOf(reply).startsWith("-ERR")) end();
            }
            case "reset" -> {
                if ("+RESET".equals(reply)) end();
            }
            default -> {
            }
        }
    }

    private void end() {
        transacting = false;
        queued.clear();
        watched.clear();
    }

    /// A watched key that was absent, was made and is absent again is as it was: here, the transaction is performed.
    boolean sawKeyComeAndGo(List<String> command, Object theirReply) throws IOException {
        if (!command.getFirst().equalsIgnoreCase("exec") || !"null array".equals(theirReply)
                && !"null".equals(theirReply)) {
            return false;
        }
        for (var key : watched) {
            if (theirs.send("EXISTS", key).read().equals(0L)) return true;
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        theirs.close();
        ours.close();
    }
}
