"""Write over another township as a planner: each way in refuses it and says why (docs/contract.md section 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
import shapely.geometry

from geo.errors import NotAllowed
from geo.storage.records import Caller, WriteCounts
from tests import postgres
from tests.api.conftest import CRS, G3, T1, T2, V1, V2
from tests.api.server_mode import CountyServer, county_server

ITEMS = "/ogc/collections/{}/items"
PATCH = {"Content-Type": "application/merge-patch+json"}
A = Caller("ann", "planner", (T1,))

#: Most of B, on a foot in A that holds the middle latitude: a point on its surface lies in A.
OVER_B = shapely.union_all(
    [shapely.box(102.0002, 37.0001, 102.0038, 37.0019), shapely.box(102.0002, 37.0019, 102.0034, 37.0036)]
)
BORDER = 37.002
OUTSIDE = shapely.box(102.003, 37.001, 102.005, 37.0015)
#: What a planner writes with a polygon, and a key that is its own.
KEYS = {"grids": f"{V1}900", "obstacles": "neu", "demand": "neu", "protected": "neu"}
#: A code of A, at a place of A, that reaches over the border: as an admin stored it.
ROAD = shapely.LineString([(102.0005, 37.0005), (102.00051234567891, 37.001), (102.0005, 37.0025123456789)])


@pytest.fixture(scope="module")
def house(server: str, migrated: str) -> Iterator[CountyServer]:
    with postgres.fresh_database(server, template=migrated) as url, county_server(url) as found:
        road = found["admin"].post(ITEMS.format("roads"), json=feature(ROAD, "over", id="over", name="长街"))
        assert road.status_code == 201, road.text
        yield found


def feature(shape: shapely.Geometry, key: str | None = None, **properties: object) -> dict[str, Any]:
    named = {} if key is None else {"id": key}
    return {"type": "Feature", **named, "geometry": shapely.geometry.mapping(shape), "properties": properties}


def refusal(answer: Any) -> str:
    """Return the sentence of an answer that must be a refusal."""
    assert answer.status_code == 403, answer.text
    assert answer.json()["code"] == "not-allowed"
    return str(answer.json()["detail"])


@pytest.mark.parametrize("layer", KEYS)
def test_a_polygon_over_another_township_is_refused(house: CountyServer, layer: str) -> None:
    assert OVER_B.point_on_surface().y < BORDER, "one that a look at one point lets in"
    planner, key = house["planner_a"], KEYS[layer]
    name = "code" if layer == "grids" else "id"
    owner = house["planner_b"].get("/locate?lon=102.001&lat=37.003&crs=wgs84").json()["candidates"][0]["grid"]["code"]
    assert owner == G3
    said = refusal(planner.post(ITEMS.format(layer), json=feature(OVER_B, key, **{name: key})))
    assert f"over the border into 北镇 {T2}: only an admin" in said
    said = refusal(planner.post(ITEMS.format(layer), json=feature(OUTSIDE, key, **{name: key})))
    assert "outside the county: only an admin may write there" in said
    # Within its township it is let in, and then no change takes it out.
    own = shapely.box(102.0011, 37.0001, 102.0012, 37.0002)
    made = planner.post(ITEMS.format(layer), json=feature(own, key, **{name: key}))
    assert made.status_code == 201, made.text
    url, match = made.headers["location"], {"If-Match": made.headers["etag"]}
    key = made.json()["id"]
    assert "over the border" in refusal(planner.put(url, json=feature(OVER_B, key, **{name: key}), headers=match))
    moved = json.dumps({"geometry": shapely.geometry.mapping(OVER_B)})
    assert "over the border" in refusal(planner.patch(url, content=moved, headers={**match, **PATCH}))
    located = house["planner_b"].get("/locate?lon=102.001&lat=37.003&crs=wgs84").json()
    assert located["candidates"][0]["grid"]["code"] == owner
    assert planner.delete(url, headers=match).status_code == 204


def test_what_an_admin_stored_over_a_border_is_an_admins(house: CountyServer) -> None:
    url = f"{ITEMS.format('roads')}/over"
    for who in ("planner_a", "planner_b"):
        match = {"If-Match": house[who].get(url).headers["etag"]}
        for answer in (
            house[who].patch(url, content=b'{"properties": {"name": "x"}}', headers={**match, **PATCH}),
            house[who].put(url, json=feature(ROAD, "over", id="over"), headers=match),
            house[who].delete(url, headers=match),
        ):
            assert "only an admin may write what lies over a border" in refusal(answer)
        same = house[who].put(url, json=house[who].get(url).json(), headers=match)
        assert same.status_code == 200, "as it is stored it goes in again"
        assert same.headers["etag"] == match["If-Match"]
    match = {"If-Match": house["admin"].get(url).headers["etag"]}
    renamed = house["admin"].patch(url, content='{"properties": {"name": "新街"}}'.encode(), headers={**match, **PATCH})
    assert renamed.status_code == 200


def test_a_code_of_anothers_series_is_refused(house: CountyServer) -> None:
    own = shapely.box(102.0011, 37.0001, 102.0012, 37.0002)
    post = house["planner_a"].post
    said = refusal(post(ITEMS.format("grids"), json=feature(own, f"{V2}009", code=f"{V2}009")))
    assert f"the code {V2}009 of {V2}009 names 北镇 {T2}" in said
    said = refusal(post(ITEMS.format("grids"), json=feature(own, "g9", code="g9", village=V2)))
    assert f"the code {V2} of g9 names 北镇 {T2}" in said


def test_an_address_of_another_township_is_refused_and_its_own_answer_stays(house: CountyServer) -> None:
    at = shapely.Point(102.0005, 37.0005)
    asked = "/locate?address=北镇北村三组5号"
    before = house["planner_b"].get(asked).json()
    assert before["status"] == "matched"
    post = house["planner_a"].post
    for fields in (
        {"text": "北镇北村三组5号"}, {"text": "试验县 北镇 北村 三组 5号"}, {"text": "北村三组5号"},
        {"text": "南镇南村1号", "aliases": "北镇北村三组5号"}, {"text": "5号", "standard": "试验县北镇北村3组5号"},
    ):  # fmt: skip
        said = refusal(post(ITEMS.format("addresses"), json=feature(at, "neu", id="neu", **fields)))
        assert "which is not in your scope" in said
    assert house["planner_b"].get(asked).json()["candidates"] == before["candidates"]
    made = post(ITEMS.format("addresses"), json=feature(at, "neu", id="neu", text="南镇南村东街9号"))
    assert made.status_code == 201, made.text
    assert house["planner_a"].delete(made.headers["location"], headers={"If-Match": "*"}).status_code == 204


def test_a_whole_download_goes_in_again_unchanged(house: CountyServer, tmp_path: Path) -> None:
    """A planner may import what it exported, rows of others included: nothing of it is a change."""
    store = house.store.acting(A)
    for layer in ("grids", "villages", "obstacles", "roads", "addresses"):
        before = store.revision(layer)
        for form in ("geojson", "gpkg"):
            path = tmp_path / f"{layer}.{form}"
            path.write_bytes(house["planner_a"].get(f"{ITEMS.format(layer)}?f={form}&limit=10000").content)
            frame = gpd.read_file(path)
            known = [name for name in frame.columns if name in store.read(layer).columns]
            counts = store.write(layer, frame[known].set_crs(CRS, allow_override=True), "upsert", actor="ann")
            assert counts == WriteCounts(0, len(frame), len(frame), 0), (layer, form)
        assert store.revision(layer) == before


def test_an_import_is_refused_whole_and_names_the_row(house: CountyServer) -> None:
    store = house.store.acting(A)
    roads = store.read("roads")
    own = gpd.GeoDataFrame(
        {"id": ["n1", "n2"], "class": ["service", "service"]},
        geometry=[shapely.LineString([(102.0005, y), (102.001, y)]) for y in (37.0005, 37.0015)],
        crs=CRS,
    )
    changed = roads[roads["id"] == "over"].assign(name="x")
    for frame in (gpd.pd.concat([own, changed]), changed):
        with pytest.raises(NotAllowed, match="over reaches over the border"):
            store.write("roads", frame, "upsert", actor="ann")
    with pytest.raises(NotAllowed, match=r"only an admin|not in your scope"):
        store.write("roads", own, "replace", actor="ann")  # which removes what is over the border
    assert store.read("roads")["id"].tolist() == roads["id"].tolist()
    assert store.write("roads", own, "upsert", actor="ann") == WriteCounts(2, 0, 0, 0)
    for key in own["id"]:
        store.delete("roads", key, if_version=None, actor="ann")


def test_each_part_of_a_mixed_place_is_looked_at(house: CountyServer) -> None:
    """A place may be made of points, lines and areas; one part over the border is over the border."""
    own = [shapely.box(102.0011, 37.0001, 102.0012, 37.0002), shapely.LineString([(102.001, 37.0), (102.001, 37.001)])]
    beyond = shapely.Point(102.0005, 37.003)
    post, url = house["planner_a"].post, ITEMS.format("places")
    for shape in (shapely.GeometryCollection([*own, beyond]), shapely.MultiPoint([(102.001, 37.001), beyond])):
        said = refusal(post(url, json=feature(shape, "mix", code="mix")))
        assert f"over the border into 北镇 {T2}: only an admin" in said
    for shape in (
        shapely.GeometryCollection([*own, shapely.Point(102.002, 37.001)]),
        shapely.MultiPoint([(102.001, 37.001), (102.002, 37.001)]),
    ):
        made = post(url, json=feature(shape, "mix", code="mix"))
        assert made.status_code == 201, made.text
        stored = house["planner_b"].get(made.headers["location"]).json()["geometry"]
        assert stored == json.loads(json.dumps(shapely.geometry.mapping(shape)))
        assert house["planner_a"].delete(made.headers["location"], headers={"If-Match": "*"}).status_code == 204
