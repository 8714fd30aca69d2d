"""Costs of wrong characters: sounds, shapes, numerals; costs of names against every way to align them; readings."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address import similar_characters
from geo.places.address.similar_characters import character_cost, name_cost, sound_key, syllables

SOUND, NEAR, SHAPE = similar_characters.SAME_SOUND, similar_characters.NEAR_SOUND, similar_characters.SAME_SHAPE
BOTH = similar_characters.SOUND_AND_SHAPE


@pytest.mark.parametrize(
    ("pairs", "cost"),
    [
        ("土土", 0.0),
        ("胜盛 浪郎 沟勾 镇振", SOUND),
        ("六路 堡布 堡铺 尉玉 枞宗 歙社 莘新 柞座 单善 蚌泵 犍前 厦下 乐月 番潘 重虫 行航 燕烟 台泰 涡锅", SOUND),
        ("胜圣 河何 清青 铃玲 晴情", None),  # of one sound, whether they look alike or not
        ("章脏 陈岑 石思 宁灵 福湖 山商 陈城 金京 南兰", NEAR),
        ("土士 未末 己巳 折拆 住往 晴睛 田由 大太 千干 免兔 乌鸟 古占 茶荼 今令 人入 析柝 戌戍 刀力 白自", SHAPE),
        ("候侯 壕濠 扬杨 浪狼", BOTH),
        ("土村 新浪 a土 三村 一二 3五 1l 古a", 1.0),
        ("3三 三3 〇0 零0 三叁", similar_characters.SAME_NUMERAL),
    ],
)
def test_what_a_wrong_character_costs(pairs: str, cost: float | None) -> None:
    for read, meant in pairs.split():
        found = character_cost(read, meant)
        assert found in (SOUND, BOTH) if cost is None else (read, meant, found) == (read, meant, cost)
        assert found == character_cost(meant, read)


def test_a_character_that_no_table_holds_has_a_sound_too() -> None:
    assert "鬱" not in similar_characters._readings()
    assert character_cost("鬱", "玉") == SOUND
    assert character_cost("\U0001f600", "玉") == 1.0


@given(
    st.sampled_from("土士未末胜盛石思3三a福湖候侯 "), st.sampled_from("土士未末胜盛石思3三a福湖候侯 ") | st.characters()
)
def test_costs_are_between_nothing_and_one_both_ways(read: str, meant: str) -> None:
    cost = character_cost(read, meant)
    assert 0 <= cost <= 1
    assert (cost == 0) == (read == meant)
    assert cost == character_cost(meant, read)


def cheapest(read: str, meant: str) -> float:
    """Return the cost of the best of all ways to align two names, from their ends."""

    @cache
    def cost(i: int, j: int) -> float:
        if not i or not j:
            return float(i + j)
        ways = [cost(i - 1, j) + 1, cost(i, j - 1) + 1, cost(i - 1, j - 1) + character_cost(read[i - 1], meant[j - 1])]
        if i > 1 and j > 1 and read[i - 1] == meant[j - 2] and read[i - 2] == meant[j - 1]:
            ways.append(cost(i - 2, j - 2) + 0.6)
        return min(ways)

    return cost(len(read), len(meant))


@settings(max_examples=500)
@given(st.text(alphabet="新胜盛村土士浪", max_size=7), st.text(alphabet="新胜盛村土士浪", max_size=7))
def test_the_cost_of_a_name_is_that_of_the_best_alignment(read: str, meant: str) -> None:
    assert name_cost(read, meant) == pytest.approx(cheapest(read, meant))


@pytest.mark.parametrize(
    ("read", "meant", "cost"),
    [
        ("新胜村", "新胜村", 0),
        ("", "新胜", 2),
        ("新盛村", "新胜村", 0.15),
        ("新村", "新胜村", 1),
        ("胜新村", "新胜村", 0.6),
        ("土门真", "士门镇", 0.25 + 0.15),
        ("甲乙", "东西", 2),
    ],
)
def test_costs_of_names(read: str, meant: str, cost: float) -> None:
    assert name_cost(read, meant) == pytest.approx(cost)


def test_long_texts_have_nothing_in_common() -> None:
    assert name_cost("土" * 3000, "门" * 2000) == 3000
    assert name_cost("土" * 3000, "土" * 3000 + "门") == 1


def test_a_name_takes_microseconds() -> None:
    pairs = [("新胜村委", "土门镇西"), ("杨柳沟村", "杨树沟屯"), ("甲乙丙丁", "戊己庚辛")]
    for read, meant in pairs:
        name_cost(read, meant)
    seconds = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(200):
            for read, meant in pairs:
                name_cost(read, meant)
        seconds.append((time.process_time() - begun) / 600)
    assert min(seconds) < 100e-6  # 10 on an idle machine


def test_readings_of_names() -> None:
    assert [sorted(one) for one in sound_key("古浪")] == [["gu"], ["lang"]]
    assert {"le", "yue"} <= sound_key("乐")[0]
    assert "lv" in sound_key("绿")[0]
    assert syllables("古浪 3A") == (("gu", "lang", " ", "3", "a"),)
    assert ("lu", "an") in syllables("六安")
    assert ("lv", "shun") in syllables("旅顺")
    assert syllables("") == ((),)


@given(st.text(alphabet="六安重庆乐番单堡古浪行A3 ", max_size=12), st.integers(1, 40))
def test_ways_to_read_are_bounded_and_made_of_readings(text: str, most: int) -> None:
    ways = syllables(text, most)
    assert 1 <= len(ways) <= most
    assert len(set(ways)) == len(ways)
    key = sound_key(text)
    assert all(len(way) == len(key) and all(part in one for part, one in zip(way, key, strict=True)) for way in ways)


def test_the_shortest_way_lists_all_readings() -> None:
    assert set(syllables("重", 10)) == {(one,) for one in sound_key("重")[0]}
    assert len(syllables("番" * 3000)) <= 16


@pytest.mark.usefixtures("processes")
def test_the_readings_of_a_rare_character_are_those_of_pypinyin_without_its_words() -> None:
    """They are read from its table alone: to import the package takes longer than any address may."""
    asked = (
        "import sys; from geo.places.address.similar_characters import sound_key; "
        "print(sorted(sound_key('龘')[0]), sorted(sound_key('〇𬭎')[1]), 'pypinyin' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['da'] ['hong'] False"


def test_tables_are_small_and_symmetric() -> None:
    shapes = similar_characters._shapes()
    assert all(char in shapes[other] for char, others in shapes.items() for other in others)
    assert all(char not in others and len(set(others)) == len(others) for char, others in shapes.items())
    assert max(map(len, shapes.values())) < 40
    size = sum((similar_characters._FOLDER / name).stat().st_size for name in ("similar_shapes.txt", "sounds.txt"))
    assert size <= 200_000
