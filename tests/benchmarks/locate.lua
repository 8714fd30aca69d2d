-- Ask for addresses at a steady pace and check every answer: each thread has one connection, so answers come in order.
-- Arguments: file of lines "path<TAB>grid", milliseconds between requests of a thread, key, file for what went wrong.
local ffi = require("ffi")
ffi.cdef [[ typedef struct { long sec; long usec; } moment; int gettimeofday(moment *, void *); ]]
local clock = ffi.new("moment")
local function now()
    ffi.C.gettimeofday(clock, nil)
    return tonumber(clock.sec) + tonumber(clock.usec) / 1e6
end

local asked, right = {}, {}
local every, key, report, at, wrong, errors = 0, "", nil, 0, 0, 0
local number = 0

function setup(thread)
    thread:set("id", number)
    number = number + 1
end

function init(args)
    for line in io.lines(args[1]) do
        local path, code = line:match("^(.-)\t(.*)$")
        asked[#asked + 1], right[#right + 1] = path, code
    end
    every, key = tonumber(args[2]), args[3]
    report = io.open(args[4] .. "." .. id, "w")
    math.randomseed(id + 1)
    at = math.random(#asked)
end

function delay()
    -- Uneven gaps of the mean wanted, so that threads do not march in step.
    return math.floor(every * (0.5 + math.random()) + 0.5)
end

function request()
    at = at % #asked + 1
    return wrk.format("GET", asked[at], { ["X-API-Key"] = key })
end

function response(status, headers, body)
    if status ~= 200 then
        report:write(string.format("%.3f\t%d\t%s\n", now(), status, headers["Retry-After"] or headers["retry-after"] or "-"))
        report:flush()
    elseif not body:find('"code":"' .. right[at] .. '"', 1, true) then
        report:write(string.format("%.3f\twrong\t%s\t%s\n", now(), asked[at], body:sub(1, 300):gsub("%s", " ")))
        report:flush()
    end
end

function done(summary, latency, requests)
    io.write(string.format("RESULT requests=%d seconds=%.3f p50=%.3f p95=%.3f p99=%.3f max=%.3f status=%d connect=%d read=%d write=%d timeout=%d\n",
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
        latency:percentile(99) / 1e3, latency.max / 1e3, summary.errors.status, summary.errors.connect,
        summary.errors.read, summary.errors.write, summary.errors.timeout))
end
