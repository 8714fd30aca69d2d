"""Sites: rows of one pole are one site (rule B4), on frames of a few rows and against a plain dictionary."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.assessment.camera_sites import Sites, place_numbers, sites_of
from geo.errors import NotFound


def cameras(*rows: tuple[str, str | None, str], **columns: object) -> pd.DataFrame:
    ids, site, status = zip(*rows, strict=True)
    return pd.DataFrame({"id": ids, "site": site, "status": status, **columns})


THREE = cameras(("a", None, "offline"), ("b", "pole", "online"), ("c", "pole", "offline"))


def test_sites_are_numbered_by_their_first_row() -> None:
    sites = sites_of(THREE)
    assert (sites.names.tolist(), sites.site.tolist(), sites.first.tolist()) == (["a", "pole"], [0, 1, 1], [0, 1])
    assert (sites.site_online.tolist(), sites.site_offline.tolist()) == ([False, True], [True, True])
    assert sites.count == 2


def test_a_site_may_have_the_name_of_a_row_without_one() -> None:
    sites = sites_of(cameras(("a", None, "online"), ("b", "a", "online")))
    assert (sites.names.tolist(), sites.site.tolist()) == (["a"], [0, 0])


@pytest.mark.parametrize(("given", "expected"), [(1, 1), ("2", 2), (3.0, 3), (4, 0), (1.5, 0), (None, 0), ("x", 0)])
def test_classes_are_one_two_three_or_none(given: object, expected: int) -> None:
    frame = cameras(("a", None, "online"), **{"class": pd.Series([given], dtype=object)})
    assert sites_of(frame).camera_class.tolist() == [expected]


def test_frames_without_the_optional_columns() -> None:
    sites = sites_of(pd.DataFrame({"id": [2, 1], "status": ["online", "planned"]}))
    assert (sites.ids.tolist(), sites.names.tolist(), sites.camera_class.tolist()) == (["2", "1"], ["2", "1"], [0, 0])
    assert (sites.online.tolist(), sites.site_offline.tolist()) == ([True, False], [False, False])
    assert sites_of(THREE.iloc[:0]).count == 0


def test_names_are_of_sites_or_of_single_rows() -> None:
    sites = sites_of(THREE)
    assert sites.rows_of(["pole"]).tolist() == [False, True, True]
    assert sites.rows_of(["c", "a"]).tolist() == [True, False, True]
    assert sites.rows_of([]).tolist() == [False] * 3
    with pytest.raises(NotFound, match="d, e"):
        sites.rows_of(["a", "d", "c", "e"])


def test_a_site_with_one_row_out_of_sight_is_like_one_that_does_not_exist() -> None:
    sites = sites_of(THREE)
    assert sites.rows_of(["pole"], visible=["b", "c"]).tolist() == [False, True, True]
    for name in ("pole", "b", "c"):
        with pytest.raises(NotFound) as foreign:
            sites.rows_of([name], visible=["a", "b"])
        with pytest.raises(NotFound) as absent:
            sites.rows_of(["nowhere"], visible=["a", "b"])
        for text in ("zh", "en"):
            said, other = getattr(foreign.value, text), getattr(absent.value, text)
            assert said.removesuffix(f" {name}") == other.removesuffix(" nowhere") != other


def test_a_name_of_two_places_is_for_each_caller_the_place_that_it_may_know() -> None:
    rows = cameras(("mine", "P1", "online"), ("theirs", "P1", "online"))
    sites = sites_of(rows, np.zeros((2, 2)), np.array([0, 1]))  # the same spot, in two townships
    assert sites.count == 2
    assert sites.rows_of(["P1"], visible=["mine"]).tolist() == [True, False]
    assert sites.rows_of(["P1"]).tolist() == [True, True]


def test_fifty_metres_are_one_pole_and_a_hair_more_are_two() -> None:
    three = cameras(*((name, "p", "online") for name in "abc"))

    def numbers(*x: float, township: np.ndarray | None = None) -> list[int]:
        return sites_of(three, np.column_stack([x, np.zeros(3)]), township).site.tolist()

    assert numbers(0, 50, 100) == [0, 0, 0], "single linkage: the ends are 100 m apart"
    assert numbers(0, 50.25, 100.25) == [0, 1, 1]
    assert numbers(100, 0, 50.5) == [0, 1, 0]
    assert numbers(0, 10, 20, township=np.array([0, 1, 0])) == [0, 1, 0], "a pole is in one township"
    assert numbers(0, np.nan, np.nan) == [0, 1, 1], "rows without a place are together"


def test_arrays_restore_the_sites() -> None:
    sites = sites_of(THREE)
    stored = sites.arrays()
    assert all(value.dtype.kind != "O" for value in stored.values())  # arrays that are stored without pickle
    again = Sites.from_arrays(stored)
    for name in Sites.STORED_NAMES:
        assert getattr(again, name).tolist() == getattr(sites, name).tolist()
    assert again.rows_of(["pole"]).tolist() == [False, True, True]
    # a run of an earlier version: offline rows are told by site only
    del stored["offline"]
    assert Sites.from_arrays(stored).offline.tolist() == [True, False, True]


places = st.tuples(st.sampled_from("pq"), st.integers(0, 12), st.integers(0, 12), st.sampled_from([-1, 0, 0, 0, 1]))


@given(st.lists(places, max_size=25), st.sampled_from([10.0, 12.5, 49.999, 50.0]), st.booleans())
def test_places_agree_with_pairwise_distances(drawn: list[tuple[str, int, int, int]], step: float, known: bool) -> None:
    """Rule B4 by brute force: every pair of rows is compared."""
    names = np.array([name for name, *_ in drawn], object)
    xy = np.array([(x * step, y * step) for _, x, y, _ in drawn], float).reshape(-1, 2)
    township = np.array([town for *_, town in drawn], np.int64)
    expected = list(range(len(drawn)))
    for i in range(len(drawn)):
        for j in range(i):
            same = names[i] == names[j] and (not known or township[i] == township[j])
            if same and np.hypot(*(xy[i] - xy[j])) <= 50.0:
                low, high = sorted((expected[i], expected[j]))
                expected = [low if one == high else one for one in expected]
    found = place_numbers(names, xy, township if known else None)
    assert found.tolist() == pd.factorize(np.array(expected, np.int64))[0].tolist()


rows = st.tuples(st.sampled_from([None, "p", "q", "0"]), st.sampled_from(["online", "offline", "planned", "unknown"]))


@given(st.lists(rows, min_size=1, max_size=12))
def test_sites_agree_with_a_dictionary(drawn: list[tuple[str | None, str]]) -> None:
    sites = sites_of(cameras(*((str(i), site, status) for i, (site, status) in enumerate(drawn))))
    members: dict[str, list[int]] = {}
    for i, (site, _) in enumerate(drawn):
        members.setdefault(site or str(i), []).append(i)
    assert sites.names.tolist() == list(members)
    assert sites.maybe_online.tolist() == [status in ("online", "unknown") for _, status in drawn]
    assert Sites.from_arrays(sites.arrays()).status_unknown.tolist() == [status == "unknown" for _, status in drawn]
    for number, at in enumerate(members.values()):
        assert np.flatnonzero(sites.site == number).tolist() == at
        assert sites.first[number] == at[0]
        assert sites.site_online[number] == any(drawn[i][1] == "online" for i in at)
        assert sites.site_offline[number] == any(drawn[i][1] == "offline" for i in at)
