"""Chains of grids and divisions: parents by column, by prefix of the code, and none."""

from __future__ import annotations

import pandas as pd
import pytest

from geo.places.hierarchy import Hierarchy

#  990101 county > 990101002 township > 990101002003 village > grid 990101002003001 > microgrid …W01
DIVISIONS = pd.DataFrame(
    {
        "code": ["990101000000", "990101002000", "990101002003"],
        "name": ["甲县", "乙镇", None],
        "level": ["county", "township", "village"],
    }
)
GRID, MICROGRID = "990101002003001", "990101002003001W01"
GRIDS = pd.DataFrame({"code": [GRID, MICROGRID], "level": [1, 2], "parent": [None, GRID], "name": ["一", "一甲"]})


def codes(chain: tuple) -> list[str]:
    return [link["code"] for link in chain]


def test_codes_begin_with_those_of_their_parents() -> None:
    chain = Hierarchy(DIVISIONS, GRIDS).chain_of_grid(GRID)
    assert [(link["level"], link["name"]) for link in chain] == [
        ("county", "甲县"), ("township", "乙镇"), ("village", None), ("grid", "一"),
    ]  # fmt: skip
    assert codes(chain) == [*DIVISIONS["code"], GRID]


def test_a_microgrid_has_its_grid_before_it() -> None:
    chain = Hierarchy(DIVISIONS, GRIDS).chain_of_grid(MICROGRID)
    assert [link["level"] for link in chain][-2:] == ["grid", "microgrid"]
    alone = Hierarchy(DIVISIONS, GRIDS.iloc[1:]).chain_of_grid(MICROGRID)
    assert [link["level"] for link in alone][-2:] == ["village", "microgrid"]


def test_columns_come_before_prefixes() -> None:
    """The grid's code begins with one village, but its column names another; a wrong column is ignored."""
    villages = pd.DataFrame({"code": ["990101002003", "880000000001"], "name": ["丙村", "丁村"]})
    grids = pd.DataFrame({"code": ["990101002003001", "990101002003002"], "village": ["880000000001", "nothing"]})
    hierarchy = Hierarchy(villages=villages, grids=grids)
    assert codes(hierarchy.chain_of_grid("990101002003001")) == ["880000000001", "990101002003001"]
    assert codes(hierarchy.chain_of_grid("990101002003002")) == ["990101002003", "990101002003002"]


def test_a_microgrid_is_in_the_village_of_its_grid() -> None:
    grids = pd.DataFrame(
        {"code": ["g", "m"], "level": [1, 2], "parent": [None, "g"], "village": ["990101002003", None]}
    )
    assert codes(Hierarchy(DIVISIONS, grids).chain_of_grid("m")) == [*DIVISIONS["code"], "g", "m"]


def test_the_parent_column_of_divisions_comes_before_their_codes() -> None:
    divisions = DIVISIONS.assign(parent=[None, None, "990101000000"])
    chain = Hierarchy(divisions).chain_of_division("990101002003")
    assert codes(chain) == ["990101000000", "990101002003"]


@pytest.mark.parametrize("code", ["990101", "990101000", "990101000000"])
def test_codes_are_padded_with_zeros_or_not(code: str) -> None:
    assert codes(Hierarchy(DIVISIONS).chain_of_division(code)) == ["990101000000"]


def test_numbers_are_codes_too() -> None:
    frame = pd.DataFrame({"code": [990101, 990101002], "level": ["county", "township"], "parent": [None, 990101]})
    assert codes(Hierarchy(frame).chain_of_division("990101002")) == ["990101", "990101002"]


def test_what_is_not_known_makes_the_shortest_chain() -> None:
    empty = Hierarchy()
    assert empty.chain_of_division("990101") == ()
    assert empty.chain_of_division(None) == ()
    assert empty.chain_of_grid("x") == ({"level": "grid", "code": "x", "name": None},)
    assert Hierarchy(DIVISIONS.iloc[:0]).chain_of_division("990101") == ()


def test_descriptions_of_grids() -> None:
    hierarchy = Hierarchy(DIVISIONS, GRIDS.assign(kind=["general", None]).drop(columns="level"))
    assert hierarchy.describe_grid(GRID) == {"code": GRID, "name": "一", "kind": "general", "level": 1}
    assert hierarchy.describe_grid(MICROGRID) == {"code": MICROGRID, "name": "一甲", "kind": None, "level": 1}
    assert hierarchy.describe_grid("x") == {"code": "x", "name": None, "kind": None, "level": None}


def test_cycles_of_parents_end() -> None:
    circle = pd.DataFrame(
        {"code": ["aa", "bb"], "name": ["甲", "乙"], "level": ["county", "county"], "parent": ["bb", "aa"]}
    )
    assert len(Hierarchy(circle).chain_of_division("aa")) <= 8
    own = pd.DataFrame({"code": ["aa"], "level": ["county"], "parent": ["aa"]})
    assert codes(Hierarchy(own).chain_of_division("aa")) == ["aa"]


def test_a_circle_of_parents_is_said_once() -> None:
    divisions = {
        "code": ["990101", "990101001"], "name": ["甲县", "乙镇"], "level": ["county", "township"],
        "parent": ["990101001", "990101"],
    }  # fmt: skip
    chain = Hierarchy(pd.DataFrame(divisions)).chain_of_division("990101001")
    assert [link["code"] for link in chain] == ["990101", "990101001"]
