package org.bellwether.server.resp;

/// A node in a process of its own, which says where it listens and ends with its standard input.
public final class FuzzedNode {
    private FuzzedNode() {}

    public static void main(String[] args) throws Exception {
        try (var node = new FakeNode()) {
            System.out.println(node.address.port());
            while (System.in.read() >= 0) {
                // until the end
            }
        }
    }
}
