"""Rows of cameras come and go in their order, and only the sites of changed names are grouped again."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.assessment._camera_rows import CameraRows, rows_of_views
from geo.assessment.camera_sites import Sites, sites_of
from geo.assessment.zones import Zones
from geo.visibility.views import views


def rows(placed: dict[str, tuple[str | None, float]]) -> CameraRows:
    """Cameras with the name of their site, so many metres along a street."""
    fields = {"id": list(placed), "site": [site for site, _ in placed.values()], "azimuth": 0.0}
    points = [shapely.Point(500_000 + x, 4_000_000) for _, x in placed.values()]
    return rows_of_views(views(gpd.GeoDataFrame(fields, geometry=points, crs=4547)), Zones())


def sites(given_rows: CameraRows) -> Sites:
    fields = {"id": given_rows.ids, "site": given_rows.names, "status": given_rows.status}
    return sites_of(gpd.pd.DataFrame(fields), given_rows.xy)


def gone(given_rows: CameraRows, *ids: str) -> np.ndarray:
    return np.isin(given_rows.ids.astype(str), ids)


@pytest.mark.parametrize(
    ("order", "expected"), [(["a", "c", "e"], ["a", "b", "c", "d"]), (["e", "c", "a"], ["c", "a", "d", "b"])]
)
def test_new_rows_come_by_their_id_where_the_old_ones_do_else_last(order: list[str], expected: list[str]) -> None:
    before = rows(dict.fromkeys(order, (None, 0.0)))
    after, now_at, added_at = before.with_changes(gone(before, "e"), rows({"d": (None, 1.0), "b": (None, 2.0)}))
    assert after.ids.tolist() == expected
    assert now_at.tolist() == [expected.index(one) if one != "e" else -1 for one in order]
    assert added_at.tolist() == [expected.index("d"), expected.index("b")]


def test_a_row_of_a_known_id_takes_its_place() -> None:
    before = rows({"b": (None, 0.0), "a": (None, 1.0)})
    after, now_at, added_at = before.with_changes(gone(before), rows({"b": (None, 90.0)}))
    assert (after.ids.tolist(), now_at.tolist(), added_at.tolist()) == (["b", "a"], [-1, 1], [0])
    assert after.xy[0, 0] == 500_090.0


#: Up to eight cameras of two poles along a street; 40 m is near enough to be one pole, 60 m is not (rule B4).
street = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.tuples(st.sampled_from(["p", "q", None]), st.sampled_from([0.0, 40.0, 80.0, 140.0])),
    min_size=1,
    max_size=8,
)


@given(street, street, st.sets(st.sampled_from("abcdefgh")))
def test_sites_grouped_again_are_those_of_all_rows(
    first: dict[str, tuple[str | None, float]], second: dict[str, tuple[str | None, float]], away: set[str]
) -> None:
    before = rows(dict(sorted(first.items())))
    added = rows(second)
    after, now_at, _ = before.with_changes(gone(before, *away), added)
    found, expected = after.sites(sites(before), now_at), sites(after)
    for name in ("ids", "site", "names", "first", "online", "site_online", "camera_class"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist(), name
