"""Addresses matched whole and by prefix; what is not known is not guessed."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import BadValue
from geo.places.address import normalise
from geo.places.address.book import AddressBook

DIVISIONS = pd.DataFrame(
    {
        "code": ["620622000000", "620622102000", "620622102207"],
        "name": ["甲县", "青石镇", "杨柳沟村"],
        "level": ["county", "township", "village"],
        "parent": [None, "620622000000", "620622102000"],
    }
)
GRIDS = pd.DataFrame(
    {
        "code": ["620622102207001", "620622102207002", "620622102207001W01"],
        "name": ["第一网格", "第二网格", "一组"],
        "kind": ["general", "dedicated", "general"],
        "level": [1, 1, 2],
        "village": ["620622102207", "620622102207", None],
        "parent": [None, None, "620622102207001"],
    }
)


def book(*rows: tuple[str, str | None], **columns: list[str | None]) -> AddressBook:
    """Return a book of (text, grid) rows, a hundredth of a degree apart."""
    frame = gpd.GeoDataFrame(
        {
            "id": [str(k) for k in range(len(rows))],
            "text": [row[0] for row in rows],
            "grid": [row[1] for row in rows],
            **columns,
        },
        geometry=shapely.points([102 + k / 100 for k in range(len(rows))], 37.0),
        crs="EPSG:4326",
    )
    return AddressBook(frame, DIVISIONS, grids=GRIDS, revision=7, at="2026-01-02")


ONE, TWO, MICRO = "620622102207001", "620622102207002", "620622102207001W01"


def test_an_exact_address_is_matched_with_its_chain() -> None:
    found = book(("青石镇杨柳沟村三组12号", ONE), ("青石镇杨柳沟村三组13号", TWO)).match(" 青石镇杨柳沟村3组 12 号")
    assert found.status == "matched"
    assert (found.revision, found.at, found.crs) == (7, "2026-01-02", None)
    assert found.point == (102.0, 37.0)
    (candidate,) = found.candidates
    assert candidate.grid == {"code": ONE, "name": "第一网格", "kind": "general", "level": 1}
    assert [(step["level"], step["code"]) for step in candidate.chain] == [
        ("county", "620622000000"),
        ("township", "620622102000"),
        ("village", "620622102207"),
        ("grid", ONE),
    ]
    assert (candidate.method, candidate.score, candidate.level) == ("exact", 1.0, "grid")
    assert list(candidate.spans[0]) == [1, 15]


def test_a_micro_grid_has_its_grid_in_the_chain() -> None:
    (candidate,) = book(("甲", MICRO)).match("甲").candidates
    assert [step["level"] for step in candidate.chain] == ["county", "township", "village", "grid", "microgrid"]
    assert candidate.level == "microgrid"


def test_standard_forms_and_aliases_are_known() -> None:
    known = book(("老粮站", ONE), ("甲乙", TWO), standard=["青石镇人民路1号", None], aliases=["粮库；旧粮站|仓库", ""])
    for text in ("青石镇人民路1号", "粮库", "旧粮站", "仓库"):
        assert known.match(text).candidates[0].grid["code"] == ONE


def test_the_same_text_in_two_grids_is_ambiguous() -> None:
    found = book(("人民路1号", ONE), ("人民路1号", TWO), ("人民路1号", ONE)).match("人民路1号")
    assert found.status == "ambiguous"
    assert found.point is None
    assert [one.grid["code"] for one in found.candidates] == [ONE, TWO]


def test_what_begins_with_the_text() -> None:
    known = book(("青石镇东街1号", ONE), ("青石镇东街2号", ONE), ("青石镇西街1号", TWO))
    east = known.match("青石镇东街")
    assert (east.status, east.candidates[0].method) == ("matched", "match")
    assert 0 < east.candidates[0].score < 1
    assert east.candidates[0].precision_m == pytest.approx(111_195 * 0.01 * 0.7986 / 2, rel=0.01)
    both = known.match("青石镇")
    assert (both.status, len(both.candidates)) == ("ambiguous", 2)


def test_a_name_stored_in_one_grid_does_not_hide_its_houses_in_another() -> None:
    known = book(
        ("幸福小区", ONE), ("幸福小区3号楼", TWO), ("惠民小区", ONE), ("惠民小区对面", TWO), ("惠民小区1号楼", ONE)
    )
    found = known.match("幸福小区")
    assert (found.status, [one.grid["code"] for one in found.candidates]) == ("ambiguous", [ONE, TWO])
    assert (known.match("惠民小区").status, known.match("惠民小区").candidates[0].grid["code"]) == ("matched", ONE)


def test_only_several_grids_are_ambiguous() -> None:
    known = book(("粮库1号", ONE), ("粮库2号", None))
    found = known.match("粮库")
    assert (found.status, [one.grid and one.grid["code"] for one in found.candidates]) == ("partial", [ONE, None])


@pytest.mark.parametrize("count", [9, 10, 11, 14])
def test_of_more_than_ten_grids_the_answer_says_how_many_are_not_listed(count: int) -> None:
    rows = [f"g{k}" for k in range(count)]
    frame = gpd.GeoDataFrame(
        {"text": ["粮库"] * count, "grid": rows}, geometry=shapely.points([[102, 37]] * count), crs=4326
    )
    found = AddressBook(frame).match("粮库")
    said = [fault["text"].split(" / ")[0] for fault in found.candidates[0].faults]
    assert (found.status, len(found.candidates)) == ("ambiguous", min(count, 10))
    assert said == ([f"另有 {count - 10} 个网格没有列出"] if count > 10 else [])


def test_an_address_that_no_grid_owns_says_so() -> None:
    known = book(("青石镇杨柳沟村9号", None), ("青石镇杨柳沟村1号", ONE))
    found = known.match("青石镇杨柳沟村9号")
    (one,) = found.candidates
    assert (found.status, found.point, one.grid) == ("partial", (102.0, 37.0), None)
    assert [fault["code"] for fault in one.faults] == ["no_grid"]
    assert [link["name"] for link in one.chain] == ["甲县", "青石镇", "杨柳沟村"]


def test_a_house_of_an_estate_is_found_without_its_village() -> None:
    known = book(("惠民小区", ONE), ("利民小区1号楼", TWO), ("利民小区3号楼", TWO))
    place, between, beyond = (known.match(text) for text in ("惠民小区2号楼", "利民小区2号楼", "利民小区9号楼"))
    assert [one.candidates[0].grid["code"] for one in (place, between, beyond)] == [ONE, TWO, TWO]
    assert [one.status for one in (place, between, beyond)] == ["partial", "matched", "partial"]
    assert [one.candidates[0].precision_m for one in (place, beyond)] == [300.0, 240.0]


def test_a_number_is_read_whole() -> None:
    known = book(("人民路12号", ONE), ("大街 12", TWO))
    found = known.match("人民路1")
    assert (found.status, [fault["code"] for fault in found.candidates[0].faults]) == ("partial", ["unstored"])
    assert [known.match(text).status for text in ("大街 1", "大街 123")] == ["not_found", "not_found"]
    assert known.match("人民路12").status == "matched"


def test_a_room_in_a_known_building_is_matched_and_other_remainders_are_partial() -> None:
    known = book(("人民路12号", ONE), ("杨柳沟村三组", TWO))
    room = known.match("人民路12号3单元501室")
    assert (room.status, room.candidates[0].method, room.candidates[0].grid["code"]) == ("matched", "prefix", ONE)
    assert [fault["code"] for fault in room.candidates[0].faults] == ["unread"]
    assert list(room.candidates[0].spans[0]) == [0, 6]
    other = known.match("杨柳沟村三组(小卖部)旁")
    assert (other.status, other.candidates[0].grid["code"]) == ("partial", TWO)
    assert [fault["code"] for fault in other.candidates[0].faults] == ["unread", "nearby"]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("民主街35号", "民主街3、5号"),
        ("民主街35号", "民主街3/5号"),
        ("和平路121号", "和平路12（1）号"),
        ("和平路121号", "和平路12 1号"),
        ("312 Smith Street", "3/12 Smith Street"),
        ("大街12-3号", "大街12/3号"),
    ],
)
def test_numbers_with_a_mark_between_them_are_not_one_number(stored: str, asked: str) -> None:
    for one, other in ((stored, asked), (asked, stored)):
        found = book((one, ONE)).match(other)
        assert found.status in ("not_found", "partial")
        codes = {fault["code"] for answer in found.candidates for fault in answer.faults}
        assert codes <= ({"unstored", "unread"} if " " in other else {"unstored"})
    assert book((asked, ONE)).match(asked).status == "matched"


def test_a_number_that_goes_on_behind_a_mark_is_another_one() -> None:
    known = book(("大街 12", ONE))
    for text in ("大街12-3号", "大街12/3", "大街12（3）"):
        found = known.match(text)
        assert (found.status, found.candidates[0].faults[0]["code"]) == ("partial", "unread")


@pytest.mark.parametrize(
    "tail",
    ["对面", "附近", "北侧200米", "斜对面", "旁边", "隔壁商店", "往东300米", "西南角", "门口", "以北", "，200米处",
     "一带",
     " opposite", ", near the bank", " (next to the school)", " behind"],
)  # fmt: skip
@pytest.mark.parametrize("address", ["民主街3号", "Smith Street 312"])
def test_a_place_near_an_address_is_partial_and_says_so(address: str, tail: str) -> None:
    found = book((address, ONE)).match(address + tail)
    assert (found.status, found.candidates[0].grid["code"]) == ("partial", ONE)
    assert [fault["code"] for fault in found.candidates[0].faults] == ["nearby"]


@pytest.mark.parametrize(
    ("address", "tail"),
    [
        ("民主街3号", tail)
        for tail in ("背后", "西邻", "河对岸", "沿路", "两侧", "西南", "二百米处", "往里走", "桥头", "停车场")
    ]
    + [("民主街3号", tail) for tail in ("村口", "至37号", "、5号", "及民主街5号")]
    + [
        ("Smith Street 312", tail)
        for tail in (" nr bank", " facing it", " rear of", " north", " - 314", " A", " to 314")
    ],
)
def test_only_what_is_known_to_be_a_part_of_an_address_is_in_it(address: str, tail: str) -> None:
    """A list of words for places nearby is never complete: what is not known to be inside is `partial`."""
    assert book((address, ONE)).match(address + tail).status == "partial"


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("民主街35号对面", "民主街35号"),
        ("民主街35号对面", "民主街"),
        ("和平路12（1）号", "和平路12"),
        ("12 A St 7-2", "12 A St 7"),
    ],
)
def test_a_longer_address_of_another_place_is_no_match(stored: str, asked: str) -> None:
    found = book((stored, ONE)).match(asked)
    assert (found.status, [fault["code"] for fault in found.candidates[0].faults]) == ("partial", ["longer"])


def test_a_longer_address_of_the_same_place_is_a_match() -> None:
    assert book(("阳光花园3号", ONE)).match("阳光").status == "matched"
    assert book(("民主街35号对面", ONE), ("民主街35号3单元", ONE)).match("民主街35号").status == "matched"


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        *(("人民医院", begin) for begin in ("人", "人民")), *(("第一中学", begin) for begin in ("第", "第一")),
        ("派出所", "派"), ("交警队", "交"), ("三条5号", "三"), ("新华书店", "新华"), ("城关小学", "城关"),
        ("青石路口村3号", "青石路"), ("人民路7号", "人民"),
    ],
)  # fmt: skip
def test_a_begin_that_ends_within_a_word_is_no_name(stored: str, asked: str) -> None:
    found = book((stored, ONE)).match(asked)
    assert (found.status, [fault["code"] for fault in found.candidates[0].faults]) == ("partial", ["longer"])


@pytest.mark.parametrize(
    "tail",
    [
        "3单元501室",
        "附5号",
        "二楼",
        "b座",
        "后勤部",
        "东单元",
        "里间",
        " flat 3",
        "501",
        "永辉超市",
        "临街商铺",
        "3栋2单元5号",
    ],
)
def test_a_part_of_an_address_is_matched(tail: str) -> None:
    assert book(("民主街3号", ONE)).match("民主街3号" + tail).status == "matched"


def test_what_is_stored_with_such_a_word_is_an_address() -> None:
    known = book(("民主街3号对面", TWO), ("民主街3号", ONE))
    found = known.match("民主街3号对面")
    assert (found.status, found.candidates[0].grid["code"], found.candidates[0].faults) == ("matched", TWO, ())


def test_an_address_outside_every_grid_is_partial() -> None:
    found = book(("荒地", None)).match("荒地")
    assert found.status == "partial"
    assert found.candidates[0].grid is None


@pytest.mark.parametrize("text", ["", "   ", "（）", "不存在的地方", "\ud800"])
def test_what_is_not_known_is_not_found(text: str) -> None:
    found = book(("人民路1号", ONE)).match(text)
    assert (found.status, found.candidates, found.point) == ("not_found", (), None)


def test_an_over_long_text_is_refused() -> None:
    with pytest.raises(BadValue):
        book(("人民路1号", ONE)).match("路" * 4000)
    assert book(("人民路1号", ONE)).match("路" * 3000).status == "not_found"


def test_at_most_ten_candidates() -> None:
    known = book(*[(f"大街{k}号", f"g{k}") for k in range(30)])
    found = known.match("大街")
    assert (found.status, len(found.candidates)) == ("ambiguous", 10)


def test_no_addresses_match_nothing() -> None:
    empty = gpd.GeoDataFrame({"text": [], "grid": []}, geometry=[], crs="EPSG:4326")
    assert AddressBook(empty, DIVISIONS).match("人民路").status == "not_found"


def test_a_book_without_grids_gives_codes_and_divisions_by_prefix() -> None:
    frame = gpd.GeoDataFrame({"text": ["甲"], "grid": [ONE]}, geometry=[shapely.Point(102, 37)], crs="EPSG:4326")
    (candidate,) = AddressBook(frame, DIVISIONS).match("甲").candidates
    assert candidate.grid == {"code": ONE, "name": None, "kind": None, "level": None}
    assert [step["level"] for step in candidate.chain] == ["county", "township", "village", "grid"]


@settings(max_examples=200)
@example(["1丙", "丙路"], "1丙路")  # door 1 and 丙路 behind it, which is stored elsewhere
@example(["号丙", "号丙1丙"], "号丙")  # 号 and 丙 beside a number are not 号丙
@example(["11"], "11111路")  # the number is one: it is not 11 and 一一一路
@example(["甲乙", "甲乙1号"], "甲乙")  # a house of a stored name
@given(
    st.lists(
        st.text(alphabet="甲乙丙路12号", min_size=2, max_size=6),
        min_size=1,
        max_size=12,
        unique_by=normalise.normal_form,
    ),
    st.text(alphabet="甲乙丙路12号", max_size=8),
)
def test_the_index_agrees_with_a_plain_search(texts: list[str], query: str) -> None:
    grids = [f"g{k}" for k in range(len(texts))]
    found = book(*zip(texts, grids, strict=True)).match(query)
    # Where the plain search finds nothing a similar text answers, or the doors beside one that is not stored; a door
    # and a name behind it that is stored elsewhere are two places, of which it finds one.
    faults = {fault["code"] for one in found.candidates for fault in one.faults}
    others = faults & {"alike", "unstored", "another_place"}
    got = {one.grid["code"] for one in found.candidates}
    key = normalise.normal_form(query)
    keys = [normalise.normal_form(text) for text in texts]

    def whole(short: str, long: str) -> bool:
        cut = len(short)
        return long.startswith(short) and not (cut < len(long) and short[-1:].isdigit() and long[cut].isdigit())

    begins = {grid for grid, one in zip(grids, keys, strict=True) if key and whole(key, one)}
    if others:
        assert key not in keys
        assert found.status != "matched" or others == {"unstored"}
    elif key in keys:  # and the houses of what it names
        assert grids[keys.index(key)] in got
        assert got <= begins
    elif begins:
        assert got <= begins
        assert len(got) == min(len(begins), 10)
    else:
        prefixes = [one for one in keys if key and len(one) >= 2 and whole(one, key)]
        assert got == ({grids[keys.index(max(prefixes, key=len))]} if prefixes else set())


def test_many_texts_at_once() -> None:
    known = book(("人民路1号", ONE))
    assert [found.status for found in known.match_many(["人民路1号", "x"])] == ["matched", "not_found"]


def test_a_prefix_of_very_many_addresses_is_still_ambiguous() -> None:
    """The one address in another grid is the longest: it is not lost among the shorter ones."""
    known = book(*[(f"大街{k}号", "g1") for k in range(12_000)], ("大街一万二千号之后的很远地方", "g2"))
    found = known.match("大街")
    assert (found.status, {one.grid["code"] for one in found.candidates}) == ("ambiguous", {"g1", "g2"})
    assert book(*[(f"大街{k}号", "g1") for k in range(12_000)]).match("大街").status == "matched"


NUMBERED = [
    "三巷社区",
    "三队村",
    "二号村",
    "三座店村",
    "三社村",
    "九组村",
    "五栋楼社区",
    "八号公寓社区",
    "十五号院社区",
]


@pytest.mark.parametrize("village", ["光明村", *NUMBERED])
def test_a_stored_text_lies_in_its_village_whatever_the_village_counts(village: str) -> None:
    """文化路3号 is stored in the village with all its names and in another one with none: two grids."""
    names = pd.DataFrame({"code": ["99", "99001", "99001001"], "name": ["甲县", "乙镇", village], "level": [3, 4, 5]})
    stored = {"text": [f"乙镇{village}文化路3号", "文化路3号"], "grid": ["g1", "g2"]}
    known = AddressBook(gpd.GeoDataFrame(stored, geometry=shapely.points([102.0, 102.1], 37.0), crs=4326), names)
    asked = [known.match(text) for text in (f"乙镇{village}文化路3号", f"{village}文化路3号", "文化路3号")]
    assert [found.status for found in asked] == ["matched", "matched", "ambiguous"]
    assert [found.candidates[0].method for found in asked] == ["exact"] * 3
    assert asked[0].point == asked[1].point == (102.0, 37.0)


OFFICES = ["青石镇人民政府", "杨柳沟村村委会", "杨柳沟村民委员会"]


@pytest.mark.parametrize("office", OFFICES)
def test_a_stored_office_is_at_its_point_and_not_in_all_of_its_division(office: str) -> None:
    """A division has two grids; its office is stored in one of them, in both, or elsewhere."""
    assert book().match(office).status == "ambiguous"
    known = book((office, TWO))
    found = known.match(office)
    assert (found.status, found.candidates[0].grid["code"], found.candidates[0].method) == ("matched", TWO, "exact")
    assert known.match("青石镇").status == known.match("杨柳沟村").status == "ambiguous"
    assert book((office, ONE), (office, TWO)).match(office).status == "ambiguous"


def test_an_address_with_the_name_of_a_village_is_not_all_of_the_village() -> None:
    assert book(("杨柳沟村", ONE)).match("杨柳沟村").status == "ambiguous"


def test_a_text_stored_with_a_remark_is_found_with_it() -> None:
    """Words in brackets are left out of what is asked, but for a text that is stored with them."""
    known = book(("杨柳沟村（已核实）3组", ONE), ("杨柳沟村4组", TWO))
    for text, grid in (("杨柳沟村（已核实）3组", ONE), ("杨柳沟村（已核实）4组", TWO)):
        found = known.match(text)
        assert (found.status, [one.grid["code"] for one in found.candidates]) == ("matched", [grid])


@pytest.mark.parametrize(
    "text",
    ["620622102201001", " 620622102201001 ", "网格编号：620622102201001", "６２０６２２102201001", "620622 102 201001"],
)
def test_the_code_of_a_grid_is_that_grid(text: str) -> None:
    """As /locate answers; no address is stored, and no shape is needed."""
    columns = {"code": ["620622102201001", "62062210220100101"], "name": ["一", "一甲"], "level": [1, 2]}
    divisions = pd.DataFrame({"code": ["620622", "620622102"], "name": ["古浪县", "土门镇"], "level": [3, 4]})
    book = AddressBook(pd.DataFrame({"text": []}), divisions, grids=pd.DataFrame(columns))
    found = book.match(text)
    (one,) = found.candidates
    assert (found.status, one.grid["code"], one.score, one.level) == ("matched", "620622102201001", 1.0, "grid")  # type: ignore[index]
    assert [link["name"] for link in one.chain] == ["古浪县", "土门镇", "一"]
    start, end = one.spans[0]
    assert end == len(text.rstrip())
    assert text[start].isdigit()
    assert book.match("620622102201009").status == "not_found"
    assert book.match("东街620622102201001").status == "partial", "a street that is not known"


@pytest.mark.parametrize(
    ("text", "status", "grids"),
    [
        ("五里铺村小学", "matched", ["g1"]),
        ("五里铺小学", "matched", ["g1"]),
        ("甲镇五里铺小学", "matched", ["g1"]),
        ("三湾小学", "matched", ["g2"]),
        ("三湾村小学", "matched", ["g2"]),
        ("甲镇三湾村委会小学", "matched", ["g2"]),
        ("五里铺中学", "partial", ["g1"]),
    ],
)
def test_the_office_of_a_village_has_its_name_with_and_without_its_suffix(
    text: str, status: str, grids: list[str]
) -> None:
    """五里铺村小学 is stored of one village, 三湾小学 of the other."""
    divisions = pd.DataFrame(
        {
            "code": ["990101", "990101001", "990101001201", "990101001202"],
            "name": ["甲县", "甲镇", "五里铺村委会", "三湾村委会"], "level": [3, 4, 5, 5],
        }
    )  # fmt: skip
    zones = pd.DataFrame({"code": ["g1", "g2"], "level": 1, "village": divisions["code"][2:].tolist()})
    stored = {"text": ["五里铺村小学", "三湾小学"], "grid": ["g1", "g2"]}
    book = AddressBook(
        gpd.GeoDataFrame(stored, geometry=gpd.points_from_xy([102, 103], [37, 37])), divisions, grids=zones
    )
    found = book.match(text)
    assert (found.status, [one.grid["code"] for one in found.candidates if one.grid][:1]) == (status, grids)
