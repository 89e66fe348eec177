package org.bellwether.raft;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// The cluster's ID and the list of all its nodes, as the log carries it. The first entry of every log
/// is one of these, the *bootstrap record*: equal bytes in the folder of every founding node.
///
/// @param members sorted by ID, so that equal lists have equal bytes
public record Membership(ClusterId cluster, List<Member> members) {
    private static final int VERSION = 1;

    public Membership {
        members = members.stream().sorted(Comparator.comparing(Member::id)).toList();
        for (int i = 1; i < members.size(); i++) {
            if (members.get(i).id().equals(members.get(i - 1).id())) {
                throw new IllegalArgumentException(
                        "node " + members.get(i).id() + " is listed twice");
            }
        }
    }

    public @Nullable Member find(NodeId id) {
        for (var member : members) {
            if (member.id().equals(id)) return member;
        }
        return null;
    }

    public boolean isVoter(NodeId id) {
        var member = find(id);
        return member != null && member.voter();
    }

    public List<NodeId> voters() {
        return members.stream().filter(Member::voter).map(Member::id).toList();
    }

    /// The bootstrap record as the first entry of a log.
    public Entry bootstrapEntry() {
        return Entry.of(new Position(0, 1), Entry.Kind.MEMBERSHIP, encode());
    }

    /// The payload of a [Entry.Kind#MEMBERSHIP] entry; `docs/formats.md` draws it.
    public byte[] encode() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            write(out, cluster.uuid());
            out.writeShort(members.size());
            for (var member : members) {
                write(out, member.id().uuid());
                write(out, member.name());
                out.writeBoolean(member.voter());
                write(out, member.peer());
                write(out, member.http());
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /// @throws IllegalArgumentException if these bytes are no membership
    public static Membership decode(byte[] payload) {
        try (var in = new DataInputStream(new ByteArrayInputStream(payload))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IllegalArgumentException("membership of version " + version
                        + "; this program reads version " + VERSION);
            }
            var cluster = new ClusterId(readUuid(in));
            int count = in.readUnsignedShort();
            var members = new ArrayList<Member>();
            for (int i = 0; i < count; i++) {
                members.add(new Member(new NodeId(readUuid(in)), readText(in), in.readBoolean(),
                        readAddress(in), readAddress(in)));
            }
            if (in.read() != -1) throw new IllegalArgumentException("bytes after a membership");
            return new Membership(cluster, members);
        } catch (IOException short_) {
            throw new IllegalArgumentException("a membership of " + payload.length
                    + " bytes is cut short", short_);
        }
    }

    private static void write(DataOutputStream out, UUID uuid) throws IOException {
        out.writeLong(uuid.getMostSignificantBits());
        out.writeLong(uuid.getLeastSignificantBits());
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(UTF_8);
        out.writeShort(utf8.length);
        out.write(utf8);
    }

    private static void write(DataOutputStream out, Address address) throws IOException {
        write(out, address.host());
        out.writeShort(address.port());
    }

    private static UUID readUuid(DataInputStream in) throws IOException {
        return new UUID(in.readLong(), in.readLong());
    }

    private static String readText(DataInputStream in) throws IOException {
        byte[] utf8 = new byte[in.readUnsignedShort()];
        in.readFully(utf8);
        return new String(utf8, UTF_8);
    }

    private static Address readAddress(DataInputStream in) throws IOException {
        return new Address(readText(in), in.readUnsignedShort());
    }
}
