"""Hold every store to codes of one day answered with those of another, also of any table (rule V6)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import BadValue, NotFound
from geo.readers.code_lists import CodeList, read_code_list
from geo.storage.protocol import Store
from geo.studies.code_crosswalk import AnsweredCodes, answer_codes, crosswalk_of_days
from tests.geo.storage.conftest import Clock

MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


def grids(**spans: tuple[float, float]) -> gpd.GeoDataFrame:
    """Return grids by code, each from one hundredth of a degree to another."""
    shapes = [shapely.box(103 + west / 100, 37.0, 103 + east / 100, 37.01) for west, east in spans.values()]
    rows = {"code": list(spans), "name": [f"grid {one}" for one in spans]}
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")


@pytest.fixture
def reformed(store: Store, clock: Clock) -> Store:
    """Return a store of two reforms: in April a is divided into b and c, in May c and d are joined to e."""
    store.write("grids", grids(a=(0, 4), d=(4, 6)), "upsert", actor="me")
    clock.day = APRIL
    store.write("grids", grids(b=(0, 1), c=(1, 4), d=(4, 6)), "replace", actor="me")
    clock.day = MAY
    store.write("grids", grids(b=(0, 1), e=(1, 6)), "replace", actor="me")
    clock.day = JUNE
    houses = [(0.5, 50), (1.5, 50), (5.0, 50)]
    shapes = [shapely.box(103 + x / 100 - 5e-5, 37.005, 103 + x / 100 + 5e-5, 37.0051) for x, _ in houses]
    rows = gpd.GeoDataFrame({"id": ["1", "2", "3"], "height": [30.0, 3.0, 3.0]}, geometry=shapes, crs="EPSG:4326")
    store.write("obstacles", rows, "upsert", actor="me")
    return store


def rows(table: pd.DataFrame) -> list[tuple[str, str | None, float]]:
    return [(old, new, round(share, 4)) for old, new, share in table[["old", "new", "share"]].itertuples(index=False)]


def answered(store: Store, codes: list[str | None], **how: object) -> AnsweredCodes:
    return answer_codes(store, CodeList(pd.DataFrame({"n": range(len(codes))}), "n", codes, {}, ()), **how)  # type: ignore[arg-type]


def told(found: AnsweredCodes) -> list[tuple[int, str | None, float | None, str | None]]:
    notes = [one and one.partition(" / ")[2] for one in found.table["note"]]
    shares = [one and round(one, 4) for one in found.table["share"]]
    return list(zip(found.table["n"], found.table["now"], shares, notes, strict=True))


def test_each_reform_and_both_together(reformed: Store) -> None:
    assert rows(crosswalk_of_days(reformed, MARCH, APRIL).table) == [
        ("a", "c", 0.75),
        ("a", "b", 0.25),
        ("d", "d", 1.0),
    ]
    assert rows(crosswalk_of_days(reformed, APRIL).table) == [("b", "b", 1.0), ("c", "e", 1.0), ("d", "e", 1.0)]
    both = crosswalk_of_days(reformed, MARCH).table
    assert rows(both) == [("a", "e", 0.75), ("a", "b", 0.25), ("d", "e", 1.0)]
    assert both["old_name"].tolist() == ["grid a", "grid a", "grid d"]
    assert both["new_name"].tolist() == ["grid e", "grid b", "grid e"]


def test_by_buildings_each_counts_one_and_by_households_by_floor_area(reformed: Store) -> None:
    assert rows(crosswalk_of_days(reformed, MARCH, by="buildings").table)[:2] == [("a", "b", 0.5), ("a", "e", 0.5)]
    # Nobody told the households of a: each of its houses counts one.
    assert rows(crosswalk_of_days(reformed, MARCH, by="households").table)[:2] == [("a", "b", 0.5), ("a", "e", 0.5)]


def test_days_without_grids_or_in_the_wrong_order_are_refused(reformed: Store, make_store) -> None:
    with pytest.raises(BadValue, match="2026-06-01 is after 2026-03-01"):
        crosswalk_of_days(reformed, JUNE, MARCH)
    empty = make_store()
    with pytest.raises(NotFound, match="no grids on 2026-03-01"):
        crosswalk_of_days(empty, MARCH)
    with pytest.raises(NotFound, match="no grids on"):
        answered(empty, ["a"])


def test_a_table_keeps_its_rows_and_tells_each_part_of_a_code_that_was_split(reformed: Store) -> None:
    found = answered(reformed, ["d", "a", None, "e", "zz"])
    assert told(found) == [
        (0, "e", 1.0, None),
        (1, "e", 0.75, "split into 2"),
        (1, "b", 0.25, "split into 2"),
        (2, None, None, "no code"),
        (3, "e", 1.0, None),
        (4, None, None, "no grid had this code"),
    ]
    assert (found.rows, found.split, found.unknown) == (5, 1, 1)


def test_codes_of_a_day_that_is_named_are_answered_as_of_that_day(reformed: Store) -> None:
    assert told(answered(reformed, ["c", "a"], start=APRIL)) == [
        (0, "e", 1.0, None), (1, None, None, "no grid had this code on 2026-04-01"),
    ]  # fmt: skip
    assert told(answered(reformed, ["a", "e"], end=APRIL)) == [
        (0, "c", 0.75, "split into 2"), (0, "b", 0.25, "split into 2"),
        (1, None, None, "this code is used from 2026-05-01 on only"),
    ]  # fmt: skip


def test_figures_are_shared_out_where_that_is_asked_and_their_sum_stays(reformed: Store, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("网格编码,件数,备注\na,8,x\nd,5,\n,,\n合计,13,\n", encoding="utf-8")
    codes = read_code_list(path)
    assert codes.codes == ["a", "d", "合计"] or codes.codes == ["a", "d", None, "合计"]
    found = answer_codes(reformed, codes, shared=["件数"])
    assert found.table["件数"].dropna().astype(float).round(3).tolist() == [6.0, 2.0, 5.0, 13.0]
    assert found.table["件数"].dropna()[:2].sum() == 8.0
    assert found.table["备注"].tolist()[:2] == ["x", "x"]
    with pytest.raises(BadValue, match="column 备注, row 1: x is no number"):
        answer_codes(reformed, codes, shared=["备注"])
    with pytest.raises(BadValue, match="there is no column 户; there are: 网格编码"):
        answer_codes(reformed, codes, shared=["户"])
