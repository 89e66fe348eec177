package org.bellwether.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One node as the list of all nodes has it, replicated through the log so that every node agrees.
///
/// @param name  short, for people: `n1`
/// @param voter whether it votes and counts for a majority; else it is a learner
/// @param peer  where the other nodes reach it
/// @param http  where HTTP clients reach it
/// @param resp  where Redis clients reach it; null if they do not, or it has not said so yet
public record Member(NodeId id, String name, boolean voter, Address peer, Address http,
        @Nullable Address resp) {

    /// One that has not said where Redis clients reach it.
    public Member(NodeId id, String name, boolean voter, Address peer, Address http) {
        this(id, name, voter, peer, http, null);
    }

    public Member withVoter(boolean votes) {
        return new Member(id, name, votes, peer, http, resp);
    }

    public Member at(Address newPeer, Address newHttp, @Nullable Address newResp) {
        return new Member(id, name, voter, newPeer, newHttp, newResp);
    }

    /// Whether it is reached there.
    public boolean isAt(Address somePeer, Address someHttp, @Nullable Address someResp) {
        return peer.equals(somePeer) && http.equals(someHttp) && Objects.equals(resp, someResp);
    }
}
