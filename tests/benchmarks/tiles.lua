-- Ask for the tiles listed in a file, one path a line, over and over; say how many answers were none.
-- Arguments: file of paths, key (empty for none).
local paths, headers, at, number = {}, {}, 0, 0

function setup(thread)
    thread:set("id", number)
    number = number + 1
end

function init(args)
    for line in io.lines(args[1]) do
        paths[#paths + 1] = line
    end
    if args[2] and args[2] ~= "" then
        headers["X-API-Key"] = args[2]
    end
    at = id * 37 % #paths
end

function request()
    at = at % #paths + 1
    return wrk.format("GET", paths[at], headers)
end

function done(summary, latency, requests)
    io.write(string.format("RESULT requests=%d seconds=%.3f p50=%.3f p95=%.3f status=%d failed=%d\n",
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
        summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
