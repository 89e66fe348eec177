package org.bellwether.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/// The disk thread of one life of a node. A task does its work at the end of the time it takes; a process
/// that dies in the middle of a task leaves some of its work done.
final class DiskThread implements Executor {
    private static final int OPERATIONS_OF_A_TASK_MAX = 8;

    private final World world;
    private final Chance chance;
    private final SimulatedDisk disk;
    private final SimulatedLoop loop;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean busy;

    DiskThread(World world, Chance chance, SimulatedDisk disk, SimulatedLoop loop) {
        this.world = world;
        this.chance = chance;
        this.disk = disk;
        this.loop = loop;
    }

    @Override
    public void execute(Runnable task) {
        if (loop.isDead()) return;
        tasks.add(task);
        if (!busy) begin();
    }

    private void begin() {
        busy = true;
        world.after(disk.latency(), this::finish);
    }

    private void finish() {
        if (loop.isDead()) return;
        long notBefore = Math.max(disk.hangsUntil(), loop.stoppedUntil());
        if (world.now() < notBefore) {
            world.at(notBefore, this::finish);
            return;
        }
        try {
            tasks.remove().run();
        } catch (RuntimeException | Error escaped) {
            world.violated("a task of the disk thread threw " + Failures.describe(escaped));
        }
        busy = false;
        if (!tasks.isEmpty()) begin();
    }

    /// The process died (its loop is dead already): of what it was doing, a part may still have reached the
    /// disk.
    void die() {
        if (tasks.isEmpty()) return;
        world.evidence().count(Evidence.Of.CRASHED_IN_DISK_TASK);
        disk.stopAfter(chance.below(OPERATIONS_OF_A_TASK_MAX));
        try {
            while (!tasks.isEmpty() && !disk.hasStopped())
                tasks.remove().run();
        } catch (SimulatedDisk.Stopped _) {
            // As it should be: nobody is left to hear of it.
        }
        tasks.clear();
        disk.goOn();
    }
}
