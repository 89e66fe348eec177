package org.bellwether.log;

import org.bellwether.api.ClusterId;
import org.bellwether.api.NodeId;

/// Whose folder it is. Written once, when the folder is made; every file's header repeats it.
public record Identity(NodeId node, ClusterId cluster) {}
