package org.bellwether.cli;

import org.bellwether.api.Address;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;

/// Where Redis clients are listened for, if they are: `host:port` or `none`.
///
/// @param address null for none
record RespAddress(@Nullable Address address) {
    static final RespAddress NONE = new RespAddress(null);

    static final class Converter implements ITypeConverter<RespAddress> {
        @Override
        public RespAddress convert(String text) {
            return text.equals("none") ? NONE : new RespAddress(new Addresses().convert(text));
        }
    }
}
