package org.bellwether.cli;

import org.bellwether.api.Address;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `host:port` on the command line.
final class Addresses implements ITypeConverter<Address> {
    @Override
    public Address convert(String text) {
        try {
            return Address.parse(text);
        } catch (IllegalArgumentException bad) {
            throw new TypeConversionException(String.valueOf(bad.getMessage()));
        }
    }
}
