package org.bellwether.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bellwether.node.Loop;

/// The loop of one life of a node, on virtual time. What arrives while a turn is under way or due is one
/// batch in the next. Its clock runs at its own rate and may jump ahead; it may be stopped for a while (as
/// by SIGSTOP or a long garbage collection) and it ends with its process.
final class SimulatedLoop implements Loop {
    private final World world;
    private final Chance chance;
    private final Clock clock;
    private final Runnable afterTurn;
    private final Deque<Runnable> inbox = new ArrayDeque<>();
    private List<Runnable> endOfTurn = new ArrayList<>();
    private boolean turnDue;
    private boolean inTurn;
    private boolean dead;
    private long stoppedUntil;

    /// A node's monotonic clock, over all its lives.
    static final class Clock {
        private static final long WALL_ORIGIN = 1_700_000_000_000L;

        private final World world;
        private final int perMille;
        private final long origin;
        private long jumped;
        private long wallOff;

        /// @param perMille how many of its milliseconds pass in one true second
        Clock(World world, int perMille, long origin) {
            this.world = world;
            this.perMille = perMille;
            this.origin = origin;
        }

        long now() {
            return origin + world.now() / 1000 * perMille + jumped;
        }

        /// The wall clock, which people set.
        long wallMillis() {
            return WALL_ORIGIN + world.now() / World.MILLI + wallOff;
        }

        void setWall(long offMillis) {
            wallOff = offMillis;
        }

        void jump(long nanos) {
            jumped += nanos;
        }

        long trueDelay(long nanos) {
            return nanos / perMille * 1000;
        }
    }

    SimulatedLoop(World world, Chance chance, Clock clock, Runnable afterTurn) {
        this.world = world;
        this.chance = chance;
        this.clock = clock;
        this.afterTurn = afterTurn;
    }

    @Override
    public void execute(Runnable task) {
        if (dead) return;
        inbox.add(task);
        wake();
    }

    @Override
    public long nanoTime() {
        return clock.now();
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        if (!dead) world.after(clock.trueDelay(delay.toNanos()), () -> execute(task));
    }

    @Override
    public void atEndOfTurn(Runnable task) {
        endOfTurn.add(task);
        if (!inTurn) wake();
    }

    private void wake() {
        if (turnDue || inTurn) return;
        turnDue = true;
        // Now and then a turn starts late: the scheduler, a short garbage collection.
        long late = chance.perMillion(2_000)
                ? chance.between(World.MILLI, 20 * World.MILLI)
                : chance.between(World.MICRO, 60 * World.MICRO);
        world.at(Math.max(world.now() + late, stoppedUntil), this::turn);
    }

    private void turn() {
        if (dead) return;
        if (world.now() < stoppedUntil) {
            world.at(stoppedUntil, this::turn);
            return;
        }
        turnDue = false;
        inTurn = true;
        for (int left = inbox.size(); left > 0 && !dead; left--)
            run(inbox.remove());
        while (!endOfTurn.isEmpty() && !dead) {
            var tasks = endOfTurn;
            endOfTurn = new ArrayList<>();
            tasks.forEach(this::run);
        }
        inTurn = false;
        if (!dead) {
            afterTurn.run();
            if (!inbox.isEmpty()) wake();
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error escaped) {
            world.violated("a task of the loop threw " + Failures.describe(escaped));
        }
    }

    void stopUntil(long time) {
        stoppedUntil = Math.max(stoppedUntil, time);
    }

    long stoppedUntil() {
        return stoppedUntil;
    }

    /// Nothing runs any more.
    void die() {
        dead = true;
        inbox.clear();
        endOfTurn.clear();
    }

    boolean isDead() {
        return dead;
    }
}
