"""Time how long the short commands take on the demo county, beside bare Python and `import geopandas`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from api.cli import COMMANDS
from geo.storage.geopackage.store import open_store

ROOT = Path(__file__).resolve().parents[2]
REPEATS = 5
#: Goals in seconds of what a person waits for.
HELP, ASK, LOCATE = 0.4, 1.2, 1.5
ENV = {key: value for key, value in os.environ.items() if not key.startswith("GRIDSIGHT")}


def seconds(*words: str) -> float:
    """Return the wall time of a Python process, the best of several; the first is warm already."""
    best = float("inf")
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *words], cwd=ROOT, env=ENV, stdout=subprocess.DEVNULL, check=True)
        best = min(best, time.perf_counter() - start)
    return best


def make_county(folder: Path) -> Path:
    """Draw and analyse the demo county; return its workspace."""
    command = [sys.executable, "-m", "api", "demo", "--no-serve", "--dir", str(folder)]
    subprocess.run(command, cwd=ROOT, env=ENV, stdout=subprocess.DEVNULL, check=True)
    return folder / "workspace.gpkg"


def measure(workspace: Path) -> None:
    """Print one line a command."""
    with open_store(workspace, create=False) as store:
        camera = store.read("cameras", limit=1)
    lon, lat = str(camera.geometry.x.iloc[0]), str(camera.geometry.y.iloc[0])
    place = ("--workspace", str(workspace))
    asked = {
        "runs": (ASK, ("runs",)),
        "gaps": (ASK, ("gaps",)),
        "outage": (ASK, ("outage", str(camera["site"].iloc[0]))),
        "locate a point": (LOCATE, ("locate", "--lon", lon, "--lat", lat, "--crs", "wgs84")),
    }
    print(f"{'python -c pass':30s} {seconds('-c', 'pass'):6.2f} s")
    print(f"{'import geopandas':30s} {seconds('-c', 'import geopandas'):6.2f} s")
    for words in (["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)):
        print(f"{' '.join(words):30s} {seconds('-m', 'api', *words):6.2f} s  (goal {HELP} s)")
    for name, (goal, words) in asked.items():
        seconds("-m", "api", *words, *place)  # the first run compiles what it meets, and writes bytecode
        print(f"{name:30s} {seconds('-m', 'api', *words, *place):6.2f} s  (goal {goal} s)")


def main(argv: list[str] | None = None) -> None:
    """Measure on a workspace of the demo county, drawn here unless one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, help="a workspace of the demo county, analysed")
    asked, _ = parser.parse_known_args(argv)
    if asked.workspace is not None:
        measure(asked.workspace.resolve())
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(make_county(Path(folder)))


if __name__ == "__main__":
    main()
