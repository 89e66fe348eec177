package org.bellwether.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/// Which Bellwether this is, as the build wrote it down.
final class Version implements IVersionProvider {
    static String number() {
        var properties = new Properties();
        try (var in = Version.class.getResourceAsStream("/bell.properties")) {
            properties.load(Objects.requireNonNull(in, "bell.properties is not in the jar"));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        return properties.getProperty("version", "unknown");
    }

    static String text() {
        return "Bellwether " + number() + " (Java " + Runtime.version() + ")";
    }

    @Override
    public String[] getVersion() {
        return new String[]{text()};
    }
}
