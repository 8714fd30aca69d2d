"""Sort shares of coverage into classes by a scheme: fixed edges, quantiles, or natural breaks.

Fixed edges compare between sheets, dates and counties. Where most zones fall into one of them, the other schemes tell
these apart, on one sheet only: quantiles have as many zones in each class, natural breaks are those of Fisher (1958),
"On grouping for maximum homogeneity", doi:10.1080/01621459.1958.10501479: the classes with the least sum of squared
differences from their means. Zero and no data are classes apart in every scheme.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from geo.catalog.papers import CLASS_SCHEMES
from geo.errors import UnknownName
from maps.style.coverage_classes import CLASSES, NO_DATA, ZERO, CoverageClass, coverage_class

#: Classes of a scheme besides zero and no data, as many as there are colours.
_MOST = 5
#: From this share of the zones in one class on, the class says little, and another scheme is offered.
DOMINANT_SHARE = 2 / 3


def scheme_classes(shares: ArrayLike, scheme: str) -> tuple[np.ndarray, tuple[CoverageClass, ...]]:
    """Return the class of each share by a scheme, and the classes, highest first, as a legend has them.

    Parameters
    ----------
    shares
        0 to 1; NaN where the domain is empty.
    scheme
        One of ``geo.catalog.papers.CLASS_SCHEMES``.

    Raises
    ------
    UnknownName
        For another scheme.
    """
    if scheme not in CLASS_SCHEMES:
        raise UnknownName(
            f"没有分级方法 {scheme[:60]}，可用：{'、'.join(CLASS_SCHEMES)}",
            f"no scheme of classes {scheme[:60]}; there are {', '.join(CLASS_SCHEMES)}",
        )
    values = np.asarray(shares, dtype=float)
    seen = values[values > 0]
    if scheme == CLASS_SCHEMES[0] or not len(seen):
        return coverage_class(values), CLASSES
    edges = natural_breaks(seen, _MOST) if scheme == "natural" else _quantiles(seen)
    told = _rounded(seen, edges)
    # Fewer classes than colours keep the lightest and the darkest, and lie evenly between.
    codes = np.rint(np.linspace(1, _MOST, len(edges))).astype(int) if len(edges) > 1 else np.array([_MOST])
    chosen = codes[np.searchsorted(edges, np.nan_to_num(values).clip(max=edges[-1]))]
    found = np.where(np.isnan(values), NO_DATA, np.where(values > 0, chosen, ZERO)).astype(int)
    lows = [0.0, *told[:-1]]
    classes = [_class(int(code), low, high) for code, low, high in zip(codes, lows, told, strict=True)]
    return found, (*reversed(classes), *CLASSES[-2:])


def dominant_class(found: ArrayLike) -> int | None:
    """Return the class that has two thirds or more of the zones with a share, None where none has.

    Examples
    --------
    >>> dominant_class([1, 1, 2]), dominant_class([1, 2, -1]), dominant_class([])
    (1, None, None)
    """
    known = np.asarray(found, dtype=int)
    known = known[known != NO_DATA]
    codes, counts = np.unique(known, return_counts=True)
    if not len(known) or counts.max() < DOMINANT_SHARE * len(known) - 1e-9:
        return None
    return int(codes[counts.argmax()])


def natural_breaks(values: ArrayLike, classes: int) -> np.ndarray:
    """Return the highest value of each class, lowest class first, where their squared differences are least.

    An exact dynamic programme over the distinct values (Fisher 1958); fewer classes where there are fewer values.

    Examples
    --------
    >>> natural_breaks([1, 2, 3, 10, 11, 30], 3).tolist()
    [3.0, 11.0, 30.0]
    """
    known, weights = np.unique(np.asarray(values, dtype=float), return_counts=True)
    count, most = len(known), min(classes, len(known))
    centred = known - known.mean()  # sums of squares of large numbers would lose digits
    weight, first, second = (np.concatenate([[0.0], np.cumsum(weights * centred**power)]) for power in (0, 1, 2))

    def costs(start: np.ndarray, end: int) -> np.ndarray:
        """Return the squared differences from the mean of the values from each start to before ``end``."""
        total = first[end] - first[start]
        return np.asarray(second[end] - second[start] - total * total / (weight[end] - weight[start]))

    # best[i]: the least sum of the first i values in as many classes as done; cut: where the last of them starts.
    best = np.array([0.0, *(float(costs(np.array([0]), end)[0]) for end in range(1, count + 1))])
    cuts = []
    for done in range(1, most):
        best, cut = _one_class_more(best, costs, done)
        cuts.append(cut)
    ends = [count]
    for cut in reversed(cuts):
        ends.append(int(cut[ends[-1]]))
    return known[np.array(ends[::-1]) - 1]


def _one_class_more(
    best: np.ndarray, costs: Callable[[np.ndarray, int], np.ndarray], done: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least sums in one class more than ``done``, and where the last class starts.

    The later a row of values ends, the later its last class starts: the middle row bounds the search of both halves.
    """
    count = len(best) - 1
    then, cut = np.full(count + 1, np.inf), np.zeros(count + 1, dtype=int)
    open_rows = [(done + 1, count, done, count - 1)]
    while open_rows:
        low, high, first, last = open_rows.pop()
        if low > high:
            continue
        end = (low + high) // 2
        starts = np.arange(first, min(last, end - 1) + 1)
        sums = best[starts] + costs(starts, end)
        at = int(sums.argmin())
        then[end], cut[end] = sums[at], starts[at]
        open_rows += [(low, end - 1, first, int(starts[at])), (end + 1, high, int(starts[at]), last)]
    return then, cut


def _quantiles(values: np.ndarray) -> np.ndarray:
    """Return the highest value of each of five classes of as many zones, fewer where values are equal."""
    found = np.quantile(values, np.arange(1, _MOST + 1) / _MOST, method="inverted_cdf")
    return np.unique(found)


def _rounded(values: np.ndarray, edges: np.ndarray) -> list[float]:
    """Return the edges as a legend tells them: with the fewest decimals that sort every value as they do."""
    exact = np.searchsorted(edges, values)
    for decimals in range(2, 9):
        told = np.ceil(np.round(edges * 10**decimals, 6)) / 10**decimals
        if (np.searchsorted(told, values) == exact).all():
            return [float(one) for one in told]
    return [float(one) for one in edges]


def _class(code: int, low: float, high: float) -> CoverageClass:
    sign = ">" if low == 0 else ""
    text = f"{sign}{_percent(low)}–{_percent(high)} %"
    return CoverageClass(code, low, high, text, text)


def _percent(share: float) -> str:
    return f"{round(share * 100, 7):g}"


def edges_text(classes: Sequence[CoverageClass]) -> str:
    """Return the edges of the classes in one line, lowest first.

    Examples
    --------
    >>> edges_text(CLASSES)
    '0 / 20 / 40 / 60 / 80 / 100 %'
    """
    highs = sorted(one.high for one in classes if one.high)
    return " / ".join(_percent(one) for one in (0.0, *highs)) + " %"
