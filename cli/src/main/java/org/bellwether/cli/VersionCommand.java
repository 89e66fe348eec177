package org.bellwether.cli;

import picocli.CommandLine.Command;

@Command(name = "version", description = "Prints which Bellwether and which Java this is.")
final class VersionCommand implements Runnable {
    @Override
    public void run() {
        System.out.println(Version.text());
    }
}
