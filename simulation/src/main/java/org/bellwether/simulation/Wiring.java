package org.bellwether.simulation;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bellwether.log.LogStore;
import org.bellwether.node.CoreFactory;
import org.bellwether.node.Jury;
import org.bellwether.node.Lease;
import org.bellwether.storage.Storage;

/// What a node is put together from where a test may plant a bug. Whatever stands here stands between the
/// node and what the invariants look at.
///
/// @param cores    makes the cores
/// @param juries   makes what finds out whose tables are right
/// @param leases   makes what says whether a leader may serve reads by itself
/// @param logs     what to put around a node's log
/// @param storages what to put around a node's tables
/// @param blind    whether the invariants say nothing: what is left is what clients notice
public record Wiring(CoreFactory cores, Supplier<Jury> juries, Supplier<Lease> leases,
        PerNode<LogStore> logs, PerNode<Storage> storages, boolean blind) {
    public static final Wiring REAL = new Wiring(CoreFactory.STANDARD, Jury::new, Lease::new,
            (_, log) -> log, (_, storage) -> storage, false);

    /// A part, given which node it is for, counted from 0.
    @FunctionalInterface
    public interface PerNode<T> {
        T around(int node, T real);

        static <T> PerNode<T> each(UnaryOperator<T> around) {
            return (_, real) -> around.apply(real);
        }
    }

    public Wiring withCores(CoreFactory cores) {
        return new Wiring(cores, juries, leases, logs, storages, blind);
    }

    public Wiring withJuries(Supplier<Jury> juries) {
        return new Wiring(cores, juries, leases, logs, storages, blind);
    }

    public Wiring withLeases(Supplier<Lease> leases) {
        return new Wiring(cores, juries, leases, logs, storages, blind);
    }

    public Wiring withLogs(PerNode<LogStore> logs) {
        return new Wiring(cores, juries, leases, logs, storages, blind);
    }

    public Wiring withStorages(PerNode<Storage> storages) {
        return new Wiring(cores, juries, leases, logs, storages, blind);
    }

    public Wiring withBlindInvariants() {
        return new Wiring(cores, juries, leases, logs, storages, true);
    }
}
