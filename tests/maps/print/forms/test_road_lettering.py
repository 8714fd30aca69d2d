"""Check names along roads: on the road, readable, each once, none on another, left out where there is no room."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from maps.print.forms.road_lettering import RoadName, Taken, place_road_names
from maps.print.page_layout import Rect

RECT = Rect(0, 0, 100, 100)


def placed(*roads: tuple[str, list[tuple[float, float]]], taken: Taken | None = None) -> list[RoadName]:
    lines = np.array([shapely.LineString(points) for _, points in roads], object)
    names = [name for name, _ in roads]
    return place_road_names(names, lines, RECT, taken or Taken(RECT), lambda text: 4.0 * len(text), 3.0)


def test_a_name_stands_at_the_middle_of_its_road_along_it() -> None:
    [name] = placed(("民主街", [(0, 50), (100, 50)]))
    assert (name.text, name.x, name.angle) == ("民主街", 50.0, 0.0)
    assert 48 < name.y < 50  # the baseline is below the axis, so that the letters' middle is on it


@pytest.mark.parametrize("degrees", range(-180, 181, 30))
def test_no_name_stands_on_its_head(degrees: int) -> None:
    turn = np.radians(degrees)
    ends = [(50 - 40 * np.cos(turn), 50 - 40 * np.sin(turn)), (50 + 40 * np.cos(turn), 50 + 40 * np.sin(turn))]
    [name] = placed(("民主街", ends))
    assert -90 <= name.angle < 90
    assert (name.angle - degrees) % 180 == pytest.approx(0, abs=1e-6) or (name.angle - degrees) % 180 == pytest.approx(
        180
    )


def test_pieces_of_one_road_have_one_name() -> None:
    assert len(placed(("甲路", [(0, 50), (50, 50)]), ("甲路", [(50, 50), (100, 50)]), ("", [(0, 10), (100, 10)]))) == 1


def test_names_of_crossing_roads_do_not_cover_each_other() -> None:
    one, other = placed(("甲路", [(0, 50), (100, 50)]), ("乙路", [(50, 0), (50, 90)]))
    assert np.hypot(one.x - other.x, one.y - other.y) > 6


def test_a_road_too_short_or_too_bent_or_covered_is_not_named() -> None:
    assert placed(("甲路", [(0, 50), (6, 50)])) == []
    zigzag = [(float(x), 50.0 + 4 * (x % 2)) for x in range(100)]
    assert placed(("甲路", zigzag)) == []
    taken = Taken(RECT)
    taken.add(shapely.box(0, 40, 100, 60))
    assert placed(("甲路", [(0, 50), (100, 50)]), taken=taken) == []


def test_a_name_lies_wholly_in_the_map() -> None:
    assert placed(("甲路", [(0, 0.5), (100, 0.5)])) == []
