package org.bellwether.server.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NettyLoopTest {
    @ParameterizedTest
    @EnumSource
    void theEndOfATurnComesAfterAllThatHadArrived(EventLoops.Kind kind) {
        assumeTrue(kind.isAvailable());
        try (var loops = EventLoops.open("turns", 1, kind)) {
            var loop = new NettyLoop(loops.next());
            var order = new ArrayList<String>();
            var done = new CompletableFuture<List<String>>();
            loop.execute(() -> {
                loop.execute(() -> order.add("arrived before"));
                loop.atEndOfTurn(() -> {
                    order.add("end");
                    loop.execute(() -> order.add("arrived later"));
                    loop.atEndOfTurn(() -> {
                        order.add("end of the next");
                        done.complete(order);
                    });
                });
                loop.atEndOfTurn(() -> order.add("end, too"));
            });
            assertEquals(List.of("arrived before", "end", "end, too", "arrived later",
                    "end of the next"), get(done));
        }
    }

    @Test
    void aTaskThatThrowsTakesNoOtherWithIt() {
        try (var loops = EventLoops.open("turns", 1)) {
            var loop = new NettyLoop(loops.next());
            var done = new CompletableFuture<String>();
            loop.execute(() -> {
                loop.atEndOfTurn(() -> {
                    throw new IllegalStateException("thrown by a test, on purpose");
                });
                loop.atEndOfTurn(() -> done.complete("ran"));
            });
            assertEquals("ran", get(done));
        }
    }

    @Test
    void aDelayIsKept_andTheThreadHasAName() {
        try (var loops = EventLoops.open("delays", 1)) {
            var loop = new NettyLoop(loops.next());
            long before = loop.nanoTime();
            var done = new CompletableFuture<Thread>();
            loop.schedule(Duration.ofMillis(20), () -> done.complete(Thread.currentThread()));
            var thread = get(done);
            assertTrue(loop.nanoTime() - before >= 20_000_000);
            assertTrue(thread.getName().startsWith("delays-"), thread::getName);
            assertTrue(!thread.isDaemon());
        }
    }

    @Test
    void onlyTheLoopKnowsItsTurns() {
        try (var loops = EventLoops.open("turns", 1)) {
            var loop = new NettyLoop(loops.next());
            assertThrows(IllegalStateException.class, () -> loop.atEndOfTurn(() -> {}));
        }
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(60, TimeUnit.SECONDS).join();
    }
}
