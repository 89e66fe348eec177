package org.bellwether.node;

import org.bellwether.machine.Machine;

/// The parts of a node that decide, and by which rules: [#standard] everywhere but in tests, which plant a bug or try
/// what comes next.
///
/// @param cores          makes the consensus core
/// @param jury           finds out whose tables are right
/// @param lease          says whether the leader may serve reads by itself
/// @param machineVersion the newest version of the state machine's rules that the node knows
public record Deciders(CoreFactory cores, Jury jury, Lease lease, int machineVersion) {
    public static Deciders standard() {
        return new Deciders(CoreFactory.STANDARD, new Jury(), new Lease(), Machine.VERSION);
    }

    public Deciders withMachineVersion(int version) {
        return new Deciders(cores, jury, lease, version);
    }
}
