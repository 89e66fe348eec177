package org.bellwether.storage.rocksdb;

import org.bellwether.api.Revision;

/// How far the log is applied, and what goes with it: one row, written in every batch.
record Mark(long applied, Revision revision, long size) {
    static final Mark NONE = new Mark(0, Revision.NONE, 0);
}
