"""Any text has an answer, within bounds of size and time: what is broken is not found, never an error."""

from __future__ import annotations

import time

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadValue
from geo.places.address.answerer import MAX_CANDIDATES
from geo.places.address.book import MAX_TEXT_BYTES, AddressBook
from geo.types import Match
from tests.geo.places.address.small_places import DAJING, NAMES, OTHER_XINSHENG, TUMEN, XINSHENG, divisions

GRIDS = pd.DataFrame(
    {
        "code": [XINSHENG, OTHER_XINSHENG, "620622102202", "g1", "g2", "g2W1"],
        "name": ["新胜村", "新胜村", "大湾村", "一网格", "二网格", "一组"],
        "kind": "general",
        "level": [1, 1, 1, 1, 1, 2],
        "village": [XINSHENG, OTHER_XINSHENG, "620622102202", "620623100201", "620623100201", None],
        "parent": [None, None, None, None, None, "g2"],
    }
)
ADDRESSES = [
    ("土门镇新胜村昌灵路1号", XINSHENG),
    ("土门镇新胜村昌灵路12号", XINSHENG),
    ("大靖镇新胜村人民路1号", OTHER_XINSHENG),
    ("金强村西街1号", "g1"),
    ("金强村西街2号", "g2"),
    ("古浪县人民医院", XINSHENG),
]
STATUSES = {"matched", "ambiguous", "partial", "not_found"}
WORDS = [
    *NAMES.values(),
    *(text for text, _ in ADDRESSES),
    *["昌灵路", "西街", "1号", "12号", "3组", "对面", "东领村", "土们镇", "医院", "村", "路", "，", "（", "）"],
]
#: Seconds that one text may take on a machine that others use too; the goal is a tenth of it.
MOST_SECONDS = 0.5


def book(rows: list[tuple[str, str]]) -> AddressBook:
    """Return a book of (text, grid), a hundredth of a degree apart."""
    points = shapely.points([102 + k / 100 for k in range(len(rows))], 37.0)
    frame = gpd.GeoDataFrame(
        {"text": [row[0] for row in rows], "grid": [row[1] for row in rows]}, geometry=points, crs=4326
    )
    return AddressBook(frame, divisions(), grids=GRIDS)


BOOK = book(ADDRESSES)


def check(text: str) -> Match:
    """Return the match of a text when all that holds for every answer holds for it."""
    found = BOOK.match(text)
    assert found.status in STATUSES
    assert found.query == text
    assert (found.status == "not_found") == (not found.candidates)
    assert len(found.candidates) <= MAX_CANDIDATES
    assert (found.point is None) or found.status != "ambiguous"
    scores = [one.score for one in found.candidates]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) <= 1.0 + 1e-3
    grids = [str(one.grid["code"]) for one in found.candidates if one.grid]
    assert len(grids) == len(set(grids))
    if found.status == "matched":
        assert len(grids) == len(found.candidates) == 1
        assert not any(fault["code"] in ("contradiction", "nearby", "alike") for fault in found.candidates[0].faults)
    for one in found.candidates:
        ends = [end for span in one.spans for end in span]
        assert ends == sorted(ends)
        assert all(0 <= start < end <= len(text) for start, end in one.spans)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u3000\n\t",
        "\x00\x01\x1b[31m\x7f",
        "\u202e\u202d\u200f\u200e\u2066",
        "\ufeff",
        "\ud800\udfff",
        "'; DROP TABLE addresses; --",
        "%s%n%x ${jndi:ldap://x} {{7*7}} <script>alert(1)</script>",
        "null",
        "٣٤٥",
        "🏠🏠🏠",
        "\U0010ffff",
        "a\u0301" * 50,
        "((((((((((((((",
        "。" * 100,
    ],
)
def test_what_is_no_address_is_not_found(text: str) -> None:
    assert check(text).status == "not_found"


@pytest.mark.parametrize("noise", ["\u202e", "\u200f", "\u200b", "\x00", "\ufeff", " ", "\u3000", "\n"])
def test_marks_that_are_not_seen_change_nothing(noise: str) -> None:
    """Between the names and at both ends; what is written is still the address."""
    found = check(f"{noise}土门镇{noise}新胜村{noise}昌灵路1号{noise}")
    assert (found.status, [one.grid["code"] for one in found.candidates if one.grid]) == ("matched", [XINSHENG])


def test_sql_behind_an_address_is_no_part_of_it() -> None:
    found = check("土门镇新胜村昌灵路1号'; DROP TABLE addresses; --")
    assert found.status == "partial"
    assert [fault["code"] for fault in found.candidates[0].faults] == ["unread"]


TOO_LONG = {
    "a million spaces": " " * 1_000_000,
    "thirty megabytes": "村" * 10_000_000,
    "letters": "a" * (MAX_TEXT_BYTES + 1),
    "of three bytes each": "村" * 3_414,
}


@pytest.mark.parametrize("name", TOO_LONG)
def test_what_is_too_long_is_refused_at_once(name: str) -> None:
    text = TOO_LONG[name]
    begun = time.thread_time()
    with pytest.raises(BadValue, match="10 kB"):
        BOOK.match(text)
    assert time.thread_time() - begun < MOST_SECONDS


LONG = {
    "one place": "土门镇" * 1137,
    "a village of two townships": "新胜村" * 1137,
    "a chain": "甘肃省武威市古浪县土门镇新胜村" * 227,
    "digits": "1234567890" * 1024,
    "numerals": "一二三四五六七八九十" * 341,
    "村": "村" * 3413,
    "spaces": " " * 10_240,
    "doors": "1号2栋3单元" * 600,
    "brackets": "(" * 10_240,
    "misspelt": "土们镇新盛村" * 568,
    "nearby": "对面北侧200米" * 500,
    "letters": "abcdefgh" * 1280,
    "marks": "\u202e\u0301" * 2048,
    "traditional": "縣鎮鄉號樓" * 680,
    "dashes": "1-" * 5120,
    "all names": "".join(NAMES.values()) * 20,
}


@pytest.mark.parametrize("name", LONG)
def test_ten_kilobytes_take_a_bounded_time(name: str) -> None:
    text = LONG[name]
    assert len(text.encode()) <= MAX_TEXT_BYTES
    begun = time.thread_time()  # of the processor: others may use the machine meanwhile
    BOOK.match(text)
    spent = time.thread_time() - begun
    print(f"{name}: {spent * 1e3:.1f} ms")
    assert spent < MOST_SECONDS
    check(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    check(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.text("村镇路号组12 　(\u202e", max_size=3), max_size=7).map("".join))
def test_any_words_have_an_answer(text: str) -> None:
    check(text)


HEADS, TAILS = ("", "土门镇新胜村", "大靖镇新胜村", "金强村"), ("昌灵路1号", "西街", "人民路", "人民路2号", "3组")


@pytest.mark.parametrize(
    "text", ["新胜村", "新胜村3组", "新胜村昌灵路3号", "金强村西街", "金强村", "古浪县新胜村人民路"]
)
@settings(max_examples=25, deadline=None)
@given(more=st.lists(st.tuples(st.sampled_from(HEADS), st.sampled_from(TAILS)), max_size=5))
def test_more_addresses_of_one_grid_never_settle_on_another(text: str, more: list[tuple[str, str]]) -> None:
    """What is ambiguous between two grids is not matched to a third that has more addresses, but not this one."""
    third = "620622102202"
    assert BOOK.match(text).status in ("ambiguous", "partial")
    known = [(head + tail, third) for head, tail in more if not text.endswith(tail)]
    found = book([*ADDRESSES, *known]).match(text)
    assert found.status != "matched" or found.candidates[0].grid["code"] != third  # type: ignore[index]


def test_what_is_ambiguous_stays_so_or_says_why() -> None:
    """The township named: one village, its grid; not named: both."""
    assert {one.grid["code"] for one in check("新胜村").candidates if one.grid} == {XINSHENG, OTHER_XINSHENG}
    assert [check(f"{NAMES[code]}新胜村").candidates[0].grid["code"] for code in (TUMEN, DAJING)] == [  # type: ignore[index]
        XINSHENG, OTHER_XINSHENG
    ]  # fmt: skip
