package org.bellwether.raft;

import org.bellwether.api.NodeId;

/// A message and whom it is for.
public record Envelope(NodeId to, Message message) {}
