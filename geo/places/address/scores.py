"""Turn what speaks for each reading of an address into the probability that it is true."""

from __future__ import annotations

import math
from collections.abc import Sequence

from geo.places.address.options import Option

#: A match needs this probability.
ENOUGH = 0.9
#: What is this much less likely than the best is no candidate beside it.
MARGIN = 0.06
# Characters explained that multiply the odds of a reading by e.
_SCALE = 0.35


def probabilities(options: Sequence[Option]) -> list[float]:
    """Return the probability of each option; together at most 1, the rest is that none is true.

    Raises
    ------
    ValueError
        Where there is no option.
    """
    top = max(option.weight for option in options)
    odds = [math.exp((option.weight - top) / _SCALE) for option in options]
    total = sum(odds)
    return [odd / total * _trust(option) for odd, option in zip(odds, options, strict=True)]


def _trust(option: Option) -> float:
    """Return how far the reading is true where no other one is likely."""
    if option.method == "exact":
        return 1.0
    if option.blocks:
        return option.share
    return 0.96 + 0.03 * min(option.share, 1.0)
