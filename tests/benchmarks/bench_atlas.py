"""Time the printed atlas of a county of 690 grids: by township and by grid, with its pages, its size and its memory."""

from __future__ import annotations

import argparse
import io
import resource
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from maps.map_data import MapData
from maps.print.atlas.whole_atlas import write_atlas
from tests.maps.print.sheet_data import county

#: Seconds that an atlas may take after the run is read, by what its sheets are of.
GOALS = {"townships": 8.0, "grids": 120.0}
#: Megabytes that the process may hold.
MEMORY_MB = 1_000


class Timed(NamedTuple):
    """Seconds, those of the processor, pages, megabytes of the file, the most that the process has held so far."""

    seconds: float
    busy: float
    pages: int
    size: float
    memory: float


def timed(data: MapData, by: str) -> Timed:
    """Return how long one atlas takes, and how much."""
    out = io.BytesIO()
    start, began = time.perf_counter(), time.process_time()
    report = write_atlas(data, out, by=by)
    seconds, busy = time.perf_counter() - start, time.process_time() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    in_bytes = most if sys.platform == "darwin" else most * 1024
    return Timed(seconds, busy, report.pages, len(out.getvalue()) / 1e6, in_bytes / 1e6)


def main(argv: Sequence[str] | None = None) -> None:
    """Print one row per atlas."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=list(GOALS), help="one of the atlases")
    parser.add_argument("--no-peers", action="store_true", help="there is no peer that makes such an atlas")
    asked = parser.parse_args(argv)
    data = county()
    print(f"goal: at most {MEMORY_MB} MB; A3, 690 grids, 7,071 cameras, 9,000 gaps, after the run is read")
    print(f"{'atlas':<12}{'goal s':>8}{'s':>8}{'busy s':>8}{'pages':>8}{'MB':>8}{'memory MB':>11}")
    for by, goal in GOALS.items():
        if asked.only in (None, by):
            one = timed(data, by)
            row = f"{by:<12}{goal:>8.0f}{one.seconds:>8.1f}{one.busy:>8.1f}{one.pages:>8}"
            print(f"{row}{one.size:>8.1f}{one.memory:>11.0f}", flush=True)


if __name__ == "__main__":
    main()
