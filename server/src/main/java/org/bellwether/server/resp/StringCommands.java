package org.bellwether.server.resp;

import static org.bellwether.server.resp.CommandFlag.DENYOOM;
import static org.bellwether.server.resp.CommandFlag.FAST;
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
import static org.bellwether.server.resp.KeyFlag.VARIABLE_FLAGS;

import java.util.List;
import org.bellwether.server.resp.CommandRow.Sheet;

/// What a key holds.
final class StringCommands {
    private static final Sheet STRING = new Sheet("string", AclCategory.STRING);

    private StringCommands() {}

    static List<CommandInfo> rows() {
        return List.of(
                STRING.command("append", 3, WRITE, DENYOOM, FAST).key(RW, INSERT)
                        .cost("O(N) where N is the length of the resulting value.")
                        .writes(StringActions::append)
                        .since("2.0.0", "Adds bytes to the end of a value."),
                STRING.command("decr", 2, WRITE, DENYOOM, FAST).key(RW, ACCESS, UPDATE)
                        .writes(StringActions::decr)
                        .since("1.0.0", "Makes an integer smaller by one; no key counts as 0."),
                STRING.command("decrby", 3, WRITE, DENYOOM, FAST).key(RW, ACCESS, UPDATE)
                        .writes(StringActions::decrby)
                        .since("1.0.0", "Makes an integer smaller; no key counts as 0."),
                STRING.command("delex", -2, WRITE, FAST).key(RW, DELETE)
                        .writes(SetActions::delex)
                        .since("8.4.0", "Deletes a key if its value meets a condition."),
                STRING.command("delifeq", 3, WRITE).key(RM, ACCESS, DELETE)
                        .writes(SetActions::delifeq)
                        .since("9.0.0", "Deletes a key if it holds this value (Valkey)."),
                STRING.command("get", 2, READONLY, FAST).key(RO, ACCESS)
                        .reads(StringActions::get).since("1.0.0", "The value of a key."),
                STRING.command("getdel", 2, WRITE, FAST).key(RW, ACCESS, DELETE)
                        .writes(SetActions::getdel)
                        .since("6.2.0", "The value of a key, which is deleted."),
                STRING.command("getex", -2, WRITE, FAST).key(RW, ACCESS, UPDATE)
                        .note("RW and UPDATE because it changes the TTL")
                        .writes(StringActions::getex, StringActions::get)
                        .since("6.2.0", "The value of a key, whose time to live is set."),
                STRING.command("getrange", 4, READONLY).key(RO, ACCESS)
                        .cost("O(N) where N is the length of the returned part.")
                        .reads(StringActions::getrange).since("2.4.0", "A part of a value."),
                STRING.command("getset", 3, WRITE, DENYOOM, FAST).key(RW, ACCESS, UPDATE)
                        .deprecated("6.2.0", "`SET` with the `!GET` argument")
                        .writes(SetActions::getset)
                        .since("1.0.0", "Sets a value; answers what was there."),
                STRING.command("incr", 2, WRITE, DENYOOM, FAST).key(RW, ACCESS, UPDATE)
                        .writes(StringActions::incr)
                        .since("1.0.0", "Makes an integer larger by one; no key counts as 0."),
                STRING.command("incrby", 3, WRITE, DENYOOM, FAST).key(RW, ACCESS, UPDATE)
                        .writes(StringActions::incrby)
                        .since("1.0.0", "Makes an integer larger; no key counts as 0."),
                STRING.command("incrbyfloat", 3, WRITE, DENYOOM, FAST).key(RW, ACCESS, UPDATE)
                        .writes(StringActions::incrbyfloat)
                        .since("2.6.0", "Adds to a decimal fraction; no key counts as 0."),
                STRING.command("mget", -2, READONLY, FAST).keysEvery(1, RO, ACCESS)
                        .tips("request_policy:multi_shard")
                        .cost("O(N) where N is the number of keys.")
                        .reads(StringActions::mget).since("1.0.0", "The values of several keys."),
                STRING.command("mset", -3, WRITE, DENYOOM).keysEvery(2, OW, UPDATE)
                        .tips("request_policy:multi_shard", "response_policy:all_succeeded")
                        .cost("O(N) where N is the number of keys.")
                        .writes(SetActions::mset)
                        .since("1.0.1", "Sets several keys, all at once."),
                STRING.command("msetnx", -3, WRITE, DENYOOM).keysEvery(2, OW, INSERT)
                        .tips("request_policy:multi_shard", "response_policy:agg_min")
                        .cost("O(N) where N is the number of keys.")
                        .writes(SetActions::msetnx)
                        .since("1.0.1", "Sets several keys, all at once, if none of them exists."),
                STRING.command("psetex", 4, WRITE, DENYOOM).key(OW, UPDATE)
                        .writes(SetActions::psetex)
                        .since("2.6.0", "Sets a value for so many milliseconds."),
                STRING.command("set", -3, WRITE, DENYOOM)
                        .key(RW, ACCESS, UPDATE, VARIABLE_FLAGS)
                        .note("RW and ACCESS due to the optional `GET` argument")
                        .writes(SetActions::set)
                        .since("1.0.0", "Sets a value, for some time or on a condition if asked."),
                STRING.command("setex", 4, WRITE, DENYOOM).key(OW, UPDATE)
                        .writes(SetActions::setex)
                        .since("2.0.0", "Sets a value for so many seconds."),
                STRING.command("setnx", 3, WRITE, DENYOOM, FAST).key(OW, INSERT)
                        .writes(SetActions::setnx)
                        .since("1.0.0", "Sets a value if the key does not exist."),
                STRING.command("setrange", 4, WRITE, DENYOOM).key(RW, UPDATE)
                        .cost("O(N) where N is the length of the resulting value.")
                        .writes(StringActions::setrange).since("2.2.0",
                                "Writes over a part of a value; makes it longer if need be."),
                STRING.command("strlen", 2, READONLY, FAST).key(RO)
                        .reads(StringActions::strlen)
                        .since("2.2.0", "The length of a value in bytes."));
    }
}
