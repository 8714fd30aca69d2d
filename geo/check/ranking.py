"""Rank findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from geo.types import Finding

Severity = Literal["error", "warning"]

#: What keeps rows out of an analysis, or a row from being placed: before every other error.
_STOPPING = frozenset(
    {
        "camera-at-origin",
        "camera-duplicate-id",
        "camera-optics-impossible",
        "far-away",
        "geometry-invalid",
        "geometry-missing",
    }
)


@dataclass(frozen=True)
class UnrankedFinding:
    """One finding before ranking; the attributes are those of `Finding`, but for one.

    Attributes
    ----------
    is_doubtful
        Whether it may be as it should be, as two cameras at one place whose azimuths nobody knows.
    """

    severity: Severity
    code: str
    layer: str
    keys: Sequence[str]
    text: str
    value: float | None = None
    lon: float | None = None
    lat: float | None = None
    is_doubtful: bool = False

    @property
    def size(self) -> float:
        """Return the measured value; 0 where nothing was measured."""
        return self.value if self.value is not None else 0.0


def ranked(findings: Iterable[UnrankedFinding]) -> list[Finding]:
    """Return the findings in order.

    Errors come first; among them what keeps rows out of an analysis, then the others, then doubtful ones. Codes with
    many rows come before those with few, and findings of one code by value.
    """
    by_code: dict[tuple[bool, int, str], list[UnrankedFinding]] = defaultdict(list)
    for finding in findings:
        urgency = 2 if finding.is_doubtful else 0 if finding.code in _STOPPING else 1
        by_code[finding.severity != "error", urgency, finding.code].append(finding)
    rows = {kind: sum(len(one.keys) for one in group) for kind, group in by_code.items()}
    order = sorted(by_code, key=lambda kind: (*kind[:2], -rows[kind], kind[2]))
    listed = [one for kind in order for one in sorted(by_code[kind], key=lambda one: (-one.size, tuple(one.keys)))]
    return [
        Finding(rank, one.severity, one.code, one.layer, tuple(one.keys), one.text, one.value, one.lon, one.lat)
        for rank, one in enumerate(listed, start=1)
    ]
