"""Grade barriers by class (rule V2)."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geo.errors import CrsMismatch
from geo.planning.barriers import barrier_lines

LINE = shapely.LineString([(0, 0), (100, 0)])


def layer(*classes: str | None, crs: int = 4547) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"class": list(classes)}, geometry=[LINE] * len(classes), crs=crs)


def test_words_of_registers_and_of_openstreetmap_have_one_grade() -> None:
    assert barrier_lines(layer("省道", "primary", "primary_link", "人行道", None, "village_way"))[1].tolist() == [
        5.0, 5.0, 5.0, 0.2, 1.5, 1.0,
    ]  # fmt: skip


def test_what_is_not_built_or_underground_is_no_barrier() -> None:
    assert len(barrier_lines(layer("tunnel", "construction", "proposed"))[0]) == 0


def test_multipart_lines_and_water_by_its_border() -> None:
    water = gpd.GeoDataFrame({"class": ["river"]}, geometry=[shapely.box(0, 0, 10, 10)], crs=4547)
    way = gpd.GeoDataFrame({"class": ["service"]}, geometry=[shapely.MultiLineString([LINE, LINE.reverse()])], crs=4547)
    lines, grade = barrier_lines(way, water, None)
    assert (len(lines), grade.tolist()) == (3, [0.5, 0.5, 8.0])
    assert shapely.length(lines).tolist() == [100, 100, 40]


def test_layers_of_other_crs_are_refused() -> None:
    with pytest.raises(CrsMismatch):
        barrier_lines(layer("primary"), layer("primary", crs=4548))
