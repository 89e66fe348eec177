package org.bellwether.raft;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.bellwether.api.NodeId;

/// Who votes, and who else there is. The arithmetic of majorities is here and nowhere else.
record Electorate(List<NodeId> voters, List<NodeId> peers) {
    static Electorate of(Membership membership, NodeId self) {
        return new Electorate(membership.voters(), membership.members().stream()
                .map(member -> member.id()).filter(id -> !id.equals(self)).toList());
    }

    boolean isVoter(NodeId id) {
        return voters.contains(id);
    }

    boolean isSole(NodeId id) {
        return voters.size() == 1 && voters.contains(id);
    }

    int majority() {
        return voters.size() / 2 + 1;
    }

    boolean isMajority(Predicate<NodeId> counts) {
        int count = 0;
        for (var voter : voters) {
            if (counts.test(voter)) count++;
        }
        return count >= majority();
    }

    /// The largest number that all voters have reached.
    long allOf(ToLongFunction<NodeId> reached) {
        return voters.stream().mapToLong(reached).min().orElse(0);
    }

    /// The largest number that a majority of voters has reached.
    long majorityOf(ToLongFunction<NodeId> reached) {
        if (voters.isEmpty()) return 0;
        var numbers = new long[voters.size()];
        for (int i = 0; i < numbers.length; i++)
            numbers[i] = reached.applyAsLong(voters.get(i));
        Arrays.sort(numbers);
        return numbers[numbers.length - majority()];
    }
}
