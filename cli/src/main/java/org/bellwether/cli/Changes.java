package org.bellwether.cli;

import org.bellwether.cli.NodeClient.Call;

/// Changes of the list of nodes.
final class Changes {
    static final String MEMBERS = "/v1/cluster/members/";

    private Changes() {}

    /// @throws Failure unless it was done
    static void ask(NodeClient client, Call call) {
        var answer = client.ask(call);
        if (answer.status() != 200) throw Problem.failure(answer);
    }
}
