-- What wrk asks, and what it saw as one line of JSON; times in microseconds.
wrk.method = os.getenv("BENCH_METHOD") or "GET"
local body = os.getenv("BENCH_BODY") or ""
if body ~= "" then wrk.body = body end
for name, value in (os.getenv("BENCH_HEADERS") or ""):gmatch("([^:\n]+): ([^\n]*)") do
  wrk.headers[name] = value
end

-- A header with {n} in it is another one in each request, as a traceparent is.
local counted = {}
for name, value in pairs(wrk.headers) do
  if value:find("{n}", 1, true) then counted[name] = value end
end
if next(counted) then
  local n = 0
  request = function()
    n = n + 1
    for name, value in pairs(counted) do
      wrk.headers[name] = value:gsub("{n}", string.format("%016x", n))
    end
    return wrk.format()
  end
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "errors": %d, "received": %d, "p50": %.1f, "p99": %.1f}\n',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    summary.bytes, latency:percentile(50), latency:percentile(99)))
end
