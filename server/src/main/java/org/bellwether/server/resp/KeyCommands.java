package org.bellwether.server.resp;

import static org.bellwether.server.resp.AclCategory.DANGEROUS;
import static org.bellwether.server.resp.AclCategory.KEYSPACE;
import static org.bellwether.server.resp.CommandFlag.DENYOOM;
import static org.bellwether.server.resp.CommandFlag.FAST;
import static org.bellwether.server.resp.CommandFlag.NOSCRIPT;
import static org.bellwether.server.resp.CommandFlag.READONLY;
import static org.bellwether.server.resp.CommandFlag.WRITE;
import static org.bellwether.server.resp.KeyFlag.ACCESS;
import static org.bellwether.server.resp.KeyFlag.DELETE;
import static org.bellwether.server.resp.KeyFlag.INSERT;
import static org.bellwether.server.resp.KeyFlag.OW;
import static org.bellwether.server.resp.KeyFlag.RM;
import static org.bellwether.server.resp.KeyFlag.RO;
import static org.bellwether.server.resp.KeyFlag.RW;
import static org.bellwether.server.resp.KeyFlag.UPDATE;

import java.util.List;
import org.bellwether.server.resp.CommandRow.Sheet;

/// That a key is there, for how long, and which others are.
final class KeyCommands {
    private static final Sheet KEY = new Sheet("generic", KEYSPACE);
    private static final Sheet OBJECT = new Sheet("generic");
    private static final Sheet REPLICATION = new Sheet("generic", AclCategory.CONNECTION);
    private static final String PER_KEY = "O(N) where N is the number of keys given.";

    private KeyCommands() {}

    static List<CommandInfo> rows() {
        return List.of(
                KEY.command("copy", -3, WRITE, DENYOOM).key(1, RO, ACCESS).key(2, OW, UPDATE)
                        .cost("O(N) where N is the length of the value.")
                        .writes(KeyActions::copy)
                        .since("6.2.0", "Gives another key the same value."),
                KEY.command("del", -2, WRITE).keysEvery(1, RM, DELETE)
                        .tips("request_policy:multi_shard", "response_policy:agg_sum")
                        .cost(PER_KEY).writes(KeyActions::del).since("1.0.0", "Deletes keys."),
                KEY.command("exists", -2, READONLY, FAST).keysEvery(1, RO)
                        .tips("request_policy:multi_shard", "response_policy:agg_sum")
                        .cost(PER_KEY).reads(KeyActions::exists)
                        .since("1.0.0", "How many of these keys exist."),
                KEY.command("expire", -3, WRITE, FAST).key(RW, UPDATE)
                        .writes(KeyActions::expire)
                        .since("1.0.0", "Lets a key live for so many seconds."),
                KEY.command("expireat", -3, WRITE, FAST).key(RW, UPDATE)
                        .writes(KeyActions::expireat)
                        .since("1.2.0", "Lets a key live until a Unix time in seconds."),
                KEY.command("expiretime", 2, READONLY, FAST).key(RO, ACCESS)
                        .reads(KeyActions::expiretime)
                        .since("7.0.0", "When a key expires, as a Unix time in seconds."),
                KEY.command("keys", 2, READONLY).in(DANGEROUS)
                        .tips("request_policy:all_shards", "nondeterministic_output_order")
                        .cost("O(N) where N is the number of keys in the database.")
                        .alone(ScanActions::keys).since("1.0.0", "All keys that match a pattern."),
                OBJECT.command("object", -2).subcommands(
                        object("encoding", ObjectActions::encoding)
                                .since("2.2.3", "How Redis would keep a value in memory."),
                        object("freq", ObjectActions::freq)
                                .since("4.0.0", "How often a key is used; not counted here."),
                        object("idletime", ObjectActions::idletime)
                                .since("2.2.3", "How long a key was not used; not measured here."),
                        object("refcount", ObjectActions::refcount)
                                .since("2.2.3", "How many refer to a value."))
                        .since("2.2.3", "Commands that look into values."),
                KEY.command("persist", 2, WRITE, FAST).key(RW, UPDATE)
                        .writes(KeyActions::persist).since("2.2.0", "Lets a key live for ever."),
                KEY.command("pexpire", -3, WRITE, FAST).key(RW, UPDATE)
                        .writes(KeyActions::pexpire)
                        .since("2.6.0", "Lets a key live for so many milliseconds."),
                KEY.command("pexpireat", -3, WRITE, FAST).key(RW, UPDATE)
                        .writes(KeyActions::pexpireat)
                        .since("2.6.0", "Lets a key live until a Unix time in milliseconds."),
                KEY.command("pexpiretime", 2, READONLY, FAST).key(RO, ACCESS)
                        .reads(KeyActions::pexpiretime)
                        .since("7.0.0", "When a key expires, as a Unix time in milliseconds."),
                KEY.command("pttl", 2, READONLY, FAST).key(RO, ACCESS)
                        .tips("nondeterministic_output")
                        .reads(KeyActions::pttl)
                        .since("2.6.0", "How long a key has to live, in milliseconds."),
                KEY.command("randomkey", 1, READONLY)
                        .tips("request_policy:all_shards", "nondeterministic_output")
                        .alone(ScanActions::randomkey).since("1.0.0", "Some key."),
                KEY.command("rename", 3, WRITE).key(1, RW, ACCESS, DELETE).key(2, OW, UPDATE)
                        .writes(KeyActions::rename)
                        .since("1.0.0", "Gives a key another name; what had it is gone."),
                KEY.command("renamenx", 3, WRITE, FAST).key(1, RW, ACCESS, DELETE)
                        .key(2, OW, INSERT).writes(KeyActions::renamenx)
                        .since("1.0.0", "Gives a key another name that nothing has yet."),
                KEY.command("scan", -2, READONLY)
                        .tips("nondeterministic_output", "request_policy:special")
                        .cost("O(1) for every call, O(N) for all of N keys.")
                        .alone(ScanActions::scan)
                        .since("2.8.0", "The keys of the database, a few at a time."),
                KEY.command("touch", -2, READONLY, FAST).keysEvery(1, RO)
                        .tips("request_policy:multi_shard", "response_policy:agg_sum")
                        .cost(PER_KEY).reads(KeyActions::exists)
                        .since("3.2.1", "How many of these keys exist."),
                KEY.command("ttl", 2, READONLY, FAST).key(RO, ACCESS)
                        .tips("nondeterministic_output")
                        .reads(KeyActions::ttl)
                        .since("1.0.0", "How long a key has to live, in seconds."),
                KEY.command("type", 2, READONLY, FAST).key(RO)
                        .reads(KeyActions::type).since("1.0.0", "Of which type a key is."),
                KEY.command("unlink", -2, WRITE, FAST).keysEvery(1, RM, DELETE)
                        .tips("request_policy:multi_shard", "response_policy:agg_sum")
                        .cost(PER_KEY).writes(KeyActions::del).since("4.0.0", "Deletes keys."),
                REPLICATION.command("wait", 3, NOSCRIPT)
                        .tips("request_policy:all_shards", "response_policy:agg_min")
                        .alone(WaitActions::await, WaitActions::count)
                        .since("3.0.0", "Waits until so many replicas have this client's writes."),
                REPLICATION.command("waitaof", 4, NOSCRIPT)
                        .tips("request_policy:all_shards", "response_policy:agg_min")
                        .alone(WaitActions::awaitDisks, WaitActions::countDisks)
                        .since("7.2.0", "The same, until they have them on disk."));
    }

    private static CommandRow object(String name, Plan.Maker plan) {
        return KEY.command("object|" + name, 3, READONLY).key(2, RO)
                .tips("nondeterministic_output").reads(plan);
    }
}
