"""Texts that mean another place than the names in them, two places, or none: no match may come of them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geo.errors import BadValue
from geo.places.address.book import AddressBook
from tests.benchmarks.bench_addresses import DATA, frames
from tests.benchmarks.named_divisions import read_divisions

CODES = ["620622", "620622102", "620622102207", "620622102208", "620622103", "620622103201"]
NAMES = ["古浪县", "土门镇", "新胜村", "和乐村", "大靖镇", "上庄村"]
DIVISIONS = pd.DataFrame({"code": CODES, "name": NAMES, "level": [3, 4, 5, 5, 4, 5]})
GRIDS = pd.DataFrame(
    {
        "code": ["g1", "g2", "g3"],
        "name": ["一格", "二格", "三格"],
        "level": 1,
        "village": [CODES[2], CODES[3], CODES[5]],
    }
)


def drawn(*texts: str, grids: list[str] | None = None) -> AddressBook:
    """Return a book of one county of three villages, each a grid, with stored texts."""
    stored = {"text": list(texts), "grid": grids or []}
    points = gpd.points_from_xy([103.0] * len(texts), [37.5] * len(texts), crs="EPSG:4326")
    return AddressBook(gpd.GeoDataFrame(stored, geometry=points), DIVISIONS, grids=GRIDS)


@pytest.fixture(scope="module")
def real() -> AddressBook:
    """Return a book of the five areas, each village a grid."""
    if not DATA.is_dir():
        pytest.skip("real data folder is absent")
    addresses, divisions, grids = frames(read_divisions(DATA))
    return AddressBook(addresses, divisions, grids=grids)


def test_the_place_itself_is_matched() -> None:
    found = drawn().match("古浪县土门镇新胜村3组")
    assert (found.status, found.candidates[0].grid["code"] if found.candidates[0].grid else None) == ("matched", "g1")


@pytest.mark.parametrize(
    "text",
    [
        "不在土门镇新胜村", "已搬离土门镇新胜村", "大靖土门镇新胜村",
        "土门镇新胜村到上庄村的路", "土门镇新胜村去大靖的路",
        "土门镇新胜村大靖镇小学", "大靖镇新胜村", "大靖镇和乐村3组", "土门镇上庄村", "土门镇东沟村",
    ],
)  # fmt: skip
def test_another_place_in_a_text_forbids_a_match(text: str) -> None:
    assert drawn().match(text).status != "matched"


@pytest.mark.parametrize("village", ["杨柳沟新村", "杨柳沟二村", "杨柳大沟村", "上杨柳沟村", "杨柳沟东村", "杨柳村"])
def test_a_village_beside_a_known_one_is_not_matched_to_it(village: str) -> None:
    """杨柳沟村 is the nearest name that is known, and is told."""
    more = pd.DataFrame({"code": ["620622102209"], "name": ["杨柳沟村"], "level": [5]})
    grids = pd.DataFrame({"code": ["g4"], "name": ["四格"], "level": [1], "village": ["620622102209"]})
    none = gpd.GeoDataFrame({"text": [], "grid": []}, geometry=[], crs=4326)
    book = AddressBook(none, pd.concat([DIVISIONS, more]), grids=pd.concat([GRIDS, grids]))
    found = book.match(f"古浪县土门镇{village}3组")
    assert found.status == "partial"
    assert [one.grid["code"] for one in found.candidates if one.grid] == ["g4"]
    assert book.match("古浪县土门镇杨柳沟村3组").status == "matched"


def test_a_range_of_doors_in_two_grids_is_not_matched_by_its_first() -> None:
    doors = drawn("土门镇民主街1号", "土门镇民主街21号", grids=["g1", "g2"])
    assert doors.match("土门镇民主街1-21号").status != "matched"
    assert doors.match("土门镇民主街21号").candidates[0].grid == {
        "code": "g2", "name": "二格", "kind": None, "level": 1,
    }  # fmt: skip


def test_an_address_whose_point_is_elsewhere_says_so() -> None:
    found = drawn("土门镇新胜村3组12号", grids=["g3"]).match("土门镇新胜村3组12号")
    assert found.status == "partial"
    assert "grid_elsewhere" in [fault["code"] for fault in found.candidates[0].faults]


def test_words_for_groups_and_buildings_are_one() -> None:
    known = drawn("土门镇新胜村一组5号", "土门镇和乐村二组5号", grids=["g1", "g2"])
    for text in ("土门镇新胜村1社5号", "土门镇新胜村一小组5号", "土门镇新胜村第一村民小组5号"):
        found = known.match(text)
        grid = found.candidates[0].grid
        assert (found.status, grid and grid["code"]) == ("matched", "g1"), text


@pytest.mark.parametrize(
    "text",
    [
        # words that turn it round, and wrong places above
        "不是土门镇新胜村", "原来住在土门镇新胜村", "不是洋县磨子桥镇一心村3组",
        "西靖土门镇新胜村", "王府新胜村", "城固洋县磨子桥镇一心村",
        # half of a name, words of which every county has one
        "古浪县建设局", "古浪县新建小区", "古浪县和谐家园3号楼2单元501", "洋县花园小区3栋",
        "巴中市胜利路12号", "十堰东风公司", "建设", "公园",
        "白浪开发区", "宝鸡火车站", "西城区", "居委会", "张三居委会", "64号",
        # names of other places, and neighbours told apart by a side, a number or a family
        "磨子桥镇石门村", "大靖镇三坝村", "玉堂街道西龛社区", "土门镇东滩村",
        "磨子桥镇四台村", "土门镇李家边村", "洋县酉水镇酉水村",
        "宝鸡市王家塬村", "陕西省一新村", "王湾村", "三岔河村", "南村",
        # two places
        "土门镇新胜村往王府村的路", "土门镇新胜村村民在大靖的店",
        "土门镇新胜村搬到黄花滩的小学", "洋县谢村镇前湾后湾村",
        "张湾区车城西路与公园路",
    ],
)  # fmt: skip
def test_texts_of_real_places_that_must_not_be_matched(real: AddressBook, text: str) -> None:
    assert real.match(text).status != "matched"


@pytest.mark.parametrize(
    ("text", "village"),
    [
        ("市民反映古浪县土门镇新胜村三组12号", "620622102207"), ("土门镇新胜村卫生室", "620622102207"),
        ("武威市古浪县土门镇新盛村", "620622102207"), ("土门镇胜新村3社", "620622102207"), ("洋县饭店", ""),
    ],
)  # fmt: skip
def test_texts_of_real_places_that_can_be_matched(real: AddressBook, text: str, village: str) -> None:
    found = real.match(text)
    assert [one.grid["code"] for one in found.candidates if one.grid][:1] == (
        [village] if village else []
    ) or not village
    assert (found.status == "matched") == bool(village)


@pytest.mark.parametrize("text", [None, 620622, b"x"])
def test_what_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(BadValue):
        drawn().match(text)  # type: ignore[arg-type]


def test_a_door_that_is_stored_elsewhere_is_not_where_the_text_says() -> None:
    known = drawn("土门镇新胜村长城路9号", "大靖镇上庄村民主街3号", grids=["g1", "g3"])
    for text in ("土门镇和乐村长城路9号", "土门镇和乐村长城路9号2单元", "土门镇和乐村民主街3号"):
        found = known.match(text)
        assert found.status != "matched", text
        assert "another_place" in [fault["code"] for one in found.candidates for fault in one.faults], text
    assert known.match("土门镇新胜村长城路9号").status == "matched"
    assert known.match("土门镇和乐村文化路9号").status == "matched"  # stored nowhere: where the text says it is


def test_a_village_named_after_a_road_does_not_take_its_doors() -> None:
    divisions = pd.DataFrame(
        {"code": [*CODES, "620622102005"], "name": [*NAMES, "昌灵路社区"], "level": [3, 4, 5, 5, 4, 5, 5]}
    )
    grids = pd.DataFrame(
        {"code": ["g1", "g5"], "name": ["一格", "五格"], "level": 1, "village": [CODES[2], "620622102005"]}
    )
    stored = {"text": ["土门镇新胜村昌灵路12号"], "grid": ["g1"]}
    points = gpd.points_from_xy([103.0], [37.5], crs="EPSG:4326")
    known = AddressBook(gpd.GeoDataFrame(stored, geometry=points), divisions, grids=grids)
    found = known.match("土门镇昌灵路12号")
    assert (found.status, [one.grid["code"] for one in found.candidates if one.grid]) == ("matched", ["g1"])
    assert [one.grid["code"] for one in known.match("土门镇昌灵路14号").candidates if one.grid] == ["g1"]
    assert known.match("土门镇昌灵路社区3栋").candidates[0].grid == {
        "code": "g5", "name": "五格", "kind": None, "level": 1,
    }  # fmt: skip


def test_a_door_of_another_township_is_told_and_listed() -> None:
    """东大街5号 is stored in 上庄村 of 大靖镇 only: 土门镇, which is named, has two grids."""
    found = drawn("土门镇东大街1号", "大靖镇东大街5号", grids=["g1", "g3"]).match("土门镇东大街5号")
    assert (found.status, found.point) == ("partial", None)
    assert [one.grid["code"] for one in found.candidates if one.grid] == ["g1", "g2", "g3"]
    said = {fault["text"].split(" / ")[0] for one in found.candidates for fault in one.faults}
    assert said == {"“东大街5号”存在于大靖镇上庄村，不在所写的地方"}
    assert drawn("大靖镇东大街5号", grids=["g3"]).match("大靖镇东大街5号").status == "matched"


def test_a_shop_behind_a_door_that_is_stored_in_another_grid_is_not_inside_the_door() -> None:
    """永辉超市 is one, in 和乐村; 建设银行 is in both villages, 小卖部 is a word of which every village has one."""
    texts = ["新胜村人民路1号", "和乐村永辉超市", "新胜村建设银行", "和乐村建设银行", "和乐村小卖部"]
    known = drawn(*[f"土门镇{text}" for text in texts], grids=["g1", "g2", "g1", "g2", "g2"])
    for place in ("", "古浪县", "土门镇"):
        found = known.match(f"{place}人民路1号永辉超市")
        assert (found.status, [one.grid["code"] for one in found.candidates if one.grid]) == ("ambiguous", ["g1", "g2"])
        assert {fault["code"] for one in found.candidates for fault in one.faults} == {"another_place"}
    inside = ("土门镇新胜村人民路1号永辉超市", "人民路1号建设银行", "人民路1号小卖部", "人民路1号客来超市")
    assert [known.match(text).status for text in inside] == ["matched"] * 4


def test_a_village_whose_only_address_is_in_the_grid_of_another_one_is_not_matched_to_that_grid() -> None:
    divisions = pd.DataFrame(
        {"code": [*CODES, "620622102209"], "name": [*NAMES, "西沟村"], "level": [3, 4, 5, 5, 4, 5, 5]}
    )
    stored = {"text": ["土门镇西沟村"], "grid": ["g1"]}
    points = gpd.points_from_xy([103.0], [37.5], crs="EPSG:4326")
    known = AddressBook(gpd.GeoDataFrame(stored, geometry=points), divisions, grids=GRIDS)
    for text in ("西沟村", "土门镇西沟村3组"):
        found = known.match(text)
        assert (found.status, found.candidates[0].faults[-1]["code"]) == ("partial", "grid_elsewhere"), text


@pytest.mark.parametrize(
    "tail",
    [
        "红星村", "长安街王庄村3组", "红星路红星村委会", "解放路红星社区", "演马街寺庄村民委员会", "红星村长安街5号",
    ],
)  # fmt: skip
def test_a_village_that_is_not_known_is_not_inside_the_one_before_it(tail: str) -> None:
    found = drawn().match("土门镇新胜村" + tail)
    assert (found.status, [fault["code"] for fault in found.candidates[0].faults]) == ("partial", ["unknown_place"])


def test_an_estate_behind_a_street_is_inside_the_village() -> None:
    assert drawn().match("土门镇新胜村长安街幸福新村3号").status == "matched"


def test_a_phase_tells_buildings_of_one_number_apart_wherever_it_stands() -> None:
    """No town is named: g3 is in another one than g1 and g2."""
    texts, grids = ["花园小区3号楼", "花园小区一期3号楼", "花园小区二期3号楼"], ["g1", "g2", "g3"]
    book = drawn(*texts, grids=grids)
    for tail, expected in (("3号楼", "g1"), ("3号楼一期", "g2"), ("3号楼-二期", "g3"), ("二期3号楼", "g3")):
        found = book.match("花园小区" + tail)
        assert (found.status, [one.grid["code"] for one in found.candidates if one.grid]) == ("matched", [expected])
    assert book.match("花园小区3号楼四期").status != "matched"


def test_another_name_with_a_number_is_that_of_the_village() -> None:
    divisions = DIVISIONS.assign(aliases=[None, None, None, "新胜三队;红旗三队", None, None])
    none = gpd.GeoDataFrame({"text": [], "grid": []}, geometry=[], crs=4326)
    book = AddressBook(none, divisions, grids=GRIDS)
    for text in ("红旗三队", "红旗3队", "土门镇红旗三队", "土门镇新胜三队", "土门镇红旗三队12号"):
        found = book.match(text)
        assert (found.status, [one.grid["code"] for one in found.candidates if one.grid]) == ("matched", ["g2"])
        assert found.candidates[0].faults[0]["code"] == "old_name"


def test_a_group_alone_is_that_of_any_village() -> None:
    book = drawn("土门镇新胜村三组12号", "大靖镇五组8号", grids=["g1", "g3"])
    for text in ("三组12号", "土门镇三组12号", "古浪县三组12号", "五组8号"):
        found = book.match(text)
        assert (found.status, found.candidates[0].faults[0]["code"]) == ("partial", "longer")
    for text in ("土门镇新胜村三组12号", "大靖镇五组8号", "古浪县大靖镇五社8号", "大靖镇五组8号2单元"):
        assert book.match(text).status == "matched"
    assert drawn("三组12号", grids=["g1"]).match("三组12号").status == "matched", "stored so"


def test_the_seat_of_a_place_of_several_grids_is_told_where_it_is_not_stored() -> None:
    grids = pd.concat([GRIDS, GRIDS.iloc[:1].assign(code="g4", name="四格")])
    none = gpd.GeoDataFrame({"text": [], "grid": []}, geometry=[], crs=4326)
    book = AddressBook(none, DIVISIONS, grids=grids)
    for text in ("土门镇人民政府", "新胜村委会", "新胜村村民委员会"):
        found = book.match(text)
        assert (found.status, [fault["code"] for fault in found.candidates[0].faults]) == ("ambiguous", ["unstored"])
    assert not book.match("土门镇").candidates[0].faults
    assert book.match("和乐村委会").status == "matched", "of one grid, wherever it stands"


def test_a_receiver_is_no_part_of_what_is_found() -> None:
    known = drawn("土门镇新胜村人民路1号", grids=["g1"])
    for text in ("土门镇新胜村人民路1号张三收", "土门镇新胜村人民路1号 收件人：张三"):
        found = known.match(text)
        assert (found.status, list(found.candidates[0].spans), found.candidates[0].faults) == ("matched", [(0, 11)], ())


def test_what_is_cited_is_what_is_written() -> None:
    """大靖镇 has no 大靖村, whose 大靖 is read as the town: 大敬镇 and 村 stand on either side of it."""
    faults = [fault["text"] for one in drawn().match("古浪大敬镇大靖村").candidates for fault in one.faults]
    assert not any("大敬镇村" in text for text in faults)


@pytest.mark.parametrize("text", ["土门镇新新胜村3组", "土门土镇新胜村3组", "土门镇新胜村村3组", "土土门镇新胜村3组"])
def test_a_character_that_stands_twice_is_told_as_a_slip(text: str) -> None:
    found = drawn().match(text)
    grid = found.candidates[0].grid
    assert (found.status, grid and grid["code"]) != ("matched", "g2")
    if found.status == "matched":
        assert [fault["code"] for fault in found.candidates[0].faults if fault["code"] != "unstored"] == ["misspelt"]


@pytest.mark.parametrize("text", ["新胜村×", "~~新胜村~~", "✗新胜村", "新胜村?", "新胜村\ufffd", "新□胜村"])
def test_a_text_that_is_struck_out_or_has_lost_a_character_is_not_matched(text: str) -> None:
    assert drawn().match(f"古浪县土门镇{text}").status == "partial"


@pytest.mark.parametrize(
    "number", ["1*", "1**", "*1", "1__", "1●", "1▲", "1…", "1-", "1○", "1＊", "1～", "1——", "1...", "1◆", "1□", "1？"]
)
def test_a_number_of_which_a_digit_is_hidden_is_not_matched(number: str) -> None:
    """1*号 is any of 10号 to 19号; 1号 is one of the few that it is not."""
    doors = drawn("土门镇民主街1号", "土门镇花园小区1号楼", "土门镇三元村二组1号", grids=["g1", "g1", "g1"])
    for before, behind in (("民主街", "号"), ("花园小区", "号楼"), ("三元村二组", "号")):
        found = doors.match(f"土门镇{before}{number}{behind}")
        assert (found.status, found.candidates[0].faults[-1]["code"]) == ("partial", "unread"), before


@pytest.mark.parametrize(
    "text", ["民主街-1号", "民主街·1号", "民主街1 号", "民主街（1）号", "民主街#1号", "**民主街1号**"]
)
def test_a_mark_that_hides_no_digit_changes_nothing(text: str) -> None:
    found = drawn("土门镇民主街1号", "土门镇民主街3号", grids=["g1", "g2"]).match("土门镇" + text)
    assert (found.status, found.candidates[0].grid and found.candidates[0].grid["code"]) == ("matched", "g1")


@pytest.mark.parametrize(
    "name", ["第12中学", "12中学", "第12小学", "12局家属院", "12天酒店", "12分店", "12仓库", "12永辉超市"]
)
def test_a_number_of_a_name_is_no_door(name: str) -> None:
    """Without 号 a number before a word may be one of its name, as 12 of 12中学 is, which is not at 人民路12号."""
    doors = drawn("土门镇人民路12号", "土门镇人民路14号", grids=["g2", "g2"])
    assert doors.match("土门镇人民路" + name).status == "partial"
    for door in ("12", "12号", "12附3号", "12号12中学"):
        assert doors.match("土门镇人民路" + door).status == "matched", door


def test_a_name_with_a_number_that_is_stored_is_matched() -> None:
    doors = drawn("土门镇人民路第12中学", "土门镇人民路12号", grids=["g1", "g2"])
    for text in ("人民路第12中学", "人民路12中学"):
        found = doors.match("土门镇" + text)
        assert (found.status, found.candidates[0].grid and found.candidates[0].grid["code"]) == ("matched", "g1")


@pytest.mark.parametrize("two", ["1、2栋", "1栋、2栋", "1号楼、2号楼", "1栋/2栋", "1栋-2栋", "1栋，2栋", "1栋2栋"])
def test_two_buildings_in_two_grids_are_both_meant(two: str) -> None:
    found = drawn("土门镇阳光花园1栋", "土门镇阳光花园2栋", grids=["g1", "g2"]).match("土门镇阳光花园" + two)
    assert (found.status, len(found.candidates)) == ("ambiguous", 2)


def test_a_second_building_behind_a_phase_or_a_unit_is_not_in_the_first() -> None:
    texts = "阳光花园二期3号楼", "阳光花园二期5号楼", "惠民家园1栋", "惠民家园2栋"
    houses = drawn(*("土门镇" + text for text in texts), grids=["g1", "g2"] * 2)
    assert houses.match("土门镇阳光花园二期3号楼5号楼").status == "ambiguous"
    found = houses.match("土门镇惠民家园1栋2单元2栋")
    assert (found.status, found.candidates[0].faults[-1]["code"]) == ("partial", "unread")
    assert houses.match("土门镇惠民家园1栋A座").status == "matched", "a part of the first"


def test_an_office_behind_a_door_that_is_stored_elsewhere_is_told() -> None:
    """土门镇 has one 派出所, in g2; 昌灵路12号 is in g1. Each village has its own 卫生室."""
    texts = ("土门镇昌灵路12号", "土门镇派出所", "土门镇和乐村卫生室")
    known = drawn(*texts, grids=["g1", "g2", "g2"])
    for text in ("土门镇昌灵路12号派出所", "昌灵路12号派出所"):
        found = known.match(text)
        assert (found.status, found.candidates[0].faults[-1]["code"]) == ("ambiguous", "another_place"), text
    for text in ("土门镇昌灵路12号卫生室", "土门镇昌灵路12号小卖部"):
        assert known.match(text).status == "matched", text


@pytest.mark.parametrize("number", ["5号-1", "5号1", "5号（1）", "5号－1", "5号附1号"])
def test_a_small_number_behind_a_door_may_be_another_door(number: str) -> None:
    """5号-1 may be 5-1号, in g2, or a part of 5号, in g1; where no 5-1号 is stored it is a part of it."""
    doors = drawn("土门镇和平路5号", "土门镇和平路5-1号", grids=["g1", "g2"])
    found = doors.match("土门镇和平路" + number)
    assert (found.status, len(found.candidates)) == ("ambiguous", 2)
    assert drawn("土门镇和平路5号", grids=["g1"]).match("土门镇和平路" + number).status == "matched"
    for room in ("5号101", "5号1室", "5号1单元"):
        assert doors.match("土门镇和平路" + room).status == "matched", room


def quartered(*rows: tuple[str, str]) -> AddressBook:
    """Return a book of one community of three grids that are named by number, with stored texts in them."""
    grids = pd.DataFrame(
        {
            "code": ["g1", "g2", "g3"],
            "name": ["新胜村第一网格", "新胜村第二网格", "新胜村第三网格"],
            "level": 1,
            "village": CODES[2],
        }
    )
    points = gpd.points_from_xy([103.0] * len(rows), [37.5] * len(rows), crs="EPSG:4326")
    stored = {"text": [text for text, _ in rows], "grid": [grid for _, grid in rows]}
    return AddressBook(gpd.GeoDataFrame(stored, geometry=points), DIVISIONS, grids=grids)


def test_a_group_that_is_stored_in_another_grid_than_is_named_is_told() -> None:
    known = quartered(("土门镇新胜村3组12号", "g1"), ("土门镇新胜村4组12号", "g2"))
    for text in ("新胜村第一网格4组12号", "新胜村第一网格4组"):
        found = known.match(text)
        assert (found.status, found.candidates[0].faults[0]["code"]) == ("partial", "another_place"), text
        assert [one.grid["code"] for one in found.candidates if one.grid] == ["g1", "g2"]
    assert known.match("新胜村第二网格4组12号").status == "matched"


def test_a_door_is_sought_along_its_street_through_all_grids_of_the_village() -> None:
    """14号 is beside 12号, which is in g3; 3号 is beside 2号, in g1 as is said."""
    known = quartered(("土门镇新胜村民主街2号", "g1"), ("土门镇新胜村民主街12号", "g3"))
    for number in (14, 100):
        found = known.match(f"新胜村第一网格民主街{number}号")
        assert found.status == "ambiguous"
        assert {one.grid["code"] for one in found.candidates if one.grid} == {"g1", "g3"}
        assert "民主街12号" in found.candidates[0].faults[0]["text"]
    assert known.match("新胜村第三网格民主街14号").status == "matched"


@pytest.mark.parametrize("text", ["民主街1 3号", "民主街 1 3 号", "民主街1\u00a03号", "民主街1³号", "民主街1½号"])
def test_a_number_that_is_parted_or_has_a_small_figure_may_be_another(text: str) -> None:
    doors = drawn(*(f"土门镇民主街{number}号" for number in (1, 3, 13)), grids=["g1", "g1", "g2"])
    found = doors.match("土门镇" + text)
    assert (found.status, found.candidates[0].faults[-1]["code"]) == ("partial", "unread")
    assert doors.match("土门镇民主街 13 号").status == doors.match("土门镇民主街1、3号").status == "matched"


def test_of_a_number_that_is_parted_nothing_is_said_to_be_not_stored() -> None:
    """民主街1 5号 may be 15号, or 1号 and 5号: which of these is not stored nobody knows."""
    doors = drawn("土门镇民主街1号", "土门镇民主街15号", grids=["g1", "g2"])
    faults = [fault["code"] for one in doors.match("土门镇民主街1 5号").candidates for fault in one.faults]
    assert faults == ["unread"]


def test_a_range_in_two_numbers_is_the_range_in_one() -> None:
    """Between 3号 and 9号, both in g1, 6号 is in g2."""
    doors = drawn(*(f"土门镇民主街{number}号" for number in (3, 6, 9)), grids=["g1", "g2", "g1"])
    for text in ("3-9号", "3号-9号", "3号—9号", "三号-九号", "3号至9号"):
        found = doors.match("土门镇民主街" + text)
        assert found.status != "matched", text
    assert doors.match("土门镇民主街3号、9号").status == "matched"


def test_a_range_of_buildings_has_those_between() -> None:
    """Between 1号楼 and 5号楼, both in g1, 3号楼 is in g2."""
    houses = drawn(*(f"土门镇幸福小区{number}号楼" for number in (1, 3, 5)), grids=["g1", "g2", "g1"])
    for text in ("1-5号楼", "1号楼-5号楼", "1栋-5栋", "一幢—五幢", "1号楼至5号楼"):
        found = houses.match("土门镇幸福小区" + text)
        assert (found.status, {one.grid["code"] for one in found.candidates if one.grid}) == ("ambiguous", {"g1", "g2"})
    assert houses.match("土门镇幸福小区1栋、5栋").status == "matched"


def test_a_place_behind_a_door_that_is_stored_more_than_once_elsewhere_is_told() -> None:
    """Two 第一中学 are stored, neither at 民主街12号; of a third that is at the door nothing is in doubt."""
    rows = ("土门镇第一中学", "大靖镇第一中学", "土门镇民主街12号")
    known = drawn(*rows, grids=["g1", "g3", "g2"])
    found = known.match("民主街12号第一中学")
    assert (found.status, found.candidates[0].faults[-1]["code"]) == ("ambiguous", "another_place")
    assert {one.grid["code"] for one in found.candidates if one.grid} == {"g1", "g2", "g3"}
    assert (
        drawn(*rows, "和乐村第一中学", grids=["g1", "g3", "g2", "g2"]).match("民主街12号第一中学").status == "matched"
    )


def test_two_places_of_one_text_that_are_stored_in_one_grid_are_both_known() -> None:
    """民主街3号 and 幸福小区1号楼 are in g1; no sentence says that either is not stored. 5号楼 is in g2."""
    rows = ("民主街3号", "幸福小区1号楼", "幸福小区5号楼", "第一中学")
    known = drawn(*(f"新胜村{one}" for one in rows), grids=["g1", "g1", "g2", "g1"])
    for text in ("新胜村民主街3号幸福小区1号楼", "新胜村幸福小区1号楼民主街3号", "新胜村民主街3号第一中学"):
        found = known.match(text)
        assert (found.status, found.candidates[0].faults) == ("matched", ())
    assert known.match("新胜村民主街3号幸福小区5号楼").status == "ambiguous"


def test_a_similar_text_is_cited_as_it_is_stored() -> None:
    """红星造林场1号 lies in g1, but the stored text names neither 新胜村 nor its township."""
    (found,) = drawn("古浪县红星造林场1号", grids=["g1"]).match("红星造林站1号").candidates
    assert found.faults[0]["text"].split(" / ")[0] == "没有完全一样的，按字面最接近的“红星造林场1号”回答"


def test_a_numbered_group_of_a_village_is_no_village_of_that_name() -> None:
    """六队 is a village of 大靖镇 here; 新胜村六队 is a group of 新胜村 all the same."""
    more = pd.DataFrame({"code": ["620622103202"], "name": ["六队"], "level": [5]})
    none = gpd.GeoDataFrame({"text": [], "grid": []}, geometry=[], crs=4326)
    known = AddressBook(none, pd.concat([DIVISIONS, more]), grids=GRIDS)
    for text in ("古浪县土门镇新胜村6队", "土门镇新胜村六队12号"):
        found = known.match(text)
        assert (found.status, found.candidates[0].grid["code"] if found.candidates[0].grid else "") == ("matched", "g1")
    assert known.match("土门镇六队").status != "matched"
