package org.bellwether.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/// Which Bellwether this is, as the build wrote it down.
public final class Version {
    private static final String FILE = "/bellwether.properties";

    private Version() {}

    public static String number() {
        var properties = new Properties();
        try (var in = Version.class.getResourceAsStream(FILE)) {
            properties.load(Objects.requireNonNull(in, FILE + " is not in the jar"));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        return properties.getProperty("version");
    }
}
