package org.bellwether.server;

import org.bellwether.api.LostEntriesException;
import org.bellwether.log.DamagedLogException;
import org.bellwether.storage.StorageCongestedException;
import org.bellwether.storage.StorageDamagedException;
import org.bellwether.storage.StorageException;
import org.jspecify.annotations.Nullable;

/// What somebody is told to do about a folder in which something is wrong. To give it up is advised only where what is in it
/// is not what was written: on a node that is alone everything since the last backup goes with it.
final class WhatToDo {
    private static final String CHECK = "`bell check` tells whether anything is damaged";
    private static final String EMPTY_FOLDER = ", and join again with an empty folder";
    private static final String BACKUP = "; if it is the only one, restore a backup";

    private WhatToDo() {}

    /// About what a running node has stopped for; null if there is nothing to say.
    static @Nullable String nowThat(Throwable why) {
        return switch (why) {
            // Nothing was done, and nothing is wrong.
            case StorageCongestedException _ -> null;
            case StorageDamagedException _ ->
                "the tables cannot be relied on: `bell check` says what is damaged. Have this node"
                        + " removed" + EMPTY_FOLDER + BACKUP;
            case StorageException tables ->
                "the tables could not be read or written: " + tables.getMessage()
                        + ". What is on the disk is as it was: mend the cause, and start the node"
                        + " again; " + CHECK;
            case LostEntriesException _ ->
                "keep this folder: it has what a majority of the nodes has lost, acknowledged"
                        + " writes among it. Stop the others before they take more, and find out"
                        + " what happened to their disks. `bell backup --dir` saves what is here;"
                        + " `bell recover` makes a new cluster of it";
            default -> null;
        };
    }

    /// To be appended to why a node cannot start, whatever it is in its folder that it cannot start from.
    static String after(Throwable refusal) {
        return switch (refusal) {
            case StorageDamagedException _ -> aboutDamage();
            case DamagedLogException _ -> aboutDamage();
            default -> ". Mend the cause, and start the node again; " + CHECK;
        };
    }

    private static String aboutDamage() {
        return ". `bell check` says what is damaged. Put the file back as it was, if it was not"
                + " mounted, or not copied with the rest; else have the node removed"
                + EMPTY_FOLDER + BACKUP;
    }

    /// About tables that are not those of the log beside them.
    static String aboutStrange(Object tables) {
        return ". If " + tables + " was not mounted, or not copied with the rest, put it there;"
                + " else have the node removed" + EMPTY_FOLDER;
    }
}
