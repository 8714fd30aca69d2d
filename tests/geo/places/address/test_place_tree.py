"""Places in preorder: what holds what is told by two numbers, as a walk to the root tells it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address.division_names import LEVELS, RANKS
from geo.places.address.place_tree import ROOT, PlaceTree
from tests.geo.places.address.small_places import NAMES, TUMEN, XINSHENG, divisions, path, tree


def _holds_by_walk(known: PlaceTree, place: int, other: int) -> bool:
    while other not in (place, ROOT):
        other = int(known.parent[other])
    return other == place


def _check(known: PlaceTree) -> None:
    for place in range(len(known)):
        for other in range(len(known)):
            assert known.holds(place, other) == _holds_by_walk(known, place, other)
    assert (known.parent[1:] < np.arange(1, len(known))).all()


def test_each_place_is_in_the_one_whose_code_begins_its_own() -> None:
    known = tree()
    assert len(known) == len(NAMES) + 1
    assert path(known, known.place_of[XINSHENG]) == ["甘肃省", "武威市", "古浪县", "土门镇", "新胜村"]
    _check(known)


def test_the_order_of_rows_does_not_matter() -> None:
    rows = divisions().sample(frac=1.0, random_state=3)
    known = PlaceTree.of(rows)
    _check(known)
    for code in NAMES:
        chain = [known.codes[place] for place in known.chain(known.place_of[code])]
        assert chain == [code[:size] for size in (2, 4, 6, 9, 12) if size <= len(code)]


def test_a_missing_level_is_passed_over() -> None:
    """Of a county that is not there the township is below the city."""
    known = PlaceTree.of(divisions()[lambda frame: frame["code"] != "620622"])
    assert path(known, known.place_of[TUMEN]) == ["甘肃省", "武威市", "土门镇"]


def test_a_named_parent_goes_before_the_code() -> None:
    rows = pd.DataFrame(
        {
            "code": ["9901", "9902", "990101"],
            "name": ["甲", "乙", "丙"],
            "level": [2, 2, 3],
            "parent": [None, None, "9902"],
        }
    )
    known = PlaceTree.of(rows)
    assert path(known, known.place_of["990101"]) == ["乙", "丙"]


def test_parents_that_lead_in_a_circle_are_below_the_root() -> None:
    rows = pd.DataFrame({"code": ["a1", "b2", "c3"], "level": [3, 3, 4], "parent": ["b2", "a1", "a1"]})
    known = PlaceTree.of(rows)
    _check(known)
    assert sorted(known.codes) == ["", "a1", "b2", "c3"]


def test_codes_are_found_with_and_without_padding() -> None:
    known = tree()
    assert known.find("620622") == known.find("620622000000") == known.place_of["620622"]
    assert [known.find(code) for code in ("620699", "", None)] == [None, None, None]


def test_a_grid_may_have_the_code_and_the_name_of_its_village() -> None:
    grids = pd.DataFrame(
        {"code": [XINSHENG, f"{XINSHENG}W1"], "name": ["新胜村", "一组"], "level": [1, 2], "village": [XINSHENG, None],
         "parent": [None, XINSHENG]}
    )  # fmt: skip
    known = PlaceTree.of(divisions(), None, grids)
    village, grid, micro = known.find(XINSHENG), known.find_grid(XINSHENG), known.find_grid(f"{XINSHENG}W1")
    assert village is not None
    assert grid is not None
    assert micro is not None
    assert [LEVELS[known.rank[place]] for place in (village, grid, micro)] == ["village", "grid", "microgrid"]
    assert known.chain(micro)[-3:] == [village, grid, micro]
    _check(known)


def test_a_village_of_two_layers_is_one_place_with_both_names() -> None:
    villages = pd.DataFrame({"code": [XINSHENG], "name": ["新胜"], "aliases": ["红旗大队；红旗"]})
    known = PlaceTree.of(divisions(), villages)
    assert len(known) == len(NAMES) + 1
    assert known.names[known.place_of[XINSHENG]] == ("新胜村", "新胜", "红旗大队", "红旗")


def test_a_name_that_begins_with_the_place_above_is_known_without_it() -> None:
    known = tree({"620622": "古浪县", "620622101": "古浪县城关镇", "620622101001": "古浪县城关镇东街社区"})
    assert known.names[known.place_of["620622101"]] == ("城关镇", "古浪县城关镇")
    assert known.names[known.place_of["620622101001"]][0] == "东街社区"


def test_nothing_is_a_tree_of_the_root() -> None:
    for known in (PlaceTree.of(), PlaceTree.of(divisions().iloc[:0]), PlaceTree.of(pd.DataFrame({"name": ["甲"]}))):
        assert (len(known), known.chain(ROOT), known.holds(ROOT, ROOT)) == (1, [], True)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.text("12", min_size=1, max_size=5), st.none() | st.text("12", min_size=1, max_size=5)),
        max_size=14, unique_by=lambda row: row[0],
    )
)  # fmt: skip
def test_any_codes_and_parents_make_a_tree(rows: list[tuple[str, str | None]]) -> None:
    """Circles, parents that are not there and codes that begin each other: each code is one place, in one other."""
    frame = pd.DataFrame(rows, columns=["code", "parent"])
    frame["level"] = "village"
    known = PlaceTree.of(frame)
    assert sorted(known.codes[1:]) == sorted(frame["code"])
    assert set(known.rank[1:]) <= {RANKS["village"]}
    _check(known)
