"""Arrange drafts of changes of grids as plain values, for the command line and HTTP alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from geo.sentences import in_language
from geo.storage.records import GridDraft
from geo.studies.grid_drafts import draft_state

_SHOWN = ("id", "name", "note", "author", "created", "changed", "changed_by", "version")


def draft_heading(draft: GridDraft, today: date) -> dict[str, Any]:
    """Return what a list says of a draft: its state, its day, who decided, which grids go and come."""
    content = draft.content
    return {
        **{name: getattr(draft, name) for name in _SHOWN},
        "state": draft_state(draft, today),
        "effective": draft.effective or None,
        "decided": draft.decided or None,
        "decided_by": draft.decided_by or None,
        "decided_role": draft.decided_role or None,
        "changes": [one["change"] for one in draft.operations],
        "closed": content["closed"],
        "grids": [one["id"] for one in content["after"] if one["change"] not in ("border", "parent")],
        "errors": sum(one["severity"] == "error" for one in content["findings"]),
        "warnings": sum(one["severity"] == "warning" for one in content["findings"]),
    }


def whole_draft(draft: GridDraft, today: date, lang: str) -> dict[str, Any]:
    """Return all of a draft: also its changes, its grids before and after as GeoJSON, findings and succession."""
    content = draft.content
    return {
        **draft_heading(draft, today),
        "operations": list(draft.operations),
        "options": content["options"],
        "before": _with_area(content["before"], content["areas"]["before"]),
        "after": _with_area(content["after"], content["areas"]["after"]),
        "succession": content["succession"],
        "buildings_moved": content["buildings_moved"],
        "findings": finding_values(content["findings"], lang),
    }


def finding_values(findings: Sequence[Mapping[str, Any]], lang: str) -> list[dict[str, Any]]:
    """Return findings with their sentence in one language."""
    return [{**one, "text": in_language(one["text"], lang)} for one in findings]


def _with_area(features: Sequence[Mapping[str, Any]], area: Mapping[str, float]) -> list[dict[str, Any]]:
    return [{**one, "area_m2": area.get(str(one["id"]))} for one in features]
