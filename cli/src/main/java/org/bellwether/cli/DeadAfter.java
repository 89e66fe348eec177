package org.bellwether.cli;

import java.time.Duration;
import org.bellwether.api.Limits;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// How long a voter may be silent: a duration, or `off`, which is `0`.
final class DeadAfter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        if (text.equals("off") || text.equals("0")) return Duration.ZERO;
        var silence = new Durations().convert(text);
        if (silence.compareTo(Limits.DEAD_AFTER_MAX) > 0) {
            throw new TypeConversionException("a voter is given up after at most "
                    + Limits.DEAD_AFTER_MAX.toMinutes() + "m, or never with off, not after '"
                    + text + "'");
        }
        return silence;
    }
}
