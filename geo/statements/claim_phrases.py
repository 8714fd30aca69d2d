"""Find the claims of a text: sets of places called fully covered, and what every village is said to have."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from geo.statements.context import Context
from geo.statements.numerals import plain_width
from geo.statements.patterns import EVERY
from geo.statements.statement import Statement

_EVERY = [(re.compile(words, re.I), key) for words, key in EVERY.items()]
_WATCHED = "(?:公共安全视频监控|公共区域视频监控|视频监控|视频|监控|技防)?"
_FULL = re.compile(
    rf"(?:基本)?(?:实现了?|达到了?)?{_WATCHED}(?:基本)?(?:实现了?)?(?:全覆盖|全部覆盖|全面覆盖|无死角覆盖)"
)
_FULL_EN = re.compile(r"\bfull coverage of (?P<names>[a-z ,-]{3,120}?)(?=$|[.;:\n)]| (?:is|was|has|have|are)\b)", re.I)
_COVERED_EN = re.compile(
    r"(?:^|(?<=[.;:\n(])|(?<=[.;:] ))(?P<names>[a-z][a-z ,-]{2,120}?),? (?:is|are|was|were|has been|have been)"
    r"(?: now| all)? (?:fully|completely) covered\b",
    re.I,
)
_NAMES_BEGIN = re.compile(
    r"(?:实现了?|达到了?|完成了?|确保|力争|推进|推动|做到|对|将|把|在|全[县市区]|我[县市区]|目前|现已|如今|已|的)"
)
_BETWEEN = re.compile(r"[、和及与,]|\band\b(?: of\b)?")
_MAX_NAME = 40
_GOAL = re.compile(
    r"推进|推动|加快|逐步|深化|力争|确保|计划|目标|争取|要求|将|拟|未|没有|不|尚|为实现|以实现|围绕|朝着|向着"
    r"|\b(?:will|plan|aim|goal|not|towards?)\b",
    re.I,
)
_COVERED = re.compile(
    r"(?:基本)?(?:实现)?(?:的)?(?:公共区域|公共安全)?(?:视频监控|视频|监控)?(?:基本)?(?:实现)?"
    r"(?:全覆盖|全面覆盖|全部覆盖|覆盖)?$|^(?:full )?coverage of |^(?:all )?(?:of )?the |^all |\s+"
)


def claim_phrases(text: str, context: Context) -> Iterator[Statement]:
    """Yield the claims of a text of plain width, in no order.

    Examples
    --------
    >>> said = "居民小区和主要路段基本实现视频监控全覆盖，村村通视联网"
    >>> [(one.start, one.key) for one in claim_phrases(said, Context(said))]
    [(21, 'rate:villages_link'), (0, 'claim:居民小区'), (5, 'claim:主要路段')]
    """
    yield from _every(text, context)
    yield from _claims(text, context)


def claim_name(text: str) -> str:
    """Return the name of a set of places without the words that call it covered, to compare two names by.

    Examples
    --------
    >>> claim_name("主要路段全覆盖"), claim_name("主要路段视频监控全覆盖"), claim_name("Main road sections")
    ('主要路段', '主要路段', 'mainroadsections')
    """
    return _COVERED.sub("", plain_width(text).strip().lower())


def _claims(text: str, context: Context) -> Iterator[Statement]:
    """Yield one statement for every set of places that a sentence calls fully covered."""
    last = 0
    for found in _FULL.finditer(text):
        begun = max(last, context.sentence(found.start())[0], found.start() - 120)
        begun = max(begun, max((text.rfind(mark, begun, found.start()) + 1 for mark in "，,:：("), default=0))
        names = text[begun : found.start()]
        last = found.end()
        heads = [one.end() for one in _NAMES_BEGIN.finditer(names)]
        lead, names = (names[: heads[-1]], names[heads[-1] :]) if heads else ("", names)
        is_goal = _is_goal(text, context, begun, found.start(), 60)
        is_hedged = "基本" in lead + names[-6:] + found[0]
        yield from _named_claims(context, begun + len(lead), names, found.end(), is_goal=is_goal, is_hedged=is_hedged)
    for found in itertools.chain(_FULL_EN.finditer(text), _COVERED_EN.finditer(text)):
        is_goal = _is_goal(text, context, found.start(), found.end(), 60)
        yield from _named_claims(
            context, found.start("names"), found["names"], found.end(), is_goal=is_goal, is_hedged=False
        )


def _named_claims(
    context: Context, at: int, names: str, end: int, *, is_goal: bool, is_hedged: bool
) -> Iterator[Statement]:
    if any(len(one) > _MAX_NAME for one in _BETWEEN.split(names)):
        names, at = "", at + len(names)  # a sentence, not the name of a set of places
    cuts = [(0, 0), *(one.span() for one in _BETWEEN.finditer(names)), (len(names), len(names))]
    ranges = [(before[1], after[0]) for before, after in itertools.pairwise(cuts)]
    parts = [(begun, until) for begun, until in ranges if names[begun:until].strip()]
    for k, (begun, until) in enumerate(parts):
        one = names[begun:until]
        start = at + begun + (len(one) - len(one.lstrip()))
        last = end if k == len(parts) - 1 else at + begun + len(one.rstrip())
        if context.is_passed_over(start, last, is_placed=False):
            continue
        name = claim_name(one)
        reason = "goal" if is_goal else (context.doubt(start, last) or "") if name else "unplaced"
        key = None if reason else f"claim:{name}"
        yield Statement("", start, last, "holds", pattern="claims", key=key, reason=reason, is_hedged=is_hedged)
    if not parts and not context.is_passed_over(at, end, is_placed=False):
        yield Statement("", at, end, "holds", pattern="claims", reason="unplaced")


def _is_goal(text: str, context: Context, start: int, end: int, before: int) -> bool:
    """Return whether words of the same sentence, at most so many characters before, make it a plan and no fact."""
    return bool(_GOAL.search(text[max(context.sentence(start)[0], start - before) : end]))


def _every(text: str, context: Context) -> Iterator[Statement]:
    for words, key in _EVERY:
        for found in words.finditer(text):
            start, end = found.span()
            reason = "goal" if _is_goal(text, context, start, start, 30) else context.doubt(start, end) or ""
            if not context.is_passed_over(start, end, is_placed=True):
                yield Statement("", start, end, 1.0, 1.0, 1.0, "every", None if reason else f"rate:{key}", reason)
