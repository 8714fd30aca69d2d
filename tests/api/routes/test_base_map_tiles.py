"""Answer tiles of base maps over HTTP: where they belong, to whom, and never a 5xx that is not the other host's."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.main import create_app
from api.settings import Settings
from geo.basemaps import relay as relay_module
from geo.catalog.base_maps import BaseMap
from geo.storage.geopackage.store import GeoPackageStore, open_store
from tests.geo.basemaps import drawn_world as world
from tests.geo.basemaps import kept_forms as forms
from tests.geo.basemaps.tile_hosts import ABSENT, Answer, TileHost, hosting, png
from tests.postgres import service_url

Z = 14
X, Y = world.tile_of(Z)
TILE = world.png(world.mercator_tile(Z, X, Y))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[GeoPackageStore, TestClient]]:
    """Return a workspace and a client of its service."""
    with (
        open_store(tmp_path / "workspace.gpkg") as store,
        TestClient(create_app(Settings(), store=store), base_url="http://127.0.0.1:8000") as client,
    ):
        yield store, client


def by_url(host: TileHost, **more) -> BaseMap:
    return BaseMap("a", "xyz", f"{host.url}/{{z}}/{{x}}/{{y}}", "3857", **more)


def size_and_corner(data: bytes) -> tuple[int, int, tuple[int, ...]]:
    """Return the size of a picture and its first pixel."""
    with Image.open(io.BytesIO(data)) as image:
        return (*image.size, image.getpixel((0, 0)))


def test_a_tile_comes_from_our_host_and_is_asked_for_once(desk, tmp_path: Path) -> None:
    store, client = desk
    forms.folder(tmp_path / "t", {(Z, X, Y): TILE})
    store.save_base_map(BaseMap("影像 1", "xyz", "t", "3857", attribution="县局"))
    path = f"/basemaps/{quote('影像 1')}/{Z}/{X}/{Y}"
    first = client.get(path)
    assert (first.status_code, first.content) == (200, TILE)
    assert first.headers["content-type"] == "image/png"
    assert first.headers["cache-control"] == "private, max-age=600"
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    beside = f"/basemaps/{quote('影像 1')}/{Z}/{X + 1}/{Y}"
    assert client.get(beside).status_code == 404
    blank = client.get(f"{beside}?blank=true")
    assert blank.status_code == 200
    assert size_and_corner(blank.content) == (1, 1, (0, 0, 0, 0))
    assert client.get(f"/basemaps/none/{Z}/{X}/{Y}?blank=true").status_code == 404, "that is no gap in a base map"
    changed = world.png(world.mercator_tile(Z, X, Y, cross=(100.0, 30.0)))
    (tmp_path / "t" / str(Z) / str(X) / f"{Y}.png").write_bytes(changed)


def test_the_list_tells_what_is_to_be_shown_and_not_where_it_is(desk) -> None:
    store, client = desk
    store.save_base_map(
        BaseMap("a", "wmts", "http://10.1.2.3/wmts?tk=hush", "4490", attribution="县局", review_number="GS(2024)1号")
    )
    answer = client.get("/basemaps")
    (one,) = answer.json()["basemaps"]
    assert one["attribution"] == "县局"
    assert one["review_number"] == "GS(2024)1号"
    assert one["tiles"] == "/basemaps/a/{z}/{x}/{y}"
    assert "hush" not in answer.text
    assert "10.1.2.3" not in answer.text


def test_the_cross_is_where_it_belongs(desk, tmp_path: Path) -> None:
    store, client = desk
    levels = {16: 1 << 15}
    tiles = {
        (16, x, y): world.png(world.degree_tile(1 << 15, x, y))
        for x, y in world.around(world.degree_tile_of(levels[16]))
    }
    forms.folder(tmp_path / "t", tiles)
    store.save_base_map(BaseMap("a", "xyz", "t", "4490"))

    def answer(z: int, x: int, y: int) -> bytes | None:
        got = client.get(f"/basemaps/a/{z}/{x}/{y}")
        return got.content if got.status_code == 200 else None

    assert world.distance_of_cross(answer, 16) < 1.0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/basemaps/none/{Z}/{X}/{Y}", 404),
        (f"/basemaps/a/{Z}/0/0", 404),
        ("/basemaps/a/23/0/0", 404),
        (f"/basemaps/a/{Z}/-1/0", 404),
        (f"/basemaps/a/{Z}/{1 << Z}/0", 404),
        (f"/basemaps/a/{'9' * 40}/0/0", 404),
        ("/basemaps/a/x/0/0", 400),
        (f"/basemaps/a/{Z}/{X}/{Y}?url=http://127.0.0.1/", 400),
        (f"/basemaps/..%2Fa/{Z}/{X}/{Y}", 404),
        (f"/basemaps/%2Fetc/{Z}/{X}/{Y}", 404),
        (f"/basemaps/{'a' * 61}/{Z}/{X}/{Y}", 400),
    ],
)
def test_what_there_is_no_tile_of(desk, tmp_path: Path, path: str, status: int) -> None:
    store, client = desk
    forms.folder(tmp_path / "t", {(Z, X, Y): TILE})
    store.save_base_map(BaseMap("a", "xyz", "t", "3857"))
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_files_that_are_damaged_or_gone_have_no_tile(desk, tmp_path: Path) -> None:
    store, client = desk
    forms.folder(tmp_path / "t", {(Z, X, Y): TILE[:300]})
    forms.mbtiles(tmp_path / "a.mbtiles", {(Z, X, Y): TILE})
    (tmp_path / "a.mbtiles").write_bytes((tmp_path / "a.mbtiles").read_bytes()[:5000])
    store.save_base_map(BaseMap("cut", "xyz", "t", "3857"))
    store.save_base_map(BaseMap("file", "mbtiles", "a.mbtiles", "3857"))
    store.save_base_map(BaseMap("gone", "pmtiles", "gone.pmtiles", "3857"))
    store.save_base_map(BaseMap("out", "xyz", "../../out", "3857"))
    for name in ("cut", "file", "gone", "out"):
        answer = client.get(f"/basemaps/{name}/{Z}/{X}/{Y}", headers={"Accept-Language": "en"})
        assert answer.status_code == 404, answer.text
        assert "cannot be used" in answer.text or "outside" in answer.text
        assert str(tmp_path) not in answer.text


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (png(TILE), 200, None),
        (ABSENT, 404, "not-found"),
        ((200, {"Content-Type": "text/html"}, b"<html>sign in</html>"), 502, "basemap-unusable"),
        ((200, {"Content-Type": "image/png"}, b"<html>sign in</html>"), 502, "basemap-unusable"),
        ((500, {}, b""), 502, "basemap-unusable"),
        ((302, {"Location": "http://192.0.2.1/"}, b""), 502, "basemap-unusable"),
        ((200, {"Content-Type": "image/png"}, TILE.ljust(6_000_000, b"\0")), 502, "basemap-unusable"),
        ((200, {"Content-Type": "image/png"}, TILE[:300]), 404, "not-found"),
    ],
)
def test_answers_of_other_hosts(
    desk, answer: Answer, status: int, code: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    store, client = desk
    caplog.set_level(logging.WARNING, "gridsight")
    with hosting(lambda _: answer) as host:
        store.save_base_map(by_url(host))
        got = client.get(f"/basemaps/a/{Z}/{X}/{Y}")
    assert got.status_code == status, got.text
    if code is not None:
        assert got.json()["code"] == code
        assert "127.0.0.1" not in got.text
    # What another host answers is no fault of the store.
    told = [one.getMessage() for one in caplog.records if one.name.startswith("gridsight")]
    assert [one.partition(":")[0] for one in told] == (["base map error"] if status == 502 else [])


def test_a_slow_host_is_answered_for_in_time_and_holds_up_nothing_else(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty tiles wait, more than there are threads for all requests together; another request waits for none."""
    store, client = desk
    monkeypatch.setattr(relay_module.Relay.__init__, "__kwdefaults__", {"seconds": 4.0})
    with hosting(lambda _: (200, {}, lambda _: time.sleep(6))) as host, ThreadPoolExecutor(50) as asking:
        store.save_base_map(by_url(host))
        tiles = [asking.submit(client.get, f"/basemaps/a/{Z}/{X + k}/{Y}") for k in range(50)]
        while len(host.asked) < 8:
            time.sleep(0.05)
        assert client.get("/basemaps").status_code == 200
        assert not any(one.done() for one in tiles)
        answers = [one.result() for one in tiles]
    assert {one.status_code for one in answers} == {504}
    assert answers[0].json()["code"] == "basemap-slow"
    assert len(host.asked) == 8, "so many at a time, and the others were answered for when these had failed"


def test_tiles_of_other_hosts_are_kept_for_a_while(desk) -> None:
    store, client = desk
    with hosting(lambda _: png(TILE)) as host:
        store.save_base_map(by_url(host))
        for _ in range(3):
            assert client.get(f"/basemaps/a/{Z}/{X}/{Y}").status_code == 200
        assert len(host.asked) == 1
        store.remove_base_map("a")
        assert client.get(f"/basemaps/a/{Z}/{X}/{Y}").status_code == 404, "what is removed is answered no more"
        store.save_base_map(by_url(host, opacity=0.5))
        assert client.get(f"/basemaps/a/{Z}/{X}/{Y}").status_code == 200


def test_a_bomb_is_refused(desk) -> None:
    from tests.geo.basemaps.test_hostile_files import bomb

    store, client = desk
    with hosting(lambda _: png(bomb(12_000, 12_000))) as host:
        store.save_base_map(by_url(host))
        assert client.get(f"/basemaps/a/{Z}/{X}/{Y}").status_code == 404


def test_nothing_of_the_caller_is_passed_on(desk) -> None:
    store, client = desk
    with hosting(lambda _: png(TILE)) as host:
        store.save_base_map(by_url(host))
        got = client.get(f"/basemaps/a/{Z}/{X}/{Y}", headers={"Cookie": "a=b", "Referer": "y"})
        assert got.status_code == 200, got.text
        assert host.asked == [f"/{Z}/{X}/{Y}"]
        assert set(host.headers[0]) == {"Host", "User-Agent", "Accept", "Accept-Encoding"}


def test_answers_are_pictures_of_256_pixels(desk, tmp_path: Path) -> None:
    store, client = desk
    forms.folder(tmp_path / "t", {(Z, X, Y): world.png(world.mercator_tile(Z, X, Y, side=512))})
    store.save_base_map(BaseMap("a", "xyz", "t", "gcj02"))
    store.save_base_map(BaseMap("b", "xyz", "t", "3857"))
    for name in "ab":
        with Image.open(io.BytesIO(client.get(f"/basemaps/{name}/{Z}/{X}/{Y}").content)) as image:
            assert image.size == (256, 256)


def test_on_a_server_files_lie_in_its_folder_and_viewers_see_them(database: str, tmp_path: Path) -> None:
    from geo.storage.postgis.store import open_database

    url = database
    forms.folder(tmp_path / "maps" / "t", {(Z, X, Y): TILE})
    forms.folder(tmp_path / "other", {(Z, X, Y): TILE})
    with open_database(service_url(url)) as store:
        store.save_base_map(BaseMap("a", "xyz", "t", "3857"))
        store.save_base_map(BaseMap("out", "xyz", str(tmp_path / "other"), "3857"))
        settings = Settings(database_url=service_url(url), basemap_folder=tmp_path / "maps")
        with TestClient(create_app(settings, store=store), base_url="http://127.0.0.1:8000") as client:
            assert client.get("/basemaps").status_code == 401
            assert client.get(f"/basemaps/a/{Z}/{X}/{Y}").status_code == 401
            key = client.app.state.keys.create("v", "viewer", by="test")[0]
            signed = {"Authorization": f"Bearer {key}"}
            assert client.get(f"/basemaps/a/{Z}/{X}/{Y}", headers=signed).content == TILE
            assert client.get(f"/basemaps/out/{Z}/{X}/{Y}", headers=signed).status_code == 404
            assert [one["name"] for one in client.get("/basemaps", headers=signed).json()["basemaps"]] == ["a", "out"]
