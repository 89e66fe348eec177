package org.bellwether.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bellwether.cli.NodeClient.Answer;
import org.jspecify.annotations.Nullable;

/// The list of all nodes as one node's `GET /v1/cluster` gives it.
///
/// @param leader ID of the leader as that node knows it; empty if it knows none
/// @param votersTarget how many voters the cluster strives for; -1 if the node does not say
/// @param leaseReads   whether leaders may serve reads by lease
record ClusterStatus(String cluster, long term, String leader, long votersTarget,
        boolean leaseReads, List<Row> members, List<String> warnings) {

    record Row(String id, String name, String role, boolean voter, String http, String peer,
            long applied, long lag, long lagBytes, long lagMillis, long heardMillis,
            @Nullable CatchUp catchUp, List<String> troubles) {}

    /// How far a node is that comes from far behind.
    ///
    /// @param leftMillis -1 if it cannot be told
    record CatchUp(double percent, long bytesPerSecond, long leftMillis) {
        @Override
        public String toString() {
            return "%s %.0f %%, %.1f MB/s%s".formatted(ProgressBar.bar(percent / 100), percent,
                    bytesPerSecond / 1e6,
                    leftMillis < 0 ? "" : ", " + (leftMillis + 999) / 1000 + " s left");
        }
    }

    static ClusterStatus of(Answer answer) {
        if (answer.status() != 200) throw Problem.failure(answer);
        var fields = Json.object(answer.body());
        var rows = new ArrayList<Row>();
        for (var member : Json.objects(fields, "members")) {
            var addresses = member.get("addresses") instanceof Map<?, ?> given ? given : Map.of();
            rows.add(new Row(Json.text(member, "id"), Json.text(member, "name"),
                    Json.text(member, "role"), Boolean.TRUE.equals(member.get("voter")),
                    Json.text(addresses, "http"), Json.text(addresses, "peer"),
                    Json.number(member, "applied_index"), Json.number(member, "lag"),
                    Json.number(member, "lag_bytes"), Json.number(member, "lag_ms"),
                    Json.number(member, "heard_ms"), catchUp(member.get("catch_up")),
                    Json.texts(member, "troubles")));
        }
        return new ClusterStatus(Json.text(fields, "cluster_id"), Json.number(fields, "term"),
                Json.text(fields, "leader"), Json.number(fields, "voters_target"),
                Boolean.TRUE.equals(fields.get("lease_reads")), rows,
                Json.texts(fields, "warnings"));
    }

    private static @Nullable CatchUp catchUp(@Nullable Object given) {
        if (!(given instanceof Map<?, ?> fields)) return null;
        double percent = fields.get("percent") instanceof Number number ? number.doubleValue() : 0;
        return new CatchUp(percent, Json.number(fields, "bytes_per_second"),
                Json.number(fields, "left_ms"));
    }

    /// The node of this name; null if none is listed.
    @Nullable
    Row find(String name) {
        for (var row : members) {
            if (row.name().equals(name)) return row;
        }
        return null;
    }

    /// The leader's name, empty if the node knows none.
    String leaderName() {
        for (var row : members) {
            if (row.role().equals("leader")) return row.name();
        }
        return "";
    }
}
