"""Ask for coordinates in other CRSs, and give boxes and shapes in them (OGC API Features Part 2)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.geometry
from fastapi.testclient import TestClient
from pyproj import Transformer

from geo.crs import CRS84, OFFERED
from tests.api.conftest import G1, G2, M2

ITEMS = "/ogc/collections/{}/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"


def only(client: TestClient, layer: str, **query: str) -> tuple[dict, str]:
    answer = client.get(ITEMS.format(layer), params=query)
    assert answer.status_code == 200, answer.text
    (feature,) = answer.json()["features"]
    return feature, answer.headers["content-crs"]


def ids(client: TestClient, **query: str) -> list[str]:
    answer = client.get(ITEMS.format("grids"), params=query)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["features"]]


def test_collections_list_their_crs(client: TestClient) -> None:
    listed = client.get("/ogc/collections").json()
    assert listed["crs"][0] == CRS84
    for one in listed["collections"]:
        assert one["crs"] == list(OFFERED)
        assert one["storageCrs"] == CRS84
    for code in (4326, 4490, 3857, 32648, 4544, 4523, 4513, 4547):
        assert EPSG.format(code) in OFFERED


def test_degrees_come_in_the_order_their_authority_says(client: TestClient) -> None:
    plain, header = only(client, "cameras", id="c1")
    assert (plain["geometry"]["coordinates"], header) == ([102.001, 37.001], f"<{CRS84}>")
    for code in (4326, 4490):
        turned, header = only(client, "cameras", id="c1", crs=EPSG.format(code))
        assert (turned["geometry"]["coordinates"], header) == ([37.001, 102.001], f"<{EPSG.format(code)}>")
    one = client.get(f"{ITEMS.format('cameras')}/c1", params={"crs": EPSG.format(4326)})
    assert one.json()["geometry"]["coordinates"] == [37.001, 102.001]
    assert one.headers["content-crs"] == f"<{EPSG.format(4326)}>"


@pytest.mark.parametrize("code", [3857, 32648, 4544, 4523, 4514, 4535, 4496])
def test_metres_are_those_of_proj_by_its_own_axes(client: TestClient, code: int) -> None:
    feature, _ = only(client, "cameras", id="c1", crs=EPSG.format(code))
    # Without always_xy PROJ takes and gives coordinates in the order of the authority: latitude first.
    expected = Transformer.from_crs("EPSG:4326", f"EPSG:{code}").transform(37.001, 102.001)
    assert feature["geometry"]["coordinates"] == pytest.approx(expected, abs=1e-6)


def test_a_box_in_degrees_may_name_latitude_first(client: TestClient) -> None:
    box = "37.0001,102.0021,37.0019,102.0039"
    assert ids(client, bbox=box, **{"bbox-crs": EPSG.format(4326)}) == [G2]
    assert ids(client, bbox="102.0021,37.0001,102.0039,37.0019", **{"bbox-crs": CRS84}) == [G2]
    assert client.get(ITEMS.format("grids"), params={"bbox": box}).status_code == 400, "no latitude of 102 degrees"


def test_a_box_in_metres_is_a_box_in_metres(client: TestClient) -> None:
    """Sides of a box in a zone far off bend in degrees: a corner of its bounds is not in it."""
    code = 4549  # a zone 18 degrees further east, where north leans by 11 degrees
    there = Transformer.from_crs("EPSG:4326", f"EPSG:{code}")
    camera = np.array(there.transform(37.001, 102.001))
    south, west = camera - 5.0
    north, east = camera + 5.0
    box = f"{south},{west},{north},{east}"
    found = client.get(ITEMS.format("cameras"), params={"bbox": box, "bbox-crs": EPSG.format(code)}).json()
    assert [one["id"] for one in found["features"]] == ["c1", "c2"]
    # Beside the box, yet within its bounds in degrees.
    corners = [there.transform(a, b, direction="INVERSE") for a in (south, north) for b in (west, east)]
    lats, lons = zip(*corners, strict=True)
    corner = (max(lats), min(lons))
    moved = np.array(there.transform(*corner))
    assert not ((moved >= [south, west]) & (moved <= [north, east])).all()
    shift = np.array(there.transform(37.001, 102.001)) - moved
    low, high = np.array([south, west]) + shift, np.array([north, east]) + shift
    box = f"{low[0]},{low[1]},{high[0]},{high[1]}"
    found = client.get(ITEMS.format("cameras"), params={"bbox": box, "bbox-crs": EPSG.format(code)}).json()
    assert found["features"] == []
    assert found["numberMatched"] == 0


def test_shapes_of_a_filter_may_be_in_another_crs(client: TestClient) -> None:
    place = "S_INTERSECTS(geometry, POINT(37.0005 102.0015))"
    assert ids(client, filter=place, **{"filter-crs": EPSG.format(4326)}) == sorted([G1, M2])
    assert ids(client, filter=place) == [], "longitude 37, latitude 102 is nowhere"
    east, north = Transformer.from_crs("EPSG:4326", "EPSG:32648").transform(37.0005, 102.0015)
    metres = f"NOT S_DISJOINT(geometry, POINT({east} {north}))"
    assert ids(client, filter=metres, **{"filter-crs": EPSG.format(32648)}) == sorted([G1, M2])
    tree = '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[37.0005,102.0015]}]}'
    query = {"filter-lang": "cql2-json", "filter-crs": EPSG.format(4326)}
    assert ids(client, filter=tree, **query) == sorted([G1, M2])


def test_pages_keep_their_crs(client: TestClient) -> None:
    page = client.get(ITEMS.format("grids"), params={"limit": "4", "crs": EPSG.format(4326)})
    following = next(one["href"] for one in page.json()["links"] if one["rel"] == "next")
    last = client.get(following)
    assert last.headers["content-crs"] == f"<{EPSG.format(4326)}>"
    shape = shapely.geometry.shape(last.json()["features"][0]["geometry"])
    assert shape.bounds[0] < 38, "latitude first"


@pytest.mark.parametrize(
    "query",
    [
        {"crs": "EPSG:4326"}, {"crs": EPSG.format(9999)}, {"crs": ""}, {"crs": EPSG.format(4326) + "/"},
        {"bbox": "1,2,3,4", "bbox-crs": "x"}, {"bbox-crs": "x"}, {"filter-crs": "x"},
        {"bbox": "4e6,3e5,3e6,4e5", "bbox-crs": EPSG.format(4544)}, {"bbox": "1,1,1,1", "bbox-crs": EPSG.format(4544)},
        {"bbox": "-1e9,-1e9,1e9,1e9", "bbox-crs": EPSG.format(4544)}, {"bbox": "x", "bbox-crs": EPSG.format(4544)},
        {"bbox": "100,0,101,1", "bbox-crs": EPSG.format(4326)},
        {"filter": "S_INTERSECTS(geometry, POINT(1e30 1e30))", "filter-crs": EPSG.format(4544)},
        {"filter": "S_INTERSECTS(geometry, POLYGON((0 0,1e9 0,1e9 1e9,0 0)))", "filter-crs": EPSG.format(4501)},
        {"filter": "S_INTERSECTS(geometry, BBOX(102, 37, 103, 38))", "filter-crs": EPSG.format(4501)},
    ],
)  # fmt: skip
def test_what_is_in_no_crs_is_400(client: TestClient, query: dict[str, str]) -> None:
    answer = client.get(ITEMS.format("grids"), params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-query"), answer.text
