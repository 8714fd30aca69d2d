"""However many names a text heaps up, only so many places and names are looked at: work is counted, not timed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.places.address import readings
from geo.places.address.book import AddressBook
from geo.places.address.chains import ChainReader
from geo.places.address.latin_names import MAX_WAYS, LatinReader
from geo.places.address.name_hits import MAX_PLACES, NameIndex
from geo.places.address.readings import AddressReader
from geo.places.address.repair import LOOK_UP, MAX_COMPARED, Allowance, Repairer
from geo.places.address.stored_addresses import StoredAddresses
from tests.geo.places.address.small_places import divisions, tree

#: 20 counties of 15 townships of 10 villages: townships of the same names in all counties, and villages in all of them.
TOWNSHIPS = [f"{first}{second}镇" for first in "金木水" for second in "山河湖泉岭"]
VILLAGES = [f"{first}{second}村" for first in "东西南北中" for second in "庄湾"]
NAMES = {
    f"99{county + 101:04d}": f"{'甲乙丙丁戊己庚辛壬癸'[county % 10]}{'江海'[county // 10]}县" for county in range(20)
}
NAMES |= {f"{code}{k + 100}": name for code in list(NAMES) for k, name in enumerate(TOWNSHIPS)}
NAMES |= {f"{code}{k + 200}": name for code in list(NAMES) if len(code) == 9 for k, name in enumerate(VILLAGES)}
TREE = tree(NAMES)
INDEX, READER = NameIndex(TREE), AddressReader(TREE)

TEXTS = {
    "villages": "".join(VILLAGES) * 12,
    "one village": "东庄村" * 100,
    "townships and villages": "".join(town + village for town in TOWNSHIPS for village in VILLAGES)[:300],
    "without suffixes": "东庄西湾金山木河" * 36,
    "misspelt villages": "甲江县金山镇" + "猫庄村狗湾村" * 50,
    "misspelt townships": "甲江县" + "猫山镇狗河镇" * 50,
    "misspelt twice": "甲江县" + "猫山镇狗湾村" * 50,
    "suffixes": "甲江县" + "村镇乡县" * 70,
    "in Latin letters": "dongzhuang cun jinshan zhen " * 20,
}


@pytest.mark.parametrize("name", TEXTS)
def test_places_of_all_names_are_bounded(name: str) -> None:
    assert sum(len(hit.places) for hit in INDEX.hits(TEXTS[name])) <= MAX_PLACES


def names_compared(text: str, most: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many names a text is compared with, look-ups included, where at most so many are allowed."""
    compared: list[int] = []
    nearest = Repairer._nearest

    def counted(self: Repairer, names: Any, *given: Any) -> Iterator[Any]:
        compared.append(len(names.places))
        return nearest(self, names, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Repairer, "_nearest", counted)
        patch.setattr(readings, "Allowance", lambda: Allowance(most))
        READER.read(text)
    return sum(compared) + LOOK_UP * len(compared)


@pytest.mark.parametrize("name", TEXTS)
def test_names_that_are_looked_up_as_misspelt_are_bounded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names_compared(TEXTS[name], MAX_COMPARED, monkeypatch) <= MAX_COMPARED
    assert names_compared(TEXTS[name], 120, monkeypatch) <= 120


def test_without_the_bound_misspelt_names_are_looked_up_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    assert names_compared(TEXTS["misspelt villages"], 10**9, monkeypatch) > 120


#: Twelve streets of one pinyin.
STREETS = [f"{first}{second}路" for first in "人仁壬任" for second in "民敏岷"]


def test_ways_to_write_latin_letters_are_bounded() -> None:
    reader = LatinReader(TREE, StoredAddresses(TREE, [(f"{name}1号", 1, k) for k, name in enumerate(STREETS)]))
    assert len(reader.ways("no. 1 renmin road")) == MAX_WAYS < len(STREETS)


def test_an_address_of_a_known_grid_is_read_without_the_other_places_of_its_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """300 villages are 东庄村, with a grid and an address each: five names are looked at of each address, no more."""
    villages = [code for code, name in NAMES.items() if name == "东庄村"]
    texts = [NAMES[code[:6]] + NAMES[code[:9]] + NAMES[code] for code in villages]
    addresses = gpd.GeoDataFrame({"text": texts, "grid": villages}, geometry=[shapely.Point(102, 37)] * 300, crs=4326)
    grids = pd.DataFrame({"code": villages, "name": "网格", "level": 1, "village": villages})
    looked_at: list[int] = []
    best_records = ChainReader._best_records

    def counted(self: ChainReader, entries: Any, *given: Any) -> Any:
        looked_at.append(len(entries))
        return best_records(self, entries, *given)

    monkeypatch.setattr(ChainReader, "_best_records", counted)
    book = AddressBook(addresses, divisions(NAMES), grids=grids)
    assert len(looked_at) == 300
    assert max(looked_at) <= 5
    found = book.match(texts[-1])
    assert (found.status, [one.grid and one.grid["code"] for one in found.candidates]) == ("matched", [villages[-1]])


def test_a_common_name_keeps_the_places_inside_what_else_is_named() -> None:
    """All 300 townships have 东庄村, and every county 金山镇: the one in 甲江县 is found among them."""
    (one,) = READER.read("甲江县金山镇东庄村3组")
    assert TREE.codes[one.place] == "990101100200"


def test_a_misspelt_village_is_found_in_any_of_the_townships_of_a_name() -> None:
    """95 townships are 城关镇, and only the last one has a name like 小沙凹村."""
    names = {f"99{k + 101:04d}100": "城关镇" for k in range(95)}
    names |= {f"{code}201": "和乐村" for code in list(names)} | {"990195100202": "小沙凹村"}
    known = tree(names)
    found = AddressReader(known).read("城关镇小傻凹村")
    assert [known.codes[one.place] for one in found] == ["990195100202"]
