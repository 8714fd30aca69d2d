"""Collect what checks find, keep the report short, and rank it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from geo.types import Finding

Severity = Literal["error", "warning"]

#: Findings of one code that are told one by one; the others are named together.
MOST_OF_A_CODE = 200


@dataclass(frozen=True)
class Draft:
    """Tell one thing found, not yet ranked; the attributes are those of `Finding`."""

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
        """Return how much was measured; 0 where nothing was."""
        return self.value if self.value is not None else 0.0


def ranked(drafts: Iterable[Draft]) -> list[Finding]:
    """Return the findings in order: errors first, then codes with many rows before those with few, then by value."""
    by_code: dict[tuple[bool, str], list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_code[draft.severity != "error", draft.code].append(draft)
    rows = {kind: sum(len(one.keys) for one in group) for kind, group in by_code.items()}
    order = sorted(by_code, key=lambda kind: (kind[0], -rows[kind], kind[1]))
    told = [one for kind in order for one in _shortened(by_code[kind])]
    return [
        Finding(rank, one.severity, one.code, one.layer, tuple(one.keys), one.text, one.value, one.lon, one.lat)
        for rank, one in enumerate(told, start=1)
    ]


def _shortened(group: list[Draft]) -> list[Draft]:
    group = sorted(group, key=lambda one: (-one.size, tuple(one.keys)))
    rest = group[MOST_OF_A_CODE:]
    if not rest:
        return group
    keys = sorted({key for one in rest for key in one.keys})
    text = f"另有 {len(rest)} 处同类问题 / {len(rest)} more of the same kind"
    first = rest[0]
    return [*group[:MOST_OF_A_CODE], Draft(first.severity, first.code, first.layer, keys, text, float(len(rest)))]
