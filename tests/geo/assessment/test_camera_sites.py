"""Sites: rows of one pole are one site (rule B4), on frames of a few rows and against a plain dictionary."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.assessment.camera_sites import Sites, sites_of
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


def test_a_mask_names_sites_and_not_rows() -> None:
    sites = sites_of(THREE)
    assert sites.mask_of(["pole"]).tolist() == [False, True]
    assert sites.mask_of([]).tolist() == [False, False]
    with pytest.raises(NotFound, match="c, d"):
        sites.mask_of(["a", "c", "d"])


def test_arrays_restore_the_sites() -> None:
    sites = sites_of(THREE)
    stored = sites.arrays()
    assert all(value.dtype.kind != "O" for value in stored.values())  # arrays that are stored without pickle
    again = Sites.from_arrays(stored)
    for name in Sites.STORED_NAMES:
        assert getattr(again, name).tolist() == getattr(sites, name).tolist()
    assert again.mask_of(["pole"]).tolist() == [False, True]


rows = st.tuples(st.sampled_from([None, "p", "q", "0"]), st.sampled_from(["online", "offline", "planned"]))


@given(st.lists(rows, min_size=1, max_size=12))
def test_sites_agree_with_a_dictionary(drawn: list[tuple[str | None, str]]) -> None:
    sites = sites_of(cameras(*((str(i), site, status) for i, (site, status) in enumerate(drawn))))
    members: dict[str, list[int]] = {}
    for i, (site, _) in enumerate(drawn):
        members.setdefault(site or str(i), []).append(i)
    assert sites.names.tolist() == list(members)
    for number, at in enumerate(members.values()):
        assert np.flatnonzero(sites.site == number).tolist() == at
        assert sites.first[number] == at[0]
        assert sites.site_online[number] == any(drawn[i][1] == "online" for i in at)
        assert sites.site_offline[number] == any(drawn[i][1] == "offline" for i in at)
