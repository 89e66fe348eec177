package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local common = require("common")

function init()
  request = common.cycle(function(key)
    return wrk.format("POST", "/v3/kv/range", { ["Content-Type"] = "application/json" },
      '{"key":"' .. common.base64(key) .. '"}')
  end)
end
