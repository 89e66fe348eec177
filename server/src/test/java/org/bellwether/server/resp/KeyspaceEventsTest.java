package org.bellwether.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// What clients that listen are told of changes of keys.
@Timeout(120)
class KeyspaceEventsTest {
    /// Every way by which a key changes, and some by which none does.
    private static final List<String> LINES = List.of("SET a 1", "INCR a", "DECRBY a 3",
            "INCRBYFLOAT a 1.5", "APPEND a x", "SETRANGE a 0 y", "SET b 1 EX 100", "EXPIRE a 100",
            "PERSIST a", "PERSIST a", "EXPIRE a 100 XX", "PEXPIREAT b 1", "DEL a none", "DEL none",
            "MSET c 1 d 2", "RENAME c e", "COPY e f", "GETDEL f", "GETEX e PX 100000", "GETEX e",
            "SETNX e 1", "GETSET e 2", "SETEX g 100 v", "SET g v KEEPTTL", "EXPIRE g -1",
            "MSETNX h 1 i 2",
            "MSETNX h 1 j 2", "FLUSHALL", "SET last 1");
    private static final List<Object> LAST = List.of("pmessage", "__key*", "__keyevent@0__:set",
            "last");

    private static List<Object> told(RespClient listener, RespClient speaker) throws IOException {
        assertEquals("+OK", speaker.say("CONFIG SET notify-keyspace-events KEA"));
        assertEquals(List.of("psubscribe", "__key*", 1L), listener.say("PSUBSCRIBE __key*"));
        for (var line : LINES)
            speaker.say(line);
        var told = new ArrayList<>();
        while (told.isEmpty() || !told.getLast().equals(LAST))
            told.add(listener.read());
        return told;
    }

    private static List<Object> toldHere() throws Exception {
        try (var node = new FakeNode();
                var listener = node.connect();
                var speaker = node.connect()) {
            return told(listener, speaker);
        }
    }

    @Test
    @EnabledIf("org.bellwether.server.resp.RealRedis#isInstalled")
    void theSameAsRedisTells(@TempDir Path dir) throws Exception {
        try (var redis = new RealRedis(dir);
                var listener = redis.connect();
                var speaker = redis.connect()) {
            assertEquals(told(listener, speaker), toldHere());
        }
    }

    /// Its row is still there, and is written over.
    @Test
    void aKeyThatHasExpiredIsToldBeforeItIsSetAgain() throws Exception {
        try (var node = new FakeNode();
                var listener = node.connect();
                var speaker = node.connect()) {
            speaker.say("CONFIG SET notify-keyspace-events KEA");
            speaker.say("SET a 1 PX 10");
            speaker.say("SET b 1 PX 10");
            speaker.say("SET c 1");
            node.store(it -> {
                it.pass(Duration.ofMillis(10));
                return true;
            });
            listener.say("PSUBSCRIBE __keyspace*");
            speaker.say("SET a 2");
            speaker.say("INCR b");
            speaker.say("SET c 2");
            for (var event : List.of("a expired", "a set", "b expired", "b incrby", "c set")) {
                var words = event.split(" ", -1);
                assertEquals(List.of("pmessage", "__keyspace*", "__keyspace@0__:" + words[0],
                        words[1]), listener.read());
            }
        }
    }

    @Test
    void onlyWhatIsAskedFor() throws Exception {
        try (var node = new FakeNode();
                var listener = node.connect();
                var speaker = node.connect()) {
            listener.say("PSUBSCRIBE *");
            speaker.say("SET a 1");
            assertEquals("+OK", speaker.say("CONFIG SET notify-keyspace-events Ex"));
            speaker.say("SET a 1");
            assertEquals("+OK", speaker.say("CONFIG SET notify-keyspace-events Kg$"));
            assertEquals(List.of("notify-keyspace-events", "g$K"),
                    speaker.say("CONFIG GET notify-keyspace-events"));
            speaker.say("DEL a");
            assertEquals(List.of("pmessage", "*", "__keyspace@0__:a", "del"), listener.read());
            assertEquals("+OK", speaker.say("CONFIG SET notify-keyspace-events K"));
            speaker.say("SET a 1");
            speaker.say("PUBLISH end 1");
            assertEquals(List.of("pmessage", "*", "end", "1"), listener.read());
            assertEquals("-ERR CONFIG SET failed (possibly related to argument"
                    + " 'notify-keyspace-events') - Invalid event class character. Use"
                    + " 'Ag$lszhxetdmnKE'.", speaker.say("CONFIG SET notify-keyspace-events q"));
        }
    }
}
