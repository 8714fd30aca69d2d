"""Suggestions on a county of two townships: by name, pinyin and initials, and the order in which they come."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.catalog.suggestion_whys import WHYS
from geo.errors import BadValue
from geo.places.address.book import AddressBook
from geo.places.address.suggest import MAX_LENGTH, MAX_SUGGESTIONS
from geo.places.address.suggest_keys import ALIAS, INITIALS, PINYIN, PREFIX

#: 古浪县 has 土门镇 in the west and 古丰镇 in the east; 新胜村 is in the one, 新生村 and 古山村 in the other.
DIVISIONS = pd.DataFrame(
    {
        "code": ["620622", "620622102", "620622104", "620622102207", "620622104201", "620622104202"],
        "name": ["古浪县", "土门镇", "古丰镇", "新胜村", "新生村", "古山村"],
        "level": ["county", "township", "township", "village", "village", "village"],
        "aliases": [None, "土门堡", None, None, None, None],
    }
)
WEST, EAST = (102.0, 37.0), (103.0, 37.0)
GRIDS = gpd.GeoDataFrame(
    {
        "code": ["620622102207001", "620622104201001"],
        "name": ["第一网格", "一组"],
        "kind": ["general"] * 2,
        "level": [1, 1],
        "village": ["620622102207", "620622104201"],
    },
    geometry=[shapely.box(101.99, 36.99, 102.01, 37.01), shapely.box(102.99, 36.99, 103.01, 37.01)],
    crs="EPSG:4326",
)
STORED = [
    ("土门镇新胜村昌灵路1号", *WEST, 0),
    ("土门镇新胜村昌灵路2号", *WEST, 0),
    ("古丰镇新生村长林巷7号", *EAST, 1),
    ("古丰镇新生村老粮站", 103.0, 37.004, 1),
    ("古丰镇古山村3组", 103.1, 37.0, None),
]


@pytest.fixture(scope="module")
def book() -> AddressBook:
    codes = GRIDS["code"].tolist()
    addresses = gpd.GeoDataFrame(
        {
            "text": [one[0] for one in STORED],
            "grid": [None if one[3] is None else codes[one[3]] for one in STORED],
        },
        geometry=[shapely.Point(one[1], one[2]) for one in STORED],
        crs="EPSG:4326",
    )
    return AddressBook(addresses, DIVISIONS, grids=GRIDS)


def texts(found: list[dict]) -> list[str]:
    return [one["text"] for one in found]


@pytest.mark.parametrize(
    ("text", "first", "why"),
    [
        ("gl", "古浪县", "initials"),
        ("gulang", "古浪县", "pinyin"),
        ("gul", "古浪县", "pinyin"),
        ("Gu Lang", "古浪县", "pinyin"),
        ("gu'l", "古浪县", "pinyin"),
        ("古l", "古浪县", "initials"),
        ("古lang", "古浪县", "pinyin"),
        ("g浪", "古浪县", "initials"),
        ("gulx", "古浪县", "initials"),
        ("古浪", "古浪县", "prefix"),
        ("ＧＬ", "古浪县", "initials"),
        ("tmz", "土门镇 (古浪县)", "initials"),
        ("tumenz", "土门镇 (古浪县)", "pinyin"),
        ("土門", "土门镇 (古浪县)", "prefix"),
        ("土门堡", "土门镇 (古浪县)", "alias"),
        ("古丰镇新", "古丰镇新生村 (古浪县)", "prefix"),
        ("古浪县土门xsc", "土门镇新胜村 (古浪县)", "initials"),
        ("古浪xinsheng", "土门镇新胜村 (古浪县)", "pinyin"),
        ("一", "古丰镇新生村一组 (古浪县)", "prefix"),
        ("1组", "古丰镇新生村一组 (古浪县)", "prefix"),
        ("第一", "土门镇新胜村第一网格 (古浪县)", "prefix"),
        ("昌", "土门镇新胜村昌灵路 (古浪县)", "prefix"),
        ("新生村老", "古丰镇新生村老粮站 (古浪县)", "prefix"),
        ("llz", "古丰镇新生村老粮站 (古浪县)", "initials"),
    ],
)
def test_what_somebody_types_finds_the_place(book: AddressBook, text: str, first: str, why: str) -> None:
    found = book.suggest(text)[0]
    assert (found["text"], found["why"]) == (first, why)


def test_wider_places_are_first_and_every_answer_says_what_it_is(book: AddressBook) -> None:
    found = book.suggest("gu")
    assert [(one["text"], one["level"], one["code"]) for one in found] == [
        ("古浪县", "county", "620622"),
        ("古丰镇 (古浪县)", "township", "620622104"),
        ("古丰镇古山村 (古浪县)", "village", "620622104202"),
    ]
    assert {one["why"] for one in found} == {"pinyin"}
    assert list(WHYS)[PREFIX] == "prefix"
    assert [list(WHYS)[how] for how in (ALIAS, PINYIN, INITIALS)] == ["alias", "pinyin", "initials"]


def test_a_stored_text_has_the_grid_that_has_all_of_it_and_a_point(book: AddressBook) -> None:
    (found,) = book.suggest("昌灵")
    assert found == {
        "text": "土门镇新胜村昌灵路 (古浪县)", "level": "address", "code": "620622102207001", "why": "prefix",
        "lon": 102.0, "lat": 37.0,
    }  # fmt: skip


def test_a_place_is_in_its_shape_or_where_its_addresses_are_or_nowhere(book: AddressBook) -> None:
    (grid,) = book.suggest("第一网格")
    assert (grid["lon"], grid["lat"]) == (102.0, 37.0)
    east = book.suggest("古丰镇")[0]
    assert east["lon"] == pytest.approx((103.0 + 103.0 + 103.1) / 3, abs=1e-6)
    nowhere = AddressBook(gpd.GeoDataFrame({"text": []}, geometry=[], crs=4326), DIVISIONS).suggest("古丰镇")[0]
    assert (nowhere["lon"], nowhere["lat"]) == (None, None)


def test_of_one_level_and_likeness_what_is_nearer_to_the_view_is_first(book: AddressBook) -> None:
    west, east = (texts(book.suggest("xinsheng", near=near)) for near in (WEST, EAST))
    assert west == ["土门镇新胜村 (古浪县)", "古丰镇新生村 (古浪县)"]
    assert east == west[::-1]
    assert texts(book.suggest("gu", near=EAST, most=1)) == ["古浪县"], "however near, a village is after its county"
    assert texts(book.suggest("cl", near=EAST))[0].startswith("古丰镇新生村长林巷")
    assert texts(book.suggest("cl", near=WEST))[0].startswith("土门镇新胜村昌灵路")


def test_a_whole_name_is_before_one_that_it_begins() -> None:
    rows = {"code": ["990101101", "990101102"], "name": ["古浪滩镇", "古浪"], "level": ["township", "township"]}
    known = AddressBook(gpd.GeoDataFrame({"text": []}, geometry=[], crs=4326), pd.DataFrame(rows))
    assert texts(known.suggest("古浪")) == ["古浪", "古浪滩镇"]


_NO_NAMES = ["", "  ", "\x00\x01", "'; DROP TABLE", "\u202e", "\ud800", "无此处", "qqqq", "1" * MAX_LENGTH]


@pytest.mark.parametrize("text", _NO_NAMES)
def test_what_begins_no_name_finds_nothing(book: AddressBook, text: str) -> None:
    assert book.suggest(text) == []


def test_bounds(book: AddressBook) -> None:
    assert len(book.suggest("g", most=2)) == 2
    assert book.suggest("g", most=0) == []
    with pytest.raises(BadValue):
        book.suggest("古" * (MAX_LENGTH + 1))
    for near in ((181.0, 0.0), (0.0, 91.0), (float("nan"), 0.0)):
        with pytest.raises(BadValue):
            book.suggest("g", near=near)
    names = {"code": [f"990101{k:03}" for k in range(100, 180)], "name": [f"古{chr(0x4E00 + k)}镇" for k in range(80)]}
    many = AddressBook(
        gpd.GeoDataFrame({"text": []}, geometry=[], crs=4326), pd.DataFrame({**names, "level": "township"})
    )
    assert len(many.suggest("古", most=1_000)) == MAX_SUGGESTIONS


def test_the_nearest_of_many_are_those_of_a_sort_of_all() -> None:
    """2,000 streets along the 37th parallel, 0.001 degrees apart in the order of 7 k modulo 2,000."""
    at = [7 * k % 2_000 for k in range(2_000)]
    rows = [f"长{chr(0x4E00 + k)}街{k}号" for k in range(2_000)]
    known = AddressBook(
        gpd.GeoDataFrame({"text": rows}, geometry=[shapely.Point(102 + k / 1_000, 37) for k in at], crs=4326)
    )
    found = known.suggest("长", near=(103.0004, 37.0), most=5)
    assert [one["lon"] for one in found] == [103.0, 103.001, 102.999, 103.002, 102.998]
    assert [one["lon"] for one in known.suggest("长", near=(180.0, 0.0), most=2)] == [103.999, 103.998]


def test_heads_of_stored_texts_are_what_stands_before_their_first_number() -> None:
    texts_of = ["东街1号", "东街2号", "东街", "东街道3号", "3组", "西巷", "东街10号"]
    addresses = gpd.GeoDataFrame(
        {"text": texts_of}, geometry=[shapely.Point(102 + k / 100, 37) for k in range(len(texts_of))], crs=4326
    )
    known = AddressBook(addresses)
    assert texts(known.suggest("东街")) == ["东街", "东街道"]
    assert known.suggest("东街")[0]["code"] is None
    assert texts(known.suggest("x")) == ["西巷"]
    assert known.suggest("3") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昌灵路1", ["土门镇新胜村昌灵路1号 (古浪县)"]),
        ("昌灵路２号", ["土门镇新胜村昌灵路2号 (古浪县)"]),
        ("新胜村昌灵路1", ["土门镇新胜村昌灵路1号 (古浪县)"]),
        ("古山村三", ["古丰镇古山村3组 (古浪县)"]),
        ("古山村3组", ["古丰镇古山村3组 (古浪县)"]),
        ("changlinglu1", ["土门镇新胜村昌灵路1号 (古浪县)"]),
        ("cll2号", ["土门镇新胜村昌灵路2号 (古浪县)"]),
        ("changling1", []),  # no whole name
        ("昌灵路9", []),
        ("古丰镇昌灵路1", []),  # it is in 土门镇
        ("3", []),  # any village has such a group
    ],
)
def test_doors_are_suggested_once_a_number_is_typed(book: AddressBook, text: str, expected: list[str]) -> None:
    assert texts(book.suggest(text)) == expected


@pytest.mark.parametrize("text", ["东街1 3", "东街1 3号", "东街１　３号", "东街 1 3 号"])
def test_a_blank_inside_a_number_is_not_closed_up(text: str) -> None:
    """东街1 3号 is 13号, or 1号 and 3号: neither is suggested. A blank beside a number says nothing."""
    rows = ["东街1号", "东街3号", "东街13号"]
    points = [shapely.Point(102 + k / 100, 37) for k in range(len(rows))]
    known = AddressBook(gpd.GeoDataFrame({"text": rows}, geometry=points, crs=4326))
    assert known.suggest(text) == []
    assert texts(known.suggest("东街 13")) == texts(known.suggest("东 街 13 号")) == ["东街13号"]


@pytest.mark.parametrize("text", ["新胜村4", "新胜村四组", "新胜村委会4组", "古浪县新胜村四", "新胜村民委员会4"])
def test_a_village_that_is_registered_as_its_committee_has_the_doors_of_the_village(text: str) -> None:
    divisions = DIVISIONS.assign(name=DIVISIONS["name"].replace("新胜村", "新胜村民委员会"))
    stored = gpd.GeoDataFrame({"text": ["土门镇新胜村4组"]}, geometry=[shapely.Point(*WEST)], crs=4326)
    assert texts(AddressBook(stored, divisions).suggest(text)) == ["土门镇新胜村民委员会4组 (古浪县)"]


def test_a_door_that_is_suggested_has_its_grid_and_point(book: AddressBook) -> None:
    (found,) = book.suggest("昌灵路1")
    assert (found["level"], found["code"], found["why"]) == ("address", "620622102207001", "prefix")
    assert (found["lon"], found["lat"]) == WEST
    assert [one["why"] for one in book.suggest("changlinglu1")] == ["pinyin"]


def test_shorter_doors_are_first_and_at_most_as_many_as_asked() -> None:
    rows = [f"东街{k}号" for k in (4, 12, 40, 41, 400)]
    points = [shapely.Point(102 + k / 100, 37) for k in range(len(rows))]
    known = AddressBook(gpd.GeoDataFrame({"text": rows}, geometry=points, crs=4326))
    assert texts(known.suggest("东街4")) == ["东街4号", "东街40号", "东街41号", "东街400号"]
    assert texts(known.suggest("东街4", most=2)) == ["东街4号", "东街40号"]


@pytest.mark.parametrize("text", ["620622102207001", "620622102207", "620622 102207"])
def test_a_code_or_the_begin_of_one_finds_its_place(book: AddressBook, text: str) -> None:
    assert "620622102207001" in [one["code"] for one in book.suggest(text)]


def test_of_very_many_doors_the_shortest_are_first() -> None:
    rows = [f"东街{k}号" for k in (1, *range(100_000, 100_600))]
    points = [shapely.Point(102 + k / 10_000, 37) for k in range(len(rows))]
    known = AddressBook(gpd.GeoDataFrame({"text": rows}, geometry=points, crs=4326))
    assert texts(known.suggest("东街1", most=2)) == ["东街1号", "东街100000号"]
