"""Measure the served page beside pages of folium and protomaps-leaflet of the same county: how soon, at what cost.

Ready is from the start of the navigation to the page's own sign that it can be used, with the tiles of the view drawn;
of the peers to the second picture after their layers were added, or their last tile was drawn. Bytes are those that
came over the wire. The longest task is that of the page's thread between both, beside its processor seconds, which
other work on the machine does not change; the heap is taken after a collection. The map is then dragged by the mouse
for two seconds, and its pictures counted.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread
from typing import ClassVar

import folium

from api.main import create_app
from api.representations.packed import pack
from api.settings import Settings
from maps.map_data import MapData
from maps.tiles.drawn_tiles import DrawnLayer, drawn_layer, drawn_tile
from maps.web import assets
from tests.benchmarks import page_counties
from tests.browser import ARGUMENTS, CHROMIUM
from tests.serving import serving

#: What the page is held to with 11,683 grids and 12,000 cameras.
GOALS = "ready 1.2 s, 1.5 MB, longest task 200 ms, heap 80 MB, 4 s with a processor four times slower"
_ROUNDS = 5
_FRAMES = """() => new Promise((done) => {
  const times = [];
  const begin = performance.now();
  const one = (now) => { times.push(now); if (now - begin < 2000) requestAnimationFrame(one); else done(times); };
  requestAnimationFrame(one);
})"""
#: When a page says that it is ready is looked at before each picture; asking from outside would take its time.
_WATCH = """
window.longest = 0;
(function look() {
  if (document.documentElement && (%s)) window.readyAt = performance.now();
  else requestAnimationFrame(look);
})();
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.longest = Math.max(window.longest, one.duration);
}).observe({ type: "longtask", buffered: true });
"""


@dataclass(frozen=True)
class Opened:
    """What opening a page took."""

    ready_s: float
    megabytes: float
    longest_ms: float
    heap_mb: float
    frames: float
    worst_frame_ms: float
    thread_s: float


def main(argv: Sequence[str] | None = None) -> None:
    """Measure ours and folium's page of each county in turns, and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--only", choices=[*page_counties.SIZES], default=None)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--stores", type=Path, help="a folder where the counties are kept for the next time")
    asked, _ = parser.parse_known_args(argv)
    print(f"goal with 11,683 grids and 12,000 cameras: {GOALS}", flush=True)
    for name in [asked.only] if asked.only else page_counties.SIZES:
        with tempfile.TemporaryDirectory(prefix="page") as folder:
            _measure(name, Path(folder), asked.stores or Path(folder), peers=not asked.no_peers, rounds=asked.rounds)


def _measure(name: str, folder: Path, stores: Path, *, peers: bool, rounds: int) -> None:
    store = stores / f"{name.replace(', ', '-').replace(' ', '-')}.gpkg"
    is_there = store.exists()
    data = page_counties.county(name) if peers or not is_there else None
    if data is not None and not is_there:
        page_counties.stored(data, store)
    pages = {}
    with serving(create_app(Settings(workspace=store))) as ours, _files(folder / "peers") as other:
        pages["ours"] = (f"{ours}/", "document.documentElement.dataset.state === 'ready'")
        if peers and data is not None:
            _folium_page(data, folder / "peers" / "folium.html")
            pages["folium"] = (f"{other}/folium.html", "window.done === true")
            if _protomaps_page(data, folder / "peers"):
                pages["protomaps-leaflet"] = (f"{other}/protomaps.html", "window.done === true")
        cold = _opened(*pages["ours"])
        _tell(name, "ours, first after start", [cold], [])
        warm: dict[str, list[Opened]] = {one: [] for one in pages}
        slow: dict[str, list[Opened]] = {one: [] for one in pages}
        for _ in range(rounds):
            for one, where in pages.items():
                warm[one].append(_opened(*where))
        for _ in range(max(1, rounds // 2)):
            for one, where in pages.items():
                slow[one].append(_opened(*where, slower=4))
        for one in pages:
            _tell(name, one, warm[one], slow[one])


def _tell(county: str, page: str, warm: list[Opened], slow: list[Opened]) -> None:
    def middle(field: str) -> float:
        return median(getattr(one, field) for one in warm)

    slowed = f"{median(one.ready_s for one in slow):5.2f} s at 1/4" if slow else ""
    parts = (
        f"{county:30} {page:22} ready {middle('ready_s'):5.2f} s",
        f"{middle('megabytes'):6.2f} MB",
        f"longest task {middle('longest_ms'):5.0f} ms, processor {middle('thread_s'):5.2f} s",
        f"heap {middle('heap_mb'):5.1f} MB",
        f"{middle('frames'):4.0f} frames/s, worst {middle('worst_frame_ms'):4.0f} ms",
        slowed,
    )
    print("  ".join(parts), flush=True)


def _opened(url: str, ready: str, *, slower: float = 1) -> Opened:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(120_000)
        page.add_init_script(_WATCH % ready)
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        if slower > 1:
            session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        got = []
        session.on("Network.loadingFinished", lambda event: got.append(event["encodedDataLength"]))
        page.goto(url, wait_until="commit")
        while not page.evaluate("window.readyAt || 0"):
            time.sleep(0.2)
        taken = page.evaluate("window.readyAt") / 1000
        page.wait_for_timeout(300)
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        longest, size = page.evaluate("window.longest"), sum(got) / 1e6
        session.send("HeapProfiler.collectGarbage")
        heap = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
        frames, worst = _panned(page)
        browser.close()
    return Opened(taken, size, longest, heap, frames, worst, metrics["TaskDuration"])


def _panned(page) -> tuple[float, float]:
    """Return pictures a second and the longest time between two, in ms, while the map is dragged by the mouse."""
    page.mouse.move(700, 400)
    page.mouse.down()
    page.evaluate(f"window.pictures = ({_FRAMES})()")
    for step in range(60):
        page.mouse.move(700 + 3 * step, 400 + step)
    times = page.evaluate("window.pictures")
    page.mouse.up()
    gaps = [after - before for before, after in itertools.pairwise(times)]
    return 1000 * len(gaps) / (times[-1] - times[0]), max(gaps)


@contextmanager
def _files(folder: Path) -> Iterator[str]:
    """Serve the pages of peers from a folder."""
    folder.mkdir()
    handler = partial(_Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    tiles: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        """Answer with a tile, or with a file."""
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts[0] != "tiles":
            super().do_GET()
            return
        body = self.tiles.get(self.path) or _tile(parts[1], *map(int, parts[2:]))
        self.tiles[self.path] = body
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


_layers: dict[str, DrawnLayer] = {}


def _tile(name: str, z: int, x: int, y: int) -> bytes:
    """Return a tile as our page draws it: the same tiles, drawn by others."""
    fields = ("code", "name", "sure_share") if name == "grids" else ("id", "name")
    return pack(drawn_tile(_layers[name], z, x, y, name=name, fields=fields))


def _protomaps_page(data: MapData, folder: Path) -> bool:
    """Write a page of protomaps-leaflet, if npm can fetch it; tell whether."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), "protomaps-leaflet@5.1.0"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("protomaps-leaflet: npm cannot fetch it; left out", flush=True)
        return False
    with tarfile.open(folder / "protomaps-leaflet-5.1.0.tgz") as archive:
        archive.extractall(folder, filter="data")
    _layers.update(grids=drawn_layer(data.zones["grids"]), cameras=drawn_layer(data.cameras))
    _Quiet.tiles.clear()
    for name in ("leaflet.js", "leaflet.css"):
        (folder / name).write_bytes((assets.VENDOR_DIR / "leaflet" / name).read_bytes())
    west, south, east, north = data.zones["grids"].to_crs(4326).total_bounds
    (folder / "protomaps.html").write_text(
        f"""<!DOCTYPE html><html><head><meta charset="utf-8"><link rel="stylesheet" href="leaflet.css">
<style>html,body,#map{{height:100%;margin:0}}</style></head><body><div id="map"></div><script src="leaflet.js"></script>
<script src="package/dist/protomaps-leaflet.js"></script><script>
const map = L.map("map", {{ maxZoom: 21 }});
const shade = (z, f) => "rgba(20,90,160," + (f.props.sure_share || 0) + ")";
const layer = (name, symbolizer) => protomapsL.leafletLayer({{ url: "/tiles/" + name + "/{{z}}/{{x}}/{{y}}",
  attribution: "", maxDataZoom: 15, labelRules: [], paintRules: [{{ dataLayer: name, symbolizer }}] }});
map.fitBounds([[{south}, {west}], [{north}, {east}]]);
let open = 2;
for (const [name, symbolizer] of [
  ["grids", new protomapsL.PolygonSymbolizer({{ fill: shade, stroke: "#888", width: 0.5, perFeature: true }})],
  ["cameras", new protomapsL.CircleSymbolizer({{ radius: 2, fill: "#502080" }})],
]) layer(name, symbolizer).on("load", () => --open ||
  requestAnimationFrame(() => requestAnimationFrame(() => {{ window.done = true; }}))).addTo(map);
</script></body></html>""",
        encoding="utf-8",
    )
    return True


def _folium_page(data: MapData, path: Path) -> None:
    """Write folium's own page of the grids and cameras, as its documentation does, its scripts inlined."""
    chart = folium.Map(tiles=None, prefer_canvas=True)
    chart.options["max_zoom"] = 21
    grids = data.zones["grids"][["code", "name", "sure_share", "geometry"]].to_crs(4326)
    folium.GeoJson(
        grids, style_function=lambda one: {"fillOpacity": one["properties"]["sure_share"] or 0, "weight": 0.5}
    ).add_to(chart)
    cameras = data.cameras[["id", "name", "geometry"]].to_crs(4326)
    folium.GeoJson(cameras, marker=folium.CircleMarker(radius=2)).add_to(chart)
    west, south, east, north = grids.total_bounds
    chart.fit_bounds([[south, west], [north, east]])
    figure = chart.get_root()
    figure.render()
    sign = "requestAnimationFrame(() => requestAnimationFrame(() => { window.done = true; }));"
    path.write_text(
        f"<!DOCTYPE html><html><head><meta charset='utf-8'>{assets.inlined(figure, '')}<style>html,body,.folium-map"
        f"{{height:100%;margin:0;position:absolute;width:100%}}</style></head><body>{figure.html.render()}"
        f"<script>{figure.script.render()}{sign}</script></body></html>",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
