package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandTableTest {
    private static final CommandTable TABLE = new CommandTable();

    private static @Nullable String refusal(String... words) {
        var arguments = Arguments.of(words);
        return TABLE.refusal(TABLE.find(arguments), arguments);
    }

    static List<CommandInfo> everything() {
        var all = new ArrayList<CommandInfo>();
        for (var command : TABLE.list()) {
            all.add(command);
            all.addAll(command.subcommands().list());
        }
        return all;
    }

    @Test
    void namesHaveNoCase() {
        for (var command : everything()) {
            var words = command.name().split("\\|", -1);
            assertEquals(command.subcommands().isEmpty() ? command : null,
                    TABLE.find(Arguments.of(words.length == 1
                            ? new String[]{words[0], "none"}
                            : words)));
            assertEquals(command,
                    TABLE.findByName(command.name().toUpperCase(Locale.ROOT).getBytes(ISO_8859_1)));
        }
        assertNull(TABLE.find(Arguments.of("ge")));
        assertNull(TABLE.find(Arguments.of("gett")));
        assertNull(TABLE.find(Arguments.of("")));
        assertNull(TABLE.find(Arguments.of("client|id")));
        assertNull(TABLE.findByName("client|".getBytes(ISO_8859_1)));
        assertNull(TABLE.findByName("get|x".getBytes(ISO_8859_1)));
        assertNull(TABLE.findByName("client|id|x".getBytes(ISO_8859_1)));
    }

    /// Section 4.2 of the survey of what clients send.
    @Test
    void whatClientsSendIsThere() {
        for (var name : """
                ping echo quit hello auth select client|id client|setname client|getname
                client|setinfo client|info client|list client|no-evict client|no-touch
                client|kill client|reads client|reply command command|count command|docs command|info
                command|getkeys info config|get config|set config|resetstat dbsize time role
                readonly readwrite asking reset get set setnx setex psetex getset getdel getex
                mget mset msetnx append strlen getrange setrange incr decr incrby decrby
                incrbyfloat del unlink delex delifeq exists type ttl pttl expire pexpire
                expireat pexpireat expiretime persist rename copy touch keys scan randomkey
                flushdb flushall object|encoding multi exec discard watch unwatch wait waitaof
                replicaof slaveof failover cluster|slots cluster|shards cluster|nodes
                cluster|info cluster|myid cluster|keyslot cluster|countkeysinslot
                cluster|getkeysinslot cluster|replicas cluster|links
                sentinel|get-master-addr-by-name sentinel|master sentinel|masters
                sentinel|replicas sentinel|slaves sentinel|sentinels sentinel|ckquorum
                sentinel|failover sentinel|myid subscribe unsubscribe psubscribe punsubscribe
                publish pubsub|channels pubsub|numsub pubsub|numpat"""
                .split("\\s+", -1)) {
            assertNotNull(TABLE.findByName(name.getBytes(ISO_8859_1)), name);
        }
    }

    @Test
    void rowsAreWhole() {
        for (var command : everything()) {
            var name = command.name();
            assertTrue(command.summary().endsWith("."), name);
            assertTrue(command.since().matches("\\d\\.\\d+\\.\\d+"), name);
            assertTrue(command.arity() != 0, name);
            assertFalse(command.is(CommandFlag.WRITE) && command.is(CommandFlag.READONLY), name);
            assertEquals(command.is(CommandFlag.FAST),
                    !command.categories().contains(AclCategory.SLOW), name);
            if (command.is(CommandFlag.WRITE)) {
                assertTrue(command.categories().contains(AclCategory.WRITE), name);
            }
        }
    }

    @Test
    void arity() {
        assertNull(refusal("get", "k"));
        assertNull(refusal("SET", "k", "v", "EX", "1"));
        assertNull(refusal("command"));
        assertNull(refusal("Client", "ID"));
        assertEquals("ERR wrong number of arguments for 'get' command", refusal("GET"));
        assertEquals("ERR wrong number of arguments for 'get' command", refusal("GET", "a", "b"));
        assertEquals("ERR wrong number of arguments for 'set' command", refusal("set", "k"));
        assertEquals("ERR wrong number of arguments for 'client' command", refusal("client"));
        assertEquals("ERR wrong number of arguments for 'client|id' command",
                refusal("CLIENT", "id", "1"));
    }

    /// Redisson repeats a script for ever that is an unknown command.
    @Test
    void thereAreNoScripts() {
        assertEquals("ERR there are no scripts here, and no command 'EvalSha'",
                refusal("EvalSha", "3fd750e0b43af99dbd223e5523718f18cded3664", "0"));
        assertEquals("ERR there are no scripts here, and no command 'script'",
                refusal("script", "LOAD", "return 1"));
    }

    /// Each as Redis 7.0.15 says it.
    @Test
    void whatIsUnknown() {
        assertEquals("ERR unknown command 'foo', with args beginning with: 'a' 'b' ",
                refusal("foo", "a", "b"));
        assertEquals("ERR unknown command 'Foo', with args beginning with: ", refusal("Foo"));
        assertEquals("ERR unknown command 'FOO', with args beginning with: '" + "x".repeat(100)
                + "' '" + "y".repeat(25) + "' ",
                refusal("FOO", "x".repeat(100), "y".repeat(100), "z"));
        assertEquals("ERR unknown command 'foo', with args beginning with: '" + "a".repeat(125)
                + "' ", refusal("foo", "a".repeat(125), "b", "c"));
        assertEquals("ERR unknown command 'foo', with args beginning with: '" + "a".repeat(124)
                + "' 'b' ", refusal("foo", "a".repeat(124), "b", "c"));
        assertEquals("ERR unknown command '" + "F".repeat(128)
                + "', with args beginning with: ", refusal("F".repeat(200)));
        assertEquals("ERR unknown command 'foo', with args beginning with: 'a' ",
                refusal("foo", "a\0bcd"));
        assertEquals("ERR unknown subcommand 'foo'. Try CLIENT HELP.", refusal("client", "foo"));
        assertEquals("ERR unknown subcommand ''. Try COMMAND HELP.", refusal("Command", ""));
        assertEquals("ERR unknown subcommand '" + "x".repeat(128) + "'. Try CLIENT HELP.",
                refusal("client", "x".repeat(200)));
    }

    @ParameterizedTest
    @CsvSource({"'GET k', 1", "'MSET a 1 b 2', '1 3'", "'MSET a 1 b', '1 3'",
            "'DEL a b c', '1 2 3'",
            "'COPY a b', '1 2'", "'RENAME a b', '1 2'", "'OBJECT ENCODING k', 2",
            "'WATCH a b', '1 2'", "'SET k v GET', 1", "PING, ''"})
    void whereTheKeysAre(String line, String positions) {
        var arguments = Arguments.of(line.split(" ", -1));
        var command = TABLE.find(arguments);
        assertNotNull(command);
        var found = new StringBuilder();
        for (int at : CommandKeys.positions(command, arguments.count())) {
            found.append(found.isEmpty() ? "" : " ").append(at);
        }
        assertEquals(positions, found.toString());
    }
}
