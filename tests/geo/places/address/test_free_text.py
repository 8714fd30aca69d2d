"""Free texts are ranked by what rare characters and pairs they share with a stored text, as a plain sum ranks them."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq

from geo.places.address.free_text import LEAST_LIKENESS, TextCollector, TextIndex

TEXTS = [
    "古浪镇人民医院",
    "古浪镇文化广场",
    "昌灵路12号粮油店",
    "昌灵路15号粮油店",
    "土门镇客运站",
    "土门镇中心小学",
    "大靖镇卫生院",
]


def index_of(texts: list[str]) -> TextIndex:
    """Return an index of texts, each of the row of its position."""
    collected = TextCollector()
    for row, text in enumerate(texts):
        collected.add(text, row)
    return TextIndex(collected)


def rows(text: str, most: int = 20, texts: list[str] | None = None) -> list[int]:
    """Return the rows like a text, best first."""
    known = TEXTS if texts is None else texts
    return [one.row for one in index_of(known).search(text, most)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("县人民医院", 0),
        ("古浪人民医院", 0),
        ("文化广场旁", 1),
        ("土门车站客运站", 4),
        ("土门中心小学校", 5),
        ("大靖卫生院", 6),
        ("昌灵路15号粮油", 3),
    ],
)
def test_the_text_that_shares_most_is_first(text: str, first: int) -> None:
    assert rows(text)[0] == first


def test_numbers_are_not_contradicted() -> None:
    assert rows("昌灵路12号粮油店") == [2]
    assert set(rows("昌灵路粮油店")) == {2, 3}
    assert rows("昌灵路13号粮油店") == []


@pytest.mark.parametrize("text", ["", "12", "电影院", "  ", "xyz"])
def test_what_shares_nothing_is_like_nothing(text: str) -> None:
    assert rows(text) == []


def test_an_index_of_nothing() -> None:
    assert index_of([]).search("人民医院") == []
    assert index_of(["123"]).search("人民医院") == []


def _terms(text: str) -> set[str]:
    return {*text, *(text[k : k + 2] for k in range(len(text) - 1))}


def _plain(texts: list[str], text: str) -> list[float]:
    """Return how alike a text without numbers is to each of the texts, by sums over the terms of all."""
    known = list(dict.fromkeys(texts))

    def weight(term: str) -> float:
        count = sum(term in _terms(one) for one in known)
        return math.log(1 + (len(known) - count + 0.5) / (count + 0.5)) if count else 0.5 * math.log(2 + 2 * len(known))

    total = sum(weight(term) for term in _terms(text))
    found = []
    for one in texts:
        shared = sum(weight(term) for term in _terms(text) & _terms(one))
        own = sum(weight(term) for term in _terms(one))
        same = LCSseq.similarity(text, one)
        found.append(
            0.45 * shared / total + 0.2 * shared / own + 0.25 * same / len(text) + 0.1 * same / len(one)
            if shared
            else 0.0
        )
    return found


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text("人民医院古浪镇", min_size=1, max_size=6), min_size=1, max_size=10, unique=True),
    st.text("人民医院古浪县", min_size=1, max_size=8),
)
def test_as_plain_sums_rank_all(texts: list[str], text: str) -> None:
    expected = _plain(texts, text)
    found = index_of(texts).search(text)
    assert {row: pytest.approx(likeness, abs=1e-4) for row, likeness, _ in found} == {
        row: likeness for row, likeness in enumerate(expected) if likeness >= LEAST_LIKENESS - 1e-6
    } or any(abs(likeness - LEAST_LIKENESS) < 1e-4 for likeness in expected)
    likenesses = [likeness for _, likeness, _ in found]
    assert likenesses == sorted(likenesses, reverse=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("人民医院12-", max_size=8), max_size=12), st.text(max_size=60), st.integers(1, 5))
def test_any_text(texts: list[str], text: str, most: int) -> None:
    """At most so many, each likeness from the least to 1; a stored text is like itself."""
    known = index_of(texts)
    found = known.search(text, most)
    assert len(found) <= most
    assert all(LEAST_LIKENESS <= likeness <= 1.0 + 1e-4 for _, likeness, _ in found)
    for one in texts:
        if re.sub("[0-9]", "", one):
            assert known.search(one)[0].likeness == pytest.approx(1.0, abs=1e-3)


def test_a_whole_text_has_its_rows_and_its_beginning_has_none() -> None:
    collected = TextCollector()
    for form, row in (("东街1号", 4), ("东街12号", 2), ("东街1号", 1), ("东街1号", 1)):
        collected.add(form, row)
    index = TextIndex(collected)
    kept = TextIndex.of_arrays(index.arrays(), 5)
    for one in (index, kept):
        assert [one.rows_of(form).tolist() for form in ("东街1号", "东街12号", "东街1", "")] == [[1, 4], [2], [], []]
