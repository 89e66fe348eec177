package org.bellwether.cli;

import org.bellwether.api.Consistency;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// How fresh reads of Redis clients are, as people write it: `linearizable`, `lease`, `local`.
final class RespReads implements ITypeConverter<Consistency> {
    @Override
    public Consistency convert(String text) {
        return switch (text) {
            case "linearizable" -> Consistency.LINEARIZABLE;
            case "lease" -> Consistency.LEASE;
            case "local" -> Consistency.LOCAL;
            default -> throw new TypeConversionException(
                    "expected linearizable, lease or local, got '" + text + "'");
        };
    }

    static String text(Consistency reads) {
        return switch (reads) {
            case Consistency.Linearizable _ -> "linearizable";
            case Consistency.Lease _ -> "lease";
            case Consistency.Local _ -> "local";
            case Consistency.AfterWrite _ ->
                throw new IllegalArgumentException(reads + " is for one read");
        };
    }
}
