"""Turn what speaks for each reading of an address into the probability that it is true."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from geo.places.address.address_options import Option, is_before_a_name, words_before
from geo.places.address.foreign_divisions import names_a_division
from geo.places.address.repair import SURE_COST

#: A match needs this probability.
ENOUGH = 0.9
#: What has less than this share of the probability of the best is no candidate beside it.
LEAST_SHARE = 0.06
# Shares measured by `python -m tests.benchmarks addresses` on the half to tune on.
_CLEAN, _SOUND_OR_SHAPE, _MISSPELT, _CONTRADICTED, _ALIKE = 0.998, 0.995, 0.985, 0.03, 0.95
# So much alike, with half of the places stored, they are trusted as that; below, less and less, to a tenth: what is not
# stored is like some other text too.
_LIKE, _UNLIKE, _LEAST_TRUST = 0.7, 0.3, 0.1
# A character or words of a report before the names, or a name that begins a longer one: nearly all were true.
_GUESSED = 0.95
# Other words there may be the name of a place that nobody here knows, and the names those of places in it.
_BEHIND_A_NAME = 0.3
# Of a name beside a known one: those who write the addresses to measure on take it for a slip, a reader does not.
_BESIDE = 0.5
# Characters explained that multiply the odds of a reading by e.
_SCALE = 0.35
# 不是 and 离开 turn an address round; 在 of 车停在 and 点 of 事发地点 lead to one.
_TURNED = re.compile("[不没非离假]|除了?$")
_REPORT = re.compile("[在点于位为是到住]$")


def probabilities(options: Sequence[Option]) -> list[float]:
    """Return the probability of each option; together at most 1, the rest is that none is true.

    Raises
    ------
    ValueError
        Where there is no option.

    Examples
    --------
    A reading by characters that are alike, with no other one beside it:

    >>> import numpy as np
    >>> alike = Option(None, 0, 3, np.array([0]), "match", 2.0, 0.8, (), True, ())
    >>> probabilities([alike])
    [0.95]
    """
    if len(options) == 1:
        return [_trust(options[0]) * _trust_in_likeness(options[0])]
    odds, total = _odds(options)
    # All grids of one place are trusted alike, and stand side by side.
    trusts: list[float] = []
    before: Option | None = None
    for option in options:
        is_like = (
            before is not None and option.reading is before.reading and option.reading is not None
            and option.method == before.method and len(option.rows) == len(before.rows)
        )  # fmt: skip
        trusts.append(trusts[-1] if is_like else _trust(option))
        before = option
    found = [odd / total * trust for odd, trust in zip(odds, trusts, strict=True)]
    share = _trust_in_likeness(options[found.index(max(found))])
    return found if share == 1.0 else [share * one for one in found]


def _trust_in_likeness(option: Option) -> float:
    """Return how far an answer is trusted of which this is the first option: one by characters that are alike."""
    if option.reading is not None:
        return 1.0
    return min(1.0, max(_LEAST_TRUST, (option.share - _UNLIKE) / (_LIKE - _UNLIKE)))


def _odds(options: Sequence[Option]) -> tuple[list[float], float]:
    """Return the odds of each option, and those of all with the grids that are as likely as those listed.

    The odds of a reading are shared by its grids: a township of twenty villages is no likelier to be meant than one of
    ten, nor than the one village of a third that is written nearly so. What is like the text is a guess within the best
    reading.
    """
    read = [option for option in options if option.reading is not None]
    best = max(read or options, key=lambda option: option.weight)
    of_best = _key(best)
    shares: dict[tuple[int, int], _Share] = {}
    rows: list[tuple[float, _Share]] = []
    for option in options:
        key = of_best if option.reading is None else _key(option)
        share = shares.get(key)
        if share is None:
            share = shares[key] = _Share()
        odd = math.exp((option.weight - best.weight) / _SCALE)
        share.add(odd, option.others)
        rows.append((odd, share))
    return [odd * share.of_all / share.total for odd, share in rows], sum(share.of_all for share in shares.values())


def _key(option: Option) -> tuple[int, int]:
    """Return what is the same of all options of a reading."""
    return (-1, -1) if option.reading is None else (option.reading.place, option.reading.guess)


class _Share:
    """What the grids of one reading share: its own odds, and the sum of theirs."""

    __slots__ = ("_counted", "_others", "of_all", "total")

    def __init__(self) -> None:
        self.of_all = self.total = 0.0
        self._counted: set[int] = set()
        self._others: np.ndarray | None = None

    def add(self, odd: float, others: np.ndarray) -> None:
        """Add a grid, and those that are as likely but not listed: of 24 in a township ten are."""
        self.total += odd
        self.of_all = max(self.of_all, min(odd, 1.0))  # what is like the text takes nothing from the other readings
        if len(others) and others is not self._others:  # all options of a reading have the same
            unlisted = set(others.tolist()) - self._counted
            self.total += odd * len(unlisted)
            self._counted |= unlisted
            self._others = others


def _trust(option: Option) -> float:
    """Return how often such a reading was true among the addresses to tune on where no other one was likely."""
    reading = option.reading
    if reading is None:
        return _ALIKE
    if reading.contradictions:
        return _CONTRADICTED
    if option.method == "exact":
        return 1.0
    if any(one.is_beside for one in reading.misspelt):
        return _BESIDE
    if not len(option.rows) and (is_before_a_name(reading) or reading.guess != reading.place):
        return trust_behind(words_before(reading)) if is_before_a_name(reading) else _GUESSED
    cost = sum(one.cost for one in reading.misspelt)
    return _CLEAN if not cost else _SOUND_OR_SHAPE if cost <= SURE_COST else _MISSPELT


def trust_behind(words: str) -> float:
    """Return how far names are to be trusted behind words that were not understood.

    Another province, city or county, and a word that turns the address round, say that it is elsewhere.

    Examples
    --------
    >>> [trust_behind(words) for words in ("不是", "杭州市", "王庄", "车停在")]
    [0.03, 0.03, 0.3, 0.95]
    """
    if is_turned(words) or names_a_division(words):
        return _CONTRADICTED
    return _GUESSED if len(words) == 1 or _REPORT.search(words) else _BEHIND_A_NAME


def is_turned(words: str, stored: str = "") -> bool:
    """Return whether words turn an address round; a character that the stored one has too does not.

    Examples
    --------
    >>> is_turned("民主街不是1号", "民主街1号"), is_turned("离石区民主街1号", "离石区民主街1号")
    (True, False)
    """
    return any(found[0] not in stored for found in _TURNED.finditer(words))
