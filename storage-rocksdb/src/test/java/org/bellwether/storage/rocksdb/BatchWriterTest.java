package org.bellwether.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// The bytes are those that RocksDB itself would have made, but for padding.
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
                    assertAreTheSame(theirs, ours);
                }
            }
        }
    }

    /// A record that is passed over may follow.
    static void assertAreTheSame(WriteBatch theirs, WriteBatch ours) throws RocksDBException {
        var wanted = theirs.data();
        var made = ours.data();
        assertArrayEquals(wanted, Arrays.copyOf(made, wanted.length));
        assertEquals(theirs.count(), ours.count());
        if (made.length == wanted.length) return;
        assertEquals(BatchRecord.LOG_DATA, made[wanted.length]);
        int behindLength = BatchRecord.behindLength(made, wanted.length + 1);
        assertEquals(made.length, behindLength + BatchRecord.length(made, wanted.length + 1));
    }

    /// RocksDB itself takes what is padded, whatever is in the array behind it from before.
    @Test
    void paddingIsPassedOver(@TempDir Path folder) throws RocksDBException {
        var writer = new BatchWriter();
        try (var options = new Options().setCreateIfMissing(true);
                var writing = new WriteOptions();
                var db = RocksDB.open(options, folder.toString())) {
            for (int bytes : new int[]{100_000, 70_000, 120_000, 65_000, 9_000_000, 60_000}) {
                var value = new byte[bytes];
                random.nextBytes(value);
                writer.put(new byte[]{1}, new byte[]{2});
                writer.put(new byte[]{3}, value);
                writer.delete(new byte[]{1});
                try (var batch = writer.take()) {
                    db.write(writing, batch);
                }
                assertArrayEquals(value, db.get(new byte[]{3}));
                assertNull(db.get(new byte[]{1}));
            }
        }
    }
}
