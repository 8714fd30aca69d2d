"""Test reach on a county that can be counted on paper: own facilities, video links, what no road reaches (rule P7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.errors import BadValue, NotFound
from geo.storage.geopackage.store import open_store
from geo.studies.facility_reach import reach

V1, V2, V3 = "990101101201", "990101101202", "990101102201"
#: Degrees of 100 m, near enough, at the equator of the drawing.
EAST, NORTH = 100 / 88_900, 100 / 111_000


def at(x: float, y: float) -> shapely.Point:
    return shapely.Point(103 + x * EAST, 37 + y * NORTH)


def frame(shapes, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[object]:
    opened = open_store(tmp_path / "workspace.gpkg")
    townships = [shapely.box(102.99, 36.99, 103.05, 37.01), shapely.box(103.05, 36.99, 103.2, 37.01)]
    layers = {
        "divisions": frame(townships, code=["990101101", "990101102"], name=["东镇", "西镇"], level=["township"] * 2),
        "villages": frame([at(0, 1), at(10, 0), at(100, 0)], code=[V1, V2, V3], name=["一村", "二村", "三村"]),
        "places": frame([at(4, 0)], code=["p"], name=["学校"], kind=["school"]),
        "roads": frame([shapely.LineString([at(0, 0), at(5, 0), at(10, 0)])], id=["r"]),
        "facilities": frame(
            [at(0, 0), at(10, 0), at(0, 2)],
            code=["a", "b", "c"],
            kind=["governance_centre", "governance_centre", "police_station"],
            serves=[f"{V1};990101102000", None, None],
            link=["yes", "no", None],
        ),
    }
    for name, rows in layers.items():
        opened.write(name, rows, "upsert", actor="test")
    yield opened
    opened.close()


def test_every_unit_has_the_nearest_by_road_and_its_own_by_code_or_place(store) -> None:
    found = reach(store, "综治中心", limit_m=450)
    units = {(row["layer"], row["code"]): row for row in found.units}
    first, second, third = (units["villages", code] for code in (V1, V2, V3))
    assert (first["facility"], round(first["distance_m"], -1), first["own"]) == ("a", 100, True)
    # a point has nothing inside it: the centre that stands there serves no code
    assert (second["facility"], round(second["distance_m"]), second["own"]) == ("b", 0, False)
    assert (third["facility"], third["air"], round(third["distance_m"], -2)) == ("b", True, 9000)
    assert (units["places", "p"]["facility"], round(units["places", "p"]["distance_m"], -1)) == ("a", 400)
    assert units["townships", "990101101"]["own"]
    assert units["townships", "990101102"]["own"]  # served by its padded code
    assert found.without_own == {"townships": [], "villages": [V2, V3], "places": ["p"]}
    assert {row["code"] for row in found.beyond} >= {V3}
    assert V1 not in {row["code"] for row in found.beyond}


def test_roads_in_pieces_and_units_that_none_reaches_are_said(store) -> None:
    # the second road passes the third village and meets no road that leads to a centre
    store.write("roads", frame([shapely.LineString([at(95, 0), at(105, 0)])], id=["s"]), "upsert", actor="test")
    found = reach(store, "综治中心")
    straight = [row["code"] for row in found.units if row["air"]]
    assert V3 in straight
    (note,) = found.notes
    zh, _, en = note.partition(" / ")
    assert zh == f"道路分成互不相连的 2 块；{len(straight)} 个单元没有道路通到这类设施，按直线距离"
    assert en.startswith("roads: 2 pieces that do not meet; no road leads from")


def test_a_store_without_roads_says_so(tmp_path) -> None:
    opened = open_store(tmp_path / "roadless.gpkg")
    opened.write("places", frame([at(4, 0)], code=["p"], kind=["school"]), "upsert", actor="test")
    opened.write("facilities", frame([at(0, 0)], code=["a"], kind=["police_station"]), "upsert", actor="test")
    found = reach(opened, "police_station")
    assert (found.units[0]["air"], round(found.units[0]["distance_m"], -1)) == (True, 400)
    assert found.notes[0].startswith("库中没有道路；1 个单元")
    opened.close()


def test_the_video_link_names_the_exceptions_and_why(store) -> None:
    links = reach(store, "governance_centre").links
    assert (links["townships"]["units"], links["townships"]["linked"]) == (2, 2)
    assert links["villages"]["linked"] == 1
    assert [(one["code"], one["link"]) for one in links["villages"]["exceptions"]] == [(V2, "none"), (V3, "none")]
    store.write("facilities", frame([at(9, 9)] * 2, code=["d", "e"], kind=["video_link"] * 2, serves=[V2, V3],
                                    link=["no", None]), "upsert", actor="test")  # fmt: skip
    links = reach(store, "governance_centre").links
    assert [(one["code"], one["link"]) for one in links["villages"]["exceptions"]] == [(V2, "no"), (V3, "unknown")]


@pytest.mark.parametrize("of_village", ["yes", None])
def test_a_township_is_not_linked_through_the_centre_of_a_village_in_it(tmp_path, of_village) -> None:
    with open_store(tmp_path / "towns.gpkg") as opened:
        square = shapely.box(103.1, 37.6, 103.11, 37.61)
        for name, columns in (
            ("divisions", {"code": ["990101101"], "level": ["township"]}),
            ("villages", {"code": [V1]}),
        ):
            rows = gpd.GeoDataFrame(columns, geometry=[square], crs=4326)
            opened.write(name, rows, "upsert", actor="test")
        centres = {"code": ["town", "village"], "kind": ["governance_centre"] * 2, "level": ["township", "village"]}
        points = gpd.points_from_xy([103.105, 103.106], [37.605, 37.605], crs=4326)
        frame_of = gpd.GeoDataFrame({**centres, "link": ["no", of_village]}, geometry=points)
        opened.write("facilities", frame_of, "upsert", actor="test")
        links = reach(opened, "governance_centre").links
    assert [(one["code"], one["link"]) for one in links["townships"]["exceptions"]] == [("990101101", "no")]
    assert links["villages"]["linked"] == (1 if of_village == "yes" else 0)


def test_what_cannot_be_answered_says_so(store, tmp_path) -> None:
    there = r"已有：综治中心、派出所 / no .* of kind moon; there are: comprehensive governance centre, police station"
    with pytest.raises(NotFound, match=there):
        reach(store, "moon")
    with pytest.raises(BadValue, match="the limit is metres"):
        reach(store, "综治中心", limit_m=float("nan"))
    empty = open_store(tmp_path / "empty.gpkg")
    with pytest.raises(NotFound, match="no facilities"):
        reach(empty, "综治中心")
    empty.close()


def test_places_outside_the_county_are_named_and_left_out(store) -> None:
    store.write("places", frame([at(400, 0)], code=["far"], kind=["school"]), "upsert", actor="test")
    found = reach(store, "综治中心")
    assert [row["code"] for row in found.units if row["layer"] == "places"] == ["p"]
    assert any("县域以外的部位 1 个未纳入：far" in note for note in found.notes)
