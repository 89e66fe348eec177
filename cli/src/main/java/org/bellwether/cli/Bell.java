package org.bellwether.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bellwether.server.StartException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/// The one executable.
@Command(name = "bell", mixinStandardHelpOptions = true, versionProvider = Version.class,
        scope = ScopeType.INHERIT,
        description = "Bellwether, a replicated key-value store.",
        footer = {
                "",
                "What a command takes: bell help COMMAND",
                "A node more: bell serve --join HOST:PORT --dir DIR · one less: bell leave, bell remove",
                "",
                "Exit codes: 0 done · 1 no: absent, a condition failed, a conflict; or found: damage,",
                "a difference, a wrong seed · 2 wrong use, or a node cannot start · 3 outcome unknown",
                "4 unavailable, nothing happened · 5 a node was removed · 70 a node halted",
                "74 done, but not all of the output could be written · 143 (130) stopped by SIGTERM (Ctrl-C)"})
final class Bell {
    private static final List<Class<?>> COMMANDS = List.of(ServeCommand.class, DevCommand.class,
            GetCommand.class, PutCommand.class, DeleteCommand.class, StatusCommand.class,
            EventsCommand.class, LeaveCommand.class, RemoveCommand.class, TransferCommand.class,
            VotersCommand.class, LeaseCommand.class, BackupCommand.class, RestoreCommand.class,
            CheckCommand.class,
            RecoverCommand.class, VerifyCommand.class, SimulateCommand.class,
            VersionCommand.class, RehearseCommand.class);

    /// What Java makes of bytes on the command line that are no text. All of them: two keys would become one, so that
    /// one who wrote the second would replace the first.
    private static final char NOT_UTF_8 = '\uFFFD';

    private Bell() {}

    public static void main(String... args) {
        System.setOut(Output.standard());
        int code = execute(args);
        // Threads of a library may linger; a command that has ended has ended.
        System.exit(code);
    }

    /// @return how it ended
    static int execute(String... typed) {
        var args = withHelp(typed);
        var line = new CommandLine(new Bell());
        for (int i = 0; i < args.length; i++) {
            if (args[i].indexOf(NOT_UTF_8) >= 0) return report(notText(i + 1), line.getErr());
        }
        commands(args).forEach(line::addSubcommand);
        int code = line.setExecutionStrategy(new CommandLine.RunLast())
                // `bell put k @file` puts what is typed, and not what a file of this name holds.
                .setExpandAtFiles(false)
                .setExecutionExceptionHandler((failure, at, _) -> report(failure, at.getErr()))
                .execute(args);
        // Whoever has failed has said so already, where it is more likely to be read.
        return code == Exit.OK ? whenWritten(line.getErr()) : code;
    }

    /// `bell help serve` is `bell serve --help`, and `bell help dev add` is `bell dev add --help`. What is no command is
    /// left to be refused as that.
    private static String[] withHelp(String... typed) {
        if (typed.length == 0 || !typed[0].equals("help")) return typed;
        var args = new ArrayList<>(List.of(typed).subList(1, typed.length));
        boolean known = args.isEmpty()
                || COMMANDS.stream().anyMatch(each -> name(each).equals(args.getFirst()));
        if (known) args.add("--help");
        return args.toArray(String[]::new);
    }

    private static int whenWritten(PrintWriter err) {
        try {
            Output.check();
            return Exit.OK;
        } catch (Failure unwritten) {
            return report(unwritten, err);
        }
    }

    /// The one that is named, since to learn what every one of them takes is a third of the time that a short one needs.
    /// All of them, where none is or it is not known: then they are listed.
    private static List<Class<?>> commands(String... args) {
        var named = COMMANDS.stream().filter(each -> args.length > 0 && name(each).equals(args[0]))
                .toList();
        return named.isEmpty() ? COMMANDS : named;
    }

    private static Failure notText(int number) {
        return new Failure(Exit.USAGE, "argument " + number
                + " is not UTF-8 (or holds U+FFFD, which Java"
                + " puts in the place of what is not). A key of such bytes can be used over HTTP,"
                + " percent-encoded; a value of such bytes can be put from standard input, with '-'");
    }

    private static String name(Class<?> command) {
        return Objects.requireNonNull(command.getAnnotation(Command.class)).name();
    }

    /// What was foreseen is one line; the rest is a bug and shows where.
    private static int report(Exception failure, PrintWriter err) {
        return switch (failure) {
            case Failure foreseen -> {
                err.println("bell: " + foreseen.getMessage());
                yield foreseen.exitCode();
            }
            case StartException refused -> {
                err.println("bell: " + Reason.of(refused));
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
