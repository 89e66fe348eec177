package org.bellwether.cli;

import org.bellwether.server.StorageKind;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Kinds of storage as people write them: `rocksdb`, `memory`.
final class StorageKinds implements ITypeConverter<StorageKind> {
    @Override
    public StorageKind convert(String text) {
        for (var kind : StorageKind.values()) {
            if (kind.label().equals(text)) return kind;
        }
        throw new TypeConversionException("expected rocksdb or memory, got '" + text + "'");
    }
}
