package org.bellwether.cli;

import java.nio.file.Path;
import org.bellwether.server.FolderCheck;
import org.bellwether.server.StartException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "check", description = {
        "Reads log and tables of a stopped node, and tells of every damage, with file and offset.",
        "Ends with 1 if there is any."})
final class CheckCommand implements Runnable {
    @Option(names = "--dir", required = true, paramLabel = "DIR",
            description = "The node's folder.")
    private Path dir = Path.of("");

    @Override
    public void run() {
        try {
            var report = FolderCheck.run(dir);
            System.out.println(report.summary());
            report.findings().forEach(System.out::println);
            if (!report.findings().isEmpty())
                throw new Failure(Exit.NO, "damage found: " + report.findings().size());
            System.out.println("no damage found");
        } catch (StartException refused) {
            throw new Failure(Exit.USAGE, Reason.of(refused));
        }
    }
}
