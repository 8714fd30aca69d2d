"""The expression that tails are read with: its groups, and its time."""

from __future__ import annotations

import time

import pytest

from geo.places.address.tail_words import PART, UNITS


def test_each_word_that_counts_is_read_after_a_number_with_its_part() -> None:
    for unit in UNITS:
        found = PART.match(f"5{unit}")
        assert found is not None
        assert found.lastgroup == "run"
        assert found[0] == f"5{unit}", unit


@pytest.mark.parametrize("text", ["3社区", "3社会", "3户外", "3门口", "5区域", "2部队"])
def test_words_that_begin_like_one_count_nothing(text: str) -> None:
    found = PART.match(text)
    assert found is None or found[0] == text[0]


@pytest.mark.parametrize(
    "unit", ["路", "1", "号", "阳光", "a", "1-", "1,", "东", "一", "附", "甲", "g1", "里", "3号东北一百", "no"]
)
def test_ten_thousand_characters_take_time_in_proportion(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        best = 1.0
        for _ in range(3):
            begin = time.process_time()
            for _ in PART.finditer(text):
                pass
            best = min(best, time.process_time() - begin)
        return best

    # Four times the text in less than nine times the time: quadratic time would be sixteen.
    assert seconds(10_000) < 9.0 * seconds(2_500) + 0.005
