package org.bellwether.cli;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.IncompatibleThreadStateException;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A debugger on the JVM of a node, for one purpose: to make all of it stand still at a [KillPoint]. So the program
/// needs no hooks for its tests, and what dies there is what runs elsewhere.
final class Debugger implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ATTACH = "com.sun.jdi.SocketAttach";
    private static final String LISTENING = "Listening for transport dt_socket at address: ";

    private final VirtualMachine vm;
    private final KillPoint point;
    private final BellProcess process;
    private final CompletableFuture<Boolean> reached = new CompletableFuture<>();
    /// Of the thread that hears of events.
    private volatile int passed;

    private Debugger(VirtualMachine vm, KillPoint point, BellProcess process) {
        this.process = process;
        this.vm = vm;
        this.point = point;
    }

    /// The option with which a JVM lets a debugger in, at a free port of its choice.
    ///
    /// @param held whether it does nothing before one has come
    static String agent(boolean held) {
        return "-agentlib:jdwp=transport=dt_socket,server=y,suspend=" + (held ? "y" : "n")
                + ",address=127.0.0.1:0";
    }

    /// From now on the process, which was started with that option, stands still when it comes to this point.
    ///
    /// @throws AssertionError if the point is not in the program
    static Debugger arm(BellProcess process, KillPoint point) {
        int port = Integer.parseInt(
                process.awaitLine(LISTENING).substring(LISTENING.length()).strip());
        var debugger = new Debugger(attach(port), point, process);
        debugger.arm();
        Thread.ofPlatform().daemon().name("debugger").start(debugger::run);
        return debugger;
    }

    private static VirtualMachine attach(int port) {
        var connector = connector();
        var how = connector.defaultArguments();
        set(how, "hostname", "127.0.0.1");
        set(how, "port", Integer.toString(port));
        set(how, "timeout", Long.toString(PATIENCE.toMillis()));
        try {
            return connector.attach(how);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (IllegalConnectorArgumentsException wrong) {
            throw new AssertionError(wrong);
        }
    }

    private static void set(Map<String, Connector.Argument> how, String name, String value) {
        var argument = how.get(name);
        if (argument == null) throw new AssertionError(ATTACH + " takes no " + name);
        argument.setValue(value);
    }

    private static AttachingConnector connector() {
        return Bootstrap.virtualMachineManager().attachingConnectors().stream()
                .filter(each -> each.name().equals(ATTACH)).findFirst()
                .orElseThrow(() -> new AssertionError("the JDK has no connector " + ATTACH));
    }

    private void arm() {
        // First for the case that the class comes later: between the two it may come, and is found twice.
        var prepared = vm.eventRequestManager().createClassPrepareRequest();
        prepared.addClassFilter(point.type);
        prepared.setSuspendPolicy(EventRequest.SUSPEND_ALL);
        prepared.enable();
        for (var type : vm.classesByName(point.type))
            breakAt(type);
    }

    private void breakAt(ReferenceType type) {
        var methods = new ArrayList<Method>();
        for (var method : type.methodsByName(point.method)) {
            if (method.declaringType().equals(type) && !method.isAbstract() && !method.isNative())
                methods.add(method);
        }
        if (methods.isEmpty()) throw new AssertionError(point.whyItCannotBeReached());
        vm.eventRequestManager().deleteAllBreakpoints();
        for (var method : methods) {
            var request = vm.eventRequestManager().createBreakpointRequest(method.location());
            request.setSuspendPolicy(EventRequest.SUSPEND_ALL);
            request.enable();
        }
    }

    private void run() {
        try {
            boolean there = false;
            while (!there) {
                var events = vm.eventQueue().remove();
                for (var event : events) {
                    if (event instanceof ClassPrepareEvent prepared)
                        breakAt(prepared.referenceType());
                    if (event instanceof BreakpointEvent hit) there |= isThePoint(hit);
                }
                if (!there) events.resume();
            }
            reached.complete(true);
        } catch (VMDisconnectedException | InterruptedException gone) {
            reached.completeExceptionally(new AssertionError(
                    "the process ended before it reached " + point.text() + "\n"
                            + process.text(),
                    gone));
        } catch (Throwable broken) {
            reached.completeExceptionally(broken);
        }
    }

    private boolean isThePoint(BreakpointEvent hit) throws IncompatibleThreadStateException {
        if (!point.caller.isEmpty()) {
            var thread = hit.thread();
            if (thread.frameCount() < 2) return false;
            var caller = thread.frame(1).location().method();
            var name = caller.declaringType().name() + "." + caller.name();
            if (!name.equals(point.caller)) return false;
        }
        int now = passed + 1;
        passed = now;
        return now == point.times;
    }

    /// Until the process stands still at the point.
    void awaitThere() {
        if (isThereWithin(PATIENCE)) return;
        throw new AssertionError(point + " was not reached within " + PATIENCE + ": "
                + point.text() + "; was there " + passed + " times of " + point.times + "\n"
                + process.text());
    }

    /// @throws AssertionError if the process ended before
    boolean isThereWithin(Duration patience) {
        try {
            return reached.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException failed) {
            throw new AssertionError(String.valueOf(failed.getCause()), failed);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new AssertionError(ended);
        }
    }

    /// Lets go of the process, should it still be there.
    @Override
    public void close() {
        try {
            vm.dispose();
        } catch (VMDisconnectedException gone) {
            // It was killed, as it should be.
        }
    }
}
