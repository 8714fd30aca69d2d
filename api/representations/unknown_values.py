"""Represent unknown values as plain values (docs/contract.md section 6)."""

from __future__ import annotations

from typing import Any

from api.representations.frame_records import records
from geo.catalog.claims import UNKNOWN_MEMBERS
from geo.studies.run_unknowns import RunUnknowns


def unknown_values(found: RunUnknowns) -> dict[str, Any]:
    """Return unknown values as JSON has them; claims and places are lists."""
    rows = records(found.rows)
    return {
        "run": found.run.id,
        "unknowns": [{name: _plain(row[name]) for name in UNKNOWN_MEMBERS} for row in rows],
        "without_effect": found.without_effect,
        "notes": list(found.notes),
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
