package org.bellwether.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that says that it could not sync: below the whole program, by a library that stands in front of libc. Skipped
/// where there is no C compiler to make it.
class FailingSyncTest {
    private static final String SHIM = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <stdlib.h>
            #include <unistd.h>
            static int fails(void) {
                const char *flag = getenv("BELL_SYNC_FAILS");
                if (flag == 0 || access(flag, F_OK) != 0) return 0;
                errno = EIO;
                return 1;
            }
            int fdatasync(int fd) {
                int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
                return fails() ? -1 : real(fd);
            }
            int fsync(int fd) {
                int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
                return fails() ? -1 : real(fd);
            }
            """;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private final int port = Ports.row(2);

    @TempDir
    Path dir;

    @BeforeEach
    void makeShim() throws IOException, InterruptedException {
        Files.writeString(dir.resolve("shim.c"), SHIM);
        try {
            var compiler = new ProcessBuilder("cc", "-shared", "-fPIC", "-o",
                    dir.resolve("shim.so").toString(), dir.resolve("shim.c").toString(), "-ldl")
                    .redirectErrorStream(true).start();
            var said = new String(compiler.getInputStream().readAllBytes(),
                    java.nio.charset.StandardCharsets.UTF_8);
            assumeTrue(compiler.waitFor() == 0, "not run: cc says " + said);
        } catch (IOException none) {
            assumeTrue(false, "not run: there is no C compiler here");
        }
    }

    private BellProcess serve(String... how) {
        var all = new java.util.ArrayList<>(
                List.of("serve", "--dir", dir.resolve("n1").toString()));
        all.addAll(List.of(how));
        return BellProcess.startIn(
                List.of("env", "LD_PRELOAD=" + dir.resolve("shim.so"),
                        "BELL_SYNC_FAILS=" + dir.resolve("fails")),
                all.toArray(String[]::new));
    }

    private HttpRequest.Builder key(String key) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/kv/" + key))
                .timeout(Duration.ofSeconds(10));
    }

    private int put(String key) throws InterruptedException {
        try {
            return HTTP.send(key(key).PUT(BodyPublishers.ofString("value")).build(),
                    BodyHandlers.ofString()).statusCode();
        } catch (IOException gone) {
            return 0;
        }
    }

    @Test
    void aNodeWhoseSyncFailsPromisesNothingAndEnds() throws Exception {
        try (var node = serve("--new", "--http", "127.0.0.1:" + port, "--peer",
                "127.0.0.1:" + (port + 1))) {
            node.awaitLine("serving");
            Await.until("a leader", () -> {
                try {
                    return put("before") > 0;
                } catch (InterruptedException ended) {
                    throw new AssertionError(ended);
                }
            });
            Files.createFile(dir.resolve("fails"));
            int status = put("never");
            assertTrue(status == 0 || status >= 500, "answered " + status);
            assertEquals(Exit.HALTED, node.awaitExit(), node::text);
            assertTrue(node.text().contains("had to stop"), node::text);
        }
        Files.delete(dir.resolve("fails"));
        try (var node = serve()) {
            node.awaitLine("serving");
            Await.until("the write before", () -> {
                try {
                    return HTTP.send(key("before").build(), BodyHandlers.ofString())
                            .statusCode() == 200;
                } catch (IOException notYet) {
                    return false;
                } catch (InterruptedException ended) {
                    throw new AssertionError(ended);
                }
            });
            assertTrue(put("after") > 0 && put("after") < 300);
        }
    }
}
