"""Vector tiles over HTTP: what both stores answer alike, and what each must do by itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import mapbox_vector_tile as mvt
import psycopg
import pytest
import shapely
from fastapi.testclient import TestClient
from shapely.geometry import shape

from api.main import create_app
from api.schemas import ogc_tiles
from api.settings import Settings
from geo.catalog.layers import LAYERS, Layer
from geo.storage.geopackage.store import open_store
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames
from maps.tiles.tile_encoding import MEDIA_TYPE
from maps.tiles.tile_grids import GRIDS
from tests import postgres
from tests.api.conftest import CRS, frames
from tests.postgres import service_url

WEB = GRIDS["WebMercatorQuad"]
#: A table without places has no tiles.
TILED = {name: layer for name, layer in LAYERS.items() if layer.is_placed}
SOUTH, NORTH = "990101101", "990101102"
Z = 13  # a tile of which holds the county


def path(layer: str, *, lon: float = 102.002, lat: float = 37.002, z: int = Z, grid: str = "WebMercatorQuad") -> str:
    x, y, _, _ = GRIDS[grid].limits(z, (lon, lat, lon, lat))
    return f"/ogc/collections/{layer}/tiles/{grid}/{z}/{y}/{x}"


def run_path(layer: str, run: str = "latest") -> str:
    return path(layer).replace(f"/ogc/collections/{layer}/tiles", f"/runs/{run}/tiles/{layer}")


def rows(answer) -> dict[str, dict]:
    """Return the features of an answer by their first property."""
    if answer.status_code == 204:
        return {}
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    (layer,) = mvt.decode(answer.content, default_options={"y_coord_down": True}).values()
    return {str(next(iter(one["properties"].values()))): one for one in layer["features"]}


def same_shape(a, b) -> bool:
    """Tell whether two shapes agree within about a unit: nowhere that only one of them covers is wider than 1.5."""
    if a.area and b.area:
        return a.symmetric_difference(b).buffer(-0.75).is_empty
    return shapely.hausdorff_distance(a, b) <= 2**0.5


@dataclass
class House:
    """Hold a service over one store, and a client of each of its people."""

    name: str
    app: object
    client: TestClient
    people: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, where: str, who: str = "admin", **headers: str):
        return self.client.get(where, headers={**self.people.get(who, {}), **headers})


@contextlib.contextmanager
def housed(name: str, settings: Settings) -> Iterator[House]:
    app = create_app(settings)
    with TestClient(app, base_url="http://127.0.0.1:8000", headers={"Accept-Language": "en"}) as client:
        yield House(name, app, client)


def fill(store) -> None:
    """Draw the county, analyse it, and put something into the layers that it lacks."""
    import_frames(store, frames(), actor="test")
    analyze(store, AnalyzeOptions(), actor="test")
    point, line = shapely.Point(102.001, 37.001), shapely.LineString([(102.0, 37.0), (102.001, 37.0)])
    square = shapely.box(102.002, 37.002, 102.003, 37.003)
    demand = gpd.GeoDataFrame(
        {"id": ["d1", "d2", "d3"], "weight": [1.0, 2.5, 4.0]}, geometry=[point, line, square], crs=CRS
    )
    protected = gpd.GeoDataFrame({"id": ["x1", "x2"], "rule": ["never", "mask"]}, geometry=[square, point], crs=CRS)
    mixed = shapely.GeometryCollection([square, line, point])
    places = gpd.GeoDataFrame(
        {"code": ["p1", "p2"]}, geometry=[mixed, shapely.MultiPoint([point, (102.0025, 37.0025)])], crs=CRS
    )
    import_frames(store, {"demand": demand, "protected": protected, "places": places}, actor="test")
    lacking = [layer for layer in TILED.values() if not store.count(layer.name)]
    import_frames(store, {layer.name: one_row(layer) for layer in lacking}, actor="test")


def one_row(layer: Layer) -> gpd.GeoDataFrame:
    """Return a row of a layer as the catalogue declares it, for layers that the county knows nothing of."""
    shapes = {
        "point": shapely.Point(102.0025, 37.0025),
        "line": shapely.LineString([(102.002, 37.002), (102.003, 37.003)]),
        "polygon": shapely.box(102.002, 37.002, 102.003, 37.003),
    }
    values = {one.name: (one.choices or ("x1",))[0] if one.kind == "text" else None for one in layer.fields}
    return gpd.GeoDataFrame([values], geometry=[shapes[layer.shapes[0]]], crs=CRS)


@pytest.fixture(scope="module")
def filled(server: str, migrated: str) -> Iterator[str]:
    """Return the superuser's URL of a database with the county and a run."""
    from geo.storage.postgis.store import open_database

    with postgres.fresh_database(server, template=migrated) as url:
        with contextlib.closing(open_database(url)) as store:
            fill(store)
        yield url


def give_keys(house: House, url: str) -> None:
    """Make a key for each kind of person, as an operator does."""
    from api.security.assembly import authenticator_of
    from geo.storage.postgis.store import open_database

    store = open_database(url)
    keys = authenticator_of(Settings(database_url=url), store).keys
    for who, role, towns in (
        ("viewer", "viewer", None), ("south", "planner", [SOUTH]), ("north", "planner", [NORTH]),
        ("admin", "admin", None),
    ):  # fmt: skip
        text, _ = keys.create(who, role, townships=towns, by="test")
        house.people[who] = {"X-API-Key": text}
    store.close()


@pytest.fixture(scope="module")
def county_server(filled: str) -> Iterator[House]:
    with housed("county_server", Settings(database_url=service_url(filled))) as house:
        give_keys(house, filled)
        yield house


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    where = tmp_path_factory.mktemp("tiles") / "workspace.gpkg"
    with open_store(where) as store:
        fill(store)
    with housed("embedded", Settings(workspace=where)) as house:
        yield house


@pytest.fixture(params=["embedded", pytest.param("county_server", marks=pytest.mark.server)])
def house(request: pytest.FixtureRequest) -> House:
    return request.getfixturevalue(request.param)


def test_a_camera_is_where_paper_says(house: House) -> None:
    found = rows(house.get(path("cameras")))
    assert sorted(found) == ["c1", "c2", "c3", "c4"]
    # 102.003 E, 37.001 N at zoom 13: (282.003 / 360) * 8192 = 6417.1349..., so 0.1349... * 4096 units into column 6417.
    column = (102.003 + 180) / 360 * 2**Z
    x, y, _, _ = WEB.limits(Z, (102.002, 37.002, 102.002, 37.002))
    assert found["c3"]["geometry"]["coordinates"][0] == round((column - x) * 4096)
    assert found["c3"]["geometry"]["coordinates"][1] == round(
        WEB.units(shapely.get_coordinates(shapely.Point(102.003, 37.001)), Z, x, y)[0, 1]
    )
    assert found["c4"]["geometry"]["coordinates"][1] < found["c3"]["geometry"]["coordinates"][1]  # north is up


def test_every_layer_shows_its_fields_and_nothing_of_the_store(house: House) -> None:
    for name, layer in TILED.items():
        found = rows(house.get(path(name)))
        assert found, name
        kinds = {kind for one in found.values() for kind in one["properties"]}
        assert kinds <= {one.name for one in layer.fields}, name
        assert layer.key in kinds
        assert all("id" not in one or one["id"] == 0 for one in found.values()), "row numbers of the store"


def test_a_table_without_places_has_no_tiles(house: House) -> None:
    where = "/ogc/collections/claims"
    assert ogc_tiles.TILESETS_REL not in {one["rel"] for one in house.get(where).json()["links"]}
    assert "claims" not in str(house.get("/ogc/tiles").json())
    for rest in ("tiles", "tiles/WebMercatorQuad", "tiles/WebMercatorQuad/0/0/0"):
        assert house.client.get(f"{where}/{rest}", headers=house.people.get("admin")).status_code == 404, rest


def test_both_grids_of_tiles_show_the_same_rows(house: House) -> None:
    for name in ("cameras", "grids", "roads"):
        web, degrees = (rows(house.get(path(name, grid=grid, z=10))) for grid in GRIDS)
        assert set(web) == set(degrees)
        assert web


def test_workspace_and_database_cut_the_same_tile(embedded: House, county_server: House) -> None:
    """The oracle: ST_AsMVT and our own encoder, over every layer, zoom by zoom."""
    for name in TILED:
        for grid in GRIDS:
            for z in (9, 13, 15, 17, 20):
                where = path(name, z=z, grid=grid, lon=102.0019, lat=37.0011)
                here, there = rows(embedded.get(where)), rows(county_server.get(where))
                assert set(here) == set(there), where
                for key, one in here.items():
                    assert one["properties"] == there[key]["properties"], where
                    a, b = shape(one["geometry"]), shape(there[key]["geometry"])
                    assert a.geom_type.removeprefix("Multi") == b.geom_type.removeprefix("Multi")
                    assert same_shape(a, b), f"{where} {key}"


def test_runs_have_tiles_alike(embedded: House, county_server: House) -> None:
    for name in ("grids", "townships", "views", "possible", "coverage", "gaps"):
        here, there = rows(embedded.get(run_path(name))), rows(county_server.get(run_path(name)))
        assert here, name
        assert len(here) == len(there), name
        kinds = {kind for one in there.values() for kind in one["properties"]}
        assert kinds <= set(ogc_tiles.RUN_FIELDS[name])
        for key, one in here.items():
            a, b = (shape(found["geometry"]) for found in (one, there[key]))
            assert same_shape(a, b), (name, key)
            assert one["properties"].keys() == there[key]["properties"].keys(), (name, key)
    listed = embedded.get("/runs/latest/tiles").json()
    assert {one["id"] for one in listed["tilesets"]} == set(ogc_tiles.RUN_FIELDS)
    template = listed["tilesets"][0]["links"][0]["href"]
    x, y, _, _ = WEB.limits(Z, (102.002, 37.002, 102.002, 37.002))
    asked = template.replace("{tileMatrix}", str(Z)).replace("{tileRow}", str(y)).replace("{tileCol}", str(x))
    assert embedded.get(asked).status_code == 200


def test_unknown_runs_and_layers_of_runs_are_404(house: House) -> None:
    assert house.get(run_path("grids", "01900000-0000-7000-8000-000000000000")).status_code == 404
    assert house.get(run_path("roads")).status_code == 404
    assert house.get(run_path("grids", "%00")).status_code == 404, "no text of a store"
    assert house.get(run_path("grids") + "?datetime=2026-01-01").status_code == 400


def test_an_unchanged_tile_is_304_and_private(house: House) -> None:
    for where in (path("cameras"), run_path("views")):
        first = house.get(where)
        assert first.headers["cache-control"].startswith("private")
        assert {"authorization", "x-api-key", "cookie"} <= set(first.headers["vary"].lower().split(", "))
        again = house.get(where, **{"If-None-Match": f'"other", {first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert house.get(where, **{"If-None-Match": '"other"'}).content == first.content


def test_an_empty_tile_is_204(house: House) -> None:
    answer = house.get(path("cameras", lon=10, lat=10))
    assert (answer.status_code, answer.content) == (204, b"")
    assert house.get(path("cameras", lon=10, lat=10), **{"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_an_edit_shows_in_the_next_tile(house: House, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("filled") if house.name == "county_server" else None
    store = _own_store(house, url)
    feature, version = store.get("cameras", "c3")
    before = house.get(path("cameras"))
    place = rows(before)["c3"]["geometry"]["coordinates"]
    try:
        moved = {**feature, "geometry": {"type": "Point", "coordinates": [102.0035, 37.001]}}
        store.put("cameras", "c3", moved, if_version=version, actor="test")
        after = house.get(path("cameras"), **{"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        right = rows(after)["c3"]["geometry"]["coordinates"]
        assert right[1] == place[1]
        assert right[0] - place[0] == pytest.approx(0.0005 / 360 * 2**Z * 4096, abs=1)
        store.delete("cameras", "c3", if_version=version + 1, actor="test")
        assert "c3" not in rows(house.get(path("cameras"), **{"If-None-Match": after.headers["etag"]}))
        back = house.get(path("cameras") + "?datetime=2020-01-01")
        assert rows(back)["c3"]["geometry"]["coordinates"] == place  # what was valid then is in history
        assert set(rows(house.get(path("cameras") + "?datetime=2019-01-01/.."))) == {"c1", "c2", "c3", "c4"}
    finally:
        with contextlib.suppress(Exception):
            store.delete("cameras", "c3", if_version=None, actor="test")
        store.put("cameras", "c3", feature, if_version=0, actor="test")
        store.close()


def _own_store(house: House, url: str | None):
    if url is None:
        return open_store(Path(house.app.state.store.name), create=False)
    from geo.storage.postgis.store import open_database

    return open_database(url)


@pytest.mark.parametrize(
    ("tail", "status"),
    [
        ("WebMercatorQuad/23/0/0", 404),
        ("WebMercatorQuad/2/4/0", 404),
        ("WebMercatorQuad/2/0/4", 404),
        ("WorldCRS84Quad/0/0/2", 404),
        ("WebMercatorQuad/99999999999999999999999/0/0", 404),
        ("WebMercatorQuad/-1/0/0", 400),
        ("WebMercatorQuad/1/0/1.5", 400),
        ("WebMercatorQuad/1/0/１", 400),
        ("WebMercatorQuad/1/x/0", 400),
        ("Nowhere/1/0/0", 404),
        ("WebMercatorQuad/1/0/0?f=png", 400),
        ("WebMercatorQuad/1/0/0?colour=red", 400),
        ("WebMercatorQuad/1/0/0?datetime=soon", 400),
        ("WebMercatorQuad/1/0/0?datetime=2026-01-02/2026-01-01", 400),
        ("WebMercatorQuad/1/0/0?f=mvt&f=mvt", 400),
    ],
)
def test_what_cannot_be_asked_is_a_problem(house: House, tail: str, status: int) -> None:
    answer = house.get(f"/ogc/collections/grids/tiles/{tail}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_unknown_layers_are_404_and_tiles_take_get_alone(house: House) -> None:
    for name in ("terrain", "grids'; drop table x", "pg_class", "cameras_history", "grids_history"):
        assert house.get(path("grids").replace("grids", name)).status_code == 404
    assert house.client.post(path("grids"), headers=house.people.get("admin")).status_code == 405


def test_tilesets_are_described_as_the_standard_says(house: House) -> None:
    """OGC 20-057: /conf/tilesets-list, /conf/tileset, /conf/geodata-tilesets."""
    root = "http://127.0.0.1:8000/ogc"
    assert {one["id"] for one in house.get("/ogc/tileMatrixSets").json()["tileMatrixSets"]} == set(GRIDS)
    for name, layer in TILED.items():
        links = house.get(f"/ogc/collections/{name}").json()["links"]
        (to_tiles,) = [one["href"] for one in links if one["rel"] == ogc_tiles.TILESETS_REL]
        assert to_tiles == f"{root}/collections/{name}/tiles"
        for item in house.get(to_tiles).json()["tilesets"]:
            assert item["dataType"] == "vector"
            by_rel = {one["rel"]: one for one in item["links"]}
            tileset = house.get(by_rel["self"]["href"]).json()
            scheme = house.get(by_rel[ogc_tiles.SCHEME_REL]["href"]).json()
            assert scheme["uri"] == item["tileMatrixSetURI"] == tileset["tileMatrixSetURI"]
            assert scheme["crs"] == item["crs"] == tileset["crs"]
            (tile,) = [one for one in tileset["links"] if one["rel"] == "item"]
            assert tile["templated"] is True
            assert tile["type"] == MEDIA_TYPE
            x, y, _, _ = GRIDS[scheme["id"]].limits(Z, (102.002, 37.002, 102.002, 37.002))
            asked = tile["href"].replace("{tileMatrix}", str(Z)).replace("{tileRow}", str(y))
            assert rows(house.get(asked.replace("{tileCol}", str(x)))), name
            (described,) = tileset["layers"]
            assert set(described["propertiesSchema"]["properties"]) == {one.name for one in layer.fields}
            assert tileset["boundingBox"]["lowerLeft"] == pytest.approx([102.0, 37.0], abs=0.01)
    assert len(house.get("/ogc/tiles").json()["tilesets"]) == len(TILED) * len(GRIDS)
    claimed = house.get("/ogc/conformance").json()["conformsTo"]
    assert set(ogc_tiles.CONFORMANCE) <= set(claimed)
    landing = {one["rel"] for one in house.get("/ogc/").json()["links"]}
    assert ogc_tiles.TILESETS_REL in landing


def test_a_crowded_tile_says_what_it_leaves_out(embedded: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maps.tiles.tile_encoding.build_tile.__kwdefaults__", {"fields": None, "max_features": 3})
    answer = embedded.get(path("cameras", z=11))
    assert len(rows(answer)) == 3
    assert answer.headers["gridsight-left-out"] == "1"


# Rights: the server's alone.


def test_who_may_read_which_tiles(county_server: House) -> None:
    wanted = {
        "nobody": {"grids": 401, "cameras": 401}, "viewer": {"grids": 200, "cameras": 403, "addresses": 200},
        "south": {"grids": 200, "cameras": 200, "demand": 200}, "admin": {"cameras": 200, "protected": 200},
    }  # fmt: skip
    for who, layers in wanted.items():
        for name, status in layers.items():
            assert county_server.get(path(name), who).status_code == status, (who, name)
        for name, status in layers.items():
            assert county_server.get(f"/ogc/collections/{name}/tiles", who).status_code == status, (who, name)
            assert county_server.get(f"/ogc/collections/{name}/tiles/WebMercatorQuad", who).status_code == status
    for name in ("views", "possible", "coverage", "gaps"):
        assert county_server.get(run_path(name), "viewer").status_code == 403
        assert county_server.get(run_path(name), "nobody").status_code == 401
    assert county_server.get(run_path("grids"), "viewer").status_code == 200
    seen = {one["id"] for one in county_server.get("/runs/latest/tiles", "viewer").json()["tilesets"]}
    assert not seen & {"views", "possible", "coverage", "gaps"}


def test_no_tile_shows_a_planner_what_is_elsewhere(county_server: House) -> None:
    """c1 to c3 stand in the south, c4 in the north; every zoom and every tile around them is looked through."""
    own = {"south": {"c1", "c2", "c3"}, "north": {"c4"}}
    for who, mine in own.items():
        for name in ("cameras", "views", "possible"):
            seen = set()
            for grid in GRIDS:
                for z in (0, 8, 14, 17, 19, 22):
                    for lon, lat in ((102.001, 37.001), (102.003, 37.001), (102.003, 37.003)):
                        where = path(name, lon=lon, lat=lat, z=z, grid=grid)
                        if name != "cameras":
                            where = where.replace(f"/ogc/collections/{name}/tiles", f"/runs/latest/tiles/{name}")
                        seen |= set(rows(county_server.get(where, who)))
            assert seen <= mine, (who, name)
            assert seen or name == "possible" or mine == {"c4"}, (who, name)
        for day in ("2020-01-01", "2000-01-01/.."):
            assert set(rows(county_server.get(path("cameras", z=8) + f"?datetime={day}", who))) <= mine
    # A gap's camera is named to those whose camera it is.
    for who, mine in own.items():
        named = {one["properties"].get("camera") for one in rows(county_server.get(run_path("gaps"), who)).values()}
        assert named <= mine | {None}
    whole, half = (rows(county_server.get(run_path("coverage"), who)) for who in ("admin", "south"))
    assert sum(one["properties"]["area_m2"] for one in half.values()) <= (
        sum(one["properties"]["area_m2"] for one in whole.values()) * 1.000001
    )


def test_one_persons_etag_opens_nothing_to_another(county_server: House) -> None:
    south, north = county_server.get(path("cameras"), "south"), county_server.get(path("cameras"), "north")
    assert south.headers["etag"] != north.headers["etag"]
    crossed = county_server.get(path("cameras"), "north", **{"If-None-Match": south.headers["etag"]})
    assert crossed.status_code == 200
    assert set(rows(crossed)) == {"c4"}
    # Reference layers are the same for all, and so is what is kept of them.
    viewer, south = (county_server.get(path("grids"), who).headers["etag"] for who in ("viewer", "south"))
    assert viewer == south


def test_an_etag_tells_a_planner_nothing_of_edits_elsewhere(county_server: House, filled: str) -> None:
    before = {who: county_server.get(path("cameras"), who).headers["etag"] for who in ("south", "north", "admin")}
    store = _own_store(county_server, filled)
    feature, version = store.get("cameras", "c4")
    try:
        changed = {**feature, "properties": {**feature["properties"], "name": "改名"}}
        store.put("cameras", "c4", changed, if_version=version, actor="test")
        for _ in range(2):  # cut anew, then from memory
            after = {who: county_server.get(path("cameras"), who).headers["etag"] for who in before}
            assert after["south"] == before["south"]
            assert after["north"] != before["north"]
            assert after["admin"] != before["admin"]
        unchanged = county_server.get(path("cameras"), "south", **{"If-None-Match": before["south"]})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
    finally:
        store.put("cameras", "c4", feature, if_version=None, actor="test")
        store.close()


@pytest.mark.parametrize("what", ["tile", "overview"])
def test_what_the_page_shows_a_planner_stays_the_same_until_an_edit_in_his_townships(
    county_server: House, filled: str, what: str
) -> None:
    z, y, x = path("cameras").split("/")[-3:]
    asked = f"/page/latest/tiles/cameras/{z}/{x}/{y}" if what == "tile" else "/page/latest/overview"
    people = ("south", "north", "admin")
    before = {who: county_server.get(asked, who).headers["etag"] for who in people}
    store = _own_store(county_server, filled)
    kept = {key: store.get("cameras", key)[0] for key in ("c1", "c4")}

    def turn(key: str) -> None:
        status = {"online": "offline", "offline": "online"}[kept[key]["properties"]["status"]]
        changed = {**kept[key], "properties": {**kept[key]["properties"], "status": status}}
        store.put("cameras", key, changed, if_version=None, actor="test")

    try:
        turn("c4")
        for _ in range(2):  # made anew, then from memory
            same = county_server.get(asked, "south", **{"If-None-Match": before["south"]})
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", before["south"])
            for who in ("north", "admin"):
                other = county_server.get(asked, who, **{"If-None-Match": before[who]})
                assert (other.status_code, other.headers["etag"] != before[who]) == (200, True)
        north = county_server.get(asked, "north").headers["etag"]
        turn("c1")
        own = county_server.get(asked, "south", **{"If-None-Match": before["south"]})
        assert (own.status_code, own.headers["etag"] != before["south"]) == (200, True)
        assert county_server.get(asked, "north", **{"If-None-Match": north}).status_code == 304
    finally:
        for key, feature in kept.items():
            store.put("cameras", key, feature, if_version=None, actor="test")
        store.close()


CALL = "SELECT * FROM gridsight.tile(%s, %s, 'cameras', '2026-11-22', '2026-11-22', 'WebMercatorQuad', %s, 0, 0, NULL)"


def test_the_function_gives_nobody_more_than_the_role(filled: str) -> None:
    with psycopg.connect(service_url(filled), autocommit=True) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(CALL, ("gridsight_planner", SOUTH, 0))  # the login itself may not even call it
        conn.execute("SELECT set_config('role', 'gridsight_viewer', false)")
        for role in ("postgres", "gridsight_owner", "none", "", "gridsight_worker", "gridsight", None):
            with pytest.raises(psycopg.Error) as refused:
                conn.execute(CALL, (role, SOUTH, 0))
            assert refused.value.sqlstate in ("42501", "22023"), role
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(CALL, ("gridsight_viewer", SOUTH, 0))
        for towns, ids in ((SOUTH, {"c1", "c2", "c3"}), (NORTH, {"c4"}), ("", set()), ("' OR true --", set())):
            _, _, tile = conn.execute(CALL, ("gridsight_planner", towns, 0)).fetchone()
            layers = mvt.decode(bytes(tile)) if tile else {}
            assert {one["properties"]["id"] for one in layers.get("cameras", {}).get("features", [])} == ids
        assert conn.execute("SELECT current_user, current_setting('app.townships', true)").fetchone() == (
            "gridsight_viewer", "",
        )  # fmt: skip
        for bad in (-1, 23):
            with pytest.raises(psycopg.errors.InvalidParameterValue):
                conn.execute(CALL, ("gridsight_planner", SOUTH, bad))
    with psycopg.connect(filled) as conn:
        found = conn.execute("SELECT proname, prosecdef FROM pg_proc WHERE proname IN ('tile', 'run_tile')")
        assert sorted(found.fetchall()) == [("run_tile", False), ("tile", False)]


def test_the_database_finds_tiles_by_its_index(filled: str) -> None:
    """Under a planner's policy GiST serves only while && is leakproof (docs/contract.md section 5)."""
    from geo.storage.postgis.store import open_database

    with psycopg.connect(filled) as conn:
        conn.execute("SET LOCAL enable_seqscan = off")  # four rows: the question is whether it may, not whether it pays
        conn.execute(
            "SELECT set_config('role', 'gridsight_planner', true), set_config('app.townships', %s, true)", [SOUTH]
        )
        plan = conn.execute(
            "EXPLAIN SELECT id FROM gridsight.cameras WHERE geom && ST_MakeEnvelope(102, 37, 102.002, 37.002, 4326)"
        ).fetchall()
    assert any("cameras_geom" in row[0] for row in plan), plan
    open_database(filled).close()


def test_the_database_caps_a_tile(server: str, migrated: str) -> None:
    with postgres.fresh_database(server, template=migrated) as url:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(
                "INSERT INTO gridsight.addresses (id, text, geom) SELECT 'a' || k, 'x', "
                "ST_SetSRID(ST_MakePoint(96 + (k % 200) * 0.01, 30 + k / 200 * 0.01), 4326) "
                "FROM generate_series(0, 10499) k"
            )
            conn.execute(
                "INSERT INTO gridsight.obstacles (id, geom) SELECT 'b' || k, ST_Multi(ST_MakeEnvelope(100, 30, "
                "100 + 0.0001 * k, 31, 4326)) FROM generate_series(1, 10100) k"
            )
        with housed("crowd", Settings(database_url=service_url(url))) as crowd:
            give_keys(crowd, url)
            answer = crowd.get(path("addresses", lon=97, lat=30.2, z=6))
            assert answer.headers["gridsight-left-out"] == "500"
            kept = rows(answer)
            assert len(kept) == 10_000
            per_row = [sum(int(key[1:]) // 2100 == part for key in kept) for part in range(5)]
            assert min(per_row) > 1900  # an even sample of 2,100 each
            answer = crowd.get(path("obstacles", lon=100.5, lat=30.5, z=6))
            assert answer.headers["gridsight-left-out"] == "100"
            assert "b10100" in rows(answer)
            assert "b50" not in rows(answer)
            assert "gridsight-left-out" not in crowd.get(path("addresses", lon=96.1, lat=30.1, z=13)).headers
            # Kept in memory, and yet an edit shows at once.
            again = crowd.get(path("addresses", lon=97, lat=30.2, z=6))
            assert again.headers["gridsight-left-out"] == "500"
            with psycopg.connect(url, autocommit=True) as conn:
                conn.execute("DELETE FROM gridsight.addresses WHERE id = 'a0'")
            assert crowd.get(path("addresses", lon=97, lat=30.2, z=6)).headers["gridsight-left-out"] == "499"


def test_the_pool_outlives_a_restart(clusters: Callable[[], AbstractContextManager[postgres.Cluster]]) -> None:
    from geo.storage.postgis.maintenance import upgrade

    with clusters() as cluster, postgres.fresh_database(cluster.url) as url:
        upgrade(url)
        with housed("restarted", Settings(database_url=service_url(url))) as house:
            give_keys(house, url)
            where = path("grids")
            assert house.get(where).status_code == 204
            cluster.stop("fast")
            down = house.get(where)
            assert down.status_code == 503
            assert down.json()["code"] == "store-down"
            assert int(down.headers["retry-after"]) > 0
            assert "asyncpg" not in down.text
            cluster.start()
            assert house.get(where).status_code == 204
            with psycopg.connect(url, autocommit=True) as conn:
                conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'gridsight%'"
                )
            assert house.get(where).status_code == 204  # a connection that died while idle costs nobody an error


def test_parameters_of_the_url_mean_the_same_to_both_drivers(filled: str) -> None:
    """One of psycopg's, one of both, one that tunes libpq alone, and settings of the session."""
    url = service_url(filled)
    url += f"{'&' if '?' in url else '?'}connect_timeout=5&sslmode=prefer&keepalives=1&options=-c%20geqo%3Doff"
    with housed("asked", Settings(database_url=url)) as asked:
        give_keys(asked, filled)
        assert rows(asked.get(path("grids"), "viewer"))
        assert asked.get("/ogc/collections/grids/items", "viewer").json()["numberMatched"] > 0


def test_a_tile_that_takes_too_long_is_503(filled: str) -> None:
    with housed("slow", Settings(database_url=service_url(filled), statement_seconds=0.2)) as slow:
        give_keys(slow, filled)
        with psycopg.connect(filled) as conn:
            conn.execute("LOCK TABLE gridsight.grids IN ACCESS EXCLUSIVE MODE")
            answer = slow.get(path("grids"), "viewer")
            assert answer.status_code == 503
            assert answer.json()["code"] == "store-busy"
        assert slow.get(path("grids"), "viewer").status_code == 200
