package org.bellwether.cli;

import java.io.PrintWriter;
import org.bellwether.server.StartException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/// The one executable.
@Command(name = "bell", mixinStandardHelpOptions = true, versionProvider = Version.class,
        scope = ScopeType.INHERIT,
        description = "Bellwether, a replicated key-value store.",
        subcommands = {
                ServeCommand.class, DevCommand.class, GetCommand.class, PutCommand.class,
                DeleteCommand.class, StatusCommand.class, EventsCommand.class, LeaveCommand.class,
                RemoveCommand.class, TransferCommand.class, VotersCommand.class, LeaseCommand.class,
                BackupCommand.class, RestoreCommand.class, CheckCommand.class,
                RecoverCommand.class, VerifyCommand.class, SimulateCommand.class,
                VersionCommand.class, RehearseCommand.class},
        footer = {
                "",
                "A node more: bell serve --join HOST:PORT --dir DIR · one less: bell leave, bell remove",
                "", "Exit codes: 0 done · 1 absent, or a condition failed · 2 wrong use, or a node",
                "cannot start · 3 outcome unknown · 4 unavailable, nothing happened · 5 a node was removed · 70 a node halted"})
final class Bell {
    private Bell() {}

    public static void main(String... args) {
        int code = commandLine().execute(args);
        // Threads of a library may linger; a command that has ended has ended.
        System.exit(code);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Bell())
                .setExecutionStrategy(new CommandLine.RunLast())
                .setExecutionExceptionHandler((failure, line, _) -> report(failure, line.getErr()));
    }

    /// What was foreseen is one line; the rest is a bug and shows where.
    private static int report(Exception failure, PrintWriter err) {
        return switch (failure) {
            case Failure foreseen -> {
                err.println("bell: " + foreseen.getMessage());
                yield foreseen.exitCode();
            }
            case StartException refused -> {
                err.println("bell: " + refused.getMessage());
                yield Exit.USAGE;
            }
            default -> {
                err.println("bell: this is a bug, please report it");
                failure.printStackTrace(err);
                yield Exit.HALTED;
            }
        };
    }
}
