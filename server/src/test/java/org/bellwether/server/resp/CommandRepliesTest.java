package org.bellwether.server.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandRepliesTest {
    private static final CommandTable TABLE = new CommandTable();

    static String reply(boolean resp3, String line) {
        return RespWriterTest.written(resp3, out -> {
            var arguments = Arguments.of(line.split(" ", -1));
            var refusal = TABLE.refusal(TABLE.find(arguments), arguments);
            if (refusal == null) {
                new CommandReplies(TABLE).reply(arguments, out);
            } else {
                out.error(refusal);
            }
        });
    }

    static Object read(boolean resp3, String line) throws IOException {
        var in = new ByteArrayInputStream(reply(resp3, line).getBytes(ISO_8859_1));
        var reply = new RespReader(in).read();
        assertEquals(0, in.available(), "a reply is one reply");
        return reply;
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }

    /// To the byte as Redis 7.0.15 answers it.
    @Test
    void infoOfSet() {
        var resp3 = """
                *1
                *10
                $3
                set
                :-3
                ~2
                +write
                +denyoom
                :1
                :1
                :1
                ~3
                +@write
                +@string
                +@slow
                ~0
                ~1
                %4
                $5
                notes
                $48
                RW and ACCESS due to the optional `GET` argument
                $5
                flags
                ~4
                +RW
                +access
                +update
                +variable_flags
                $12
                begin_search
                %2
                $4
                type
                $5
                index
                $4
                spec
                %1
                $5
                index
                :1
                $9
                find_keys
                %2
                $4
                type
                $5
                range
                $4
                spec
                %3
                $7
                lastkey
                :0
                $7
                keystep
                :1
                $5
                limit
                :0
                ~0
                """.replace("\n", "\r\n");
        assertEquals(resp3, reply(true, "COMMAND INFO set"));
        assertEquals(resp3.replace("%4", "*8").replace("%3", "*6").replace("%2", "*4")
                .replace("%1", "*2").replace('~', '*'), reply(false, "command info SET"));
    }

    @Test
    void infoOfSubcommandsAndOfWhatIsUnknown() {
        assertEquals(lines("*3", "$-1", "$-1", "*10", "$9", "client|id", ":2", "*3", "+noscript",
                "+loading", "+stale", ":0", ":0", ":0", "*2", "+@slow", "+@connection", "*0", "*0",
                "*0"), reply(false, "command info nope get|x client|id"));
        assertEquals("*1\r\n_\r\n", reply(true, "command info nope"));
    }

    @Test
    void docs() {
        assertEquals(
                lines("*2", "$9", "client|id", "*8", "$7", "summary", "$30",
                        "The number of this connection.", "$5", "since", "$5", "5.0.0", "$5",
                        "group", "$10", "connection", "$10", "complexity", "$4", "O(1)"),
                reply(false, "command docs nope client|id"));
        assertEquals("%0\r\n", reply(true, "command docs nope"));
        assertTrue(reply(true, "command docs slaveof")
                .endsWith(lines("$9", "doc_flags", "~1", "+deprecated", "$16", "deprecated_since",
                        "$5", "5.0.0", "$11", "replaced_by", "$11", "`REPLICAOF`")));
    }

    @Test
    void everyReplyIsWellFormed() throws IOException {
        long count = TABLE.list().size();
        for (boolean resp3 : new boolean[]{false, true}) {
            assertEquals(count, read(resp3, "command count"));
            assertEquals(count, ((List<?>) read(resp3, "command")).size());
            assertEquals(read(resp3, "command"), read(resp3, "command info"));
            assertEquals(2 * count + (resp3 ? 1 : 0),
                    ((List<?>) read(resp3, "command docs")).size());
            assertEquals(CommandTableTest.everything().size(),
                    ((List<?>) read(resp3, "command list")).size());
        }
    }

    @Test
    void lists() {
        assertEquals("*1\r\n$6\r\ngetdel\r\n", reply(false, "command list filterby pattern GETD*"));
        assertEquals("*1\r\n$14\r\nclient|getname\r\n",
                reply(false, "command list FILTERBY Pattern client|getn*"));
        assertEquals(lines("*5", "$7", "discard", "$4", "exec", "$5", "multi", "$7", "unwatch",
                "$5", "watch"), reply(false, "command list filterby aclcat TRANSACTION"));
        assertEquals("*0\r\n", reply(false, "command list filterby aclcat nope"));
        assertEquals("*0\r\n", reply(false, "command list filterby module x"));
        for (var bad : List.of("foo", "filterby", "filterby module", "filterby foo bar",
                "filterby pattern a b")) {
            assertEquals("-ERR syntax error\r\n", reply(false, "command list " + bad));
        }
    }

    @ParameterizedTest
    @CsvSource({"mset a 1 b 2, *2 $1 a $1 b", "copy a b, *2 $1 a $1 b",
            "object encoding k, *1 $1 k", "nope x, -ERR Invalid command specified",
            "client nope, -ERR Invalid command specified",
            "client id, -ERR The command has no key arguments",
            "ping, -ERR wrong number of arguments for 'command|getkeys' command",
            "get a b, -ERR Invalid number of arguments specified for command"})
    void getKeys(String command, String reply) {
        assertEquals(reply.startsWith("-") ? reply + "\r\n" : reply.replace(" ", "\r\n") + "\r\n",
                reply(false, "command getkeys " + command));
    }
}
