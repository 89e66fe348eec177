package org.bellwether.cli;

import picocli.CommandLine.IVersionProvider;

/// Which Bellwether this is.
final class Version implements IVersionProvider {
    static String text() {
        return "Bellwether " + org.bellwether.server.Version.number() + " (Java "
                + Runtime.version()
                + ")";
    }

    @Override
    public String[] getVersion() {
        return new String[]{text()};
    }
}
