"""Hold classes by quantiles and natural breaks to answers on paper, and to every other way of cutting a few values."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.catalog.papers import CLASS_SCHEMES
from geo.errors import UnknownName
from maps.style.class_schemes import dominant_class, edges_text, natural_breaks, scheme_classes
from maps.style.coverage_classes import CLASSES, NO_DATA, ZERO, coverage_class


def squares(values: np.ndarray, ends: tuple[int, ...]) -> float:
    """Return the sum of squared differences from the means of the classes that end before these places."""
    return sum(float(((part - part.mean()) ** 2).sum()) for part in np.split(np.sort(values), ends) if len(part))


@given(st.lists(st.integers(0, 60), min_size=1, max_size=10), st.integers(1, 5))
def test_no_other_cut_has_smaller_squares(found, classes):
    values = np.array(found, dtype=float)
    edges = natural_breaks(values, classes)
    distinct = np.unique(values)
    assert len(edges) == min(classes, len(distinct))
    assert set(edges) <= set(values)
    ends = tuple(int(np.searchsorted(np.sort(values), edge, side="right")) for edge in edges[:-1])
    least = min(
        squares(values, cut)
        for cut in combinations(range(1, len(values)), min(classes, len(values)) - 1)
    )  # fmt: skip
    assert squares(values, ends) <= least + 1e-9


def test_breaks_of_two_clusters_are_between_them():
    assert natural_breaks([0.01, 0.02, 0.03, 0.9, 0.95], 2).tolist() == [0.03, 0.95]


def test_fixed_is_as_it_was():
    shares = [np.nan, 0.0, 0.2, 0.21, 1.0]
    found, classes = scheme_classes(shares, "fixed")
    assert found.tolist() == coverage_class(shares).tolist()
    assert classes is CLASSES


def test_quantiles_have_as_many_zones_each():
    shares = np.arange(1, 11) / 100
    found, classes = scheme_classes([np.nan, 0.0, *shares], "quantile")
    assert found.tolist() == [NO_DATA, ZERO, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [one.zh for one in classes[:5]] == ["8–10 %", "6–8 %", "4–6 %", "2–4 %", ">0–2 %"]
    assert [one.code for one in classes] == [5, 4, 3, 2, 1, ZERO, NO_DATA]


@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=60), st.sampled_from(CLASS_SCHEMES))
def test_every_share_is_in_the_class_that_the_legend_tells(found, scheme):
    shares = np.array(found, dtype=float)
    codes, classes = scheme_classes(shares, scheme)
    told = {one.code: one for one in classes}
    for share, code in zip(shares.tolist(), codes.tolist(), strict=True):
        if np.isnan(share):
            assert code == NO_DATA
        elif share == 0:
            assert code == ZERO
        else:
            assert told[code].low < share <= told[code].high


def test_few_values_keep_the_lightest_and_the_darkest():
    found, classes = scheme_classes([0.1, 0.1, 0.9], "natural")
    assert found.tolist() == [1, 1, 5]
    assert [one.en for one in classes[:2]] == ["10–90 %", ">0–10 %"]
    assert scheme_classes([0.5], "natural")[0].tolist() == [5]
    assert scheme_classes([np.nan, 0.0], "quantile")[0].tolist() == [NO_DATA, ZERO]


def test_two_thirds_in_one_class_are_seen():
    assert dominant_class([1, 1, 3]) == 1
    assert dominant_class([1, 1, 3, 3]) is None
    assert dominant_class([NO_DATA] * 9 + [2, 2, 3]) == 2


def test_edges_are_told_in_one_line():
    assert edges_text(scheme_classes(np.arange(1, 11) / 100, "quantile")[1]) == "0 / 2 / 4 / 6 / 8 / 10 %"


def test_an_unknown_scheme_is_refused():
    with pytest.raises(UnknownName, match="fixed"):
        scheme_classes([0.5], "equal")
