package org.bellwether.cli;

import org.bellwether.api.Consistency;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// How fresh reads of Redis clients are, as people write it: `linearizable`, `local`.
final class RespReads implements ITypeConverter<Consistency> {
    @Override
    public Consistency convert(String text) {
        return switch (text) {
            case "linearizable" -> Consistency.LINEARIZABLE;
            case "local" -> Consistency.LOCAL;
            default -> throw new TypeConversionException(
                    "expected linearizable or local, got '" + text + "'");
        };
    }

    static String text(Consistency reads) {
        return reads.equals(Consistency.LOCAL) ? "local" : "linearizable";
    }
}
