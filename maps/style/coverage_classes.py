"""Sort shares of coverage into five fixed classes, with zero and no data apart.

The edges are fixed (0, 20, 40, 60, 80, 100 %), so that two sheets, two dates or two counties compare by colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geo.catalog.results import SHARE_EDGES

NO_DATA = -1
ZERO = 0


@dataclass(frozen=True)
class CoverageClass:
    """Describe one class of the legend; ``low`` and ``high`` are shares, None where the class is no interval."""

    code: int
    low: float | None
    high: float | None
    zh: str
    en: str

    def label(self, lang: str) -> str:
        """Return the legend text in ``zh`` or ``en``."""
        return self.zh if lang == "zh" else self.en


def _interval(code: int) -> CoverageClass:
    low, high = SHARE_EDGES[code - 1], SHARE_EDGES[code]
    text = f"{'>' if code == 1 else ''}{low * 100:.0f}–{high * 100:.0f} %"
    return CoverageClass(code, low, high, text, text)


#: Highest class first, as a legend is read; zero and no data last.
CLASSES: tuple[CoverageClass, ...] = (
    *(_interval(code) for code in (5, 4, 3, 2, 1)),
    CoverageClass(ZERO, 0.0, 0.0, "0 %（完全未覆盖）", "0 % (nothing seen)"),
    CoverageClass(NO_DATA, None, None, "无评价范围", "no domain"),
)


def coverage_class(share: ArrayLike) -> np.ndarray:
    """Return the class of each share.

    Parameters
    ----------
    share
        Shares of the domain, 0 to 1; NaN or None where the domain is empty (docs/rules.md "Zones").

    Returns
    -------
    numpy.ndarray
        Integers: -1 no data, 0 exactly zero, 1 to 5 for (0, .2], (.2, .4], (.4, .6], (.6, .8], (.8, 1]. A share that
        rounding has pushed above 1 or below 0 falls in the class of the end it passed.
    """
    values = np.asarray(share, dtype=float)
    codes = np.searchsorted(np.asarray(SHARE_EDGES), values, side="left").clip(0, len(SHARE_EDGES) - 1)
    return np.where(np.isnan(values), NO_DATA, codes).astype(int)


def legend(share: ArrayLike) -> list[tuple[CoverageClass, int]]:
    """Return every class, highest first, with how many of the shares fall in it."""
    codes = coverage_class(share)
    return [(one, int((codes == one.code).sum())) for one in CLASSES]
