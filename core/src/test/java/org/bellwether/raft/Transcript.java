package org.bellwether.raft;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// A script of events and what exactly came of them: every message that left, every change of state.
///
/// Lines that begin with `>` are the script, those with `#` say what it shows; everything else is written by
/// [#rewritten]. `quietly` before a command keeps its messages out. A line `n1 → n2` is a message when it
/// leaves; `(lost)` went into a cut link.
final class Transcript {
    private final List<String> out = new ArrayList<>();
    private @Nullable Cores cores;
    private boolean quiet;
    private final List<State> states = new ArrayList<>();

    private record State(long term, @Nullable NodeId vote, @Nullable NodeId leader, Position last,
            long commit) {
        static State of(Raft raft) {
            return new State(raft.term(), raft.ballot().vote(), raft.leader(), raft.last(),
                    raft.commitIndex());
        }
    }

    /// The same script with what comes of it now.
    static String rewritten(String text) {
        var transcript = new Transcript();
        for (var line : text.lines().toList()) {
            if (line.startsWith("#") || line.isBlank()) {
                transcript.out.add(line);
            } else if (line.startsWith(">")) {
                transcript.out.add(line);
                transcript.perform(Arrays.asList(line.substring(1).strip().split(" +")));
            }
        }
        return String.join("\n", transcript.out) + "\n";
    }

    // The script.

    private void perform(List<String> words) {
        quiet = words.getFirst().equals("quietly");
        if (quiet) words = words.subList(1, words.size());
        var rest = words.subList(1, words.size());
        if (words.getFirst().equals("cores")) {
            begin(rest);
        } else if (!network(words.getFirst(), rest)) {
            node(words.getFirst(), cores().named(rest.getFirst()), rest.subList(1, rest.size()));
        }
    }

    private Cores cores() {
        if (cores == null) throw new AssertionError("a script begins with 'cores'");
        return cores;
    }

    /// `cores VOTERS [LEARNERS]`; `cores VOTERS LEARNERS small` have little memory and send small appends.
    private void begin(List<String> counts) {
        int learners = counts.size() > 1 ? Integer.parseInt(counts.get(1)) : 0;
        var config = counts.contains("small")
                ? new RaftConfig(10, 100, 5, 1 << 20, 4, 4, 2)
                : Cores.CONFIG;
        cores = new Cores(Integer.parseInt(counts.getFirst()), learners, config,
                Core.Maker.HONEST);
        for (var core : cores.all) {
            states.add(State.of(core.raft()));
            core.watcher = core.watcher.andThen(effects -> stepped(core, effects));
            var send = core.network;
            core.network = envelope -> {
                int before = cores().wire.size();
                send.accept(envelope);
                var fate = cores().wire.size() == before ? "  (lost)" : "";
                if (!quiet)
                    say(core + " → " + name(envelope.to()) + "  "
                            + text(envelope.message()) + fate);
            };
        }
    }

    private boolean network(String command, List<String> rest) {
        switch (command) {
            case "link" -> cores().link();
            case "heal" -> cores().heal();
            case "run" -> cores().run(Integer.parseInt(rest.getFirst()));
            case "exchange" -> cores().exchange();
            case "deliver" -> deliver(rest);
            case "lose" -> cores().wire.clear();
            default -> {
                return false;
            }
        }
        return true;
    }

    /// `deliver` everything, or `deliver FROM TO` one message.
    private void deliver(List<String> link) {
        if (link.isEmpty()) {
            cores().settle();
        } else if (!cores().deliverFirst(packet -> packet.from().name.equals(link.get(0))
                && packet.to().name.equals(link.get(1)))) {
            throw new AssertionError("nothing is under way from " + link);
        }
    }

    private void node(String command, Core core, List<String> rest) {
        switch (command) {
            case "log" -> {
                core.had(rest.stream().mapToLong(Long::parseLong).toArray());
                states.set(cores().all.indexOf(core), State.of(core.raft()));
            }
            case "term" -> {
                var vote = rest.size() > 1 ? cores().named(rest.get(1)).id : null;
                core.wasIn(Long.parseLong(rest.getFirst()), vote);
                states.set(cores().all.indexOf(core), State.of(core.raft()));
            }
            case "tick" -> core.tick(rest.isEmpty() ? 1 : Integer.parseInt(rest.getFirst()));
            case "propose" -> core.propose(rest.toArray(String[]::new));
            case "read" -> core.read();
            case "transfer" -> core.step(new Event.Transfer(
                    rest.isEmpty() ? null : cores().named(rest.getFirst()).id));
            case "isolate" -> cores().isolate(core);
            case "cut" -> cores().cut(core, cores().named(rest.getFirst()));
            case "close" -> cores().closeLink(core, cores().named(rest.getFirst()));
            case "open" -> cores().openLinks(core);
            case "hang" -> core.diskWaits = true;
            case "sync" -> core.sync();
            case "recover" -> {
                core.diskWaits = false;
                core.sync();
                core.readAll();
            }
            case "fetch" -> core.readOne();
            case "crash" -> {
                cores().crash(core);
                say(core + " is down; its disk has " + core.keptLast() + ", term "
                        + core.keptBallot.term());
            }
            case "restart" -> {
                core.start();
                states.set(cores().all.indexOf(core), State.of(core.raft()));
                say(core + " is up");
                cores().openLinks(core);
            }
            default -> throw new AssertionError("no command " + command);
        }
    }

    // What comes of it.

    private void say(String line) {
        out.add("  " + line);
    }

    private void stepped(Core core, Effects effects) {
        int number = cores().all.indexOf(core);
        var before = states.get(number);
        var now = State.of(core.raft());
        states.set(number, now);
        var news = new ArrayList<String>();
        if (now.term != before.term) news.add("term " + now.term);
        if (now.vote != null && !now.vote.equals(before.vote))
            news.add("votes for " + name(now.vote));
        if (core.id.equals(now.leader) && !now.equals(before) && !core.id.equals(before.leader)) {
            news.add("LEADS");
        } else if (now.leader == null && before.leader != null) {
            news.add(core.id.equals(before.leader) ? "leads no more" : "has no leader");
        } else if (now.leader != null && !now.leader.equals(before.leader)) {
            news.add("follows " + name(now.leader));
        }
        var persist = effects.persist();
        if (persist != null && persist.truncateFrom() > 0)
            news.add("cuts from " + persist.truncateFrom() + " on");
        if (!now.last.equals(before.last)) news.add("log ends " + now.last);
        if (now.commit != before.commit) news.add("commit " + now.commit);
        if (!effects.committed().isEmpty())
            news.add("applies " + effects.committed().stream()
                    .map(entry -> entry.position().toString()).collect(Collectors.joining(" ")));
        if (effects.readableThrough() > 0) news.add("serves reads to " + effects.readableThrough());
        for (var fetch : effects.fetch())
            news.add("fetches for " + name(fetch.peer()) + " from " + fetch.fromIndex());
        if (!news.isEmpty()) say(core + ": " + String.join(", ", news));
    }

    private String name(NodeId id) {
        return cores().with(id).name;
    }

    private static String text(Message message) {
        return switch (message) {
            case Message.VoteRequest(var term, var kind, var last) ->
                kind + " t" + term + "? log ends " + last;
            case Message.VoteReply(var term, var kind, var granted) ->
                kind + " t" + term + (granted ? " yes" : " no");
            case Message.Append append -> "append t" + append.term() + " after " + append.previous()
                    + ":" + append.entries().stream().map(entry -> " " + entry.position())
                            .collect(Collectors.joining())
                    + ", commit " + append.commitIndex();
            case Message.AppendAck(var term, var matched) -> "ack t" + term + " to " + matched;
            case Message.AppendReject(var term, var previous, var hint) ->
                "reject t" + term + " after " + previous + ", try " + hint;
            case Message.Heartbeat(var term, var round, var commit) ->
                "heartbeat t" + term + " round " + round + ", commit " + commit;
            case Message.HeartbeatReply(var term, var round, var last, var applied) ->
                "echo t" + term + " round " + round + ", log ends " + last + ", applied " + applied;
            case Message.Committed(var term, var through) ->
                "committed t" + term + " to " + through;
            case Message.SnapshotOffer(var term, var base) ->
                "snapshot t" + term + ", log begins after " + base;
            case Message.TimeoutNow(var term) -> "timeout now t" + term;
            // Numbers begin at random; the count in this life says enough.
            case Message.ReadRequest(var term, var ticket) ->
                "read t" + term + " #" + (int) ticket + "?";
            case Message.ReadReply(var term, var ticket, var index) ->
                "read t" + term + " #" + (int) ticket
                        + (index == null ? " no leader" : " at " + index);
        };
    }
}
