package org.bellwether.cli;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Bytes as people write them: `4096`, `64k`, `16m`, `2g`.
final class Sizes implements ITypeConverter<Long> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})([kmg]?)");

    @Override
    public Long convert(String text) {
        var match = FORM.matcher(text);
        if (!match.matches())
            throw new TypeConversionException("expected a size such as 4096, 64k, 16m or 2g, got '"
                    + text + "'");
        long number = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "k" -> number << 10;
            case "m" -> number << 20;
            case "g" -> number << 30;
            default -> number;
        };
    }
}
