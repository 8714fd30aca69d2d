"""Replace what is no answer in the text of an answer: times, random ids, ports, folders."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_SLACK = timedelta(seconds=3)


@dataclass(frozen=True)
class Rule:
    """Name something that is no answer.

    Attributes
    ----------
    reason
        Why two runs of the same code differ in it.
    pattern
        Where it stands in a text.
    instead
        The replacement, as ``re.sub`` takes it, or the name of a method of Normaliser that decides.
    """

    reason: str
    pattern: re.Pattern[str]
    instead: str


def _rule(reason: str, pattern: str, instead: str) -> Rule:
    return Rule(reason, re.compile(pattern), instead)


#: In the order in which they are applied.
RULES = (
    _rule(
        "ids of runs and jobs are UUIDs of the moment; equal ones of an answer stay equal",
        r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
        "_uuid",
    ),
    _rule(
        "moments at which something was made; only those between the begin and the end of the asking",
        r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?",
        "_moment",
    ),
    _rule("moments as PDF writes them", r"D:\d{14}(?:Z|[+-]\d\d'\d\d')?", "_pdf_moment"),
    _rule("the day of the asking: what an answer without `at` is valid for", r"\b\d{4}-\d\d-\d\d\b", "_day"),
    _rule("how long it took", r'("seconds": ?)\d+(?:\.\d+)?(?:e-?\d+)?', r"\1<seconds>"),
    _rule("how long each step took", r'"timing": ?\{[^{}]*\}', '"timing":<seconds>'),
    _rule("how long an analysis took, said to people", r"(?<=[（(])\d+(?:\.\d+)? (?:秒|s)(?=[）)])", "<seconds>"),
    _rule(
        "how long the demo took, said to people",
        r"(?m)^(?:用时 )?\d+\.\d (?:秒|s) ?[（(]draw [^）)]*[）)]",
        "<seconds>",
    ),
    _rule("scripts of a page run by a nonce made for that page", r'nonce="[^"]+"', 'nonce="<nonce>"'),
    _rule("the same nonce in the policy of the page", r"nonce-[\w+/=-]+(?='|&#39;)", "nonce-<nonce>"),
    _rule(
        "the id of a run is printed as large as fits, and its digits and letters are not equally wide",
        r"(/F\d+\+\d+) [\d.]+ Tf [\d.]+ TL (?=\(<uuid \d+>\) Tj)",
        r"\1 <size> ",
    ),
    _rule("process ids", r'("pid": ?)\d+', r"\1<pid>"),
)


@dataclass
class Normaliser:
    """Apply the rules, and replace texts that only this asking knows: its folder, its port, its secrets.

    Attributes
    ----------
    begun
        When the asking began; moments from then to now are no answers.
    known
        Text -> its replacement.
    """

    begun: datetime = field(default_factory=lambda: datetime.now(tz=UTC))
    known: dict[str, str] = field(default_factory=dict)

    def know(self, text: str, name: str) -> None:
        """Replace a text from now on."""
        self.known[text] = name

    def __call__(self, text: str) -> str:
        """Return a text without what is no answer."""
        for given in sorted(self.known, key=len, reverse=True):
            text = text.replace(given, self.known[given])
        deciding = _Deciding(self.begun - _SLACK, datetime.now(tz=UTC) + _SLACK)
        for rule in RULES:
            decide: Callable[[re.Match[str]], str] | None = getattr(deciding, rule.instead, None)
            text = rule.pattern.sub(decide or rule.instead, text)
        return text


class _Deciding:
    """Decide about the matches of one text."""

    def __init__(self, first: datetime, last: datetime) -> None:
        self._first, self._last = first, last
        self._days = {first.date().isoformat(), last.date().isoformat()}
        self._uuids: dict[str, str] = {}

    def _uuid(self, found: re.Match[str]) -> str:
        return self._uuids.setdefault(found[0], f"<uuid {len(self._uuids) + 1}>")

    def _moment(self, found: re.Match[str]) -> str:
        try:
            moment = datetime.fromisoformat(found[0])
        except ValueError:
            return found[0]
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return "<time>" if self._first <= moment <= self._last else found[0]

    def _pdf_moment(self, found: re.Match[str]) -> str:
        year, month, day = found[0][2:6], found[0][6:8], found[0][8:10]
        return "<time>" if f"{year}-{month}-{day}" in self._days else found[0]

    def _day(self, found: re.Match[str]) -> str:
        return "<day>" if found[0] in self._days else found[0]
