"""Readings of addresses: the finest place for sure, what is left of the text, and what was misspelt on the way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address.chains import MARGIN
from geo.places.address.name_hits import Hit
from geo.places.address.place_tree import ROOT
from geo.places.address.readings import MIN_SCORE, AddressReader, Piece, Reading
from tests.geo.places.address.small_places import NAMES, OTHER_XINSHENG, TUMEN, XINSHENG, tree

TREE = tree()
READER = AddressReader(TREE)
WORDS = [
    *NAMES.values(),
    *[
        "土门",
        "新胜",
        "古浪",
        "张掖路",
        "东领村",
        "土们镇",
        "新华小区",
        "3组",
        "12号",
        "1号",
        "对面",
        "小",
        "村",
        "路",
        ",",
        "住址:",
        "银行",
    ],
]


def read(text: str) -> list[tuple[str, str]]:
    """Return the code of the place and the tail of each reading."""
    return [(TREE.codes[one.place], one.tail) for one in READER.read(text)]


@pytest.mark.parametrize(
    ("text", "code", "tail"),
    [
        ("土门镇新胜村3组12号", XINSHENG, "3组12号"),
        ("土门镇新胜3组", XINSHENG, "3组"),
        ("土门镇昌灵路12号", TUMEN, "昌灵路12号"),
        ("土门镇,昌灵路12号", TUMEN, "昌灵路12号"),
        ("家住古浪县土门镇新胜村", XINSHENG, ""),
        ("地址:土门镇新胜村", XINSHENG, ""),
        ("土门镇新胜村土门镇新胜村1号", XINSHENG, "1号"),
        ("大靖镇东领村1号", "620622103202", "1号"),
        ("大靖镇岭东村1号", "620622103202", "1号"),
        ("大靖镇东东岭村1号", "620622103202", "1号"),  # a doubled character is a slip of the hand
        ("古良县土门镇新胜村1号", XINSHENG, "1号"),
        ("洋县智果村12号", "610723100201", "12号"),
        ("天祝县金强村", "620623100201", ""),
        ("大西沟村5号", "620622102204", "5号"),
        ("张掖路街道12号", "620623001", "12号"),
        ("土门镇新胜寸3组", XINSHENG, "3组"),  # 寸 is like 村
    ],
)
def test_place_and_tail(text: str, code: str, tail: str) -> None:
    assert read(text) == [(code, tail)]


def test_both_villages_of_one_name_and_one_with_its_township() -> None:
    assert read("新胜村3组") == [(XINSHENG, "3组"), (OTHER_XINSHENG, "3组")]
    assert read("大靖镇新胜村3组") == [(OTHER_XINSHENG, "3组")]


def test_a_village_may_begin_the_name_of_something_else() -> None:
    """东岭小区 may be in 东岭村 or not: the township is sure, the village a guess."""
    (one,) = READER.read("大靖镇东岭小区3栋")
    assert (TREE.codes[one.place], TREE.codes[one.guess], one.tail) == ("620622103", "620622103202", "东岭小区3栋")


@pytest.mark.parametrize("text", ["", "12号", "张掖路12号", "古浪路12号", "古浪农商银行", "古浪牛肉面馆", "和平里5号"])
def test_a_road_or_a_bank_named_after_a_place_names_none(text: str) -> None:
    assert read(text) == []


def test_a_contradiction_stays_in_the_tail() -> None:
    (one,) = READER.read("洋县土门镇新胜村")
    assert (TREE.codes[one.place], one.tail) == (XINSHENG, "洋县")
    assert [TREE.codes[place] for hit in one.contradictions for place in hit.places] == ["610723"]


def test_a_known_name_of_elsewhere_is_no_misspelling() -> None:
    """凤县 is one wrong character from 洋县, and a county of its own."""
    known = AddressReader(tree({"610723": "洋县", "610723100": "谢村镇", "610723100201": "智果村", "610330": "凤县"}))
    (one,) = known.read("凤县谢村镇智果村")
    assert one.misspelt == ()
    assert [known.tree.codes[hit.places[0]] for hit in one.contradictions] == ["610330"]
    (other,) = known.read("样县谢村镇智果村")
    assert other.contradictions == ()
    assert [written.meant for written in other.misspelt] == ["洋县"]


def test_stored_addresses_are_not_repaired() -> None:
    assert [TREE.codes[one.place] for one in READER.read_as_written("大靖镇东领村")] == ["620622103"]


def test_a_misspelt_village_of_a_named_township_is_found_beside_many_of_the_name_as_it_stands() -> None:
    """Nine villages elsewhere are 马安山村; the township named has 马鞍山村, and explains more of the text with it."""
    names = {"990101": "凤县", "990101100": "凤州镇", "990101100201": "马鞍山村"}
    names |= {f"9902{k:02d}": f"{char}县" for k, char in enumerate("甲乙丙丁戊己庚辛壬", start=1)}
    names |= {f"{code}100": "河口镇" for code in list(names) if code.startswith("9902")}
    names |= {f"{code}201": "马安山村" for code in list(names) if code.startswith("9902") and len(code) == 9}
    known = tree(names)
    first, *_ = AddressReader(known).read("凤州镇马安山村")
    assert known.codes[first.place] == "990101100201"
    assert [one.meant for one in first.misspelt] == ["马鞍山"]


def test_spans_are_those_of_names_and_misspelt_names() -> None:
    hits = ((1, Hit(3, 6, 2, "official", 3.0, [1])),)
    assert Reading(1, 1, 3.0, hits, (), (), (Piece(0, 3),), "abc").spans == [(3, 6)]
    assert READER.read("古良县土门镇新胜村")[0].spans == [(0, 3), (3, 6), (6, 9)]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=6).map("".join))
def test_any_words(text: str) -> None:
    """Spans and pieces lie in the text, in order and apart; the tail is what the pieces say; the best stands first."""
    found = READER.read(text)
    for one in found:
        assert one.tail == "".join(text[piece.start : piece.end] for piece in one.pieces)
        parts = sorted([*one.pieces, *one.spans])
        ends = [end for part in parts for end in part]
        assert ends == sorted(ends)
        assert all(0 <= start < end <= len(text) for start, end in parts)
        assert found[0].score - MARGIN <= one.score <= found[0].score
        assert TREE.holds(one.place, one.guess)
        assert all(TREE.holds(place, one.guess) for place, _ in one.hits)
    if found:
        assert found[0].score >= MIN_SCORE or found[0].place == ROOT


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([*NAMES.values(), "东领村", "土门", "新胜", "对面"]), min_size=1, max_size=4).map("".join),
    st.from_regex(r"([0-9]{1,3}(号|组|组[0-9]号|号楼[0-9]单元|-[0-9]))?", fullmatch=True),
)
def test_a_door_is_read_from_another_door_of_its_place_as_it_is_read_alone(head: str, door: str) -> None:
    """The reader keeps what it read of a head, with a door or without: a fresh one answers the same."""
    READER.read_numbered(head + door)
    kept, fresh = READER.read_numbered(head + door), AddressReader(TREE).read(head + door)
    assert [(one.place, one.guess, one.tail, one.pieces, one.spans) for one in kept] == [
        (one.place, one.guess, one.tail, one.pieces, one.spans) for one in fresh
    ]


def test_two_misspelt_levels_side_by_side_are_read_each_inside_the_one_before() -> None:
    """Both by sound, then each with a character of no likeness; 大靖镇 and 东岭村 are the only ones as near."""
    for text, meant in [
        ("古浪县图门镇新生村3组", ["土门", "新胜"]),
        ("古浪县大静镇东领村", ["大靖", "东岭"]),
        ("古浪县大猫镇东猫村1号", ["大靖", "东岭"]),
    ]:
        (one,) = READER.read(text)
        assert [word.meant for word in one.misspelt] == meant
        assert one.place == one.misspelt[1].place
        assert TREE.holds(one.misspelt[0].place, one.place)


@pytest.mark.parametrize("suffix", ["街道", "衔道", "阶道"])
def test_a_misspelt_suffix_between_two_names_is_that_of_the_first(suffix: str) -> None:
    """花果衔道桃子村 is 花果街道桃子村; with any other word between them it stays unread."""
    known = tree({"420302": "张湾区", "420302001": "花果街道", "420302001201": "桃子村"})
    (one,) = AddressReader(known).read(f"花果{suffix}桃子村3组")
    assert (known.names[one.place][0], one.tail) == ("桃子村", "3组")
    (other,) = AddressReader(known).read("花果大道桃子村3组")
    assert other.tail == "大道3组"


def test_a_suffix_that_begins_the_next_name_is_read_both_ways() -> None:
    """谢村镇 and 江村, or 谢村 and 镇江村: both are villages of 谢村镇."""
    known = tree({**NAMES, "610723100203": "江村", "610723100204": "镇江村"})
    both = {"610723100203", "610723100204"}
    reader = AddressReader(known)
    assert {known.codes[one.place] for one in reader.read("洋县谢村镇江村3组")} == both
    for text, code in (("谢村镇镇江村", "610723100204"), ("谢村江村", "610723100203"), ("谢村镇,江村", "610723100203")):
        assert [known.codes[one.place] for one in reader.read(text)] == [code]


@pytest.mark.parametrize("committee", ["", "村委会", "村民委员会"])
def test_the_committee_of_a_village_does_not_tell_which_of_both_is_meant(committee: str) -> None:
    known = tree({**NAMES, "610723100203": "江村", "610723100204": f"镇江村{committee}"})
    for asked in ("洋县谢村镇江村村委会", "洋县谢村镇江村3组"):
        found = {known.codes[one.place] for one in AddressReader(known).read(asked)}
        assert found == {"610723100203", "610723100204"}


def test_a_county_that_begins_with_the_suffix_of_its_city() -> None:
    """内江市中区 is 市中区 of 内江, not 中区 of 内江市; another city has a 市中区 too."""
    known = tree({"5110": "内江市", "511002": "市中区", "5111": "乐山市", "511102": "市中区"})
    (one,) = AddressReader(known).read("内江市中区")
    assert (known.codes[one.place], one.tail) == ("511002", "")


def test_words_that_say_who_tells_an_address_are_bounded() -> None:
    """现住址 is one word or two: of a heap of such words there were more ways to split it than could be tried."""
    told = [READER.read(f"市民反映{words}新胜村3组") for words in ("", "住址" * 200 + "呀")]
    assert [readings[0].pieces[0].start == 0 for readings in told] == [False, True]
