"""Properties of every incidence: consistent sums, the same bits, no influence of tile borders (rule C3)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.assessment.area_of_interest import domain
from geo.assessment.figures import coverage, outage, totals, zone_metrics
from geo.assessment.gaps import gaps
from geo.assessment.incidence import Incidence, incidence
from geo.catalog.results import FIGURES
from geo.visibility.views import Views
from tests.geo.ascii_drawing import CRS, at, camera, drawn, rect, shift, zone_frame

low, size = st.integers(0, 30), st.integers(1, 25)
box = st.builds(lambda x, y, w, h: (x, y, min(x + w, 40), min(y + h, 40)), low, low, size, size)
cameras = st.lists(
    st.tuples(
        box,
        box,
        st.sampled_from(["online", "online", "offline", "planned", "unknown"]),
        st.integers(0, 4),
        st.sampled_from([None, 1, 2, 3]),
    ),
    max_size=7,
)


def built(rows: list[tuple], moved: tuple[float, float] = (0, 0), names: list[int] | None = None) -> Views:
    """Cameras c0, c1, ... of the rows; all of one site stand at one place."""
    made = []
    for i, (sure, more, status, site, rank) in zip(names or range(len(rows)), rows, strict=True):
        shape = shift(rect(*sure), *moved)
        made.append(
            camera(
                f"c{i}",
                shape,
                shapely.union(shape, shift(rect(*more), *moved)),
                status=status,
                site=f"s{site}",
                place=shift(at(site * 9, site * 9), *moved),
                **{"class": rank},
            )
        )
    return drawn(*made)


def grid(moved: tuple[float, float] = (0, 0)) -> gpd.GeoDataFrame:
    return zone_frame(
        [shift(rect(i * 20, j * 20, i * 20 + 20, j * 20 + 20), *moved) for i in range(2) for j in range(2)]
    )


@settings(max_examples=30)
@given(cameras)
def test_every_figure_against_a_raster(rows: list[tuple]) -> None:
    """Unit squares are all in or all out, so counting their middles is exact."""
    moved = (980, 980)  # over the corner of four tiles
    model = incidence(built(rows, moved), grid(moved))
    x, y = np.meshgrid(np.arange(40) + 0.5, np.arange(40) + 0.5)

    def inside(b: tuple[int, int, int, int]) -> np.ndarray:
        return (x > b[0]) & (x < b[2]) & (y > b[1]) & (y < b[3])

    online = [row for row in rows if row[2] == "online"]
    sites = {row[3] for row in online}
    none = np.zeros(x.shape, int)
    k = sum((np.any([inside(r[0]) for r in online if r[3] == s], axis=0).astype(int) for s in sites), none)
    could = sum((inside(r[0]) | inside(r[1]) for r in rows if r[2] in ("online", "unknown")), none) > 0
    rank = [sum((inside(r[0]) for r in online if r[4] == c), none) > 0 for c in (1, 2, 3)]
    frame = zone_metrics(model)
    for z, (i, j) in enumerate((i, j) for i in range(2) for j in range(2)):
        mine = np.zeros(x.shape, bool)
        mine[j * 20 : j * 20 + 20, i * 20 : i * 20 + 20] = True
        row = frame.iloc[z]
        expected = [400, 400, *((m & mine).sum() for m in (k > 0, could))]
        expected += [(m & mine).sum() / 400 for m in (k > 0, could, k > 1, k > 2)]
        expected += [(m & mine).sum() / 400 if any(r[4] == c for r in rows) else np.nan for c, m in enumerate(rank, 1)]
        expected += [((k == 0) & mine).sum()]
        assert row[list(FIGURES[:12])].tolist() == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert row["seeing"] == len({r[3] for r in online if (inside(r[0]) & mine).any()})
    dissolved = coverage(model).area
    assert dissolved.tolist() == pytest.approx([(k == 1).sum(), (k == 2).sum(), (k > 2).sum()], abs=1e-9)


@settings(max_examples=30)
@given(cameras, st.sets(st.integers(0, 6)))
def test_an_outage_of_any_cameras_is_an_analysis_without_them(rows: list[tuple], down: set[int]) -> None:
    model = incidence(built(rows), grid())
    names = [i for i in range(len(rows)) if i not in down]
    again = incidence(built([rows[i] for i in names], names=names), grid())
    gone = [f"c{i}" for i in down if i < len(rows)]
    for layer in ("grids", "all"):
        found = outage(model, gone, layer)[list(FIGURES)].to_numpy(float)
        # a class that has no camera any more has no share in an analysis, and 0 in an outage
        left = np.where(np.isnan(figures(again, layer)) & (found == 0), 0.0, figures(again, layer))
        np.testing.assert_allclose(found, left, atol=1e-9)


@settings(max_examples=30)
@given(cameras, st.sets(st.integers(0, 4)))
def test_invariants(rows: list[tuple], down: set[int]) -> None:
    model = incidence(built(rows), grid())
    parts, whole = zone_metrics(model), zone_metrics(model, "all").iloc[0]
    for name in ("domain_m2", "domain_weight", "sure_m2", "possible_m2", "gap_m2"):
        assert parts[name].sum() == pytest.approx(whole[name], rel=1e-9, abs=1e-9)
    assert (parts["sure_m2"] <= parts["possible_m2"] + 1e-9).all()
    assert (parts[["k2_share", "c1_share", "c2_share", "c3_share"]].max(axis=1) <= parts["sure_share"] + 1e-12).all()
    frame = gaps(model)
    assert frame["area_m2"].sum() + frame.attrs["small_m2"] + whole["sure_m2"] == pytest.approx(
        whole["domain_m2"], rel=1e-9
    )
    assert shapely.is_valid(frame.geometry).all()
    assert frame["rank"].tolist() == list(range(1, len(frame) + 1))
    there = {row[3] for row in rows}
    gone = outage(model, [f"s{i}" for i in down & there])
    for name in ("sure_share", "possible_share", "k2_share", "k3_share", "c1_share", "c2_share", "c3_share"):
        assert (gone[name].fillna(0) <= parts[name].fillna(0) + 1e-12).all()
    # an outage has the figures of an incidence without those rows
    left = [row for row in rows if row[3] not in down]
    again = zone_metrics(incidence(built(left), grid()))
    found, expected = gone[list(FIGURES)].to_numpy(float), again[list(FIGURES)].to_numpy(float)
    np.testing.assert_allclose(found, np.where(np.isnan(expected) & (found == 0), 0.0, expected), atol=1e-9)


def town(moved: tuple[float, float] = (0, 0)) -> tuple[Views, gpd.GeoDataFrame]:
    """Return 120 round views with corners cut off, over 25 zones of 300 m."""
    rng = np.random.default_rng(6)
    made = []
    for i, (x, y, r) in enumerate(rng.uniform([0, 0, 20], [1500, 1500, 120], (120, 3))):
        shape = shapely.Point(x + 500_000 + moved[0], y + 4_000_000 + moved[1]).buffer(r)
        cut = shapely.box(*(shape.bounds[:2]), shape.bounds[0] + r, shape.bounds[1] + r)
        made.append(camera(f"c{i:03d}", shapely.difference(shape, cut), shape, **{"class": int(i % 3 + 1)}))
    zones = [shift(rect(i * 300, j * 300, i * 300 + 300, j * 300 + 300), *moved) for i in range(5) for j in range(5)]
    return drawn(*made), zone_frame(zones)


def figures(model: Incidence, layer: str) -> np.ndarray:
    return zone_metrics(model, layer)[list(FIGURES)].to_numpy(float)


def test_half_a_tile_further_on_everything_is_the_same() -> None:
    here, there = (incidence(*town(moved)) for moved in ((0, 0), (500, 500)))
    np.testing.assert_allclose(figures(here, "all"), figures(there, "all"), rtol=1e-9)
    np.testing.assert_allclose(figures(here, "grids"), figures(there, "grids"), rtol=1e-7)
    a, b = gaps(here), gaps(there)
    assert len(a) == len(b)
    np.testing.assert_allclose(np.sort(a["area_m2"]), np.sort(b["area_m2"]), atol=1e-3)


def test_same_bits_for_any_workers_and_any_order_of_rows() -> None:
    views, zones = town()
    rng = np.random.default_rng(7)
    order = rng.permutation(len(views.cameras))
    rows = [
        camera(
            views.cameras["id"].iloc[i],
            views.sure_metric[i],
            views.possible_metric[i],
            **{"class": int(views.cameras["class"].iloc[i])},
        )
        for i in order
    ]
    first = incidence(views, zones, workers=1)
    for other in (
        incidence(views, zones, workers=1),
        incidence(views, zones, workers=2),
        incidence(drawn(*rows), zones),
    ):
        for layer in ("grids", "all"):
            assert (figures(other, layer) == figures(first, layer)).all()
        one, two = gaps(first), gaps(other)
        assert (
            one[["grid", "area_m2", "weight", "lon", "lat"]] == two[["grid", "area_m2", "weight", "lon", "lat"]]
        ).all(axis=None)
        assert shapely.equals_identical(one.geometry.to_numpy(), two.geometry.to_numpy()).all()
        assert first.to_bytes() == other.to_bytes() or other.sites.ids[0] != first.sites.ids[0]


def test_same_bits_for_any_order_of_zones_roads_and_obstacles() -> None:
    views, zones = town()
    rng = np.random.default_rng(8)
    ends = rng.uniform(0, 1500, (20, 2, 2)) + np.array([500_000, 4_000_000])
    roads = gpd.GeoDataFrame({"id": [f"r{i}" for i in range(20)]}, geometry=shapely.linestrings(ends), crs=CRS)
    bars = [rect(x, y, x + 20, y + 30) for x, y in rng.uniform(0, 1400, (40, 2))]
    house = gpd.GeoDataFrame({"id": [f"h{i}" for i in range(40)]}, geometry=bars, crs=CRS)

    def answers(zones: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, house: gpd.GeoDataFrame) -> list[np.ndarray]:
        out = []
        for wanted in (domain(roads=roads, obstacles=house), domain("all", zones=zones, obstacles=house)):
            model = incidence(views, zones, wanted)
            out += [zone_metrics(model).sort_values("code")[list(FIGURES)].to_numpy(float), figures(model, "all")]
            out += [gaps(model)[["area_m2", "weight", "lon", "lat"]].to_numpy(float)]
        return out

    first = answers(zones, roads, house)
    again = answers(*(frame.iloc[rng.permutation(len(frame))] for frame in (zones, roads, house)))
    for one, two in zip(first, again, strict=True):
        assert np.array_equal(one, two, equal_nan=True)


def test_totals_agree_with_geos_overlays() -> None:
    views, zones = town()
    streets = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(500_000, 4_000_000 + y), (501_500, 4_000_300 + y)]) for y in range(0, 1500, 90)],
        crs=CRS,
    )
    house = gpd.GeoDataFrame(
        {"height": [5.0] * 20}, geometry=[rect(x, x, x + 40, x + 30) for x in range(0, 1400, 70)], crs=CRS
    )
    wanted = domain(roads=streets, obstacles=house)
    model = incidence(views, zones, wanted)
    union = shapely.difference(
        shapely.union_all(streets.buffer(7.5, cap_style="flat").to_numpy()),
        shapely.union_all(house.geometry.to_numpy()),
    )
    cells = shapely.intersection(zones.geometry.to_numpy(), union)
    seen = shapely.union_all(views.sure_metric)
    frame = zone_metrics(model)
    np.testing.assert_allclose(frame["domain_m2"], shapely.area(cells), rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(frame["sure_m2"], shapely.area(shapely.intersection(cells, seen)), rtol=1e-6, atol=1e-3)
    assert totals(model)["domain_m2"] == pytest.approx(shapely.area(cells).sum(), rel=1e-6)
