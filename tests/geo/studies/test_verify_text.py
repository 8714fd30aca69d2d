"""Check a report of a county whose every row is listed here, so that each count can be made on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import BadValue
from geo.storage.geopackage.store import GeoPackageStore, open_store
from geo.studies.analysis import AnalyzeOptions, analyze
from geo.studies.known_counts import counts
from geo.studies.verify_text import MAX_CHARACTERS, verify

SIDE = 0.002


def square(at: float) -> shapely.Geometry:
    return shapely.box(103.1 + at * SIDE, 37.6, 103.1 + (at + 1) * SIDE, 37.6 + SIDE)


def middle(at: float) -> shapely.Geometry:
    return square(at).centroid


#: Two townships of a county, two villages in each but one, six grids of level 1 and 2, seven cameras on five sites.
LAYERS: dict[str, tuple[dict[str, list], list]] = {
    "divisions": (
        {
            "code": ["990101", "990101101", "990101102"],
            "name": ["试验县", "南镇", "北镇"],
            "level": ["county", "township", "township"],
        },
        [shapely.unary_union([square(k) for k in range(4)]), square(0).union(square(1)), square(2).union(square(3))],
    ),
    "villages": (
        {"code": ["v1", "v2", "v3"], "name": ["东村", "西村", "河边社区"], "households": [100, 200, 300]},
        [square(0), square(1), square(2)],
    ),
    "grids": (
        {
            "code": ["g1", "g2", "g3", "g4", "m1", "m2"],
            "level": [1, 1, 1, None, 2, 2],
            "kind": ["general", "general", "dedicated", "general", "general", "general"],
        },
        [square(k) for k in (0, 1, 2, 3, 0, 1)],
    ),
    "cameras": (
        {
            "id": ["c1", "c2", "c3", "c4", "c5", "c6", "c7"],
            "site": ["p1", "p1", "p2", None, None, None, None],
            "class": [1, 1, 1, 2, 3, 1, 3],
            "status": ["online", "offline", "online", "unknown", "online", "planned", None],
            "networked": ["yes", "yes", "no", "yes", None, "yes", "no"],
            "required": [None, None, None, None, "yes", None, None],
            "width_px": [1920, 1280, None, 3840, 1920, None, 1920],
        },
        [middle(0), middle(0), middle(1), middle(2), middle(3), middle(0.3), middle(3.2)],
    ),
    "facilities": (
        {
            "code": ["f1", "f2", "f3", "f4"],
            "kind": ["governance_centre", "governance_centre", "governance_centre", "video_link"],
            "level": ["township", "village", "village", None],
            "serves": [None, "v1", "v2;v3", None],
            "link": ["yes", "yes", "yes", "unknown"],
        },
        [middle(3), middle(3), middle(3), middle(3)],
    ),
    "places": (
        {
            "code": ["e1", "e2", "s1", "x1"],
            "kind": ["estate", "estate", "school", "school"],
            "source": [None, "list", None, "derived"],
        },
        [middle(0), middle(1), middle(2), middle(2)],
    ),
    "areas": ({"code": ["a1"], "kind": ["industrial_park"], "valid_from": ["2026-03-01"]}, [square(1)]),
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GeoPackageStore]:
    path = tmp_path_factory.mktemp("verify") / "workspace.gpkg"
    with open_store(path, today=lambda: date(2026, 6, 1)) as opened:
        for name, (columns, shapes) in LAYERS.items():
            opened.write(name, gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326"), "upsert", actor="me")
        yield opened


@pytest.mark.parametrize(
    ("text", "have", "possible", "answer"),
    [
        ("全县划分4个网格", 4, 4, "equal"),  # g4 names no level: it is a grid
        ("两级网格6个", 6, 6, "equal"),
        ("微网格3个", 2, 2, "differs"),
        ("综合网格3个", 3, 3, "equal"),
        ("辖2个乡镇", 2, 2, "equal"),
        ("3个村（社区）", 3, 3, "equal"),
        ("2个行政村", 2, 3, "not_checked"),  # with the community or without it
        ("4个行政村", 2, 3, "differs"),
        ("总户数600户", 600, 600, "equal"),
        ("视频监控6路", 6, 6, "equal"),  # all but the planned one
        ("摄像机7台", 6, 6, "differs"),
        ("一类视频监控3路", 3, 3, "equal"),
        ("监控点位5处", 5, 5, "equal"),  # c1 and c2 are one pole
        ("一类监控点位2处", 2, 2, "equal"),
        ("在线视频监控4路", 4, 5, "not_checked"),  # c1, c3, c5, c7; c4 is unknown
        ("在线视频监控6路", 4, 5, "differs"),
        ("联网视频监控3路", 3, 4, "not_checked"),  # c1, c2, c4; c5 does not say
        ("综治中心3个", 3, 3, "equal"),
        ("村级综治中心2个", 2, 2, "equal"),
        ("镇村两级综治中心3个", 3, 3, "equal"),
        ("2个居民小区", 2, 2, "equal"),
        ("1所中小学", 1, 1, "equal"),  # x1 is derived: no list has it
        ("1个产业园区", 1, 1, "equal"),
        ("3个加油站", None, None, "not_checked"),  # none is listed, which says nothing
        ("村村通视联网", 1.0, 1.0, "equal"),
        ("高清率80%", 0.8, 0.8, "equal"),  # of the five that give their width four
        ("主要路段全覆盖", None, None, "not_checked"),
        ("建档率100%", None, None, "not_checked"),
    ],
)
def test_each_statement_is_answered_by_a_count_that_can_be_made_on_paper(
    store: GeoPackageStore, text: str, have: float | None, possible: float | None, answer: str
) -> None:
    (item,) = verify(store, text).items
    assert item.answer == answer, item
    assert (item.have, item.possible) == (have, possible)
    assert text[item.start : item.end] == item.text


def test_rates_have_the_rows_that_the_rule_names(store: GeoPackageStore) -> None:
    intact, networked = verify(store, "完好率70%，联网率70%").items
    assert (intact.have, intact.possible) == (pytest.approx(4 / 6), pytest.approx(5 / 6))
    # c1 to c4 and c6 are of class 1 or 2 and c5 must be networked: c1, c2, c4, c6 of six, c5 does not say.
    assert (networked.have, networked.possible) == (pytest.approx(4 / 6), pytest.approx(5 / 6))


def test_claims_and_rates_that_are_given_are_what_a_text_is_compared_with(store: GeoPackageStore) -> None:
    claims = {"主要路段全覆盖": "holds", "居民小区": "fails"}
    found = verify(store, "主要路段、居民小区全覆盖，建档率98%", claims=claims, rates={"filed": (0.5, 0.5)}).items
    assert [(item.have, item.answer) for item in found] == [("holds", "equal"), ("fails", "differs"), (0.5, "differs")]


def test_a_sentence_about_a_township_or_a_village_of_the_store_is_about_a_part(store: GeoPackageStore) -> None:
    for text in ("南镇建成2个网格", "2个网格在东村", "试验县有4个网格，其中南镇2个网格"):
        assert verify(store, text).items[-1].answer == "not_checked", text
    assert verify(store, "试验县划分4个网格").items[0].answer == "equal"


def test_who_sees_some_cameras_or_none_is_told_no_answer_on_them(store: GeoPackageStore) -> None:
    text = "视频监控6路，4个网格，完好率70%"
    own, grids, rate = verify(store, text, sees="some").items
    assert (own.have, own.answer, own.reason) == (6, "not_checked", "rights")
    assert (grids.answer, rate.answer) == ("equal", "not_checked")
    none, grids, _ = verify(store, text, sees="none").items
    assert (none.have, none.answer, none.reason, grids.answer) == (None, "not_checked", "rights", "equal")


def test_the_rows_are_those_of_the_day(store: GeoPackageStore) -> None:
    (item,) = verify(store, "1个产业园区", at=date(2026, 2, 28)).items
    assert (item.have, item.answer) == (None, "not_checked")


def test_a_store_without_a_row_answers_nothing(tmp_path: Path) -> None:
    text = "690个网格，194个综治中心，1932路视频监控，19个乡镇，村村通视联网，总户数3户，完好率98%，监控点位8处"
    with open_store(tmp_path / "empty.gpkg") as empty:
        assert {(item.have, item.answer) for item in verify(empty, text).items} == {(None, "not_checked")}


def test_a_text_is_bounded(store: GeoPackageStore) -> None:
    with pytest.raises(BadValue, match="100,000"):
        verify(store, "9" * (MAX_CHARACTERS + 1))
    with pytest.raises(BadValue):
        verify(store, "690\0")


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GeoPackageStore]:
    """A store with a run: the camera sees the gate 5 m north of it and not the one that it looks away from."""
    path = tmp_path_factory.mktemp("analysed") / "workspace.gpkg"
    camera = {
        "id": ["c1"],
        "name": ["东门"],
        "class": [1],
        "place_type": ["outdoor"],
        "azimuth": [0.0],
        "height": [1.6],
    }
    gates = {"code": ["p1", "p2"], "claim": ["校门", "村口;校门"]}
    with open_store(path, today=lambda: date(2026, 6, 1)) as opened:
        for name, columns, at in (("cameras", camera, (37.6,)), ("places", gates, (37.60005, 37.5999))):
            points = shapely.points([(103.1, one) for one in at])
            opened.write(name, gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326"), "upsert", actor="me")
        opened.write("places", opened.read("places").iloc[:1].assign(claim="校门;东门"), "upsert", actor="me")
        analyze(opened, AnalyzeOptions(domain="all", at="2026-06-01"))
        yield opened


def test_claims_and_rates_are_those_of_the_newest_run(analysed: GeoPackageStore) -> None:
    found = verify(analysed, "东门、校门全覆盖，建档率98%，建档率100%").items
    assert [(item.text, item.have, item.answer) for item in found] == [
        ("东门", "holds", "equal"),
        ("校门全覆盖", "fails", "differs"),
        ("建档率98%", 1.0, "differs"),
        ("建档率100%", 1.0, "equal"),
    ]


def test_a_run_of_another_day_answers_nothing(analysed: GeoPackageStore) -> None:
    text = "东门全覆盖，建档率100%"
    same_day = verify(analysed, text, at=date(2026, 6, 1)).items
    other_day = verify(analysed, text, at=date(2026, 5, 1)).items
    assert [item.answer for item in same_day] == ["equal", "equal"]
    assert [(item.answer, item.reason) for item in other_day] == [("not_checked", "no_data")] * 2


def test_cameras_without_a_class_are_counted_and_are_of_none() -> None:
    points = shapely.points([(103.1, 37.6), (103.2, 37.6)])
    rows = {"id": ["a", "b"], "status": ["online", "online"], "class": pd.array([1, None], dtype="Int64")}
    found = counts({"cameras": gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326")}, {"streams", "sites"})
    assert (found["streams"], found["sites"], found["streams:1"], found["sites:1"]) == ((2, 2), (2, 2), (1, 1), (1, 1))


def test_a_facility_serves_a_village_however_its_code_is_written() -> None:
    villages = {"code": ["620622102201", "620622102202"]}
    centre = {"code": ["f"], "kind": ["clinic"], "serves": ["６２０６２２ 102 201"]}
    frames = {
        "villages": gpd.GeoDataFrame(villages, geometry=[square(0), square(1)], crs="EPSG:4326"),
        "facilities": gpd.GeoDataFrame(centre, geometry=[middle(5)], crs="EPSG:4326"),
    }
    assert counts(frames, {"rate:villages_facility"})["rate:villages_facility:clinic"] == (0.5, 0.5)
