"""Time the printed sheet of a county of 690 grids, 7,071 cameras and 9,000 gaps."""

from __future__ import annotations

import argparse
import io
import statistics
import time
from collections.abc import Sequence

from maps.print.sheet import write_sheet
from tests.maps.print.sheet_data import county

#: Seconds that an A3 sheet, and a wall map with its insets, may take (DESIGN section 6).
GOAL, WALL_GOAL = 1.0, 6.0


def timed(data: object, repeat: int, **options: str) -> tuple[float, float, float, int]:
    """Return the first time, the median and the best of the others in seconds, and the file's size in bytes."""
    seconds, size = [], 0
    for _ in range(repeat + 1):
        out = io.BytesIO()
        start = time.perf_counter()
        write_sheet(data, out, **options)
        seconds.append(time.perf_counter() - start)
        size = len(out.getvalue())
    return seconds[0], statistics.median(seconds[1:]), min(seconds[1:]), size


def main(argv: Sequence[str] | None = None) -> None:
    """Print one row per paper, and one for the sheet of a township."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="runs after the first (default 5)")
    parser.add_argument("--no-peers", action="store_true", help="there is no peer that makes such a sheet")
    asked = parser.parse_args(argv)
    data = county()
    township = str(data.zones["townships"].code.iloc[0])
    print(f"goal: A3 in {GOAL} s, A0 in {WALL_GOAL} s; first run of the process, median and best of {asked.repeat}")
    print(f"{'sheet':<16}{'first s':>10}{'median s':>10}{'best s':>10}{'MB':>8}")
    for name, options in (
        ("A3", {"paper": "A3"}),
        ("A4", {"paper": "A4"}),
        ("A0", {"paper": "A0"}),
        ("A3 township", {"paper": "A3", "zone": township}),
    ):
        first, median, best, size = timed(data, asked.repeat, **options)
        print(f"{name:<16}{first:>10.2f}{median:>10.2f}{best:>10.2f}{size / 1e6:>8.2f}", flush=True)


if __name__ == "__main__":
    main()
