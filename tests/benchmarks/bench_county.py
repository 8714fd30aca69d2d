"""Time the county scene, from frames to gaps with causes, beside plain GEOS overlays of the same views."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd

from geo.assessment.area_of_interest import domain
from geo.assessment.figures import coverage, level_totals, outage, zone_metrics
from geo.assessment.gaps import gaps
from geo.assessment.incidence import incidence
from geo.visibility.views import views

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("GRIDSIGHT_SHARED", ROOT.parent / "shared"))
#: What the peer does too, and what it does not.
SAME = ("incidence", "metrics", "gaps")
REPEATS = 3


def make_scene(folder: Path) -> None:
    """Write the county scene: 7,071 cameras, 40,000 buildings, streets and 729 grids."""
    script = SHARED / "bench" / "scene.py"
    subprocess.run([sys.executable, str(script), "--county", "--out", str(folder)], check=True)


def measure(scene: Path, cores: int, written: Path | None) -> dict[str, Any]:
    """Time every step on so many cores, the best of several runs; the first, with compilation, is told apart."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    frames = {name: gpd.read_file(scene / f"{name}.gpkg") for name in ("cameras", "obstacles", "roads", "grids")}
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = work()
        seconds[name] = min(seconds.get(name, float("inf")), time.perf_counter() - start)
        return result

    begin = time.perf_counter()
    found = None
    for turn in range(REPEATS + 1):
        seen = timed("views", lambda: views(frames["cameras"], frames["obstacles"]))
        wanted = timed(
            "domain",
            lambda v=seen: domain(
                "streets",
                zones=frames["grids"],
                roads=frames["roads"],
                obstacles=frames["obstacles"],
                views=v,
                workers=cores,
            ),
        )
        model = timed("incidence", lambda v=seen, d=wanted: incidence(v, frames["grids"], d, workers=cores))
        zones = timed("metrics", lambda m=model: (zone_metrics(m), zone_metrics(m, "all")))
        found = timed("gaps", lambda m=model: gaps(m, workers=cores))
        timed("coverage", lambda m=model: coverage(m))
        timed("outage", lambda m=model: outage(m, ["c1", "c2"]))
        timed("one more level", lambda m=model, v=seen: level_totals(m, v, workers=cores))
        if turn == 0:
            first = time.perf_counter() - begin
            seconds.clear()
    if written is not None:
        seen.sure.reset_index().rename(columns={"sure": "geometry"}).set_geometry("geometry").to_file(
            written, layer="views"
        )
    return {
        "seconds": seconds,
        "first": first,
        "elements": len(model.size),
        "gaps": len(found),
        "small_m2": found.attrs["small_m2"],
        "mean share": float(zones[0]["sure_share"].mean()),
    }


def peer(scene: Path, written: Path) -> dict[str, float]:
    """Run the GEOS overlays on the same views; return the seconds of its steps."""
    script = SHARED / "bench" / "geos_county.py"
    done = subprocess.run(
        [sys.executable, str(script), str(scene), str(written)], check=True, capture_output=True, text=True
    )
    print(done.stdout.strip(), flush=True)
    return {name: float(value) for name, value in re.findall(r"'(\w+)': ([\d.]+)", done.stdout)}


def report(cores: int, ours: dict[str, Any], theirs: dict[str, float]) -> None:
    """Print one run beside the peer's."""
    seconds = ours["seconds"]
    print(
        f"-- {cores} core{'s' if cores > 1 else ''} (first run, with compilation unless cached: {ours['first']:.1f} s)"
    )
    for name, value in seconds.items():
        beside = f"   peer {theirs[name]:6.2f} s   {theirs[name] / value:6.1f} x" if name in theirs else ""
        print(f"{name:>16} {value:8.3f} s{beside}")
    total = sum(seconds[name] for name in SAME)
    print(f"{'with causes':>16} {total:8.3f} s", end="")
    if theirs:
        both = sum(theirs[name] for name in SAME)
        print(f"   peer {both:6.2f} s   {both / total:6.1f} x   (without causes)", end="")
    print(f"\n{'views to gaps':>16} {total + seconds['views']:8.3f} s (goal 3 s on 2 cores)")
    print(f"{ours['elements']} elements, {ours['gaps']} gaps, mean share {ours['mean share']:.4f}", flush=True)


def main(argv: list[str] | None = None) -> None:
    """Make the scene, time one core and two, and run the peer on the views found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peers", action="store_true", help="ours only")
    parser.add_argument("--scene", type=Path, help="a county scene made before")
    parser.add_argument("--cores", type=int, help=argparse.SUPPRESS)  # the child's: measure, print JSON
    parser.add_argument("--written", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.cores:
        print(json.dumps(measure(asked.scene, asked.cores, asked.written)))
        return
    with tempfile.TemporaryDirectory() as folder:
        scene = asked.scene or Path(folder) / "county"
        if asked.scene is None:
            make_scene(scene)
        written = Path(folder) / "views.gpkg"
        theirs: dict[str, float] = {}
        for cores in (1, 2):
            # a process of its own, so that each is held to its cores
            command = [
                sys.executable,
                "-m",
                "tests.benchmarks.bench_county",
                "--scene",
                str(scene),
                "--cores",
                str(cores),
            ]
            command += ["--written", str(written)] if cores == 1 else []
            done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
            if cores == 1 and not asked.no_peers:
                theirs = peer(scene, written)
            report(cores, json.loads(done.stdout.splitlines()[-1]), theirs)


if __name__ == "__main__":
    main()
