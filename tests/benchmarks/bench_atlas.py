"""Time the printed county of 690 grids, as sheets and as atlases, beside QGIS's layouts and atlas of the same county.

    python -m tests.benchmarks.bench_atlas                                       # a made county
    python -m tests.benchmarks.bench_atlas --workspace demo-county/workspace.gpkg  # the latest run of a store

QGIS is Debian's (``python3-qgis``); where ``/usr/bin/python3`` has none, "QGIS absent" is said and ours is measured
alone. Both draw the same rows at the same paper; what QGIS's layout lacks, ``qgis_atlas.py`` tells.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd

from api.commands.console import opened_store
from api.representations.map_data_of_run import stored_map_data
from api.settings import Settings
from maps.map_data import MapData
from maps.print.atlas.whole_atlas import write_atlas
from maps.print.sheet import write_sheet
from maps.style.coverage_classes import coverage_class
from tests.maps.print.sheet_data import county

#: Seconds that each may take after the run is read; atlases are named by what their sheets are of.
GOALS = {"A3": 1.0, "A0": 6.0, "townships": 8.0, "grids": 120.0}
#: Megabytes that the process may hold.
MEMORY_MB = 1_000
SYSTEM_PYTHON = "/usr/bin/python3"
_SCRIPT = Path(__file__).with_name("qgis_atlas.py")
#: What QGIS draws of the reference layers.
_REFERENCE = ("roads", "obstacles")


class Timed(NamedTuple):
    """Seconds, those of the processor, pages, megabytes of the file, the most that the process has held so far."""

    seconds: float
    busy: float
    pages: int
    size: float
    memory: float


def timed(data: MapData, what: str) -> Timed:
    """Return how long one sheet or atlas takes, and how much."""
    out, pages = io.BytesIO(), 1
    start, began = time.perf_counter(), time.process_time()
    if what.startswith("A"):
        write_sheet(data, out, paper=what)
    else:
        pages = write_atlas(data, out, by=what).pages
    seconds, busy = time.perf_counter() - start, time.process_time() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    in_bytes = most if sys.platform == "darwin" else most * 1024
    return Timed(seconds, busy, pages, len(out.getvalue()) / 1e6, in_bytes / 1e6)


def qgis(data: MapData, asked: Sequence[str]) -> Iterator[tuple[str, Timed]]:
    """Give what QGIS takes for each that is asked for; nothing, saying so, where it is absent or fails."""
    try:
        found = subprocess.run([SYSTEM_PYTHON, "-c", "import qgis.core"], check=False, capture_output=True)
    except FileNotFoundError:
        found = None
    if found is None or found.returncode:
        print("QGIS absent (python3-qgis)")
        return
    with tempfile.TemporaryDirectory(prefix="atlas") as name:
        folder = Path(name)
        _write_layers(data, folder)
        command = [SYSTEM_PYTHON, str(_SCRIPT), str(folder), str(folder), *asked]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as job:
            for line in job.stdout or ():
                one = json.loads(line)
                size = one["bytes"] / 1e6
                yield one["what"], Timed(one["seconds"], one["busy"], one["pages"], size, one["memory"])
            told = (job.stderr.read() if job.stderr else "").strip()
        if job.returncode:
            print(f"QGIS failed: {told[-400:]}")


def _write_layers(data: MapData, folder: Path) -> None:
    """Write the rows that QGIS draws, grids with their class of coverage."""
    grids = data.zones["grids"]
    _write(
        grids[["code", "name", "geometry"]].assign(**{"class": coverage_class(grids["sure_share"])}), folder, "grids"
    )
    _write(data.zones["townships"][["code", "name", "geometry"]], folder, "townships")
    if data.gaps is not None:
        _write(data.gaps[["geometry"]], folder, "gaps")
    if data.cameras is not None:
        known = data.cameras["class"].astype("string").fillna("")
        _write(data.cameras[["id", "geometry"]].assign(**{"class": known}), folder, "cameras")
    for name in _REFERENCE:
        if name in data.reference:
            kept = [one for one in ("name", "geometry") if one in data.reference[name]]
            _write(data.reference[name][kept], folder, name)


def _write(frame: gpd.GeoDataFrame, folder: Path, name: str) -> None:
    frame.to_file(folder / f"{name}.gpkg", layer=name, driver="GPKG")


def _row(what: str, whose: str, one: Timed) -> None:
    numbers = f"{one.seconds:>8.1f}{one.busy:>8.1f}{one.pages:>8}{one.size:>8.1f}{one.memory:>11.0f}"
    print(f"{what:<12}{whose:<6}{GOALS[what]:>8.0f}{numbers}", flush=True)


def main(argv: Sequence[str] | None = None) -> None:
    """Print a row per sheet or atlas, ours and QGIS's, and how many times as long QGIS takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(GOALS), help="one of them")
    parser.add_argument("--no-peers", action="store_true", help="ours only")
    parser.add_argument("--workspace", type=Path, help="a workspace with a run; default a made county")
    asked = parser.parse_args(argv)
    data = county() if asked.workspace is None else _stored(asked.workspace)
    rows = len(data.zones["grids"]), len(data.cameras), len(data.gaps)
    print(
        f"goal: at most {MEMORY_MB} MB; {rows[0]:,} grids, {rows[1]:,} cameras, {rows[2]:,} gaps, after the run is read"
    )
    print(f"{'what':<12}{'whose':<6}{'goal s':>8}{'s':>8}{'busy s':>8}{'pages':>8}{'MB':>8}{'memory MB':>11}")
    chosen = [one for one in GOALS if asked.only in (None, one)]
    ours = {what: timed(data, what) for what in chosen}
    for what, one in ours.items():
        _row(what, "ours", one)
    if asked.no_peers:
        return
    for what, one in qgis(data, chosen):
        _row(what, "QGIS", one)
        ratio, busy = one.seconds / ours[what].seconds, one.busy / ours[what].busy
        print(f"{what}: QGIS takes {ratio:.1f} x as long, {busy:.1f} x the processor time", flush=True)


def _stored(path: Path) -> MapData:
    with opened_store(Settings(), path) as store:
        return stored_map_data(store)


if __name__ == "__main__":
    main()
