/// Tables on RocksDB. `docs/adr/0007-rocksdb.md` says how it is used, and why.
@NullMarked
package org.bellwether.storage.rocksdb;

import org.jspecify.annotations.NullMarked;
