"""Hold every store to old names and old codes: found on their day, and today where they are told as aliases."""

from __future__ import annotations

from datetime import date
from functools import partial

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.storage.protocol import Store
from geo.studies.locate_positions import gazetteer_of, locate_address, locate_point, revision, state
from geo.studies.locate_rows import locate_rows
from geo.studies.today_of_code import later_code, today_of_code
from geo.types import Match
from tests.geo.storage.conftest import Clock

BEFORE, TODAY = date(2026, 2, 1), date(2026, 3, 1)
WEST, EAST = shapely.box(103.0, 37.0, 103.1, 37.1), shapely.box(103.1, 37.0, 103.2, 37.1)
BOTH = shapely.box(103.0, 37.0, 103.2, 37.1)


def divisions(*rows: tuple[str, str, str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["code", "name", "level", "aliases"])


def grids(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": list(shapes), "level": 1}, geometry=list(shapes.values()), crs=4326)


def names_found(store: Store, text: str, at: date | None = None) -> list[str]:
    found = locate_address(store, text, at=at)
    return [link["name"] for link in found.candidates[0].chain] if found.candidates else []


def test_a_county_that_became_a_district(store: Store, clock: Clock) -> None:
    clock.day = BEFORE
    store.write("divisions", divisions(("990101", "沙河县", "county", None)), "upsert", actor="me")
    clock.day = TODAY
    store.write("divisions", divisions(("990101", "石门区", "county", None)), "upsert", actor="me")
    assert names_found(store, "沙河县", at=BEFORE) == ["沙河县"]
    assert names_found(store, "沙河县") == []
    assert names_found(store, "石门区", at=BEFORE) == []
    assert names_found(store, "石门区") == ["石门区"]
    clock.day = date(2026, 4, 1)
    store.write("divisions", divisions(("990101", "石门区", "county", "沙河县|老沙河")), "upsert", actor="me")
    assert names_found(store, "沙河县") == ["石门区"], "an old name that is told as an alias is found today"
    assert names_found(store, "老沙河") == ["石门区"]
    assert names_found(store, "沙河县", at=TODAY) == []


def test_townships_that_were_merged(store: Store, clock: Clock) -> None:
    """One ended by its own last day, the other was taken out: history has both on the day before."""
    county = ("990101", "甲县", "county", None)
    clock.day = BEFORE
    old = divisions(county, ("990101101", "白杨乡", "township", None), ("990101102", "柳沟乡", "township", None))
    store.write("divisions", old, "upsert", actor="me")
    clock.day = TODAY
    ended = divisions(("990101101", "白杨乡", "township", None)).assign(valid_to=[TODAY.isoformat()])
    store.write("divisions", ended, "upsert", actor="me")
    store.delete("divisions", "990101102", if_version=None, actor="me")
    store.write("divisions", divisions(("990101103", "青石镇", "township", "柳沟乡")), "upsert", actor="me")
    assert names_found(store, "甲县白杨乡", at=BEFORE) == ["甲县", "白杨乡"]
    assert names_found(store, "甲县柳沟乡", at=BEFORE) == ["甲县", "柳沟乡"]
    assert "白杨乡" not in names_found(store, "甲县白杨乡")
    assert names_found(store, "甲县柳沟乡") == ["甲县", "青石镇"]


def test_codes_of_grids_that_are_no_more(store: Store, clock: Clock) -> None:
    clock.day = BEFORE
    store.write("grids", grids(a=WEST, b=EAST, kept=shapely.box(104, 37, 104.1, 37.1)), "upsert", actor="me")
    assert today_of_code(store, "a") == [("a", 1.0)]
    clock.day = TODAY
    store.write("grids", grids(c=BOTH, kept=shapely.box(104, 37, 104.1, 37.1)), "replace", actor="me")
    assert today_of_code(store, "a") == [("c", 1.0)], "merged"
    assert today_of_code(store, " b ") == [("c", 1.0)]
    assert today_of_code(store, "kept") == [("kept", 1.0)]
    assert today_of_code(store, "nobody") == []
    clock.day = date(2026, 4, 1)
    store.write("grids", grids(w=WEST, e1=EAST), "replace", actor="me")
    assert today_of_code(store, "c") == [("e1", 0.5), ("w", 0.5)], "split"
    assert today_of_code(store, "a") == [("w", 1.0)], "over two changes"
    assert today_of_code(store, "kept") == [], "no grid is there now"
    clock.day = date(2026, 5, 1)
    store.write("grids", grids(w=WEST).assign(valid_to=["2026-05-01"]), "upsert", actor="me")
    assert today_of_code(store, "w") == [], "it ended by its own date"


def test_a_replace_that_splits_a_grid_leaves_yesterday_as_it_was(store: Store, clock: Clock) -> None:
    clock.day = BEFORE
    store.write("grids", grids(both=BOTH), "replace", actor="me")
    assert store.read("grids", at=date(1999, 1, 1))["code"].tolist() == ["both"], "the first list was always valid"
    clock.day = TODAY
    parts = grids(w=WEST, e=EAST, told=EAST, over=EAST)
    parts["valid_from"] = [None, None, "2020-01-01", None]
    parts["valid_to"] = [None, None, None, "2026-02-20"]
    store.write("grids", parts, "replace", actor="me")
    assert store.read("grids")["code"].tolist() == ["e", "told", "w"]
    assert store.read("grids", at=date(2026, 2, 28))["code"].tolist() == ["both", "told"]
    assert store.read("grids", at=date(2026, 2, 19))["code"].tolist() == ["both", "over", "told"]
    assert store.write("grids", parts, "replace", actor="me").unchanged == 4
    more = grids(w=WEST, e=EAST, told=EAST, over=EAST, forgotten=WEST)
    more["valid_from"], more["valid_to"] = [*parts["valid_from"], None], [*parts["valid_to"], None]
    store.write("grids", more, "replace", actor="me")
    assert "forgotten" in store.read("grids", at=BEFORE)["code"].tolist(), "it takes the place of none"


def test_a_text_that_is_a_code_of_before_is_answered_by_the_grids_of_today(store: Store, clock: Clock) -> None:
    clock.day = BEFORE
    # No level is written: they are grids of the first level.
    old = grids(**{"GL-1": WEST, "GL-2": BOTH}).drop(columns="level", errors="ignore")
    store.write("grids", old, "upsert", actor="me")
    clock.day = TODAY
    store.write("grids", grids(w7=WEST, e7=EAST), "replace", actor="me")
    found = locate_address(store, "网格编码：GL-1")
    assert (found.status, [one.grid["code"] for one in found.candidates]) == ("matched", ["w7"])
    assert [one["code"] for one in found.candidates[0].faults] == ["old_code"]
    split = locate_address(store, "GL-2")
    assert (split.status, {one.grid["code"] for one in split.candidates}) == ("ambiguous", {"w7", "e7"})
    assert locate_address(store, "GL-3").status == "not_found"
    assert locate_address(store, "GL-1", at=BEFORE).candidates[0].faults == ()


def test_a_code_that_is_not_yet_used_on_a_day_is_no_match(store: Store, clock: Clock) -> None:
    """The ground of both was that of GL-2 then."""
    clock.day = BEFORE
    store.write("grids", grids(**{"GL-2": BOTH}), "upsert", actor="me")
    clock.day = TODAY
    new = grids(**{"GW-7": WEST, "GE-7": EAST, "GN-7": shapely.box(104, 37, 104.1, 37.1)})
    store.write("grids", new.assign(valid_from=TODAY.isoformat()), "replace", actor="me")
    day = TODAY.isoformat()
    for text in ("GW-7", "网格编码：GE-7"):
        found = locate_address(store, text, at=BEFORE)
        assert (found.status, [one.grid["code"] for one in found.candidates]) == ("partial", ["GL-2"])
        (fault,) = found.candidates[0].faults
        assert fault["code"] == "future_code"
        assert f"自 {day} 起才使用，{BEFORE.isoformat()} 是 GL-2" in fault["text"]
    nowhere = locate_address(store, "GN-7", at=BEFORE)
    assert (nowhere.status, [one.grid for one in nowhere.candidates]) == ("not_found", [None])
    assert later_code(store, "GW-7", TODAY) is None
    assert later_code(store, "GL-2", TODAY) is None, "it was used before"
    assert later_code(store, "GL-9", BEFORE) is None
    # A gazetteer of the day says the same, whoever made it.
    made = gazetteer_of(store, BEFORE)
    assert locate_address(store, "网格编码：GE-7", gazetteer=made).status == "partial"
    old = locate_address(store, "GL-2", gazetteer=gazetteer_of(store, TODAY))
    assert [one["code"] for one in old.candidates[0].faults] == ["old_code"]


def test_a_code_that_is_not_yet_used_is_told_in_a_row_as_in_a_text(store: Store, clock: Clock) -> None:
    """The same code alone, beside a point in the grid that is its ground then, and beside one of another grid."""
    clock.day = BEFORE
    store.write("grids", grids(g1=WEST, g2=EAST), "upsert", actor="me")
    clock.day = TODAY
    new = grids(**{"GW-7": WEST, "GN-7": shapely.box(104, 37, 104.1, 37.1)})
    store.write("grids", new.assign(valid_from="2026-03-01"), "upsert", actor="me")
    point = {"lon": "103.05", "lat": "37.05", "crs": "wgs84"}
    rows = [
        {"id": "1", "grid_code": "GW-7"},
        {"id": "2", "grid_code": "GN-7"},
        {"id": "3", "address": "无名路1号", "grid_code": "GW-7"},
        {"id": "4", **point, "grid_code": "GW-7"},
        {"id": "5", "grid_code": "GX-7"},
    ]
    found = list(locate_rows(gazetteer_of(store, BEFORE), rows, codes_later=partial(later_code, store, at=BEFORE)))
    alone, nowhere, unknown_address, at_point, never = found
    for one, text in ((alone, "GW-7"), (nowhere, "GN-7")):
        assert one.match is not None
        said = locate_address(store, text, at=BEFORE)
        assert (one.match.status, one.match.candidates) == (said.status, said.candidates)
    assert alone.match is not None
    assert alone.match.status == "partial"
    assert [one.grid["code"] for one in alone.match.candidates if one.grid] == ["g1"]
    for row, status in ((unknown_address, "not_found"), (at_point, "matched")):
        assert row.match is not None
        assert row.match.status == status
        (fault,) = row.match.candidates[0].faults
        assert fault["code"] == "future_code"
        assert "自 2026-03-01 起才使用，2026-02-01 是 g1" in fault["text"]
    assert never.error is not None
    assert never.match is None


def told(found: Match) -> list[str]:
    return [fault["text"].split(" / ")[0] for fault in found.candidates[0].faults]


def test_nothing_is_matched_on_a_day_before_the_first_grid(store: Store, clock: Clock) -> None:
    """The village and the address were known before the grid was drawn: on that day no grid owns either."""
    clock.day = BEFORE
    shape = gpd.GeoDataFrame(divisions(("990101001201", "新胜村", "village", None)), geometry=[BOTH], crs=4326)
    store.write("divisions", shape, "upsert", actor="me")
    door = gpd.GeoDataFrame(
        {"id": ["a"], "text": ["新胜村昌灵路1号"]}, geometry=[shapely.Point(103.05, 37.05)], crs=4326
    )
    store.write("addresses", door, "upsert", actor="me")
    texts = ("新胜村", "新胜村昌灵路1号", "103.05,37.05 wgs84")
    for text in texts[:2]:
        found = locate_address(store, text, at=BEFORE)
        assert (found.status, told(found)) == ("matched", []), "a store of divisions alone"
    clock.day = TODAY
    store.write("grids", grids(g1=BOTH).assign(village="990101001201", valid_from="2026-03-01"), "upsert", actor="me")
    sentence = "2026-02-01 还没有网格，最早的自 2026-03-01 起"
    then, now = gazetteer_of(store, BEFORE), gazetteer_of(store, TODAY)
    for text in texts:
        found = locate_address(store, text, gazetteer=now)
        assert (found.status, [one.grid["code"] for one in found.candidates if one.grid]) == ("matched", ["g1"]), text
        found = locate_address(store, text, gazetteer=then)
        assert (found.status, [one.grid for one in found.candidates], told(found)) == ("partial", [None], [sentence])
    point = locate_point(store, 103.05, 37.05, "wgs84", gazetteer=then)
    assert (point.status, told(point)) == ("not_found", [sentence])
    assert [link["name"] for link in point.candidates[0].chain] == ["新胜村"]
    place = {"lon": "103.05", "lat": "37.05", "crs": "wgs84"}
    rows = [{"id": "1", "address": texts[1]}, {"id": "2", **place}, {"id": "3", "address": texts[1], **place}]
    answers = [one.match for one in locate_rows(then, rows)]
    assert [one.status for one in answers if one] == ["partial", "not_found", "not_found"]
    assert [told(one) for one in answers if one] == [[sentence]] * 3
    assert locate_point(store, 103.05, 37.05, "wgs84", gazetteer=now).status == "matched"


def test_a_day_behind_the_last_grid_says_so_and_a_store_without_grids_today_matches_divisions(
    store: Store, clock: Clock
) -> None:
    clock.day = BEFORE
    store.write("divisions", divisions(("990101001201", "新胜村", "village", None)), "upsert", actor="me")
    store.write("grids", grids(g1=BOTH).assign(village="990101001201", valid_to="2026-02-20"), "upsert", actor="me")
    assert locate_address(store, "新胜村", at=BEFORE).status == "matched"
    clock.day = TODAY
    found = locate_address(store, "新胜村", at=date(2026, 2, 25))
    assert (found.status, told(found)) == ("partial", ["2026-02-25 已没有网格，最后的到 2026-02-20 为止"])
    today = locate_address(store, "新胜村")
    assert (today.status, told(today)) == ("matched", []), "its grids are given up"


def test_named_places_are_found_and_belong_to_the_state(store: Store) -> None:
    store.write("grids", grids(w=WEST, e=EAST), "upsert", actor="me")
    before = state(store), revision(store)
    school = {"code": ["s1", "s2"], "name": ["土门第一小学", None], "kind": "school", "aliases": ["一小;土小", None]}
    store.write("places", gpd.GeoDataFrame(school, geometry=[WEST, EAST], crs=4326), "upsert", actor="me")
    assert state(store) != before[0]
    assert revision(store) > before[1]
    centre = {"code": ["f1"], "name": ["黄羊综治中心"], "kind": "governance_centre"}
    points = [shapely.Point(103.15, 37.05)]
    store.write("facilities", gpd.GeoDataFrame(centre, geometry=points, crs=4326), "upsert", actor="me")
    gazetteer = gazetteer_of(store)
    for text, grid in (("土门第一小学", "w"), ("土小", "w"), ("黄羊综治中心", "e")):
        found = gazetteer.address(text, accuracy=20.0)
        codes = [one.grid and one.grid["code"] for one in found.candidates]
        assert (found.status, codes) == ("matched", [grid]), text
        assert found.revision == revision(store)
    assert found.point == pytest.approx((103.15, 37.05))
