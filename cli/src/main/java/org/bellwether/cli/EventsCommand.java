package org.bellwether.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.bellwether.cli.NodeClient.Call;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "events",
        description = {
                "Prints what happened in the cluster lately, as the asked node saw it, the newest last.",
                "Times are that node's; there is none for what it learned later than it happened."})
final class EventsCommand implements Runnable {
    private static final Duration STEP = Duration.ofMillis(500);
    private static final DateTimeFormatter TIME = DateTimeFormatter
            .ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final String NO_TIME = "earlier                ";

    @Option(names = "--follow", description = "Go on with what happens from now on, until Ctrl-C.")
    private boolean follow;

    @Mixin
    private NodeOptions nodes = new NodeOptions();

    @Override
    public void run() {
        var client = follow ? nodes.only() : nodes.client();
        long after = print(client, 0);
        boolean reachable = true;
        while (follow) {
            LockSupport.parkNanos(STEP.toNanos());
            try {
                after = print(client, after);
                reachable = true;
            } catch (Failure gone) {
                if (gone.exitCode() != Exit.UNAVAILABLE) throw gone;
                if (reachable) System.err.println("bell: " + gone.getMessage() + "; trying again");
                reachable = false;
            }
        }
    }

    /// Prints what is new; the number to ask after next.
    private static long print(NodeClient client, long after) {
        var fields = ask(client, after);
        long last = Json.number(fields, "next");
        if (last < after) {
            System.out.println("the node was started again");
            fields = ask(client, 0);
            last = Json.number(fields, "next");
        }
        for (var event : Json.objects(fields, "events")) {
            System.out.println(time(event) + "  " + Json.text(event, "text"));
        }
        // Whoever was to read them may be gone, as in `bell events --follow | head`.
        Output.check();
        return last;
    }

    private static Map<?, ?> ask(NodeClient client, long after) {
        var answer = client.ask(Call.get("/v1/cluster/events?after=" + after));
        if (answer.status() != 200) throw Problem.failure(answer);
        return Json.object(answer.body());
    }

    private static String time(Map<?, ?> event) {
        String given = Json.text(event, "time");
        if (given.isEmpty()) return NO_TIME;
        try {
            return TIME.format(Instant.parse(given));
        } catch (DateTimeParseException unknown) {
            return given;
        }
    }
}
