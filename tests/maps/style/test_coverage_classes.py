"""Check the five classes at their edges, zero and no data apart."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import api.commands
import geo.studies
from geo.catalog.results import SHARE_EDGES
from geo.figure_text import percent_text, share_text
from maps.style.coverage_classes import CLASSES, NO_DATA, ZERO, coverage_class, legend


@pytest.mark.parametrize(
    ("share", "code"),
    [
        (None, NO_DATA),
        (np.nan, NO_DATA),
        (0.0, ZERO),
        (1e-9, 1),
        (0.2, 1),
        (0.2000001, 2),
        (0.4, 2),
        (0.5, 3),
        (0.6, 3),
        (0.8, 4),
        (0.80001, 5),
        (1.0, 5),
        (1.0000000002, 5),
        (-1e-12, ZERO),
    ],
)
def test_edges(share: float | None, code: int) -> None:
    assert coverage_class([share]).tolist() == [code]


def test_legend_counts_every_row_once() -> None:
    counts = {one.code: count for one, count in legend([0, 0, 0.1, 0.2, 0.21, None, 1])}
    assert counts == {5: 1, 4: 0, 3: 0, 2: 1, 1: 2, ZERO: 2, NO_DATA: 1}


def test_legend_reads_from_the_highest_class_down() -> None:
    assert [one.code for one in CLASSES] == [5, 4, 3, 2, 1, ZERO, NO_DATA]
    assert [one.label("zh") for one in CLASSES[:5]] == ["80–100 %", "60–80 %", "40–60 %", "20–40 %", ">0–20 %"]
    assert all(one.label("en").isascii() or "–" in one.label("en") for one in CLASSES)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_a_class_holds_its_shares(shares: list[float]) -> None:
    for share, code in zip(shares, coverage_class(shares), strict=True):
        assert (share == 0) if code == 0 else SHARE_EDGES[code - 1] < share <= SHARE_EDGES[code]


@given(st.floats(0, 1))
def test_a_figure_never_reads_as_none_or_all_where_it_is_not(share: float) -> None:
    assert (share_text(share) == "0.0 %") == (share == 0)
    assert (share_text(share) == "100.0 %") == (share == 1)


def test_shape_is_kept() -> None:
    assert coverage_class([]).shape == (0,)
    assert coverage_class(np.full((2, 3), 0.5)).tolist() == [[3, 3, 3], [3, 3, 3]]


def test_commands_and_studies_write_no_share_that_rounding_makes_zero_or_one():
    """A share of 0.0004 read 0.0% in the summary of ``analyze``, beside a table that said <0.1 %."""
    assert [percent_text(one) for one in (0.0, 0.0004, 0.177, 0.9996, 1.0)] == [
        "0.0%",
        "<0.1%",
        "17.7%",
        ">99.9%",
        "100.0%",
    ]
    folders = (Path(one.__file__).parent for one in (api.commands, geo.studies))
    modules = [module for folder in folders for module in folder.glob("*.py")]
    assert len(modules) > 20
    assert [one.name for one in modules if re.search(r":\.\d%\}", one.read_text(encoding="utf-8"))] == []
