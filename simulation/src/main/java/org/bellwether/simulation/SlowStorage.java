package org.bellwether.simulation;

import java.util.List;
import java.util.function.Supplier;
import org.bellwether.api.Bytes;
import org.bellwether.storage.Storage;

/// Tables larger than memory on a disk that is now slow and now is not: what is asked for may not be at hand, and is some
/// time later.
final class SlowStorage extends StorageAround {
    private static final long FETCH_MAX = 30 * World.MILLI;
    private static final int SLOW_PERCENT = 20;
    private static final int AT_HAND_PERCENT = 50;

    private final World world;
    private final Chance chance;
    private final SimulatedLoop loop;

    SlowStorage(Storage real, World world, Chance chance, SimulatedLoop loop) {
        super(real);
        this.world = world;
        this.chance = chance;
        this.loop = loop;
    }

    @Override
    public boolean isSlow() {
        return chance.percent(SLOW_PERCENT);
    }

    @Override
    public boolean isAtHand(Bytes key) {
        return chance.percent(AT_HAND_PERCENT);
    }

    @Override
    public void fetch(Supplier<List<Bytes>> keys, Runnable done) {
        world.evidence().count(Evidence.Of.READ_AHEAD, keys.get().size());
        world.after(chance.between(0, FETCH_MAX), () -> {
            if (!loop.isDead()) done.run();
        });
    }
}
