-- Shared by the scripts beside it: 1000 keys, 128-byte values, and requests made once, so that the load
-- generator spends its time on the socket.
local common = {}

common.keys = 1000
common.value = string.rep("bellwether-0123", 9):sub(1, 128)

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

function common.base64(text)
  local out = {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    local function digit(shift)
      local d = math.floor(n / shift) % 64
      return alphabet:sub(d + 1, d + 1)
    end
    out[#out + 1] = digit(262144) .. digit(4096)
      .. (b and digit(64) or "=") .. (c and digit(1) or "=")
  end
  return table.concat(out)
end

function common.key(i)
  return string.format("bench-%06d", i)
end

-- Cycles through prepared requests from a random place, so that threads do not march in step.
function common.cycle(make)
  local requests = {}
  for i = 1, common.keys do
    requests[i] = make(common.key(i))
  end
  math.randomseed(os.time() + (tonumber(tostring({}):match("0x(%x+)"), 16) or 0) % 100000)
  local at = math.random(common.keys)
  return function()
    at = at % common.keys + 1
    return requests[at]
  end
end

return common
