package org.bellwether.raft;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.bellwether.api.RespAddresses;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.bellwether.api.Address;
import org.bellwether.api.ClusterId;
import org.bellwether.api.Member;
import org.bellwether.api.NodeId;
import org.jspecify.annotations.Nullable;

/// The cluster's ID and the list of all its nodes, as the log carries it. The first entry of every log
/// is one of these, the *bootstrap record*: equal bytes in the folder of every founding node.
///
/// @param votersTarget how many voters the leader strives for, by promoting learners
/// @param leaseReads   whether leaders may serve reads by lease (ADR 12)
/// @param members      sorted by ID, so that equal lists have equal bytes
/// @param nonces       by which those that joined asked in, so that asking twice joins once
/// @param removed      who was a member once, the latest last, at most [#REMOVED_MAX]: a removed node is told so
public record Membership(ClusterId cluster, int votersTarget, boolean leaseReads,
        List<Member> members, Map<NodeId, UUID> nonces, List<NodeId> removed) {
    public static final int VOTERS_TARGET = 3;
    /// Nodes removed so long ago that nobody remembers them are strangers.
    static final int REMOVED_MAX = 1000;

    private static final int VERSION = 4;
    /// Written as long as lease reads are off, so that older programs read it.
    private static final int VERSION_WITHOUT_LEASE = 3;
    /// Written as long as nobody is reached by Redis clients either, for programs that are older still.
    private static final int VERSION_WITHOUT_RESP = 2;

    public Membership {
        members = members.stream().sorted(Comparator.comparing(Member::id)).toList();
        nonces = Collections.unmodifiableMap(new TreeMap<>(nonces));
        removed = List.copyOf(removed.subList(Math.max(0, removed.size() - REMOVED_MAX),
                removed.size()));
        for (int i = 1; i < members.size(); i++) {
            if (members.get(i).id().equals(members.get(i - 1).id())) {
                throw new IllegalArgumentException(
                        "node " + members.get(i).id() + " is listed twice");
            }
        }
    }

    /// Of a new cluster, which keeps the voters that it is founded with.
    public Membership(ClusterId cluster, List<Member> members) {
        this(cluster,
                Math.max(VOTERS_TARGET, (int) members.stream().filter(Member::voter).count()),
                false, members, Collections.emptySortedMap(), List.of());
    }

    public @Nullable Member find(NodeId id) {
        for (var member : members) {
            if (member.id().equals(id)) return member;
        }
        return null;
    }

    /// Who asked in with this nonce; null if nobody who is still listed.
    public @Nullable NodeId joinedBy(UUID nonce) {
        for (var entry : nonces.entrySet()) {
            if (entry.getValue().equals(nonce)) return entry.getKey();
        }
        return null;
    }

    public boolean isVoter(NodeId id) {
        var member = find(id);
        return member != null && member.voter();
    }

    public boolean wasRemoved(NodeId id) {
        return removed.contains(id);
    }

    public List<NodeId> voters() {
        return members.stream().filter(Member::voter).map(Member::id).toList();
    }

    // The steps. Each gives the next list, one voter more or less at most.

    /// A newcomer, which learns first.
    public Membership with(Member learner, UUID nonce) {
        var next = new ArrayList<>(members);
        next.add(learner);
        var asked = new TreeMap<>(nonces);
        asked.put(learner.id(), nonce);
        return new Membership(cluster, votersTarget, leaseReads, next, asked, removed);
    }

    public Membership without(NodeId id) {
        var left = new TreeMap<>(nonces);
        left.remove(id);
        var gone = new ArrayList<>(removed);
        gone.add(id);
        return new Membership(cluster, votersTarget, leaseReads,
                members.stream().filter(member -> !member.id().equals(id)).toList(), left, gone);
    }

    public Membership withVoter(NodeId id, boolean voter) {
        return changing(id, member -> member.withVoter(voter));
    }

    /// A node that has moved.
    public Membership withAddresses(NodeId id, Address peer, Address http,
            RespAddresses resp) {
        return changing(id, member -> member.at(peer, http, resp));
    }

    public Membership withVotersTarget(int target) {
        return new Membership(cluster, target, leaseReads, members, nonces, removed);
    }

    public Membership withLeaseReads(boolean on) {
        return new Membership(cluster, votersTarget, on, members, nonces, removed);
    }

    private Membership changing(NodeId id, Function<Member, Member> change) {
        return new Membership(cluster, votersTarget, leaseReads, members.stream()
                .map(member -> member.id().equals(id) ? change.apply(member) : member).toList(),
                nonces, removed);
    }

    /// Whether every majority of one list meets every majority of the other (thesis §4.1).
    boolean isOneStepFrom(Membership next) {
        var before = voters();
        var after = next.voters();
        long left = before.stream().filter(id -> !after.contains(id)).count();
        long came = after.stream().filter(id -> !before.contains(id)).count();
        return left + came <= 1 && !after.isEmpty() && next.cluster.equals(cluster);
    }

    /// The bootstrap record as the first entry of a log.
    public Entry bootstrapEntry() {
        return bootstrapEntry(encode());
    }

    /// The same from its bytes, as a newcomer gets them.
    public static Entry bootstrapEntry(byte[] encoded) {
        return Entry.of(new Position(0, 1), Entry.Kind.MEMBERSHIP, encoded);
    }

    /// The payload of a [Entry.Kind#MEMBERSHIP] entry; `docs/formats.md` draws it.
    public byte[] encode() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            int version = version();
            boolean withResp = version > VERSION_WITHOUT_RESP;
            out.writeByte(version);
            write(out, cluster.uuid());
            out.writeShort(members.size());
            for (var member : members) {
                write(out, member.id().uuid());
                write(out, member.name());
                out.writeBoolean(member.voter());
                write(out, member.peer());
                write(out, member.http());
                if (withResp) {
                    writeOptional(out, member.resp().standalone());
                    writeOptional(out, member.resp().cluster());
                }
            }
            out.writeByte(votersTarget);
            if (version > VERSION_WITHOUT_LEASE) out.writeBoolean(leaseReads);
            out.writeShort(nonces.size());
            for (var asked : nonces.entrySet()) {
                write(out, asked.getKey().uuid());
                write(out, asked.getValue());
            }
            out.writeShort(removed.size());
            for (var id : removed)
                write(out, id.uuid());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private int version() {
        if (leaseReads) return VERSION;
        return members.stream().allMatch(member -> member.resp().isNone())
                ? VERSION_WITHOUT_RESP
                : VERSION_WITHOUT_LEASE;
    }

    /// @throws IllegalArgumentException if these bytes are no membership
    public static Membership decode(byte[] payload) {
        try (var in = new DataInputStream(new ByteArrayInputStream(payload))) {
            int version = in.readUnsignedByte();
            if (version < 1 || version > VERSION) {
                throw new IllegalArgumentException("membership of version " + version
                        + "; this program reads versions 1 to " + VERSION);
            }
            var cluster = new ClusterId(readUuid(in));
            int count = in.readUnsignedShort();
            var members = new ArrayList<Member>();
            for (int i = 0; i < count; i++) {
                members.add(new Member(new NodeId(readUuid(in)), readText(in), in.readBoolean(),
                        readAddress(in), readAddress(in),
                        version > VERSION_WITHOUT_RESP
                                ? new RespAddresses(readOptional(in), readOptional(in))
                                : RespAddresses.NONE));
            }
            var decoded = version == 1
                    ? new Membership(cluster, members)
                    : new Membership(cluster, in.readUnsignedByte(),
                            version > VERSION_WITHOUT_LEASE && in.readBoolean(), members,
                            readNonces(in), readRemoved(in));
            if (in.read() != -1) throw new IllegalArgumentException("bytes after a membership");
            return decoded;
        } catch (IOException short_) {
            throw new IllegalArgumentException("a membership of " + payload.length
                    + " bytes is cut short", short_);
        }
    }

    private static Map<NodeId, UUID> readNonces(DataInputStream in) throws IOException {
        int count = in.readUnsignedShort();
        var nonces = new TreeMap<NodeId, UUID>();
        for (int i = 0; i < count; i++)
            nonces.put(new NodeId(readUuid(in)), readUuid(in));
        return nonces;
    }

    private static List<NodeId> readRemoved(DataInputStream in) throws IOException {
        int count = in.readUnsignedShort();
        var removed = new ArrayList<NodeId>();
        for (int i = 0; i < count; i++)
            removed.add(new NodeId(readUuid(in)));
        return removed;
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

    private static @Nullable Address readOptional(DataInputStream in) throws IOException {
        return in.readBoolean() ? readAddress(in) : null;
    }

    private static void writeOptional(DataOutputStream out, @Nullable Address address)
            throws IOException {
        out.writeBoolean(address != null);
        if (address != null) write(out, address);
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
