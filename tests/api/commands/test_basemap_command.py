"""Add, list, check and remove base maps as a planner does, and what each refuses in one sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image, ImageDraw

from geo.catalog.base_maps import BaseMap
from geo.crs_gcj import gcj02_from_wgs84
from geo.storage.geopackage.store import open_store
from tests.geo.basemaps import drawn_world as world
from tests.geo.basemaps import kept_forms as forms
from tests.geo.basemaps.tile_hosts import ABSENT, hosting

Run = Callable[..., tuple[str, str]]
Z = 15


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a workspace that is the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRIDSIGHT_LANG", "en")
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    open_store(tmp_path / "workspace.gpkg").close()
    return tmp_path


def said(run: Run, *words: object, code: int = 0) -> dict:
    return json.loads(run("basemap", *words, "--json", code=code)[0])


def tiles(z: int = 16) -> dict[tuple[int, int, int], bytes]:
    return {(z, x, y): world.png(world.mercator_tile(z, x, y)) for x, y in world.around(world.tile_of(z))}


def test_from_adding_to_removing(desk: Path, run: Run) -> None:
    forms.mbtiles(desk / "影像.mbtiles", tiles())
    added = said(
        run, "add", "影像.mbtiles", "--name", "影像", "--crs", "EPSG:3857", "--attribution", "© 县自然资源局",
        "--review-number", "甘S(2025)7号", "--data-date", "2025-06", "--secret-class", "内部", "--opacity", "0.5",
    )  # fmt: skip
    wanted = {
        "name": "影像", "kind": "mbtiles", "path": "影像.mbtiles", "crs": "3857", "levels": [16, 16],
        "attribution": "© 县自然资源局", "review_number": "甘S(2025)7号", "data_date": "2025-06",
        "secret_class": "内部", "opacity": 0.5, "layer": "", "extent": None,
    }  # fmt: skip
    assert added["basemap"] == wanted
    assert said(run, "list")["basemaps"] == [wanted]
    assert "© 县自然资源局" in run("basemap", "list")[0]
    assert said(run, "remove", "影像") == {"store": "workspace.gpkg", "removed": "影像"}
    assert said(run, "list")["basemaps"] == []
    assert (desk / "影像.mbtiles").exists()


@pytest.mark.parametrize("crs", ["bd09", "BD-09", "百度坐标"])
def test_bd09_is_refused_by_name(desk: Path, run: Run, crs: str) -> None:
    forms.folder(desk / "t", tiles())
    _, err = run("basemap", "add", "t", "--name", "a", "--crs", crs, code=2)
    assert "BD-09" in err
    assert said(run, "list")["basemaps"] == []


@pytest.mark.parametrize(
    ("crs", "stored"),
    [
        ("3857", "3857"),
        ("epsg:4490", "4490"),
        ("cgcs2000", "4490"),
        ("wgs84", "4326"),
        ("GCJ-02", "gcj02"),
        ("高德", "gcj02"),
    ],
)
def test_a_crs_may_be_written_in_many_ways(desk: Path, run: Run, crs: str, stored: str) -> None:
    forms.folder(desk / "t", tiles())
    assert said(run, "add", "t", "--name", "a", "--crs", crs)["basemap"]["crs"] == stored


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("none.mbtiles", "--name", "a", "--crs", "3857"), "cannot be read"),
        (("t", "--name", "a/b", "--crs", "3857"), "named"),
        (("t", "--name", "..", "--crs", "3857"), "named"),
        (("t", "--name", "a", "--crs", "nowhere"), "unknown CRS"),
        (("t", "--name", "a", "--crs", "EPSG:4544"), "no common numbering"),
        (("t", "--name", "a", "--crs", "3857", "--kind", "arcgis"), "conf.xml"),
        (("t", "--name", "a", "--crs", "3857", "--levels", "x"), "--levels"),
        (("t", "--name", "a", "--crs", "3857", "--data-date", "soon"), "data date"),
        (("http://me:pw@127.0.0.1/{z}/{x}/{y}", "--name", "a", "--crs", "3857"), "account"),
        (("http://127.0.0.1/{z}/{x}", "--name", "a", "--crs", "3857"), "{x}"),
        (("http://{z}.example/{x}/{y}", "--name", "a", "--crs", "3857"), "host"),
        (("http://127.0.0.1/a.mbtiles", "--name", "a", "--crs", "3857", "--kind", "mbtiles"), "a file, no URL"),
        (("t", "--name", "a", "--crs", "3857", "--kind", "wmts"), "a URL, no file"),
    ],
)
def test_what_cannot_be_added_is_said_and_nothing_stored(
    desk: Path, run: Run, words: tuple[str, ...], says: str
) -> None:
    forms.folder(desk / "t", tiles())
    _, err = run("basemap", "add", *words, code=2)
    assert says in err
    assert said(run, "list")["basemaps"] == []


def test_a_name_is_used_once_and_an_unknown_one_is_told(desk: Path, run: Run) -> None:
    forms.folder(desk / "t", tiles())
    run("basemap", "add", "t", "--name", "a", "--crs", "3857")
    assert "already" in run("basemap", "add", "t", "--name", "a", "--crs", "3857", code=2)[1]
    assert "there are: a" in run("basemap", "check", "b", code=2)[1]
    assert "no base map b" in run("basemap", "remove", "b", code=2)[1]


def test_keys_in_urls_are_stored_and_never_shown(desk: Path, run: Run) -> None:
    with hosting(lambda _: ABSENT) as host:
        url = f"{host.url}/{{z}}/{{x}}/{{y}}?tk=hush"
        out, err = run("basemap", "add", url, "--name", "a", "--crs", "3857", "--json")
        assert "hush" not in out + err
        assert "tk=***" in run("basemap", "list")[0]
    with open_store(desk / "workspace.gpkg") as store:
        assert store.base_maps() == [BaseMap("a", "xyz", url, "3857")]


def test_a_wmts_that_answers_with_a_page_is_not_added(desk: Path, run: Run) -> None:
    with hosting(lambda _: (200, {"Content-Type": "text/html"}, b"<html></html>")) as host:
        _, err = run("basemap", "add", f"{host.url}/wmts", "--name", "a", "--crs", "4490", code=2)
    assert "web page" in err


# ------------------------------------------------------------------------------------------------- check


def streets() -> list[shapely.LineString]:
    """Return crooked roads about the cross, in degrees."""
    random = np.random.default_rng(5)
    found = []
    for _ in range(30):
        at, heading = random.uniform(-2500, 2500, 2), random.uniform(0, 2 * np.pi)
        line = [at]
        for _ in range(15):
            heading += random.normal(0, 0.3)
            at = at + 250 * np.array([np.cos(heading), np.sin(heading)])
            line.append(at)
        metres = np.array(line)
        lon = world.CROSS[0] + metres[:, 0] / (111_320 * np.cos(np.radians(world.CROSS[1])))
        found.append(shapely.LineString(np.column_stack([lon, world.CROSS[1] + metres[:, 1] / 111_000])))
    return found


def road_tiles(lines: list[shapely.LineString]) -> dict[tuple[int, int, int], bytes]:
    """Return a map of lines in degrees as tiles."""
    column, row = world.tile_of(Z)
    reach = 5
    side = (2 * reach + 1) * 256
    image = Image.new("RGB", (side, side), (236, 234, 228))
    drawing = ImageDraw.Draw(image)
    span = 2 * world._HALF / 2**Z
    placed = []
    for line in lines:
        xy = [world.mercator(*point) for point in line.coords]
        placed.append(
            [
                (((x + world._HALF) / span - column + reach) * 256, ((world._HALF - y) / span - row + reach) * 256)
                for x, y in xy
            ]
        )
    for width, colour in ((7, (170, 165, 160)), (5, (255, 255, 255))):
        for points in placed:
            drawing.line(points, fill=colour, width=width)
    found = {}
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            part = image.crop((i * 256, j * 256, i * 256 + 256, j * 256 + 256))
            found[Z, column - reach + i, row - reach + j] = world.png(np.asarray(part))
    return found


def moved(lines: list[shapely.LineString], by) -> list[shapely.LineString]:
    return [shapely.transform(line, lambda points: np.column_stack(by(points[:, 0], points[:, 1]))) for line in lines]


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with maps of the roads: where they are, as GCJ-02 has them, and with no road on it."""
    folder = tmp_path_factory.mktemp("maps")
    lines = streets()
    for name, shown in (("plain", lines), ("gcj", moved(lines, gcj02_from_wgs84)), ("empty", [])):
        forms.mbtiles(folder / f"{name}.mbtiles", road_tiles(shown))
    return folder


@pytest.fixture
def county(desk: Path, maps: Path) -> Path:
    """Return the folder of a workspace with roads and maps of them."""
    lines = streets()
    ids = [f"r{number}" for number in range(len(lines))]
    with open_store(desk / "workspace.gpkg") as store:
        store.write("roads", gpd.GeoDataFrame({"id": ids}, geometry=lines, crs="EPSG:4326"), "upsert", actor="me")
    for path in maps.iterdir():
        shutil.copyfile(path, desk / path.name)
    return desk


def test_a_base_map_that_fits_is_said_to_fit(county: Path, run: Run) -> None:
    said(run, "add", "plain.mbtiles", "--name", "plain", "--crs", "3857")
    found = said(run, "check", "plain")
    assert found["shift_m"] < 8
    assert found["looks_like"] is None
    said(run, "add", "gcj.mbtiles", "--name", "gcj", "--crs", "gcj02")
    assert "fits the roads" in run("basemap", "check", "gcj")[0]


def test_the_shift_of_gcj02_is_measured_and_named(county: Path, run: Run) -> None:
    said(run, "add", "gcj.mbtiles", "--name", "a", "--crs", "3857")
    found = said(run, "check", "a", code=1)
    lon, lat = gcj02_from_wgs84(np.array([world.CROSS[0]]), np.array([world.CROSS[1]]))
    east = (lon[0] - world.CROSS[0]) * 111_320 * np.cos(np.radians(world.CROSS[1]))
    north = (lat[0] - world.CROSS[1]) * 111_000
    assert abs(found["shift_m"] - np.hypot(east, north)) < 8
    assert abs(found["bearing"] - np.degrees(np.arctan2(east, north)) % 360) < 4
    assert found["looks_like"] == "gcj02"
    assert "--crs gcj02" in run("basemap", "check", "a", code=1)[0]


def test_a_base_map_wrongly_said_to_be_gcj02_is_found_out(county: Path, run: Run) -> None:
    said(run, "add", "plain.mbtiles", "--name", "a", "--crs", "gcj02")
    assert said(run, "check", "a", code=1)["looks_like"] == "wgs84"


def test_what_cannot_be_measured_is_said(county: Path, run: Run) -> None:
    said(run, "add", "empty.mbtiles", "--name", "empty", "--crs", "3857")
    found = said(run, "check", "empty", code=1)
    assert (found["shift_m"], found["bearing"]) == (None, None)
    assert "no shift could be measured" in found["verdict"]
    forms.mbtiles(county / "away.mbtiles", {(Z, 0, 0): world.png(np.zeros((256, 256, 3), np.uint8))})
    said(run, "add", "away.mbtiles", "--name", "away", "--crs", "3857")
    assert said(run, "check", "away", code=1)["tiles"] == 0
    with open_store(county / "other.gpkg") as store:
        store.save_base_map(BaseMap("empty", "mbtiles", "empty.mbtiles", "3857"))
    assert "no roads" in run("basemap", "check", "empty", "--workspace", "other.gpkg", code=2)[1]
