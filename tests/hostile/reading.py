"""Read files that mean harm, one after another, in a process that may die of them: one line of JSON a file.

Called as ``python -m tests.hostile.reading MEGABYTES``; the list of ``[path, layer]`` comes on standard input. The
process may grow by so many megabytes beyond what it is after reading a good file; ``grew`` tells how far each one went.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import time
from pathlib import Path

from geo.errors import GeoError, UnreadableFile
from geo.readers.reading import read_layer


def _kilobytes(name: str) -> int:
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(f"{name}:"))


def _forget_peak() -> None:
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def main() -> None:
    """Read every file and say what came of it."""
    jobs = json.load(sys.stdin)
    most = int(sys.argv[1]) << 20
    for place, (path, layer) in enumerate(jobs):
        _forget_peak()
        before, start = _kilobytes("VmRSS"), time.process_time()
        try:
            reading = read_layer(Path(path), layer, default_crs="wgs84")
            told = {"read": reading.read, "reasons": [fault.reason for fault in reading.rejects[:3]]}
            told |= {"rejected": len(reading.rejects), "made": len(reading.frame)}
        except GeoError as error:
            kind = UnreadableFile if isinstance(error, UnreadableFile) else type(error)
            told = {"refused": kind.__name__, "said": str(error)}
        except Exception as error:  # noqa: BLE001 (the test fails on it, and goes on with the next file)
            told = {"broke": f"{type(error).__name__}: {error}"[:300]}
        told |= {"grew": (_kilobytes("VmHWM") - before) >> 10, "seconds": time.process_time() - start}
        print(json.dumps({"path": path, **told}), flush=True)
        if place == 0:  # a good file, so that every library is loaded
            resource.setrlimit(resource.RLIMIT_AS, ((_kilobytes("VmSize") << 10) + most, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
