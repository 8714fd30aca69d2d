"""Hold a status that is not understood to rule U1: offline for what is sure, online for what is possible."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.assessment.area_of_interest import camera_discs, domain
from geo.assessment.figures import outage, totals, zone_metrics
from geo.assessment.gaps import gaps
from geo.assessment.incidence import Incidence, incidence
from geo.catalog.results import FIGURES
from geo.visibility.views import Views
from geo.visibility.views import views as views_of
from tests.geo.ascii_drawing import CRS, at, camera, drawn, line, rect, zone_frame
from tests.geo.assessment.four_squares import SQUARES

POSSIBLE = [name for name in FIGURES if name.startswith("possible_")]
OTHERS = [name for name in FIGURES if name not in POSSIBLE]


def four() -> Views:
    """Four cameras on the four squares of 10 m (C D over A B).

    a  class 1, online, sees x 0-5 of A (50)
    u  class 2, unknown, sees x 0-10 of A (100): it is not sure of any of it
    p  class 3, unknown, one pole with the online q, sees all of B (100)
    q  class 1, online, sees x 10-15 of B (50), possibly all of B
    o  offline, sees all of D, of which x 10-15 (50) is in what w, unknown, could see
    """
    return drawn(
        camera("a", rect(0, 0, 5, 10), **{"class": 1}),
        camera("u", rect(0, 0, 10, 10), status="unknown", **{"class": 2}),
        camera("p", rect(10, 0, 20, 10), status="unknown", site="pole", place=at(15, 5), **{"class": 3}),
        camera("q", rect(10, 0, 15, 10), rect(10, 0, 20, 10), site="pole", place=at(15, 5), **{"class": 1}),
        camera("o", rect(10, 10, 20, 20), status="offline"),
        camera("w", None, rect(5, 10, 15, 20), status="unknown"),
    )


@pytest.fixture(scope="module")
def model() -> Incidence:
    return incidence(four(), zone_frame(SQUARES))


def test_figures_on_paper(model: Incidence) -> None:
    frame = zone_metrics(model).set_index("code")
    assert frame["sure_m2"].to_dict() == {"C": 0, "D": 0, "A": 50, "B": 50}
    assert frame["possible_m2"].to_dict() == {"C": 50, "D": 50, "A": 100, "B": 100}
    assert (frame[["k2_share", "c2_share", "c3_share"]] == 0).all(axis=None)
    assert frame["c1_share"].to_dict() == {"C": 0, "D": 0, "A": 0.5, "B": 0.5}
    # u and w are neither online nor offline sites; the pole of p and q is online by q
    counts = frame.loc[["A", "B", "C", "D"], ["cameras", "offline", "seeing"]].to_numpy().tolist()
    assert counts == [[1, 0, 1], [1, 0, 1], [0, 0, 0], [0, 1, 0]]


def test_gaps_on_paper(model: Incidence) -> None:
    """Of each gap the half that a camera of unknown status may see; where an offline one surely sees, that is first."""
    frame = gaps(model).set_index("grid")
    assert frame["possible_share"].round(9).to_dict() == {"C": 0.5, "D": 0.5, "A": 1, "B": 1}
    assert frame["cause"].to_dict() == {"C": "unknown", "D": "offline", "A": "unknown", "B": "unknown"}
    assert frame["camera"].to_dict() == {"C": "w", "D": "o", "A": "u", "B": "p"}


def test_an_outage_of_an_unknown_row_changes_what_is_possible_only(model: Incidence) -> None:
    before = zone_metrics(model).set_index("code")
    for kept in (model, Incidence.from_bytes(model.to_bytes(), {"grids": zone_metrics(model)})):
        after = outage(kept, ["u", "w"]).set_index("code")
        assert after[OTHERS].equals(before[OTHERS])
        assert after["possible_m2"].to_dict() == {"C": 0, "D": 0, "A": 50, "B": 100}
        # one lens of the pole: its other lens may see all of B; without that one too, nothing
        assert outage(kept, ["p"]).drop(columns="geometry").equals(zone_metrics(model).drop(columns="geometry"))
        left = outage(kept, ["q"]).set_index("code").loc["B"]
        assert left[["sure_m2", "possible_m2", "cameras", "offline", "seeing"]].tolist() == [0, 100, 0, 0, 0]
        assert outage(kept, ["pole"]).set_index("code").loc["B", "possible_m2"] == 0


def test_the_domain_without_zones_is_the_discs_of_online_cameras() -> None:
    views = drawn(
        camera("a", rect(0, 0, 5, 5), place=at(0, 0), hfov=90, width_px=500, height=1.6),
        camera("u", rect(90, 0, 95, 5), place=at(90, 0), hfov=90, width_px=500, height=1.6, status="unknown"),
    )
    assert len(camera_discs(views)) == 1
    found = totals(incidence(views))
    assert found["domain_m2"] == pytest.approx(np.pi * 10**2, rel=0.02)
    assert found["possible_m2"] == pytest.approx(25)


@pytest.mark.parametrize("kind", ["points", "lines"])
def test_demand_points_and_lines(kind: str) -> None:
    shapes = [at(2, 5), at(8, 5), at(18, 5), at(18, 18)] if kind == "points" else [line((0, 5), (20, 5))]
    demand = gpd.GeoDataFrame({"id": range(len(shapes))}, geometry=shapes, crs=CRS)
    model = incidence(four(), zone_frame(SQUARES), domain(demand=demand))
    whole = totals(model)
    expected = (0.25, 0.75) if kind == "points" else (0.5, 1.0)
    assert (whole["sure_share"], whole["possible_share"]) == pytest.approx(expected)
    shares = gaps(model).set_index("grid")["possible_share"]
    assert shares.to_dict() == ({"A": 1, "B": 1, "D": 0} if kind == "points" else {"A": 1, "B": 1})


low, size = st.integers(0, 30), st.integers(1, 25)
box = st.builds(lambda x, y, w, h: (x, y, min(x + w, 40), min(y + h, 40)), low, low, size, size)
cameras = st.lists(
    st.tuples(
        box, box, st.sampled_from(["online", "offline", "planned", "unknown", "unknown"]), st.integers(0, 4),
        st.sampled_from([None, 1, 2, 3]),
    ),
    max_size=7,
)  # fmt: skip
GRID = zone_frame([rect(i * 20, j * 20, i * 20 + 20, j * 20 + 20) for i in range(2) for j in range(2)])


def built(rows: list[tuple], instead: str | None) -> Incidence:
    """Rows of unknown status get another one; None leaves them away."""
    made = []
    for i, (sure, more, given_status, site, rank) in enumerate(rows):
        status = instead if given_status == "unknown" else given_status
        if status is not None:
            both = shapely.union(rect(*sure), rect(*more))
            fields = {"status": status, "site": f"s{site}", "place": at(site * 9, site * 9), "class": rank}
            made.append(camera(f"c{i}", rect(*sure), both, **fields))
    return incidence(drawn(*made), GRID)


@settings(max_examples=25)
@given(cameras)
def test_unknown_is_absent_for_sure_and_online_for_possible(rows: list[tuple]) -> None:
    for layer in ("grids", "all"):
        found, absent, online = (
            zone_metrics(built(rows, status), layer) for status in ("unknown", None, "online")
        )  # fmt: skip
        # a class that no camera has has no share; one that only cameras of unknown status have has 0
        expected = absent[OTHERS].to_numpy(float)
        got = found[OTHERS].to_numpy(float)
        np.testing.assert_allclose(got, np.where(np.isnan(expected) & (got == 0), 0.0, expected), atol=1e-9)
        np.testing.assert_allclose(found[POSSIBLE].to_numpy(float), online[POSSIBLE].to_numpy(float), atol=1e-9)
        assert (found["sure_m2"] <= found["possible_m2"] + 1e-9).all()
        for name in ("sure_m2", "sure_share", "k2_share", "k3_share", "cameras", "seeing"):
            assert (online[name] >= found[name] - 1e-9).all()


@settings(max_examples=15)
@given(cameras)
def test_gaps_are_those_without_the_row(rows: list[tuple]) -> None:
    found, absent = gaps(built(rows, "unknown")), gaps(built(rows, None))
    weights = [sorted(frame["weight"].round(6)) for frame in (found, absent)]
    assert weights[0] == pytest.approx(weights[1], abs=1e-5)
    assert found["possible_share"].between(0, 1).all()


def test_possible_by_brute_force_among_houses() -> None:
    """Computed views of all kinds of cameras; every area is cut and united with shapely."""
    rng = np.random.default_rng(14)
    corner = rng.uniform(0, 180, (20, 2))
    houses = [rect(x, y, x + 12, y + 9) for x, y in corner]
    height = np.where(rng.random(20) < 0.3, np.nan, rng.uniform(3, 12, 20))
    n = 10
    records = gpd.GeoDataFrame(
        {
            "id": [f"c{i}" for i in range(n)],
            "azimuth": np.where(rng.random(n) < 0.3, np.nan, rng.uniform(0, 360, n)),
            "kind": ["fixed", "ptz", "fixed", "panoramic", "fixed"] * 2,
            "status": ["unknown", "unknown", "online", "unknown", "offline"] * 2,
        },
        geometry=[at(x, y) for x, y in rng.uniform(20, 180, (n, 2))],
        crs=CRS,
    )
    obstacles = gpd.GeoDataFrame({"id": range(20), "height": height}, geometry=houses, crs=CRS)
    views = views_of(records, obstacles)
    zones = zone_frame([rect(x, y, x + 100, y + 100) for x in (0, 100) for y in (0, 100)])
    ground = shapely.union_all(houses)
    sure = shapely.union_all(views.sure_metric[records["status"] == "online"])
    possible = shapely.union_all(views.possible_metric[records["status"].isin(["online", "unknown"])])
    frame = zone_metrics(incidence(views, zones))
    for row in frame.itertuples():
        free = shapely.difference(row.geometry, ground)
        assert row.sure_m2 == pytest.approx(shapely.intersection(free, sure).area, abs=0.01)
        assert row.possible_m2 == pytest.approx(shapely.intersection(free, possible).area, abs=0.01)
    assert (frame["possible_m2"] > frame["sure_m2"] + 100).any()
