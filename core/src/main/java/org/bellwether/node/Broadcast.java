package org.bellwether.node;

import java.util.ArrayList;
import java.util.List;
import org.bellwether.api.Bytes;
import org.bellwether.api.Limits;
import org.bellwether.api.Messages;
import org.bellwether.api.NodeId;
import org.bellwether.transport.PeerMessage;

/// What is published here goes to every node of the list; what is published anywhere, to the listeners here.
final class Broadcast {
    private final NodeId self;
    private final Limits limits;
    private final Host host;
    private final List<Messages.Listener> listeners = new ArrayList<>();

    Broadcast(NodeId self, Limits limits, Host host) {
        this.self = self;
        this.limits = limits;
        this.host = host;
    }

    void listen(Messages.Listener listener) {
        listeners.add(listener);
    }

    void publish(Bytes channel, Bytes message) {
        int bytes = channel.length() + message.length();
        if (bytes > limits.messageBytesMax()) {
            throw new IllegalArgumentException("a message of " + bytes
                    + " bytes, its channel included, is over the limit of "
                    + limits.messageBytesMax());
        }
        deliver(channel, message);
        var core = host.core();
        if (core == null) return;
        var published = new PeerMessage.Published(channel.array(), message.array());
        for (var member : core.membership().members()) {
            if (!member.id().equals(self)) host.send(member.id(), published);
        }
    }

    void received(PeerMessage.Published published) {
        deliver(Bytes.wrap(published.channel()), Bytes.wrap(published.message()));
    }

    private void deliver(Bytes channel, Bytes message) {
        for (var listener : listeners)
            listener.published(channel, message);
    }
}
