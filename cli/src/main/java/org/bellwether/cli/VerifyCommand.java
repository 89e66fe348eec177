package org.bellwether.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.bellwether.api.Address;
import org.bellwether.cli.ClusterStatus.Row;
import org.bellwether.cli.NodeClient.Call;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "verify", description = {
        "Compares the tables of all nodes as of one log entry, key range by key range, while the cluster goes on.",
        "Ends with 1 if they differ, and says where and who; with 4 if a node could not be compared."})
final class VerifyCommand implements Runnable {
    /// Of which the last two are content with those that can be compared: whether somebody writes or not.
    private static final int TRIES = 7;
    private static final String VERIFY = "/v1/verify";

    @Option(names = "--range-keys", paramLabel = "N",
            description = "Keys in one range (default: ${DEFAULT-VALUE}).")
    private int rangeKeys = 20_000;

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    /// One node's tables, opened.
    record Opened(String name, NodeClient client, long comparison, long index,
            long revision, long keys) {
        String path() {
            return VERIFY + "/" + comparison;
        }
    }

    /// Those that are compared, and why others are not.
    record Compared(List<Opened> opened, Map<String, String> leftOut) {}

    /// What one node has in a range.
    private record Range(long keys, String digest, String next) {}

    @Override
    public void run() {
        if (rangeKeys < 1 || rangeKeys > 100_000)
            throw new Failure(Exit.USAGE, "--range-keys is from 1 to 100000");
        var members = ClusterStatus.of(nodes.client().ask(Call.get("/v1/cluster"))).members();
        var all = openAll(members, nodes.timeout());
        var opened = all.opened();
        all.leftOut().forEach(VerifyCommand::tellLeftOut);
        try {
            var compared = new ArrayList<>(opened);
            var leftOut = new TreeMap<>(all.leftOut());
            int differing = compare(compared, leftOut);
            var first = compared.getFirst();
            if (differing > 0) {
                throw new Failure(Exit.NO, "the nodes differ in " + differing
                        + (differing == 1 ? " range" : " ranges") + ", as of entry "
                        + first.index());
            }
            System.out.println((compared.size() == 1
                    ? "one node, and nothing to compare it with"
                    : compared.size() + " nodes hold the same")
                    + ": %d keys at revision %d, entry %d".formatted(first.keys(), first.revision(),
                            first.index()));
            if (!leftOut.isEmpty()) {
                throw new Failure(Exit.UNAVAILABLE, "not compared: "
                        + String.join(", ", leftOut.keySet()));
            }
        } finally {
            for (var each : opened)
                end(each);
        }
    }

    /// All that answer, as of the same entry. Somebody may have gone beyond it before it is asked; then a later one is tried.
    static Compared openAll(List<Row> listed, Duration timeout) {
        var silent = new TreeMap<String, String>();
        var members = answering(listed, timeout, silent);
        var troubles = new TreeMap<String, String>();
        for (int attempt = 0; attempt < TRIES; attempt++) {
            long furthest = 0;
            for (var member : members)
                furthest = Math.max(furthest, applied(client(member, timeout)));
            // Where nobody writes, all are there already; else in a moment.
            long at = furthest + (attempt % 2 == 0 ? 0 : 50L << attempt);
            var opened = new ConcurrentHashMap<String, Opened>();
            troubles.clear();
            var threads = new ArrayList<Thread>();
            for (var member : members) {
                threads.add(Thread.ofVirtual().start(() -> {
                    try {
                        opened.put(member.name(), open(member.name(), client(member, timeout), at));
                    } catch (Failure failed) {
                        synchronized (troubles) {
                            troubles.put(member.name(), String.valueOf(failed.getMessage()));
                        }
                    }
                }));
            }
            for (var thread : threads)
                join(thread);
            boolean enough = attempt >= TRIES - 2 && opened.size() > 1;
            if (troubles.isEmpty() && !opened.isEmpty() || enough) {
                troubles.putAll(silent);
                return new Compared(members.stream().map(member -> opened.get(member.name()))
                        .filter(Objects::nonNull).toList(), troubles);
            }
            opened.values().forEach(VerifyCommand::end);
        }
        troubles.putAll(silent);
        throw new Failure(Exit.UNAVAILABLE, "nothing can be compared: " + troubles);
    }

    private static List<Row> answering(List<Row> listed, Duration timeout,
            Map<String, String> silent) {
        var members = new ArrayList<Row>();
        for (var member : listed) {
            try {
                client(member, timeout).ask(Call.get("/v1/cluster"));
                members.add(member);
            } catch (Failure nobody) {
                silent.put(member.name(), String.valueOf(nobody.getMessage()));
            }
        }
        return members;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new Failure(Exit.UNAVAILABLE, "interrupted");
        }
    }

    /// @throws Failure if its address is none
    private static NodeClient client(Row member, Duration timeout) {
        try {
            return new NodeClient(List.of(Address.parse(member.http())), timeout);
        } catch (IllegalArgumentException malformed) {
            throw new Failure(Exit.UNAVAILABLE, "the HTTP address of " + member.name()
                    + " in the list of nodes is none: " + malformed.getMessage());
        }
    }

    private static long applied(NodeClient client) {
        try {
            var header = client.ask(Call.get("/v1/cluster")).header("KV-Applied");
            return header.isEmpty() ? 0 : Long.parseLong(header);
        } catch (Failure goneMeanwhile) {
            return 0;
        }
    }

    private static Opened open(String name, NodeClient client, long at) {
        var answer = client.ask(Call.of("POST", VERIFY + "?at=" + at));
        if (answer.status() != 200) throw Problem.failure(answer);
        var fields = Json.object(answer.body());
        return new Opened(name, client, Json.number(fields, "comparison"),
                Json.number(fields, "applied_index"), Json.number(fields, "revision"),
                Json.number(fields, "keys"));
    }

    private static void end(Opened opened) {
        try {
            opened.client().ask(Call.of("DELETE", opened.path()));
        } catch (Failure gone) {
            // It ends by itself when nobody uses it.
        }
    }

    private static void tellLeftOut(String name, String why) {
        System.out.println(name + " is left out: " + why);
    }

    /// @param compared who fails meanwhile is none of them any more
    /// @param leftOut  who fails comes to them
    /// @return in how many ranges they differ
    int compare(List<Opened> compared, Map<String, String> leftOut) {
        var progress = new ProgressBar("verify", compared.getFirst().keys(), "keys");
        int differing = 0;
        long done = 0;
        String from = "";
        while (true) {
            var found = ranges(compared, from, leftOut);
            var first = found.firstEntry().getValue();
            if (found.values().stream().map(Range::digest).distinct().count() > 1) {
                differing++;
                tell(from, first.next(), found);
            }
            done += first.keys();
            progress.at(done);
            if (first.next().isEmpty()) break;
            from = first.next();
        }
        progress.done();
        return differing;
    }

    /// The first node that answers says where the range ends; the others are asked for the same.
    private SequencedMap<String, Range> ranges(List<Opened> compared, String from,
            Map<String, String> leftOut) {
        var found = new LinkedHashMap<String, Range>();
        for (var node : List.copyOf(compared)) {
            try {
                found.put(node.name(), found.isEmpty()
                        ? range(node, from, null)
                        : whole(node, from, found.firstEntry().getValue().next()));
            } catch (Failure failed) {
                var why = String.valueOf(failed.getMessage());
                compared.remove(node);
                leftOut.put(node.name(), why);
                tellLeftOut(node.name(), why);
            }
        }
        if (found.isEmpty())
            throw new Failure(Exit.UNAVAILABLE, "nothing can be compared: " + leftOut);
        return found;
    }

    private Range range(Opened node, String from, @Nullable String to) {
        var target = node.path() + "?keys=" + (to == null ? rangeKeys : 100_000)
                + (from.isEmpty() ? "" : "&from_b64=" + from)
                + (to == null || to.isEmpty() ? "" : "&to_b64=" + to);
        var answer = node.client().ask(Call.get(target));
        if (answer.status() != 200) throw Problem.failure(answer);
        var fields = Json.object(answer.body());
        return new Range(Json.number(fields, "keys"), Json.text(fields, "digest"),
                Json.text(fields, "next_b64"));
    }

    /// A node that has many more keys in it differs, whatever they are.
    private Range whole(Opened node, String from, String to) {
        var range = range(node, from, to);
        return range.next().isEmpty()
                ? range
                : new Range(range.keys(), "more than " + range.keys() + " keys", "");
    }

    private static void tell(String from, String to, Map<String, Range> found) {
        System.out.println("keys from " + (from.isEmpty() ? "the beginning" : key(from)) + " to "
                + (to.isEmpty() ? "the end" : key(to)) + ":");
        found.forEach((name, range) -> System.out.println("  " + name + ": " + range.keys()
                + " keys, digest " + range.digest()));
    }

    private static String key(String base64) {
        return "'" + new String(Base64.getUrlDecoder().decode(base64),
                java.nio.charset.StandardCharsets.UTF_8) + "'";
    }
}
