package org.bellwether.cli;

import java.time.Duration;
import org.bellwether.api.Limits;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// How long a node may be waited for: as long as a node itself waits for others, for all commands alike.
final class Patience implements ITypeConverter<Duration> {
    private static final Duration MAX = Duration.ofMillis(Limits.DEFAULT.timeoutMillisMax());

    @Override
    public Duration convert(String text) {
        var patience = new Durations().convert(text);
        if (patience.isZero() || patience.compareTo(MAX) > 0) {
            throw new TypeConversionException("a node is waited for from 1ms to "
                    + MAX.toSeconds() + "s, not for '" + text + "'");
        }
        return patience;
    }
}
