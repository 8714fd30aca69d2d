"""Rank findings and shorten long lists of one kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from geo.types import Finding

Severity = Literal["error", "warning"]

#: Findings of one code that are listed singly; the others are summarised in one.
MAX_PER_CODE = 200


@dataclass(frozen=True)
class UnrankedFinding:
    """One finding before ranking; the attributes are those of `Finding`."""

    severity: Severity
    code: str
    layer: str
    keys: Sequence[str]
    text: str
    value: float | None = None
    lon: float | None = None
    lat: float | None = None

    @property
    def size(self) -> float:
        """Return the measured value; 0 where nothing was measured."""
        return self.value if self.value is not None else 0.0


def ranked(findings: Iterable[UnrankedFinding]) -> list[Finding]:
    """Return the findings in order: errors first, then codes with many rows before those with few, then by value."""
    by_code: dict[tuple[bool, str], list[UnrankedFinding]] = defaultdict(list)
    for finding in findings:
        by_code[finding.severity != "error", finding.code].append(finding)
    rows = {kind: sum(len(one.keys) for one in group) for kind, group in by_code.items()}
    order = sorted(by_code, key=lambda kind: (kind[0], -rows[kind], kind[1]))
    listed = [one for kind in order for one in _shortened(by_code[kind])]
    return [
        Finding(rank, one.severity, one.code, one.layer, tuple(one.keys), one.text, one.value, one.lon, one.lat)
        for rank, one in enumerate(listed, start=1)
    ]


def _shortened(group: list[UnrankedFinding]) -> list[UnrankedFinding]:
    group = sorted(group, key=lambda one: (-one.size, tuple(one.keys)))
    rest = group[MAX_PER_CODE:]
    if not rest:
        return group
    keys = sorted({key for one in rest for key in one.keys})
    text = f"另有 {len(rest)} 处同类问题 / {len(rest)} more of the same kind"
    first = rest[0]
    return [
        *group[:MAX_PER_CODE],
        UnrankedFinding(first.severity, first.code, first.layer, keys, text, float(len(rest))),
    ]
