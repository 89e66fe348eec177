package org.bellwether.server.resp;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.bellwether.api.Address;

/// A node in a process of its own, which says where it listens and ends with its standard input. For every line
/// that it reads it says how many bytes of its heap are still in use.
public final class FuzzedNode {
    private FuzzedNode() {}

    /// @param args the folder of a real node; none for one that has only its front end
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            try (var node = new FakeNode()) {
                serve(node.address);
            }
        } else {
            try (var node = new RealNode(Path.of(args[0]))) {
                serve(node.address);
            }
        }
    }

    private static void serve(Address address) throws Exception {
        System.out.println(address.port());
        for (int read = System.in.read(); read >= 0; read = System.in.read()) {
            if (read == '\n') System.out.println(usedBytes());
        }
    }

    /// What is left when garbage is gone.
    private static long usedBytes() {
        var memory = ManagementFactory.getMemoryMXBean();
        // Once more for what the first one has let go.
        memory.gc();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }
}
