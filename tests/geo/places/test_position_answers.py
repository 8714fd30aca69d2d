"""Answers from positions: one candidate for each grid, what lies in none, and how many are not listed."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.places.address.tail_parts import read_tail
from geo.places.gazetteer import Gazetteer
from geo.places.position_answers import PositionAnswers, beside, moved
from geo.places.road_positions import Position

CRS = "EPSG:4326"
COUNT = 13
#: Thirteen grids side by side, a hundredth of a degree each, from 102 to 102.13.
GRIDS = gpd.GeoDataFrame(
    {
        "code": [f"g{k:02d}" for k in range(COUNT)], "name": ["一"] * COUNT, "kind": ["general"] * COUNT,
        "level": [1] * COUNT, "parent": [None] * COUNT, "village": [None] * COUNT,
    },
    geometry=[shapely.box(102 + k / 100, 37, 102.01 + k / 100, 38) for k in range(COUNT)], crs=CRS,
)  # fmt: skip
NONE = gpd.GeoDataFrame({"code": [], "level": [], "text": []}, geometry=[], crs=CRS)
ANSWERS = PositionAnswers(Gazetteer(NONE, GRIDS, NONE, lambda: NONE, at=date(2026, 1, 1), revision=1))


def _status(*lons: float) -> tuple[str, int]:
    found = [ANSWERS.candidate(Position(lon, 37.5, 5.0), 20.0, "match") for lon in lons]
    answer = ANSWERS.of_candidates("", found, ())
    return answer.status, len(answer.candidates)


def test_only_several_grids_are_ambiguous() -> None:
    assert _status(102.005) == ("matched", 1)
    assert _status(102.005, 102.006) == ("matched", 1)
    assert _status(102.005, 102.015) == ("ambiguous", 2)
    assert _status(102.005, 103.0) == ("partial", 2), "the other one is in no grid"
    assert _status(103.0) == ("partial", 1)


@pytest.mark.parametrize("count", [10, 11, 13])
def test_of_more_than_ten_grids_the_answer_says_how_many_are_not_listed(count: int) -> None:
    found = ANSWERS.at_points(102.005 + np.arange(count) / 100, np.full(count, 37.5))
    answer = ANSWERS.of_candidates("", found, ())
    said = [fault["text"].split(" / ")[0] for fault in answer.candidates[0].faults]
    assert (len(answer.candidates), said) == (10, [f"另有 {count - 10} 个网格没有列出"] if count > 10 else [])


def test_a_position_outside_all_grids_says_so() -> None:
    one = ANSWERS.candidate(Position(103.0, 37.5, 5.0), 20.0, "match")
    assert (one.grid, one.precision_m, [fault["code"] for fault in one.faults]) == (None, 20.0, ["no_grid"])


def test_words_behind_a_position_are_cited() -> None:
    answer = ANSWERS.of_positions("甲乙桥墩", (0, 2), [Position(102.005, 37.5, 5.0)], 20.0)
    assert (answer.status, answer.candidates[0].faults[0]["text"].split(" / ")[0]) == ("partial", "没有读懂“桥墩”")


@pytest.mark.parametrize(
    ("words", "metres"), [("隔壁", 30.0), ("对面", 50.0), ("北侧", 100.0), ("附近", 200.0), ("北侧200米", 153.1)]
)
def test_a_place_beside_a_position_is_as_far_off_as_the_word_says(words: str, metres: float) -> None:
    fault, (found,) = beside(words, [Position(102.005, 37.5, 15.0)])
    assert (fault["code"], found.precision_m) == ("nearby", pytest.approx(15.0 + metres, abs=0.1))
    assert found == moved(Position(102.005, 37.5, 15.0), read_tail(words).near)


def test_a_place_too_far_away_is_another_place() -> None:
    here = Position(102.005, 37.5, 15.0)
    assert moved(here, read_tail("北侧30公里").near) is None
    assert beside("北侧30公里", [here])[1] == [here]
