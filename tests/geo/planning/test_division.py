"""Divide towns that can be counted on paper, and hold what every division must be (rules V1 to V4)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadValue, CrsMismatch
from geo.planning.division import Division, divide

CRS = 4547
AWAY = (500_000.0, 4_000_000.0)  # where that CRS is true to scale


def frame(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    """Return a frame of shapes drawn near the origin, moved to where their CRS holds."""
    return gpd.GeoDataFrame(
        columns, geometry=list(shapely.transform(np.array(shapes, object), lambda xy: xy + AWAY)), crs=CRS
    )


def village(*shapes: shapely.Geometry, **columns: object) -> gpd.GeoDataFrame:
    shapes = shapes or (shapely.box(0, 0, 400, 200),)
    codes = [f"v{k}" for k in range(len(shapes))]
    return frame(list(shapes), code=codes, name=[f"{k}村" for k in range(len(shapes))], **columns)


def houses(*rows: tuple[float, float, float]) -> gpd.GeoDataFrame:
    """Return squares of 10 m round x, y, each with its households."""
    return frame([shapely.box(x - 5, y - 5, x + 5, y + 5) for x, y, _ in rows], households=[n for *_, n in rows])


def roads(*rows: tuple[str, list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    return frame([shapely.LineString(xy) for _, xy in rows], **{"class": [name for name, _ in rows]})


def check(found: Division, units: gpd.GeoDataFrame) -> None:
    """Hold a division to rule V1: a coverage of the units, each grid one piece of one unit."""
    shapes = found.grids.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert (shapely.get_type_id(shapes) == 3).all()
    for code, unit in zip(units["code"], units.geometry, strict=True):
        own = shapes[(found.grids["village"] == code).to_numpy()]
        assert shapely.hausdorff_distance(shapely.coverage_union_all(own), unit) < 0.002


def test_grids_follow_the_main_road_and_not_the_lane() -> None:
    units = village()
    ways = roads(("primary", [(250, -10), (250, 210)]), ("footway", [(200, -10), (200, 210)]))
    found = divide(
        units, roads=ways, buildings=houses((50, 50, 200), (150, 150, 100), (230, 100, 100), (350, 100, 400))
    )
    check(found, units)
    assert found.grids["area_m2"].tolist() == [50_000, 30_000]
    assert found.grids["households"].tolist() == [400, 400]
    assert found.grids["name"].tolist() == ["0村第一网格", "0村第二网格"]
    assert found.building_grid.tolist() == [0, 0, 0, 1]
    # The lane of 200 m and grade 0.2 lies within a grid: 0.04 km.
    assert found.terms["barrier"] == pytest.approx(0.04)
    assert len(found.unmet) == 0


def test_ground_without_roads_is_divided_midway_between_houses() -> None:
    units = village()
    found = divide(units, buildings=houses(*((x, 100, 50) for x in range(25, 400, 50))), size=(150, 250))
    check(found, units)
    assert found.grids["households"].tolist() == [200, 200]
    assert found.grids["area_m2"].tolist() == [40_000, 40_000]


def test_a_village_without_buildings_is_divided_by_area() -> None:
    units = village(households=[800])
    found = divide(units, size=(300, 500))
    check(found, units)
    assert found.spread == ["v0"]
    # 800 households in atoms of at most 500 / 8: a lattice of 5 by 3, cut after the second column.
    assert found.grids["households"].tolist() == [320, 480]


def test_rural_villages_have_their_own_band() -> None:
    units = village(
        shapely.box(0, 0, 100, 100),
        shapely.box(100, 0, 200, 100),
        households=[300, 300],
        urban_rural=["urban", "rural"],
    )
    found = divide(units, size=(300, 500), rural=(80, 160))
    check(found, units)
    assert found.grids["village"].tolist() == ["v0", "v1", "v1"]


def test_a_school_is_a_dedicated_grid_of_its_own() -> None:
    units = village()
    school = frame([shapely.box(0, 0, 60, 60)], name=["一小"])
    found = divide(units, dedicated=school, buildings=houses((30, 30, 20), (200, 100, 300)))
    check(found, units)
    assert found.grids[["name", "kind", "area_m2", "households"]].to_numpy().tolist() == [
        ["0村第一网格", "general", 76_400, 300], ["一小", "dedicated", 3_600, 20],
    ]  # fmt: skip


def test_what_no_division_can_meet_is_told_with_its_reason() -> None:
    units = village(shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100))
    found = divide(units, buildings=houses((50, 50, 250), (150, 50, 700)))
    assert found.unmet[["village", "figure", "why"]].to_numpy().tolist() == [
        ["v0", 250.0, "total"],
        ["v1", 700.0, "building"],
    ]
    tower = divide(village(), buildings=houses((50, 50, 600), (350, 50, 300)))
    assert tower.unmet["why"].tolist() == ["building"]


def test_houses_without_a_figure_share_what_their_village_has_left() -> None:
    rows = houses((50, 50, 200), (350, 100, 0), (360, 150, 0))
    rows["households"] = [200, None, None]
    found = divide(village(households=[600]), buildings=rows, size=(150, 450))
    assert found.loads is not None
    assert (found.loads.told, found.loads.shared) == (1, 2)
    assert found.grids["households"].sum() == 600


def test_few_buildings_move_when_grids_are_redivided() -> None:
    # Twenty grids of ten houses with 40 households; five of them have 48 a house: 480 of at most 450.
    cells = [shapely.box(100 * x, 100 * y, 100 * x + 100, 100 * y + 100) for y in range(4) for x in range(5)]
    present = frame(cells, code=[f"g{k:02d}" for k in range(20)])
    rows = []
    for k, cell in enumerate(cells):
        west, south = cell.bounds[:2]
        figure = 48 if k in (0, 4, 9, 12, 18) else 40
        rows += [(west + 10 + 20 * (n % 5), south + 25 + 50 * (n // 5), figure) for n in range(10)]
    units = village(shapely.box(0, 0, 500, 400))
    found = divide(units, buildings=houses(*rows), present=present, size=(300, 450))
    check(found, units)
    assert len(found.unmet) == 0
    kept = [found.grids["present"].iloc[found.building_grid[n]] == f"g{n // 10:02d}" for n in range(200)]
    assert sum(kept) >= 195
    locked = divide(units, buildings=houses(*rows), present=present, size=(300, 450), locked=["g00"])
    assert locked.grids.set_index("present").loc["g00", "households"] == 480


def test_a_building_on_the_border_of_villages_is_listed() -> None:
    units = village(shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100))
    found = divide(units, buildings=houses((50, 50, 300), (99, 20, 300), (150, 50, 300)))
    assert found.cut.tolist() == [1]


def test_overlapping_villages_are_refused_by_name() -> None:
    with pytest.raises(BadValue, match="0村 and 1村: 1000 m2"):
        divide(village(shapely.box(0, 0, 100, 100), shapely.box(90, 0, 200, 100), households=[300, 300]))


def test_nothing_to_divide_by_and_other_crs_are_refused() -> None:
    with pytest.raises(BadValue, match="nothing to divide by"):
        divide(village())
    with pytest.raises(CrsMismatch):
        divide(village(), buildings=houses((50, 50, 300)).set_crs(4548, allow_override=True))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=12, deadline=None)
def test_every_division_covers_its_villages_and_keeps_every_household(seed: int) -> None:
    rng = np.random.default_rng(seed)
    units = village(
        shapely.box(0, 0, 300, 300),
        shapely.Polygon([(300, 0), (600, 0), (600, 150), (450, 150), (450, 300), (300, 300)]),
    )
    ways = [
        ("residential", [(float(a), float(b)), (float(c), float(d))]) for a, b, c, d in rng.integers(-20, 620, (6, 4))
    ]
    at = rng.integers(1, 40, (30, 2)) * 15.0
    rows = [(x, y, int(rng.integers(0, 120))) for x, y in np.unique(at, axis=0).tolist()]
    found = divide(units, roads=roads(*ways), buildings=houses(*rows))
    check(found, units)
    inside = found.building_grid >= 0
    assert found.grids["households"].sum() == sum(
        n for (*_, n), here in zip(rows, inside.tolist(), strict=True) if here
    )
    assert found.bound <= found.value + 1e-9
    again = divide(units, roads=roads(*ways), buildings=houses(*rows))
    assert shapely.to_wkb(again.grids.geometry).tolist() == shapely.to_wkb(found.grids.geometry).tolist()
