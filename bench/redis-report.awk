# The tables of bench/redis.sh out of its samples, which are lines "round system what load throughput p50 p99 cpu". A ratio is
# taken in each round, where both ran one after the other, and their median is what a goal (DESIGN §6) is held against.
{
  id = $2 " " $3 " " $4
  n[id]++
  rate[id] = rate[id] " " $5
  p50[id] = p50[id] " " $6
  p99[id] = p99[id] " " $7
  cpu[id] = cpu[id] " " $8
  of[$1 " " id] = $5
  ran[$2] = 1
  if ($3 ~ /^get-/) modes[substr($3, 5)] = 1
  if ($1 + 0 > rounds) rounds = $1 + 0
}

function median(list, count,   i, j, swap, v) {
  split(list, v, " ")
  for (i = 1; i <= count; i++) for (j = i + 1; j <= count; j++)
    if (v[j] + 0 < v[i] + 0) { swap = v[i]; v[i] = v[j]; v[j] = swap }
  return count % 2 ? v[(count + 1) / 2] : (v[count / 2] + v[count / 2 + 1]) / 2
}

function latency(id) {
  return sprintf("%.2f / %.2f", median(p50[id], n[id]), median(p99[id], n[id]))
}

# Microseconds of the three nodes for each request.
function cost(id) {
  return sprintf("%.1f", median(cpu[id], n[id]))
}

# The next table; it appears with its first row.
function table(title, ours, theirs) {
  heading = sprintf("\n### %s\n\n| | load | %s /s | %s /s | ratio | of each round | goal | %s p50 / p99, ms | %s p50 / p99, ms | %s µs | %s µs |\n" \
    "|---|---|---|---|---|---|---|---|---|---|---|\n", title, ours, theirs, ours, theirs, ours, theirs)
}

# A row, if both were measured. Goal: the least ratio that is wanted, 0 for none.
function row(name, load, ours, theirs, goal,   r, ratios, count, ratio, verdict) {
  ours = ours " " load
  theirs = theirs " " load
  for (r = 1; r <= rounds; r++) if ((r " " ours) in of && (r " " theirs) in of) {
    ratios = ratios " " sprintf("%.2f", of[r " " ours] / of[r " " theirs])
    count++
  }
  if (!count) return
  printf "%s", heading
  heading = ""
  ratio = median(ratios, count)
  verdict = goal ? sprintf("≥ %.1f, %s", goal, ratio >= goal ? "reached" : "missed") : ""
  printf "| %s | %s | %.0f | %.0f | %.2f | %s | %s | %s | %s | %s | %s |\n", name, load, median(rate[ours], n[ours]),
    median(rate[theirs], n[theirs]), ratio, substr(ratios, 2), verdict, latency(ours), latency(theirs), cost(ours), cost(theirs)
}

function against_redis(kind,   mode, m) {
  table("Bellwether, tables " place[kind] ", against Redis", "Bellwether", "Redis")
  row("SET", "c50", kind " set", "redis set", 1.0)
  row("SET", "c200", kind " set", "redis set", 1.3)
  row("SET", "P16", kind " set", "redis set", 1.5)
  for (m = 1; m <= mode_count; m++) {
    mode = mode_order[m]
    row("GET " mode, "c50", kind " get-" mode, "redis get", mode == "local" ? 1.0 : 0)
    row("GET " mode, "c200", kind " get-" mode, "redis get", 0)
    row("GET " mode, "P16", kind " get-" mode, "redis get", mode == "local" ? 1.3 : 0)
  }
  row("a write a second machine has, too (Redis: SET and WAIT 1)", "c50", kind " kept", "redis kept", 2.0)
  row("a write a second machine has, too (Redis: SET and WAIT 1)", "c200", kind " kept", "redis kept", 2.0)
}

function against_local(kind,   l, m, mode) {
  table("Bellwether, tables " place[kind] ": reads against its own local ones", "this", "local")
  for (m = 1; m <= mode_count; m++) {
    mode = mode_order[m]
    if (mode == "local") continue
    for (l = 1; l <= 3; l++)
      row("GET " mode, loads[l], kind " get-" mode, kind " get-local", mode == "linearizable" && loads[l] == "c50" ? 0.7 : 0)
  }
}

# Within 1.5 × we would take it (DESIGN D1).
function against_ratis(kind, peer, name,   l) {
  table("Bellwether, tables " place[kind] ", against " name, "Bellwether", "Ratis")
  for (l = 1; l <= 3; l++) row("SET", loads[l], kind " set", peer " set", 1.5)
  for (l = 1; l <= 3; l++) row("GET linearizable", loads[l], kind " get-linearizable", peer " get-linearizable", 0)
}

END {
  place["memory"] = "in memory"
  place["rocksdb"] = "on RocksDB"
  split("c50 c200 P16", loads, " ")
  # These first, and any other after them.
  split("linearizable local", mode_order, " ")
  mode_count = 2
  for (mode in modes) if (mode != "linearizable" && mode != "local") mode_order[++mode_count] = mode
  split("memory rocksdb", kinds, " ")
  for (k = 1; k <= 2; k++) against_redis(kinds[k])
  for (k = 1; k <= 2; k++) against_local(kinds[k])
  # Ratis keeps its map in memory.
  kind = "memory" in ran ? "memory" : "rocksdb"
  against_ratis(kind, "ratis", "Ratis (its Netty transport)")
  against_ratis(kind, "ratis-grpc", "Ratis (gRPC)")
}
