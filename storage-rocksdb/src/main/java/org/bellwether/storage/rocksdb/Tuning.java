package org.bellwether.storage.rocksdb;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.Env;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileManager;

/// RocksDB's options, each with its reason, and what all states of a storage share.
final class Tuning implements AutoCloseable {
    private static final int BLOOM_BITS_PER_KEY = 10;
    private static final int BACKGROUND_JOBS = 2;
    /// So many are merged with the next level.
    private static final int LEVEL0_FILES = 8;
    private static final long INFO_LOG_BYTES_MAX = 1 << 20;
    private static final int INFO_LOGS_MAX = 2;
    private static final long SYNC_EVERY_BYTES = 1 << 20;
    private static final int SHARD_BITS = 4;
    private static final long SHARDED_FROM_BYTES = 32 << 20;
    /// Beyond it a write is refused. Far more than a node that heeds `congested` ever comes to.
    private static final int MEMTABLES_PER_CONGESTION = 16;

    private final RocksConfig config;
    private final Cache cache;
    private final BloomFilter filter = new BloomFilter(BLOOM_BITS_PER_KEY);
    /// With one, RocksDB looks for free space again after the disk was full.
    private final SstFileManager space;

    Tuning(RocksConfig config) throws RocksDBException {
        this.config = config;
        this.cache = config.cacheBytes() < SHARDED_FROM_BYTES
                ? new LRUCache(config.cacheBytes(), 0)
                : new LRUCache(config.cacheBytes(), SHARD_BITS);
        this.space = new SstFileManager(Env.getDefault());
    }

    Options options() {
        var tables = new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(filter)
                // Within the cache's bound, instead of beside it with every file.
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinL0FilterAndIndexBlocksInCache(true);
        var options = fresh();
        options.setTableFormatConfig(tables).setSstFileManager(space)
                .setWriteBufferSize(config.memtableBytes())
                .setMaxOpenFiles(config.openFilesMax())
                .setMaxBackgroundJobs(BACKGROUND_JOBS).setBytesPerSync(SYNC_EVERY_BYTES);
        neverStall(options);
        // What is written again and again is merged half as often; a read looks at as many more filters.
        options.setLevelZeroFileNumCompactionTrigger(LEVEL0_FILES);
        compress(options);
        // One writer: nothing to coordinate.
        options.setAllowConcurrentMemtableWrite(false).setEnableWriteThreadAdaptiveYield(false);
        // What is durable is what `flush` made so; closing shall not wait.
        options.setAvoidFlushDuringShutdown(true);
        options.setSkipStatsUpdateOnDbOpen(true);
        options.setStatsDumpPeriodSec(0).setStatsPersistPeriodSec(0);
        options.setInfoLogLevel(InfoLogLevel.WARN_LEVEL).setMaxLogFileSize(INFO_LOG_BYTES_MAX)
                .setKeepLogFileNum(INFO_LOGS_MAX);
        return options;
    }

    /// A batch is in the order of its keys ([Generation]). Told so, RocksDB looks for the place of a row in the memtable from
    /// where the one before went, and not from the beginning. Its Java part has a name for this option only as text; the
    /// first byte of all rows of a kind is the same ([Rows]).
    private static Options fresh() {
        var hint = new Properties();
        hint.setProperty("memtable_insert_with_hint_prefix_extractor", "rocksdb.FixedPrefix.1");
        try (var database = new DBOptions();
                var rows = Objects.requireNonNull(
                        ColumnFamilyOptions.getColumnFamilyOptionsFromProps(hint),
                        "RocksDB does not know " + hint)) {
            return new Options(database, rows);
        }
    }

    /// RocksDB makes writers wait when flushes or compactions fall behind. The writer here is the node's loop,
    /// which must not wait: every such limit is off, and `congested` says instead that it is time to hold back.
    private void neverStall(Options options) {
        options.setLevel0SlowdownWritesTrigger(Integer.MAX_VALUE)
                .setLevel0StopWritesTrigger(Integer.MAX_VALUE)
                .setSoftPendingCompactionBytesLimit(0).setHardPendingCompactionBytesLimit(0);
        options.setMaxWriteBufferNumber(config.memtablesMax() * MEMTABLES_PER_CONGESTION);
    }

    /// Not the two uppermost levels: they live briefly, and what was just written is read most.
    private void compress(Options options) {
        int levels = options.numLevels();
        var perLevel = new ArrayList<CompressionType>(levels);
        for (int level = 0; level < levels; level++) {
            perLevel.add(config.compressed() && level >= 2
                    ? CompressionType.LZ4_COMPRESSION
                    : CompressionType.NO_COMPRESSION);
        }
        options.setCompressionPerLevel(List.copyOf(perLevel));
    }

    @Override
    public void close() {
        space.close();
        filter.close();
        cache.close();
    }
}
