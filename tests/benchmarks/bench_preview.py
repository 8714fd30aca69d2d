"""Time previews of changed cameras: on the county scene beside an analysis, over HTTP and on the page of the demo."""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from geo.assessment.area_of_interest import domain
from geo.assessment.figures import zone_metrics
from geo.assessment.incidence import incidence
from geo.assessment.preview import preview
from geo.assessment.preview_base import PreviewBase, preview_base
from geo.catalog.results import FIGURES
from geo.demo.county import draw
from geo.storage.geopackage.store import open_store
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames
from tests.benchmarks.bench_county import make_scene

TURNS = 40
#: The scene has 40,000 buildings; the goal is told for so many.
BUILDINGS = 22_500
GOAL_MS = 200


class Timed(NamedTuple):
    """Milliseconds on the clock, and of the processor in all threads; and what came of it."""

    clock: float
    processor: float
    result: Any


def timed(work: Callable[[], Any]) -> Timed:
    """Time one call."""
    start, used = time.perf_counter(), time.process_time()
    found = work()
    return Timed(1e3 * (time.perf_counter() - start), 1e3 * (time.process_time() - used), found)


def analysed(frames: dict[str, gpd.GeoDataFrame], cameras: gpd.GeoDataFrame) -> Any:
    """Analyse the scene: views, domain, incidence."""
    from geo.visibility.views import views

    seen = views(cameras, frames["obstacles"])
    wanted = domain("streets", zones=frames["grids"], roads=frames["roads"], obstacles=frames["obstacles"], views=seen)
    return incidence(seen, frames["grids"], wanted)


def changed(cameras: gpd.GeoDataFrame, rng: np.random.Generator, count: int = 1) -> gpd.GeoDataFrame:
    """Return some cameras moved by some metres and turned."""
    rows = cameras.iloc[rng.choice(len(cameras), count, replace=False)].reset_index(drop=True)
    rows["azimuth"] = rng.uniform(0, 360, count)
    xy = shapely.get_coordinates(rows.geometry.to_numpy()) + rng.uniform(-20, 20, (count, 2))
    return rows.set_geometry(gpd.GeoSeries(shapely.points(xy), crs=cameras.crs))


def spread(name: str, times: list[Timed], goal: str = "") -> None:
    """Print the median and the 95th percentile on the clock, and the median of processor time."""
    clock = [one.clock for one in times]
    processor = statistics.median(one.processor for one in times)
    slow = statistics.quantiles(clock, n=20)[-1]
    print(f"{name:>40} {statistics.median(clock):7.0f} ms   p95 {slow:6.0f} ms   processor {processor:6.0f} ms{goal}")


def in_process(scene: Path) -> None:
    """Time one camera at a time, some at once, and the whole analysis that has the same bits."""
    frames = {name: gpd.read_file(scene / f"{name}.gpkg") for name in ("cameras", "obstacles", "roads", "grids")}
    frames["obstacles"] = frames["obstacles"].head(BUILDINGS)
    cameras, rng = frames["cameras"], np.random.default_rng(17)
    analysed(frames, cameras)  # compiles
    whole, _, model = timed(lambda: analysed(frames, cameras))
    kept, _, base = timed(lambda: preview_base(model))
    print(f"{len(cameras)} cameras, {len(frames['obstacles'])} buildings, {len(frames['grids'])} grids")
    print(f"{'views, domain, incidence of all':>40} {whole:7.0f} ms, kept for previews in {kept:.0f} ms")
    preview(base, changed(cameras, rng))
    times = [timed(lambda: preview(base, changed(cameras, rng))) for _ in range(TURNS)]
    spread("one camera moved and turned", times, f"   (goal {GOAL_MS} ms)")
    for count in (10, 100):
        times = [timed(lambda n=count: preview(base, changed(cameras, rng, n))) for _ in range(5)]
        spread(f"{count} cameras over the county", times)
    edits = changed(cameras, rng, 10)
    same_bits(preview(base, edits).base, frames, cameras, edits)
    print(f"{'most memory':>40} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:7.0f} MB")


def same_bits(
    base: PreviewBase, frames: dict[str, gpd.GeoDataFrame], cameras: gpd.GeoDataFrame, edits: gpd.GeoDataFrame
) -> None:
    """Compare the figures with those of a whole analysis."""
    after = cameras.set_index("id", drop=False)
    after.loc[edits["id"], edits.columns] = edits.set_index("id", drop=False)
    model = analysed(frames, after.reset_index(drop=True))
    for layer in model.layers:
        full = zone_metrics(model, layer)
        for name in FIGURES:
            np.testing.assert_array_equal(base.figures[layer][name], full[name].to_numpy())
    print(f"{'figures of 10 changes':>40} equal to the bit")


def demo_county(folder: Path) -> None:
    """Store the demo county with one run."""
    with open_store(folder / "workspace.gpkg") as store:
        import_frames(store, draw("gulang"), actor="bench")
        analyze(store, AnalyzeOptions(), actor="bench")


def over_http(folder: Path) -> None:
    """Time POST /preview on the demo county: the first one, which analyses the county, later ones, and after a save."""
    from api.main import create_app
    from api.settings import Settings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    path = folder / "workspace.gpkg"
    with open_store(path, create=False) as store:
        cameras = store.read("cameras")
    rng = np.random.default_rng(17)
    with TestClient(create_app(Settings(workspace=path)), base_url="http://127.0.0.1:8000") as client:

        def ask() -> None:
            one = cameras.iloc[int(rng.integers(len(cameras)))]
            lon, lat = one.geometry.x + rng.uniform(-2e-4, 2e-4), one.geometry.y + rng.uniform(-2e-4, 2e-4)
            feature = {
                "id": one["id"],
                "geometry": {"type": "Point", "coordinates": [lon, lat]},
                "properties": {"azimuth": float(rng.uniform(0, 360))},
            }
            answer = client.post("/preview", json={"changed": [feature], "layers": ["grids", "townships", "all"]})
            assert answer.status_code == 200, answer.text

        print(f"demo county: {len(cameras)} cameras; first preview {timed(ask).clock:.0f} ms")
        ask()
        spread("POST /preview", [timed(ask) for _ in range(TURNS)], f"   (goal {GOAL_MS} ms)")
        key = cameras["id"].iloc[0]
        client.patch(
            f"/ogc/collections/cameras/items/{key}",
            json={"properties": {"azimuth": 12.0}},
            headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
        )
        print(f"{'the first one after a saved edit':>40} {timed(ask).clock:7.0f} ms")
        sites = ",".join(cameras["site"].dropna().iloc[:3])
        client.get(f"/runs/latest/outage?sites={sites}")
        times = [timed(lambda: client.get(f"/runs/latest/outage?sites={sites}")) for _ in range(5)]
        spread("GET outage of three sites", times)


_LOOK = """(key) => {
  const camera = gridsight.changes.camera(key);
  gridsight.map.setView([camera.lat, camera.lon], 17, { animate: false });
}"""
_TURN = """([id, azimuth]) => new Promise((done) => {
  const map = gridsight.map.getContainer();
  const was = map.dataset.tried;
  const begin = performance.now();
  const look = () => {
    const answer = gridsight.state.trial.answer;
    const isDrawn = map.dataset.tried !== was && answer && answer.views.some((one) => one.id === id);
    if (isDrawn) done(performance.now() - begin);
    else requestAnimationFrame(look);
  };
  gridsight.changes.edit(id, { properties: { azimuth } }, false);
  look();
})"""


def in_browser(folder: Path) -> None:
    """Time, on the page of the demo county, from a camera being turned to its new view being drawn."""
    from playwright.sync_api import sync_playwright

    from tests.browser import ARGUMENTS, CHROMIUM

    path, rng = folder / "workspace.gpkg", np.random.default_rng(17)
    with open_store(path, create=False) as store:
        ids = store.read("cameras", limit=500)["id"].tolist()
    command = [sys.executable, "-m", "api", "serve", "--workspace", str(path), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            home = json.loads(server.stdout.readline())["url"]
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
                page = browser.new_page(viewport={"width": 1280, "height": 720})
                page.goto(home)
                page.wait_for_selector('html[data-state="ready"]', timeout=60_000)
                start = time.perf_counter()
                page.click("#tab-change")
                page.evaluate("gridsight.trial.warm()")
                print(f"{'the panel opened until it can try':>40} {1e3 * (time.perf_counter() - start):7.0f} ms")
                times = [_turned(page, key, float(rng.uniform(0, 360))) for key in rng.choice(ids, TURNS + 1)][1:]
                slow = statistics.quantiles(times, n=20)[-1]
                name = "a camera turned until its view is drawn"
                print(f"{name:>40} {statistics.median(times):7.0f} ms   p95 {slow:6.0f} ms   (goal {GOAL_MS} ms)")
                browser.close()
        finally:
            server.terminate()


def _turned(page: Any, key: str, azimuth: float) -> float:
    """Turn a camera with no other change at hand, as after a pause of the planner; return the milliseconds."""
    page.evaluate("key => gridsight.desk.readCamera(key).then(() => 0)", key)
    page.evaluate(_LOOK, key)
    page.evaluate("gridsight.changes.begin([])")
    page.wait_for_timeout(400)
    return page.evaluate(_TURN, [key, azimuth])


def main(argv: list[str] | None = None) -> None:
    """Make the scenes and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peers", action="store_true", help="as the other parts: a full analysis is the peer")
    parser.add_argument("--scene", type=Path, help="a county scene made before")
    parser.add_argument("--only", choices=("scene", "http", "browser"), help="one part alone")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        if asked.only in (None, "scene"):
            scene = asked.scene or Path(folder) / "county"
            if asked.scene is None:
                make_scene(scene)
            in_process(scene)
        if asked.only != "scene":
            demo_county(Path(folder))
        if asked.only in (None, "http"):
            over_http(Path(folder))
        if asked.only in (None, "browser"):
            in_browser(Path(folder))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
