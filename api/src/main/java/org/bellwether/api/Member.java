package org.bellwether.api;

/// One node as the list of all nodes has it, replicated through the log so that every node agrees.
///
/// @param name  short, for people: `n1`
/// @param voter whether it votes and counts for a majority; else it is a learner
/// @param peer  where the other nodes reach it
/// @param http  where HTTP clients reach it
public record Member(NodeId id, String name, boolean voter, Address peer, Address http) {}
