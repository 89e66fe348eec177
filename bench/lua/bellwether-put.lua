package.path = os.getenv("BENCH_LUA") .. "/?.lua;" .. package.path
local common = require("common")

function init()
  request = common.cycle(function(key)
    return wrk.format("PUT", "/v1/kv/" .. key, {}, common.value)
  end)
end
