"""A piece of ground on the stored shapes of a run: countable by squares, and against points by brute force."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.assessment.ground_figures import ground_figures

X, Y = 500_000.0, 4_000_000.0
CELL = 10.0


def cells(numbers: list[tuple[int, int]]) -> list[shapely.Geometry]:
    return [shapely.box(X + i * CELL, Y + j * CELL, X + (i + 1) * CELL, Y + (j + 1) * CELL) for i, j in numbers]


def layer(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4547)


AT = st.tuples(st.integers(0, 5), st.integers(0, 5))


@given(
    state=st.lists(st.sampled_from(["seen", "gap", "no domain"]), min_size=36, max_size=36),
    views=st.lists(st.tuples(AT, AT, st.sampled_from(["online", "offline", "unknown", "planned"])), max_size=5),
    ground=st.lists(AT, min_size=1, max_size=12, unique=True),
)
@settings(max_examples=60, deadline=None)
def test_every_figure_is_a_count_of_cells(
    state: list[str], views: list[tuple[tuple[int, int], tuple[int, int], str]], ground: list[tuple[int, int]]
) -> None:
    every = [(i, j) for i in range(6) for j in range(6)]
    by_state = {name: [at for at, one in zip(every, state, strict=True) if one == name] for name in set(state)}
    seen, gap = by_state.get("seen", []), by_state.get("gap", [])
    coverage = layer([shapely.union_all(cells(seen))] if seen else [], k=[1] if seen else [])
    gaps = layer(cells(gap), rank=list(range(len(gap))))
    rectangles = []
    for (a, b), (c, d), _ in views:
        low, high = (min(a, c), min(b, d)), (max(a, c), max(b, d))
        rectangles.append({at for at in every if all(low[k] <= at[k] <= high[k] for k in (0, 1))})
    shapes = [shapely.union_all(cells(sorted(one))) for one in rectangles]
    possible = layer(shapes, status=[status for *_, status in views])
    found = ground_figures(shapely.union_all(cells(ground)), coverage, gaps, possible)
    assert found is not None
    here = set(ground)
    may = set().union(
        *(one for one, (*_, status) in zip(rectangles, views, strict=True) if status in ("online", "unknown"))
    )
    own = (here & set(seen)) | (here & set(gap))
    counted = {
        "domain_m2": len(own), "sure_m2": len(here & set(seen)), "gap_m2": len(here & set(gap)),
        # what is surely seen is possibly seen, whatever the drawing says
        "possible_m2": max(len(may & own), len(here & set(seen))),
    }  # fmt: skip
    assert {name: getattr(found, name) for name in counted} == pytest.approx(
        {name: count * CELL**2 for name, count in counted.items()}, abs=1e-6
    )
    if own:
        assert found.sure_share == pytest.approx(counted["sure_m2"] / len(own))
    else:
        assert math.isnan(found.sure_share)
    assert found.seen.area == pytest.approx(found.sure_m2, abs=1e-6)


def test_gaps_count_by_their_place_and_a_domain_of_lines_has_no_figures() -> None:
    square, none = shapely.box(X, Y, X + 10, Y + 10), layer([], k=[])
    gaps = layer([square, shapely.box(X + 9, Y, X + 30, Y + 10)], lon=[X + 5, X + 20], lat=[Y + 5, Y + 5])
    possible = layer([], status=[])
    found = ground_figures(square, none, gaps, possible)
    assert found is not None
    assert (found.gaps, found.gap_m2, found.sure_share) == (1, pytest.approx(100.0), 0.0)
    lines = layer([shapely.LineString([(X, Y), (X + 5, Y)])], rank=[1])
    assert ground_figures(square, none, lines, possible) is None
    assert np.isnan(ground_figures(shapely.box(X + 90, Y, X + 99, Y + 9), none, gaps, possible).sure_share)  # type: ignore[union-attr]
