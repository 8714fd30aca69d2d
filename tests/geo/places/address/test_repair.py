"""Misspelt names are read among the places inside the one that is named, and among no others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address.chains import Chain, ChainReader
from geo.places.address.division_names import VILLAGE_RANK
from geo.places.address.name_hits import Hit
from geo.places.address.place_tree import ROOT
from geo.places.address.repair import (
    MAX_COST,
    SURE_COST,
    Misspelling,
    Repairer,
    extended,
    is_another_name,
    is_beside,
    is_doubled,
)
from geo.places.address.similar_characters import SAME_SOUND, TRANSPOSED, name_cost
from tests.geo.places.address.small_places import XINSHENG, tree

TREE = tree()
READER = ChainReader(TREE)
REPAIRER = Repairer(TREE)


def inside(text: str) -> list[Misspelling]:
    """Return what the best chain of a text may go on with."""
    return REPAIRER.inside(text, READER.read(text)[0])


@pytest.mark.parametrize(
    ("text", "meant", "cost"),
    [
        ("大靖镇东领村", "东岭", name_cost("领", "岭")),  # of the same sound
        ("大靖镇冬岭村", "东岭", name_cost("冬", "东")),
        ("土门镇西构村", "西沟", name_cost("构", "沟")),  # of the same sound and shape
        ("大靖镇岭东村", "东岭", TRANSPOSED),  # swapped
        ("土门镇西大沟村", "大西沟", TRANSPOSED),
        ("大靖镇东海村", "东岭", 1.0),  # one character of no likeness
        ("古浪县土们镇", "土门", name_cost("们", "门")),
        ("大靖镇东领3组", "东岭", name_cost("领", "岭")),  # before a group the suffix may be missing
    ],
)
def test_one_name_is_meant(text: str, meant: str, cost: float) -> None:
    (found,) = inside(text)
    assert found.meant == meant
    assert found.cost == pytest.approx(cost)
    assert text[found.start : found.end].startswith(text[3])
    assert TREE.holds(READER.read(text)[0].place, found.place)


def test_a_dropped_character_is_put_back_and_a_doubled_one_left_out() -> None:
    known = tree({"990101001": "甲镇", "990101001201": "石板沟村"})
    chain = ChainReader(known).read("甲镇石沟村")[0]
    (dropped,) = Repairer(known).inside("甲镇石沟村", chain)
    (doubled,) = Repairer(known).inside("甲镇石板板沟村", chain)
    assert {one.meant for one in (dropped, doubled)} == {"石板沟"}
    assert (dropped.cost, doubled.cost) == (1.0, SURE_COST)


def test_names_of_another_township_are_not_meant() -> None:
    """东岭村 is in 大靖镇: in 土门镇 nothing is like it."""
    assert inside("土门镇东领村") == []
    assert inside("谢村镇东领村") == []


def test_the_suffix_tells_the_village_from_the_community() -> None:
    assert TREE.names[inside("土门镇大弯村")[0].place] == ("大湾村",)
    assert TREE.names[inside("土门镇大弯社区")[0].place] == ("大湾社区居委会",)
    assert len(inside("土门镇大弯3组")) == 2  # neither is said


@pytest.mark.parametrize(
    "text", ["大靖镇人民路3号", "大靖镇东岭路3号", "大靖镇12号", "大靖镇东街", "大靖镇", "大靖镇东岭村"]
)
def test_a_road_a_number_and_a_right_name_are_not_misspelt(text: str) -> None:
    assert inside(text) == []


def test_nothing_is_looked_for_without_a_place_or_inside_a_village() -> None:
    chain = READER.read("土门镇新胜村")[0]
    assert TREE.rank[chain.place] == VILLAGE_RANK
    assert REPAIRER.inside("土门镇新胜村东领村", chain) == []
    assert chain.place != ROOT


def test_levels_before_and_between_the_names_may_be_misspelt() -> None:
    for text, written, meant in (
        ("古良县土门镇新胜村", "古良县", "古浪县"),
        ("古浪县土们镇新胜村", "土们镇", "土门镇"),
    ):
        village = next(chain for chain in READER.read(text) if TREE.codes[chain.place] == XINSHENG)
        (found,) = REPAIRER.above(text, village)
        assert (text[found.start : found.end], found.meant) == (written, meant)
    assert REPAIRER.above("古浪县土门镇新胜村", READER.read("古浪县土门镇新胜村")[0]) == []


def test_a_misspelt_name_counts_less_than_a_right_one() -> None:
    chain = READER.read("大靖镇东领村")[0]
    (one,) = inside("大靖镇东领村")
    longer = extended(chain, one, TREE)
    right = READER.read("大靖镇东岭村")[0]
    assert (longer.place, longer.spans) == (right.place, right.spans)
    assert chain.score < longer.score < right.score
    assert longer.score == pytest.approx(chain.score + 3 - 1 - one.cost)


def _is_told_apart(written: str, place: int) -> bool:
    core = TREE.names[place][0].split("村")[0].split("社区")[0]
    cost, is_swapped = name_cost(written, core), sorted(written) == sorted(core)
    is_telling = not is_swapped and any(
        a != b and {a, b} <= set("大西东") for a, b in zip(written, core, strict=len(written) == len(core))
    )
    return is_another_name(written, core) and cost > (SAME_SOUND if is_telling else SURE_COST)


def _plain(parent: int, written: str) -> dict[int, float]:
    """Return the villages inside a place whose core is at most one wrong character away, and the cost."""
    costs = {}
    for place in range(parent + 1, int(TREE.last[parent]) + 1):
        core = TREE.names[place][0].split("村")[0].split("社区")[0]
        cost = SURE_COST if is_doubled(written, core) else name_cost(written, core)
        if len(core) < 4 and cost <= (SURE_COST if is_another_name(written, core) else MAX_COST):
            costs[place] = cost
    return costs


@settings(max_examples=120, deadline=None)
@given(st.text("大西沟湾弯新胜生东岭领", min_size=2, max_size=3), st.sampled_from(["土门镇", "大靖镇"]))
def test_the_nearest_names_are_those_of_a_plain_search(written: str, township: str) -> None:
    """All villages of the township by cost, those of the other suffix 0.35 more, those within 0.3 of the nearest.

    None where one has the very name that is written.
    """
    text = f"{township}{written}村"
    chain = READER.read(township)[0]
    costs = _plain(chain.place, written)
    costs = {} if 0.0 in costs.values() else costs
    costs = {place: cost + (0.35 if "社区" in TREE.names[place][0] else 0.0) for place, cost in costs.items()}
    costs = {place: cost for place, cost in costs.items() if 0 < cost <= MAX_COST}
    costs = {place: cost for place, cost in costs.items() if not _is_told_apart(written, place)}
    nearest = min(costs.values(), default=0.0)
    got = {one.place: pytest.approx(one.cost) for one in REPAIRER.inside(text, chain)}
    assert got == {place: cost for place, cost in costs.items() if cost <= nearest + 0.3}


def test_what_tells_neighbours_apart_is_no_slip() -> None:
    known = tree({"990101001": "甲镇", "990101001201": "东滩村", "990101001202": "李家边村"})
    for text in ("甲镇西滩村", "甲镇胡家边村"):
        assert Repairer(known).inside(text, ChainReader(known).read(text)[0]) == []


def test_a_number_or_side_that_sounds_nearly_alike_is_another_name() -> None:
    """上 and 三 sound nearly alike, but 上坝 is no slip for 三坝: it is 上四坝 without a character."""
    known = tree({"990101001": "甲镇", "990101001201": "三坝村", "990101001202": "上四坝村"})
    (one,) = Repairer(known).inside("甲镇上坝村", ChainReader(known).read("甲镇上坝村")[0])
    assert one.meant == "上四坝"


def test_one_that_sounds_alike_is_doubted() -> None:
    known = tree({"990101001": "甲镇", "990101001201": "九坝村", "990101001202": "新胜村"})
    (one,) = Repairer(known).inside("甲镇旧坝村", ChainReader(known).read("甲镇旧坝村")[0])
    assert (one.meant, one.is_beside) == ("九坝", True)
    (other,) = Repairer(known).inside("甲镇新生村", ChainReader(known).read("甲镇新生村")[0])
    assert (other.meant, other.is_beside) == ("新胜", False)


def test_a_name_that_is_there_is_not_misspelt() -> None:
    known = tree({"990101001": "甲镇", "990101001201": "后坝社区", "990101001202": "草坝社区"})
    chain = ChainReader(known).read("甲镇")[0]
    assert Repairer(known).inside("甲镇后坝社区", chain) == []


@pytest.mark.parametrize(
    ("text", "meant"), [("棺村", ["官村"]), ("官存", ["官村"]), ("马村", []), ("村官", []), ("官", [])]
)
def test_a_village_of_one_character_is_read_by_its_sound(text: str, meant: list[str]) -> None:
    known = tree({"990101001": "甲镇", "990101001201": "官村村委会", "990101001202": "石村村委会"})
    chain = ChainReader(known).read("甲镇")[0]
    assert [one.meant for one in Repairer(known).inside("甲镇" + text, chain)] == meant


def test_what_was_looked_up_once_is_answered_alike_again() -> None:
    assert [inside("大靖镇东领村") for _ in range(3)] == [inside("大靖镇东领村")] * 3


@pytest.mark.parametrize(
    ("written", "core"),
    [
        ("东岭新", "东岭"),
        ("上泉", "泉"),
        ("杨柳大沟", "杨柳沟"),
        ("新胜二", "新胜"),
        ("杨柳二", "杨柳沟"),
        ("杨柳", "杨柳前"),
        ("上坝", "上四坝"),
    ],
)
def test_a_word_that_tells_neighbours_apart_makes_another_place(written: str, core: str) -> None:
    assert is_beside(written, core)


@pytest.mark.parametrize(
    ("written", "core"),
    [
        ("东东岭", "东岭"),
        ("岭东", "东岭"),
        ("杨柳海沟", "杨柳沟"),
        ("新盛", "新胜"),
        ("杨沟", "杨柳沟"),
    ],
)
def test_a_slip_makes_no_other_place(written: str, core: str) -> None:
    assert not is_beside(written, core)


def test_above_the_names_too_another_name_is_no_slip() -> None:
    """大坪镇 is not 小坪镇, though 和乐村 is only there; 小平镇 may be."""
    known = tree({"990101": "甲县", "990101001": "小坪镇", "990101001201": "和乐村"})
    for text, meant in (("大坪镇和乐村", []), ("小平镇和乐村", ["小坪镇"])):
        chain = ChainReader(known).read(text)[0]
        assert [one.meant for one in Repairer(known).above(text, chain)] == meant


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("遂宁市天宫村", "水宁寺镇"), ("永丰县天宫村", "永丰滩镇"), ("东风区天宫村", "东风路街道"),
        ("无为市天宫村", "武威市"),
    ],
)  # fmt: skip
def test_another_county_or_city_is_no_slip_of_a_place_of_ours(text: str, place: str) -> None:
    township = {"6206": place} if place.endswith("市") else {"620622100": place}
    known = tree({"6206": "武威市", "620622": "古浪县", "620622100": "土门镇", **township, "620622100201": "天宫村"})
    village = known.find("620622100201")
    assert village is not None
    chain = Chain(village, 3.0, ((village, Hit(3, 6, 4, "official", 3.0, [village])),))
    assert Repairer(known).above(text, chain) == []
