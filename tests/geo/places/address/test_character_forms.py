"""Forms of characters: width, case, radicals, traditional characters, what is invisible, and where each is from."""

from __future__ import annotations

import csv
import gzip
import unicodedata
from collections import defaultdict
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from geo.places.address import character_forms
from geo.places.address.character_forms import RADICALS, plain_characters, simplified


def test_radicals_are_the_characters_they_look_like() -> None:
    assigned = [chr(code) for code in range(0x2E81, 0x2EF4) if unicodedata.name(chr(code), "")]
    assert list(RADICALS) == assigned
    assert all(unicodedata.name(char).startswith("CJK UNIFIED IDEOGRAPH") for char in RADICALS.values())
    # Where NFKC knows the character too, both say the same.
    by_nfkc = {char: unicodedata.normalize("NFKC", char) for char in RADICALS}
    assert {char: found for char, found in by_nfkc.items() if found != char} == {"⺟": "母", "⻳": "龟"}
    named = {
        "WEST TWO": "西",
        "C-SIMPLIFIED LONG": "长",
        "C-SIMPLIFIED GATE": "门",
        "C-SIMPLIFIED HORSE": "马",
        "BONE": "骨",
    }
    assert {name: RADICALS[unicodedata.lookup(f"CJK RADICAL {name}")] for name in named} == named


def test_kangxi_radicals_are_characters_too() -> None:
    assert plain_characters("⼀⽔⾨⿓")[0] == "一水门龙"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("土門鎮", "土门镇"),
        ("高峯", "高峰"),
        ("沙田邨", "沙田村"),
        ("彭家衖", "彭家弄"),
        ("盩厔縣", "周至县"),
        ("瀋陽", "沈阳"),
        ("乾縣", "乾县"),  # the county
        ("乾溝", "干沟"),  # a dry ditch
        ("餅乾廠", "饼干厂"),
        ("於潛鎮", "於潜镇"),  # the town
        ("位於東街", "位于东街"),
        ("於家莊", "于家庄"),
        ("大逕村", "大迳村"),
        ("氾水鎮", "氾水镇"),
        ("王家衕村", "王家衕村"),
        ("東交民胡衕", "东交民胡同"),
        ("鮀江", "鮀江"),  # registers and fonts have this one
        ("\U0002cd8d江", "鮀江"),
        ("薴", "苎"),
        ("café", "café"),
    ],
)
def test_simplified(text: str, plain: str) -> None:
    assert simplified(text) == plain


@settings(max_examples=300)
@given(
    st.text(
        alphabet=st.one_of(
            st.sampled_from("土門鎮乾溝縣於位衕盩厔峯邨薴Ａ１　⻄⽔e\u0301㎡①\u200b\u202eİ"), st.characters()
        )
    )
)
def test_offsets_are_those_of_each_character(text: str) -> None:
    plain, starts, ends = plain_characters(text)
    assert len(plain) == len(starts) == len(ends)
    assert list(starts) == sorted(starts)
    assert all(start < end or char == " " for char, start, end in zip(plain, starts, ends, strict=True))
    assert list(ends) == sorted(ends)
    assert all(0 <= start <= end <= len(text) for start, end in zip(starts, ends, strict=True))
    assert simplified(plain) == plain
    assert not character_forms._INVISIBLE.search(plain)


@given(st.text(alphabet="土門鎮Ａ１　⻄⽔ｶéa#三", max_size=20))
def test_the_quick_way_unfolds_as_the_slow_one(text: str) -> None:
    plain, starts, ends = character_forms._unfolded(text)
    assert (plain, list(starts), list(ends)) == character_forms._unfolded_in_clusters(text)


def test_a_simplified_text_needs_no_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> dict[int, str]:
        raise AssertionError("the dictionary was read")

    monkeypatch.setattr(character_forms, "_traditional_characters", refuse)
    assert plain_characters("甘肃省武威市古浪县土门镇Ａ座 café")[0] == "甘肃省武威市古浪县土门镇a座 café"
    with pytest.raises(AssertionError):
        plain_characters("古浪縣")


def test_gb2312_holds_the_traditional_characters_that_are_looked_for() -> None:
    table = character_forms._traditional_characters()
    held = {chr(code) for code in table if _is_in_gb2312(chr(code))} | {"乾", "於"}
    assert {
        char for char in map(chr, range(0x4E00, 0xA000)) if character_forms._TRADITIONAL_OF_GB2312.match(char)
    } >= held


def _is_in_gb2312(char: str) -> bool:
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def test_no_two_names_of_one_parent_become_one(shared_data: Path) -> None:
    """Names that official lists tell apart stay apart."""
    together: dict[tuple[str, str], set[str]] = defaultdict(set)
    with gzip.open(shared_data / "divisions" / "divisions_nation_2021.csv.gz", "rt", encoding="utf-8") as file:
        for _, name, _, parent in csv.reader(file):
            together[parent, simplified(name)].add(name)
    found = sorted(tuple(sorted(names)) for names in together.values() if len(names) > 1)
    assert found == []


def test_names_in_traditional_characters_are_those_in_simplified_ones(shared_data: Path) -> None:
    """Of every fiftieth name, written in traditional characters by OpenCC, 999 in 1,000 have the form of the name."""
    with gzip.open(shared_data / "divisions" / "divisions_nation_2021.csv.gz", "rt", encoding="utf-8") as file:
        names = [line.split(",")[1] for line in islice(file, 1, None, 50)]
    traditional = OpenCC("s2t").convert("\n".join(names)).split("\n")
    assert sum(name != one for name, one in zip(names, traditional, strict=True)) > len(names) / 4
    wrong = [name for name, one in zip(names, traditional, strict=True) if simplified(name) != simplified(one)]
    assert len(wrong) <= len(names) / 1000
