"""Find what a report says of places, and compare it; each text is short enough to be judged by reading it."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.statements.comparing import Known, compare
from geo.statements.finding import statements
from geo.statements.patterns import PATTERNS


def keys(text: str) -> list[tuple[str, object, str | None]]:
    """Return words, number and what it is compared with, of each statement."""
    return [(one.text, one.said, one.key) for one in statements(text, part_names=["南镇"], county_names=["试验县"])]


@pytest.mark.parametrize(
    ("text", "said", "key"),
    [
        ("690个网格", 690, "grids"),
        ("全县划分网格690个", 690, "grids"),
        ("试验县网格总数为690个", 690, "grids"),
        ("网格\t690", 690, "grids"),
        ("两级网格11683", 11_683, "grids:both"),
        ("微网格一万一千个", 11_000, "microgrids"),
        ("专属网格３０个", 30, "grids:dedicated"),
        ("一类前端视频监控1932路", 1_932, "streams:1"),
        ("1，932路视频监控", 1_932, "streams"),
        ("2类视频监控资源3000余路", 3_000, "streams:2"),
        ("在线摄像机1932台", 1_932, "streams:online"),
        ("1932处监控点位", 1_932, "sites"),
        ("监控点位1932个", 1_932, "sites"),
        ("194个综治中心", 194, "facilities:governance_centre"),
        ("174个村级综治中心", 174, "facilities:governance_centre:village"),
        ("村（社区）综治中心175个", 175, "facilities:governance_centre:village"),
        ("乡镇（街道）综治中心19个", 19, "facilities:governance_centre:township"),
        ("县级综治中心1个", 1, "facilities:governance_centre:county"),
        ("县、乡、村三级综治中心195个", 195, "facilities:governance_centre"),
        ("镇村两级综治中心194个", 194, "facilities:governance_centre:township+village"),
        ("辖19个乡镇", 19, "townships"),
        ("193个村（社区）", 193, "villages"),
        ("193个行政村", 193, "villages:only"),
        ("35个居民小区", 35, "places:estate"),
        ("5个产业园区", 5, "areas:industrial_park"),
        ("总户数12000户", 12_000, "households"),
        ("视频监控完好率达到98.5%", 0.985, "rate:intact"),
        ("一类点位联网率100％", 1.0, "rate:networked:1"),
        ("村村通视联网", 1.0, "rate:villages_link"),
        ("主要路段全覆盖", "holds", "claim:主要路段"),
        ("The county has 690 grids.", 690, "grids"),
        ("1,932 class 1 video channels", 1_932, "streams:1"),
        ("820 camera sites", 820, "sites"),
        ("20 township governance centers", 20, "facilities:governance_centre:township"),
        ("Number of grids: 690", 690, "grids"),
        ("The intact rate is 98 %.", 0.98, "rate:intact"),
        ("full coverage of main road sections", "holds", "claim:mainroadsections"),
        ("The main road sections are fully covered by cameras.", "holds", "claim:mainroadsections"),
        ("目前大门全覆盖", "holds", "claim:大门"),
    ],
)
def test_what_a_sentence_says(text: str, said: object, key: str) -> None:
    (one,) = keys(text)
    assert one[1] == (pytest.approx(said) if isinstance(said, float) else said)
    assert one[2] == key


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Full coverage of schools, hospitals and market towns.", ["schools", "hospitals", "markettowns"]),
        ("Schools, hospitals and market towns are fully covered.", ["schools", "hospitals", "markettowns"]),
        ("学校、医院和集镇全覆盖", ["学校", "医院", "集镇"]),
    ],
)
def test_each_name_of_a_list_is_a_claim_of_its_own(text: str, names: list[str]) -> None:
    assert [one[2] for one in keys(text)] == [f"claim:{name}" for name in names]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("全县划分690个网格，实现村村通视联网", ["grids", "rate:villages_link"]),
        ("划分690个网格，下辖小区35个", ["grids", "places:estate"]),
        ("全县划分690个网格，覆盖南镇小区35个", [None, None]),
    ],
)
def test_a_verb_before_villages_or_estates_names_no_part_of_the_county(text: str, found: list[str | None]) -> None:
    assert [one[2] for one in keys(text)] == found


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("下一步计划增加点位。目前大门全覆盖。", "claim:大门"),
        ("尚未联网。村村通视联网。", "rate:villages_link"),
        ("Gates are not fully covered. Full coverage of schools.", "claim:schools"),
    ],
)
def test_a_plan_in_the_sentence_before_leaves_a_claim_a_fact(text: str, key: str) -> None:
    assert [one[2] for one in keys(text)] == [key]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("南镇划分网格30个", "part"),
        ("在邻县建成网格30个", "part"),
        ("计划建成690个网格", "goal"),
        ("力争2027年实现主要路段全覆盖", "goal"),
        ("新增网格20个", "change"),
        ("每个乡镇建成3个综治中心", "ratio"),
        ("去年网格为650个", "past"),
        ("特色网格12个", "qualified"),
        ("示范网格12个", "part"),
        ("690个网格党支部", "qualified"),
        ("12个村通视联网", "qualified"),
        ("690-700个网格", "interval"),
        ("网格690，194个综治中心", "ambiguous"),
        ("1932个视频监控", "ambiguous"),
        ("监控点位1932个（路）", "ambiguous"),
        ("11 683个网格", "numeral"),
        ("十几个网格", "numeral"),
        ("未建成综治中心20个", "negated"),
        ("综治中心194个，其中乡镇20个", "part"),
        ("硬盘35块", "unplaced"),
        ("有12所医院", "unplaced"),
        ("special grids: 12", "qualified"),
        ("690 grids in the north", "qualified"),
        ("The county will have 690 grids.", "goal"),
    ],
)
def test_what_is_no_whole_that_stands_is_not_compared(text: str, reason: str) -> None:
    found = statements(text, part_names=["南镇"], county_names=["试验县"])
    assert found[-1].key is None or reason not in [one.reason for one in found], found
    assert reason in [one.reason for one in found], found


@pytest.mark.parametrize(
    "text",
    [
        "网格员11683名", "配备网格长2466人", "网格员\t1200", "抓获犯罪嫌疑人35名", "破获案件35起", "办理矛盾纠纷1200件",
        "投资1200万元", "补助资金35.6亿元", "人口12.5万", "贫困户1200户", "联系电话13812345678",
        "身份证620622199001011234",
        "35 suspects were arrested", "2,466 grid heads", "a budget of 1.2 million yuan", "$1,200", "12 cases",
        "吸毒人员35人分布在各村", "犯罪率下降12%", "精神障碍患者安置点12处",
        "第十个网格", "2024年3月5日", "（一）", "GB28181", "一网格一人",
        "罚款3000", "刑满释放35", "户籍12.5万余人", "涉毒村12个", "35 burglaries", "12 elderly people", "36 women",
        "乡镇\t网格员\n甲\t12\n乙\t13",
    ],
)  # fmt: skip
def test_persons_cases_crimes_and_money_are_in_no_list(text: str) -> None:
    assert keys(text) == []


@given(
    st.lists(st.sampled_from(["网格员1200名", "抓获35人", "破获案件12起", "投资300万元"]), max_size=4),
    st.lists(st.sampled_from(["690个网格", "综治中心194个", "监控1932路"]), max_size=4),
    st.randoms(),
)
def test_what_is_passed_over_hides_no_other_and_is_never_told(
    passed: list[str], told: list[str], random: Random
) -> None:
    parts = passed + told
    random.shuffle(parts)
    found = statements("，".join(parts))
    assert [one.text for one in found] == [part for part in parts if part in told]


@given(st.text("网格个村镇路一类二19３，,。、（）\n\t %全覆盖监控中心约余级其中 grids", max_size=60))
def test_positions_are_those_of_the_text(text: str) -> None:
    end = 0
    for one in statements(text):
        assert text[one.start : one.end] == one.text
        assert one.text.strip()
        assert end <= one.start
        end = one.end


@given(
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.sampled_from(["{}个网格", "网格{}个", "网格数量：{}", "{} grids", "全县共有网格{}个。", "{:,}个网格"]),
)
def test_an_exact_number_is_equal_to_itself_only(said: int, have: int, form: str) -> None:
    text = form.format(said)
    for count in (said, have):
        (item,) = compare(statements(text), Known({"grids": (count, count)}))
        assert (item.said, item.have) == (said, count)
        assert item.answer == ("equal" if said == count else "differs")


@pytest.mark.parametrize(
    ("text", "equal", "differing"),
    [
        ("1.2万路监控", (11_500, 12_500), (11_499, 12_501)),
        ("监控约1900路", (1_850, 1_950), (1_849, 1_951)),
        ("监控近1900路", (1_850, 1_900), (1_849, 1_901)),
        ("监控1900余路", (1_900, 1_999), (1_899, 2_000)),
        ("监控1900多路", (1_900, 1_999), (1_899, 2_000)),
        ("监控1900路左右", (1_850, 1_950), (1_849, 1_951)),
        ("监控不少于1900路", (1_900, 99_999), (1_899,)),
        ("监控超过1900路", (1_901,), (1_900,)),
        ("监控1900路以上", (1_900, 2_500), (1_899,)),
        ("about 1,900 cameras", (1_850, 1_950), (1_849, 1_951)),
        ("约1932路监控", (1_932,), (1_931, 1_933)),
    ],
)
def test_a_rounded_number_differs_only_outside_its_rounding(
    text: str, equal: tuple[int, ...], differing: tuple[int, ...]
) -> None:
    for answer, values in (("equal", equal), ("differs", differing)):
        for have in values:
            (item,) = compare(statements(text), Known({"streams": (have, have)}))
            assert item.answer == answer, have


@pytest.mark.parametrize(
    ("text", "have", "answer"),
    [
        ("完好率98%", 0.984, "equal"),
        ("完好率98%", 0.986, "differs"),
        ("完好率98.5%", 0.986, "differs"),
        ("完好率100%", 0.999, "differs"),
        ("完好率98%以上", 1.0, "equal"),
    ],
)
def test_a_percentage_is_meant_to_its_last_digit_and_all_is_all(text: str, have: float, answer: str) -> None:
    (item,) = compare(statements(text), Known({"rate:intact": (have, have)}))
    assert item.answer == answer


def test_unknown_values_leave_an_answer_open_unless_it_is_the_same_for_all_of_them() -> None:
    said = statements("在线视频监控100路")
    for span, answer in (((90, 110), "not_checked"), ((101, 110), "differs"), ((100, 100), "equal")):
        (item,) = compare(said, Known({"streams:online": span}))
        assert (item.have, item.possible, item.answer) == (*span, answer)


def test_a_claim_is_answered_by_its_verdict_and_without_one_not_at_all() -> None:
    text = "重点集镇、主要路段全覆盖，居民小区基本实现全覆盖，校园全覆盖"
    known = Known(claims={"重点集镇": "holds", "主要路段全覆盖": "fails", "居民小区": "fails"})
    found = list(compare(statements(text), known))
    assert [(item.text[:4], item.have, item.answer) for item in found] == [
        ("重点集镇", "holds", "equal"),
        ("主要路段", "fails", "differs"),
        ("居民小区", "fails", "not_checked"),  # 基本: that some are not covered says nothing against it
        ("校园全覆", None, "not_checked"),
    ]
    assert [item.answer for item in compare(statements(text), Known())] == ["not_checked"] * 4


def test_common_words_of_reports_hide_nothing() -> None:
    text = "按照会议精神划分690个网格，推进社会治理，在居民小区旁建成35个居民小区"
    assert [one.said for one in statements(text)] == [690, 35]


def test_who_sees_a_part_is_told_no_answer() -> None:
    (item,) = compare(statements("监控100路"), Known({"streams": (12, 12)}, partial=("streams",)))
    assert (item.have, item.answer, item.reason) == (12, "not_checked", "rights")


def test_every_pattern_has_words_that_compile_and_a_name_of_its_own() -> None:
    assert len({one.name for one in PATTERNS}) == len(PATTERNS) > 6
    for one in PATTERNS:
        groups = {*re.compile(one.zh).groupindex, *re.compile(one.en).groupindex}
        assert set(one.narrow) <= groups, one.name
