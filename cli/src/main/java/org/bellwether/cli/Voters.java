package org.bellwether.cli;

import org.bellwether.api.Limits;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// How many voters a cluster is to strive for.
final class Voters implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
        try {
            int target = Integer.parseInt(text);
            if (target >= 1 && target <= Limits.VOTERS_MAX) return target;
        } catch (NumberFormatException none) {
            // Told below.
        }
        throw new TypeConversionException("a cluster strives for 1 to " + Limits.VOTERS_MAX
                + " voters, not for '" + text + "'");
    }
}
