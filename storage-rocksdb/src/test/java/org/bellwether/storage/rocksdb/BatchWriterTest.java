package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// The bytes are those that RocksDB itself would have made.
class BatchWriterTest {
    private static final int[] LENGTHS = {0, 1, 127, 128, 16_383, 16_384, 70_000};

    private final SplittableRandom random = new SplittableRandom(5);

    @BeforeAll
    static void load() {
        RocksDB.loadLibrary();
    }

    private byte[] bytes() {
        var bytes = new byte[LENGTHS[random.nextInt(LENGTHS.length)]];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void aBatchIsTheOneThatRocksDbMakes() throws RocksDBException {
        var writer = new BatchWriter();
        for (int round = 0; round < 50; round++) {
            try (var theirs = new WriteBatch()) {
                for (int i = random.nextInt(40); i > 0; i--) {
                    var key = bytes();
                    var other = bytes();
                    switch (random.nextInt(5)) {
                        case 0 -> {
                            theirs.delete(key);
                            writer.delete(key);
                        }
                        case 1 -> {
                            theirs.deleteRange(key, other);
                            writer.deleteRange(key, other);
                        }
                        default -> {
                            theirs.put(key, other);
                            writer.put(key, other);
                        }
                    }
                }
                try (var ours = writer.take()) {
                    assertArrayEquals(theirs.data(), ours.data());
                }
            }
        }
    }
}
