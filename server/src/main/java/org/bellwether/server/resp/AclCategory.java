package org.bellwether.server.resp;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// What rights are given by, in the order in which Redis lists it.
enum AclCategory {
    KEYSPACE, READ, WRITE, STRING, PUBSUB, ADMIN, FAST, SLOW, DANGEROUS, CONNECTION, TRANSACTION;

    final String word = "@" + name().toLowerCase(Locale.ROOT);

    /// Those that a command is in because of its flags.
    static Set<AclCategory> impliedBy(Set<CommandFlag> flags) {
        var implied = EnumSet.noneOf(AclCategory.class);
        for (var flag : flags) {
            switch (flag) {
                case WRITE -> implied.add(WRITE);
                case READONLY -> implied.add(READ);
                case PUBSUB -> implied.add(PUBSUB);
                case FAST -> implied.add(FAST);
                case ADMIN -> {
                    implied.add(ADMIN);
                    implied.add(DANGEROUS);
                }
                case DENYOOM, NOSCRIPT, LOADING, STALE, SKIP_SLOWLOG, NO_AUTH, NO_ASYNC_LOADING,
                        ALLOW_BUSY ->
                    {
                    }
            }
        }
        if (!flags.contains(CommandFlag.FAST)) implied.add(SLOW);
        return implied;
    }
}
