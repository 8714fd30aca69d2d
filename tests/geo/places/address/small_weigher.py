"""Weigh a few stored addresses in the small places, so few that every answer can be found on paper."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.places.address.address_options import Option
from geo.places.address.grid_options import Weigher
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.place_tree import PlaceTree
from geo.places.address.readings import AddressReader
from geo.places.address.stored_addresses import StoredAddresses
from tests.geo.places.address.small_places import DAJING, OTHER_XINSHENG, TUMEN, XINSHENG, divisions

#: Each 新胜村 is one grid; 金强村 has two.
GRIDS = pd.DataFrame(
    {
        "code": [XINSHENG, OTHER_XINSHENG, "g1", "g2"],
        "name": ["新胜村", "新胜村", "一网格", "二网格"],
        "village": [XINSHENG, OTHER_XINSHENG, "620623100201", "620623100201"],
    }
)
CODES = [*GRIDS["code"]]
STORED = [
    ("昌灵路1号", XINSHENG, XINSHENG),
    ("昌灵路9号", XINSHENG, XINSHENG),
    ("西街1号", "620623100201", "g1"),
    ("西街9号", "620623100201", "g2"),
    ("粮库", TUMEN, XINSHENG),
    ("惠民小区1幢", XINSHENG, XINSHENG),
    ("惠民小区3幢", XINSHENG, XINSHENG),
    ("幸福小区", "620623100201", "g1"),
    ("幸福小区3幢", "620623100201", "g2"),
    ("幸福小区停车场", "620623100201", "g2"),
    ("安居小区", "620623100201", "g1"),
    ("康乐小区", XINSHENG, XINSHENG),
    ("新华超市", DAJING, OTHER_XINSHENG),
]
VILLAGE = "620623100201"
TREE = PlaceTree.of(divisions(), None, GRIDS)
READER = AddressReader(TREE)


def weigher(stored: list[tuple[str, str, str]]) -> Weigher:
    """Return a weigher of stored addresses: tail, code of the place, code of the grid."""
    index = StoredAddresses(TREE, [(tail, TREE.place_of[place], row) for row, (tail, place, _) in enumerate(stored)])
    grid = np.array([CODES.index(code) for _, _, code in stored], np.int64)
    return Weigher(TREE, index, grid, GridsOfPlaces(TREE, index, grid, CODES))


WEIGHER = weigher(STORED)


def options(text: str) -> list[Option]:
    """Return the options of the best reading of a text."""
    return WEIGHER.options(text, READER.read(text)[0])


def said(text: str) -> list[tuple[str | None, list[str], bool]]:
    """Return grid, faults and whether a match is forbidden, of each option."""
    return [
        (CODES[one.grid] if one.grid >= 0 else None, [fault["code"] for fault in one.faults], one.blocks)
        for one in options(text)
    ]


def answers(stored: list[tuple[str, str]], text: str) -> tuple[set[str], bool]:
    """Return the grids of a text in 金强村, where tails are stored in grids, and whether all forbid a match."""
    found = weigher([(tail, VILLAGE, grid) for tail, grid in stored]).options(text, READER.read(text)[0])
    return {CODES[one.grid] for one in found}, all(one.blocks for one in found)
