package org.bellwether.api;

/// One node as the list of all nodes has it, replicated through the log so that every node agrees.
///
/// @param name  short, for people: `n1`
/// @param voter whether it votes and counts for a majority; else it is a learner
/// @param peer  where the other nodes reach it
/// @param http  where HTTP clients reach it
/// @param resp  where Redis clients reach it; nowhere, if it has not said so yet
public record Member(NodeId id, String name, boolean voter, Address peer, Address http,
        RespAddresses resp) {

    /// One that has not said where Redis clients reach it.
    public Member(NodeId id, String name, boolean voter, Address peer, Address http) {
        this(id, name, voter, peer, http, RespAddresses.NONE);
    }

    public Member withVoter(boolean votes) {
        return new Member(id, name, votes, peer, http, resp);
    }

    public Member at(Address newPeer, Address newHttp, RespAddresses newResp) {
        return new Member(id, name, voter, newPeer, newHttp, newResp);
    }

    /// Whether it is reached there.
    public boolean isAt(Address somePeer, Address someHttp, RespAddresses someResp) {
        return peer.equals(somePeer) && http.equals(someHttp) && resp.equals(someResp);
    }
}
