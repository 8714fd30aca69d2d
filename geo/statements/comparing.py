"""Compare what a text says with what is known: equal, differing, or not checked and why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from geo.statements.claim_phrases import claim_name
from geo.statements.statement import Statement

Answer = Literal["equal", "differs", "not_checked"]

#: Why a statement is not checked -> what is said of it.
REASONS: Mapping[str, str] = {
    "unplaced": "没有这种说法的模式 / no pattern for what it counts",
    "ambiguous": "有不止一种读法 / it can be read in more than one way",
    "numeral": "数字有不止一种读法，或不明确 / its number can be read in more than one way, or is open",
    "qualified": "前后的词限定了它 / the words next to it narrow it",
    "interval": "写的是范围 / it is a range",
    "part": "说的是一部分 / it is about a part",
    "goal": "说的是目标或计划 / it is a goal or a plan",
    "past": "说的是过去 / it is about the past",
    "change": "说的是增减或改造 / it is a change",
    "ratio": "说的是平均或每个 / it is an average, or of each",
    "negated": "是否定的说法 / it says that there is none",
    "no_data": "库里没有可比的数据 / the store has nothing to compare with",
    "rights": "您看不到全县的数据 / you may not read the data of the whole county",
    "open": "库里有未知值，两种结果都可能 / unknown values in the store leave both answers open",
}


@dataclass(frozen=True)
class Known:
    """What is known of places.

    Attributes
    ----------
    counts
        What is counted, or ``rate:`` and a rate -> its lowest and highest value: they differ where values are unknown.
    claims
        Name of a set of places -> ``holds``, ``may_hold`` or ``fails`` (rule P4).
    partial
        What is counted where the asker sees a part of the county only: beginnings of keys of ``counts``.
    """

    counts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)
    partial: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One statement with its answer.

    Attributes
    ----------
    text, start, end
        The words, and their positions in the text, in characters.
    said
        The number as written, of a percentage its share; ``holds`` for a claim; None where it cannot be read.
    have
        What the store has, as far as it is certain; None where it has nothing to say.
    possible
        What it may be at most where values are unknown, else as ``have``.
    answer
        ``equal``, ``differs`` or ``not_checked``.
    pattern
        Name of the pattern; empty where none fits.
    reason
        Why it was not checked, a key of ``REASONS``; empty where it was.
    """

    text: str
    start: int
    end: int
    said: float | str | None
    have: float | str | None
    possible: float | str | None
    answer: Answer
    pattern: str
    reason: str


def compare(said: Iterable[Statement], known: Known) -> Iterator[Item]:
    """Yield each statement with its answer, in order.

    Examples
    --------
    >>> from geo.statements.finding import statements
    >>> found = statements("690个网格，194个综治中心，19个乡镇")
    >>> known = Known({"grids": (690, 690), "facilities:governance_centre": (193, 193)})
    >>> [(item.text, item.have, item.answer) for item in compare(found, known)]
    [('690个网格', 690, 'equal'), ('194个综治中心', 193, 'differs'), ('19个乡镇', None, 'not_checked')]
    """
    verdicts = {claim_name(name): verdict for name, verdict in known.claims.items()}
    for one in said:
        if one.key is None:
            yield _item(one, None, None, "not_checked", one.reason)
        elif one.key.startswith("claim:"):
            yield _claim(one, verdicts.get(one.key.removeprefix("claim:")))
        else:
            yield _number(one, known)


def _claim(one: Statement, verdict: str | None) -> Item:
    if verdict is None:
        return _item(one, None, None, "not_checked", "no_data")
    if verdict == "holds":
        return _item(one, verdict, verdict, "equal")
    if verdict == "fails" and not one.is_hedged:
        return _item(one, verdict, verdict, "differs")
    return _item(one, verdict, verdict, "not_checked", "open")


def _number(one: Statement, known: Known) -> Item:
    assert one.key is not None  # noqa: S101 (the caller has looked)
    if one.key.startswith(known.partial):
        have = known.counts.get(one.key)
        low, high = have if have is not None else (None, None)
        return _item(one, low, high, "not_checked", "rights")
    if one.key not in known.counts:
        return _item(one, None, None, "not_checked", "no_data")
    low, high = known.counts[one.key]
    may_be = None if math.isinf(high) else high
    if one.low <= low and high <= one.high:
        return _item(one, low, may_be, "equal")
    if high < one.low or one.high < low:
        return _item(one, low, may_be, "differs")
    return _item(one, low, may_be, "not_checked", "open")


def _item(
    one: Statement, have: float | str | None, possible: float | str | None, answer: Answer, reason: str = ""
) -> Item:
    said = int(one.said) if isinstance(one.said, float) and one.said.is_integer() and not _is_share(one) else one.said
    return Item(one.text, one.start, one.end, said, have, possible, answer, one.pattern, reason)


def _is_share(one: Statement) -> bool:
    return one.pattern in ("rates", "every")
