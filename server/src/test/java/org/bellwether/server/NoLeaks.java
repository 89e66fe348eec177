package org.bellwether.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// After every class of tests: whether all of Netty's buffers were given back. Those that were not are found when the
/// collector has found them, so one is lost on purpose, and waited for: what was lost before it is found with it.
///
/// A buffer that is lost says where it was made, and with `-Dio.netty.leakDetection.level=paranoid` where it was touched.
public final class NoLeaks implements AfterAllCallback {
    private static final long HANG_NANOS = Duration.ofSeconds(30).toNanos();
    private static final List<String> LOST = new CopyOnWriteArrayList<>();

    /// Netty makes one for each kind of resource ([ResourceLeakDetectorFactory]), by the name that surefire gives it.
    public static final class Recorder<T> extends ResourceLeakDetector<T> {
        public Recorder(Class<?> kind, int samplingInterval) {
            super(kind, samplingInterval);
        }

        /// Called reflectively, too, by older factories.
        public Recorder(Class<?> kind, int samplingInterval, long maxActive) {
            this(kind, samplingInterval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String kind, String touched) {
            LOST.add(kind + touched);
        }

        @Override
        protected void reportUntracedLeak(String kind) {
            LOST.add(kind);
        }
    }

    private static final class Planted {}

    @Override
    public void afterAll(ExtensionContext tests) {
        // Each tells once of what was made in one place.
        var planted = ResourceLeakDetectorFactory.instance()
                .newResourceLeakDetector(Planted.class, 1);
        planted.track(new Planted());
        long began = System.nanoTime();
        while (LOST.stream().noneMatch(NoLeaks::isPlanted)) {
            if (System.nanoTime() - began > HANG_NANOS)
                throw new AssertionError("a buffer that was lost on purpose was not found");
            System.gc();
            look(planted);
        }
        look(planted);
        var lost = LOST.stream().filter(each -> !isPlanted(each) && !isOfAnEndedLoop(each))
                .toList();
        LOST.clear();
        assertEquals(List.of(), lost, "buffers were not given back");
    }

    private static boolean isPlanted(String kind) {
        return kind.contains("Planted");
    }

    /// A loop of io_uring that ends may begin a read that nobody completes.
    private static boolean isOfAnEndedLoop(String buffer) {
        return buffer.contains("IoUringIoHandler.destroy(");
    }

    /// Netty looks for what was lost when it makes something new.
    private static void look(ResourceLeakDetector<Planted> planted) {
        var kept = new Planted();
        var tracker = planted.track(kept);
        if (tracker != null) tracker.close(kept);
        ByteBufAllocator.DEFAULT.directBuffer(1).release();
        ByteBufAllocator.DEFAULT.heapBuffer(1).release();
    }
}
