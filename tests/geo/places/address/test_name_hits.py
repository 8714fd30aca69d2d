"""Names of places in a text: all of them, and no other; weaker where a road, a bank or a longer word has them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address.division_names import LEVELS, RANKS, name_parts, suffix_at, suffix_class
from geo.places.address.name_hits import Hit, NameIndex
from geo.places.address.readings import AddressReader
from tests.geo.places.address.small_places import NAMES, OTHER_XINSHENG, TUMEN, XINSHENG, tree

TREE = tree()
INDEX = NameIndex(TREE)
#: Texts of names, parts of names and what stands between them.
PIECES = [
    *NAMES.values(),
    "新胜",
    "大湾",
    "古浪",
    "土门",
    "张掖路",
    "西沟",
    "洋县",
    "村",
    "小",
    "路",
    "12号",
    "3组",
    "大",
    "宋村",
]


def found(text: str) -> list[tuple[str, str, list[str]]]:
    """Return what is written, the kind, and the codes of each hit of a text."""
    return [
        (text[hit.start : hit.end], hit.kind, [TREE.codes[place] for place in hit.places]) for hit in INDEX.hits(text)
    ]


def weight(text: str, written: str) -> float:
    """Return the weight of the first hit that is written so."""
    return next(hit.weight for hit in INDEX.hits(text) if text[hit.start : hit.end] == written)


def test_names_of_all_levels_in_one_text() -> None:
    assert found("古浪县土门镇新胜村3组") == [
        ("古浪县", "official", ["620622"]),
        ("土门镇", "official", [TUMEN]),
        ("新胜村", "official", [XINSHENG, OTHER_XINSHENG]),
    ]


@pytest.mark.parametrize(
    ("text", "written", "kind", "code"),
    [
        ("天祝县", "天祝县", "official", "620623"),
        ("天祝", "天祝", "short", "620623"),
        ("天祝市", "天祝市", "alias", "620623"),
        ("土门乡", "土门乡", "alias", TUMEN),
        ("土门镇人民政府", "土门镇人民政府", "official", TUMEN),
        ("洋县", "洋县", "official", "610723"),
        ("文化社区居委会", "文化社区居委会", "official", "620623001001"),
        ("宋村", "宋村", "official", "610723100202"),
        ("宋村委会", "宋村委会", "official", "610723100202"),
        ("宋村村民委员会", "宋村村民委员会", "official", "610723100202"),
        ("文化居委会", "文化居委会", "official", "620623001001"),
    ],
)
def test_other_suffixes_of_a_name(text: str, written: str, kind: str, code: str) -> None:
    assert found(text) == [(written, kind, [code])]


def test_a_village_and_a_community_of_one_core_are_told_by_the_suffix() -> None:
    village, community = "620622102202", "620622102003"
    assert found("大湾村") == [("大湾村", "official", [village])]
    assert found("大湾社区") == [("大湾社区", "official", [community])]
    assert {code: kind for _, kind, (code,) in found("大湾")} == {community: "short", village: "short"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("新华镇", ["990101101", "990102101"]),
        ("新华乡", ["990101102", "990102101"]),
        ("新华街道", ["990101101", "990101102", "990102101"]),
    ],
)
def test_a_township_is_no_other_one_beside_it_with_another_suffix(text: str, codes: list[str]) -> None:
    """Of the first county 新华镇 and 新华乡 are two towns; in the second 新华乡 may be written for 新华镇."""
    towns = {"990101101": "新华镇", "990101102": "新华乡", "990102101": "新华镇"}
    known = tree({"990101": "甲子县", "990102": "乙丑县"} | towns)
    assert sorted(known.codes[place] for hit in NameIndex(known).hits(text) for place in hit.places) == codes


def test_a_name_in_full_is_worth_its_characters_and_another_suffix_less() -> None:
    assert weight("土门镇", "土门镇") == 3.0
    assert weight("天祝藏族自治县", "天祝藏族自治县") == 7.0
    assert weight("土门乡", "土门乡") == pytest.approx(3.0 - 1.3)
    assert weight("土门镇", "土门镇") > weight("土门乡", "土门乡") > weight("土门", "土门")


@pytest.mark.parametrize("text", ["古浪路12号", "古浪大街", "古浪农商银行", "古浪小学", "古浪牛肉面", "古浪有限公司"])
def test_what_is_named_after_a_place_need_not_be_in_it(text: str) -> None:
    assert 0 < weight(text, "古浪") < 0.3 < weight("古浪", "古浪")


def test_a_road_that_a_township_is_named_after_is_the_road() -> None:
    assert found("张掖路12号") == [("张掖路", "short", ["620623001"])]
    assert weight("张掖路12号", "张掖路") == 0.5
    assert weight("张掖路街道", "张掖路街道") == 5.0


def test_a_name_inside_a_longer_word_is_worth_less() -> None:
    assert weight("西沟村5号", "西沟村") == 3.0
    assert weight("小西沟村5号", "西沟村") == pytest.approx(0.6 * 3.0)
    assert weight("土门镇西沟村5号", "西沟村") == 3.0  # begins where another name ends
    assert weight("大西沟村", "大西沟村") == 4.0
    assert weight("大西沟村", "西沟村") == pytest.approx(0.6 * 3.0)


def test_a_name_behind_a_number_is_worth_less() -> None:
    assert weight("3号古浪县", "古浪县") < weight("古浪县3号", "古浪县")


def test_a_common_name_is_looked_up_only_where_the_text_names_another_place() -> None:
    """300 townships of one county have a village 新华村: with its township named only that one is meant."""
    names = {"990101": "甲县"}
    for k in range(300):
        names[f"990101{k:03}"] = (
            f"第{'甲乙丙丁戊己庚辛壬癸'[k // 30]}{'子丑寅卯辰巳午未申酉'[k % 30 // 3]}{'东西南'[k % 3]}镇"
        )
        names[f"990101{k:03}201"] = "新华村"
    known = tree(names)
    index = NameIndex(known)
    (township, village) = (hit for hit in index.hits("第乙卯南镇新华村") if hit.kind == "official")
    code = known.codes[township.places[0]]
    assert [known.codes[place] for place in village.places] == [f"{code}201"]
    (alone,) = index.hits("新华村")
    assert 1 < len(alone.places) < 300  # enough to know that it is not unique


def test_a_mask_has_a_bit_for_each_character() -> None:
    assert Hit(2, 5, 3, "official", 3.0, [1]).mask == 0b11100


def test_no_place_no_name() -> None:
    assert NameIndex(tree({})).hits("古浪县土门镇") == []
    assert INDEX.hits("") == INDEX.hits("12号") == []


def _plain(text: str) -> set[tuple[int, str, int]]:
    """Return begin, core and place of every core of a place anywhere in a text; 大湾村 is not 大湾社区 beside it."""
    said = set()
    for place, names in enumerate(TREE.names):
        for name in names:
            parts = name_parts(name, LEVELS[TREE.rank[place]])
            if parts is None or len(parts.core) < 2:
                continue
            other = {"村": "社区", "社区": "村"}.get(parts.suffix, "") if parts.core == "大湾" else ""
            starts = [
                k for k in range(len(text))
                if text.startswith(parts.core, k)
                and not (other and suffix_class(suffix_at(text, k + len(parts.core), "village")) == other)
            ]  # fmt: skip
            said |= {(start, parts.core, place) for start in starts}
    return said


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_the_names_are_those_of_a_plain_search(text: str) -> None:
    hits = INDEX.hits(text)
    cores = {place: name_parts(names[0], LEVELS[TREE.rank[place]]) for place, names in enumerate(TREE.names) if names}
    got = [(hit.start, place) for hit in hits for place in hit.places]
    assert {(start, cores[place].core, place) for start, place in got} == _plain(text)  # type: ignore[union-attr]
    assert len(got) == len(set(got))
    for hit in hits:
        written = text[hit.start : hit.end]
        assert 0 <= hit.start < hit.end <= len(text)
        assert 0 < hit.weight <= len(written)
        assert hit.places == tuple(sorted(hit.places))
        assert {int(TREE.rank[place]) for place in hit.places} == {hit.rank}
        assert all(written.startswith(cores[place].core) for place in hit.places)  # type: ignore[union-attr]


def test_the_township_and_the_county_of_one_core_are_told_by_what_follows() -> None:
    index = NameIndex(tree({"990101": "古浪县", "990101001": "古浪镇", "990101002": "大靖镇"}))
    best = max(index.hits("古浪镇"), key=lambda hit: hit.weight)
    assert (best.rank, best.weight) == (RANKS["township"], 3.0)
    assert all(hit.weight < 0.5 for hit in index.hits("古浪镇") if hit.rank == RANKS["county"])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("城关街道3巷社区文化路3号", 11),
        ("3巷社区", 4),
        ("3巷5号", 0),
        ("文化路15号院", 3),
        ("15号院社区2号", 6),
        ("东街", 2),
    ],
)
def test_a_number_in_a_name_is_not_the_first_of_the_doors(text: str, number: int) -> None:
    names = {
        "990101": "甲县",
        "990101001": "城关街道",
        "990101001001": "三巷社区居委会",
        "990101001002": "十五号院社区",
    }
    assert NameIndex(tree(names)).first_number(text) == number


def test_a_door_a_yard_and_a_number_are_no_short_names() -> None:
    """二号村, 十五号院社区 and 62社区 are named by all of their names; 三队 may be short for 三队村."""
    names = {"990101": "甲县", "990101001": "乙镇", "990101001201": "二号村", "990101001202": "十五号院社区"}
    index = NameIndex(tree({**names, "990101001203": "62社区", "990101001204": "三队村"}))
    assert index.hits("文化路2号") == index.hits("文化路15号院") == index.hits("文化路62号") == []
    assert [hit.kind for hit in index.hits("2号村15号院社区62社区")] == ["official"] * 3
    assert [hit.kind for hit in index.hits("3队5号")] == ["short"]


@pytest.mark.parametrize(("text", "is_trusted"), [("大湾社区东大街92号", True), ("新胜村东大街92号", False)])
def test_no_road_is_named_after_a_community(text: str, is_trusted: bool) -> None:
    """东大街 behind 大湾社区 is a street in it; 新胜村东大街 may be a street of another place."""
    written = text[:-6]
    assert (weight(text, written) == pytest.approx(len(written))) == is_trusted


def test_a_word_for_a_kind_of_place_tells_it_from_no_other() -> None:
    """A village that is named 社区 only is found behind its township, and no word against 老街社区 of another one."""
    names = {"990101001": "甲镇", "990101001001": "老街社区", "990101002": "乙镇", "990101002001": "社区居委会"}
    index = NameIndex(tree(names))
    assert [hit.weight for hit in index.hits("乙镇社区居委会") if hit.start == 2] == [0.5]
    reader = AddressReader(tree(names))
    for text, place in (("乙镇社区居委会", "990101002001"), ("甲镇老街社区", "990101001001")):
        (one,) = reader.read(text)
        assert (reader.tree.codes[one.place], one.contradictions) == (place, ())
