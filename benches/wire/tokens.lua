-- Sends a token with each request: those of a file in turn and, if a second file is named, those of
-- that one instead once two seconds have gone.

local requests, later
local sent = 0
local begin

local function read(path)
  local all = {}
  for token in io.lines(path) do
    all[#all + 1] = wrk.format("GET", "/orders", { ["Authorization"] = "Bearer " .. token })
  end
  return all
end

function init(args)
  requests = read(args[1])
  later = args[2] and read(args[2])
end

function request()
  sent = sent + 1
  -- Only seconds can be told, and asking for them costs.
  if later and sent % 64 == 1 then
    begin = begin or os.time()
    if os.time() - begin >= 2 then
      requests, later = later, nil
    end
  end
  return requests[sent % #requests + 1]
end

-- One line for the program that started this: counts, and times in microseconds.
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("measured %d %d %d %d %d %d %d\n",
    summary.requests, summary.duration, e.connect + e.read + e.write + e.timeout + e.status,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max))
end
