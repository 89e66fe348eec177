package org.bellwether.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// A body that is given up when nothing of it comes for too long, while somebody waits for it: a reader that takes its
/// time has all of it.
final class WatchedBody extends FilterInputStream {
    private static final int LOOKS = 8;

    private final Duration patience;
    private final Thread watchdog;
    private volatile boolean waited;
    private volatile long waitedSince;
    private volatile boolean givenUp;

    WatchedBody(InputStream body, Duration patience) {
        super(body);
        this.patience = patience;
        this.watchdog = Thread.ofVirtual().start(this::watch);
    }

    private void watch() {
        while (!Thread.interrupted()) {
            if (waited && System.nanoTime() - waitedSince > patience.toNanos()) {
                givenUp = true;
                try {
                    in.close();
                } catch (IOException closed) {
                    // Whoever waits is told all the same.
                }
                return;
            }
            LockSupport.parkNanos(patience.toNanos() / LOOKS);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        waitedSince = System.nanoTime();
        waited = true;
        try {
            int read = in.read(bytes, offset, length);
            if (givenUp) throw new IOException("nothing came for " + patience.toMillis() + " ms");
            return read;
        } catch (IOException broken) {
            if (!givenUp) throw broken;
            throw new IOException("nothing came for " + patience.toMillis() + " ms", broken);
        } finally {
            waited = false;
        }
    }

    @Override
    public void close() throws IOException {
        watchdog.interrupt();
        super.close();
    }
}
