package org.bellwether.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/// What a recording of one load says, as tables: processor time by thread, by what runs, by which room of ours had it run,
/// and by single methods; bytes allocated by where. Per request, since a request is what all of it is for.
///
/// Reads what async-profiler and the JDK's own recorder write. Run as a source file by `bench/profile.sh`, so it uses
/// nothing but the JDK.
public final class ProfileReport {
    private static final String OURS = "org.bellwether.";
    /// How the kernel's functions are called in which a system call begins, on x86-64 and arm64.
    private static final Pattern SYSTEM_CALL = Pattern
            .compile("^(?:__x64_sys|__arm64_sys|__do_sys|__se_sys|ksys)_([a-z0-9_]+)");
    private static final int SMALL_ROWS = 14;

    private final Load load;
    private final Tally threads = new Tally();
    private final Tally places = new Tally();
    private final Tally rooms = new Tally();
    private final Tally methods = new Tally();
    private final Tally frames = new Tally();
    private final Tally allocators = new Tally();
    private final Tally allocated = new Tally();

    /// What ran while it was recorded.
    ///
    /// @param name         of the load
    /// @param requests     how many were answered
    /// @param rate         of them, a second
    /// @param centiseconds of processor time that the node took for them, as the kernel counts
    private record Load(String name, long requests, double rate, long centiseconds) {
        double microsPerRequest() {
            return centiseconds * 10_000.0 / requests;
        }
    }

    /// Sums by name.
    private static final class Tally {
        private final Map<String, Long> sums = new HashMap<>();
        private long total;

        void add(String name, long weight) {
            sums.merge(name, weight, Long::sum);
            total += weight;
        }

        List<Map.Entry<String, Long>> largest(int count) {
            return sums.entrySet().stream()
                    .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                            .thenComparing(Map.Entry.comparingByKey()))
                    .limit(count).toList();
        }
    }

    private ProfileReport(Load load) {
        this.load = load;
    }

    static void main(String[] args) throws IOException {
        var load = new Load(args[1], Long.parseLong(args[2]), Double.parseDouble(args[3]),
                Long.parseLong(args[4]));
        var report = new ProfileReport(load);
        try (var file = new RecordingFile(Path.of(args[0]))) {
            while (file.hasMoreEvents())
                report.take(file.readEvent());
        }
        report.print(Integer.parseInt(args[5]));
    }

    private void take(RecordedEvent event) {
        switch (event.getEventType().getName()) {
            case "jdk.ExecutionSample", "jdk.CPUTimeSample" -> sampled(event);
            case "jdk.ObjectAllocationInNewTLAB" -> allocated(event, event.getLong("tlabSize"));
            case "jdk.ObjectAllocationOutsideTLAB" ->
                allocated(event, event.getLong("allocationSize"));
            case "jdk.ObjectAllocationSample" -> allocated(event, event.getLong("weight"));
            default -> {
                // Settings of the recorder, and what it notes beside.
            }
        }
    }

    private static List<RecordedFrame> stack(RecordedEvent event) {
        var trace = event.getStackTrace();
        return trace == null ? List.of() : trace.getFrames();
    }

    private void sampled(RecordedEvent event) {
        var thread = event.hasField("sampledThread")
                ? event.getThread("sampledThread")
                : event.getThread("eventThread");
        String name = thread == null
                ? "?"
                : thread.getJavaName() == null
                        ? thread.getOSName()
                        : thread.getJavaName();
        threads.add(name == null ? "?" : name.replaceAll("[-#0-9]+$", ""), 1);
        var stack = stack(event);
        if (stack.isEmpty()) {
            places.add("unknown", 1);
            rooms.add("none of ours", 1);
            frames.add("unknown", 1);
            return;
        }
        places.add(place(stack), 1);
        frames.add(frame(stack.getFirst()), 1);
        for (var each : stack) {
            if (type(each).startsWith(OURS)) {
                rooms.add(room(type(each)), 1);
                methods.add(frame(each), 1);
                return;
            }
        }
        rooms.add("none of ours", 1);
    }

    private void allocated(RecordedEvent event, long bytes) {
        allocated.add(plain(event.getClass("objectClass").getName()).replace("[B", "byte[]"),
                bytes);
        for (var each : stack(event)) {
            if (type(each).startsWith(OURS)) {
                allocators.add(frame(each), bytes);
                return;
            }
        }
        allocators.add("none of ours", bytes);
    }

    private static String type(RecordedFrame frame) {
        var method = frame.getMethod();
        return method == null || method.getType() == null ? "" : plain(method.getType().getName());
    }

    /// Without the number of a class that has no file.
    private static String plain(String type) {
        return type.replaceFirst("[./]0x[0-9a-f]+$", "");
    }

    private static String frame(RecordedFrame frame) {
        var type = type(frame);
        String method = frame.getMethod().getName();
        // A library of which no names are known is called by its whole path.
        if (type.isEmpty()) return method.substring(method.lastIndexOf('/') + 1);
        return type.replaceFirst("^org\\.bellwether\\.", "") + "." + method;
    }

    /// What runs there: a system call, native code, or a package.
    private static String place(List<RecordedFrame> stack) {
        for (var each : stack) {
            if (!each.getType().equals("Kernel")) break;
            var call = SYSTEM_CALL.matcher(each.getMethod().getName());
            if (call.find()) return "kernel: " + call.group(1);
        }
        var top = stack.getFirst();
        String type = type(top);
        if (top.getType().equals("Kernel")) return "kernel: faults and interrupts";
        if (type.isEmpty()) return "JVM: stubs";
        int library = type.indexOf(".so");
        if (library < 0) return type.startsWith(OURS) ? room(type) : packageOf(type);
        // What a jar brings along is unpacked under a name with a number.
        String name = type.substring(0, library).replaceFirst("(?:-linux|_x86|_aarch).*$", "")
                .replaceFirst("[0-9]+$", "");
        return name.equals("libjvm") ? "JVM: collector, compiler, run time" : "native: " + name;
    }

    private static String packageOf(String type) {
        int end = type.lastIndexOf('.');
        String name = end < 0 ? type : type.substring(0, end);
        return name.startsWith("java.") || name.startsWith("jdk.") || name.startsWith("sun.")
                ? "JDK: " + name
                : name;
    }

    private static String room(String type) {
        return "ours: " + packageOf(type.substring(OURS.length()));
    }

    private void print(int top) {
        System.out.printf(Locale.ROOT,
                "### %s%n%n%.0f requests/s; the node took %.2f µs of processor time for each (%.2f cores),"
                        + " %d samples.%n",
                load.name, load.rate, load.microsPerRequest(),
                load.microsPerRequest() * load.rate / 1e6, threads.total);
        double micros = load.microsPerRequest();
        table("thread", "µs per request", threads, SMALL_ROWS, micros);
        table("what runs", "µs per request", places, top, micros);
        table("our room nearest to it", "µs per request", rooms, top, micros);
        table("our method nearest to it", "µs per request", methods, top, micros);
        table("top frame", "µs per request", frames, top, micros);
        double bytes = (double) allocated.total / load.requests;
        System.out.printf(Locale.ROOT, "%nAllocated: %.0f bytes per request.%n", bytes);
        table("our method that allocates", "bytes per request", allocators, top, bytes);
        table("of this class", "bytes per request", allocated, SMALL_ROWS, bytes);
    }

    private static void table(String what, String unit, Tally tally, int rows, double whole) {
        System.out.printf("%n| %s | share | %s |%n|---|---|---|%n", what, unit);
        for (var row : tally.largest(rows)) {
            double share = (double) row.getValue() / tally.total;
            System.out.printf(Locale.ROOT, "| %s | %.1f %% | %.2f |%n", row.getKey(), share * 100,
                    share * whole);
        }
    }
}
