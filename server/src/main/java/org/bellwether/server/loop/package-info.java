/// The node's loop on Netty's event loops: io_uring where the kernel has it, else epoll, else NIO.
@NullMarked
package org.bellwether.server.loop;

import org.jspecify.annotations.NullMarked;
