"""Represent runs and comparisons of runs, for the command line and HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from api.roles import allows
from geo.catalog.layers import SCOPED
from geo.catalog.results import CAMERA_FIGURES, SCOPED_RUN_LAYERS
from geo.storage.records import Caller, PublishedRun

if TYPE_CHECKING:
    from geo.studies.compare_runs import Comparison
    from geo.types import Run

#: Keys of a summary about cameras or persons.
_HIDDEN_SUMMARY_KEYS = frozenset(
    {"assumptions", "cameras", "notes", "left_out", "rejected", "actor", "small_gaps", "revisions"}
)
#: Key of the notes that name cameras or sites of the whole county: a planner would learn of those of others.
_SCOPED_NOTES = "scoped_notes"


def run_description(run: Run, *, whole: bool = True) -> dict[str, Any]:
    """Return a run as values: id, date, options and, when whole, the summary."""
    head = {"id": run.id, "created": run.created, "options": dict(run.options)}
    return {**head, **run.summary} if whole else {**head, "totals": run.summary.get("totals")}


def publication(shown: PublishedRun) -> dict[str, Any]:
    """Return which run everybody sees by default, whether it was published, and the published one that was deleted."""
    return {
        "published_run": shown.id,
        "stands_in": shown.id is not None and (not shown.is_published or shown.deleted != ""),
        "published_run_deleted": shown.deleted or None,
    }


def run_list(listed: Sequence[Mapping[str, Any]], shown: PublishedRun) -> dict[str, Any]:
    """Return runs with which of them everybody sees, as command line and HTTP list them; nothing of that for none."""
    return {"runs": list(listed), **(publication(shown) if listed or shown.deleted else {})}


def comparison(found: Comparison) -> dict[str, Any]:
    """Return a comparison as command line and HTTP show it."""
    from api.representations.frame_records import records  # noqa: PLC0415 (loaded by who has frames to show)

    return {
        "a": found.a.id,
        "b": found.b.id,
        "differing": {name: {"a": a, "b": b} for name, (a, b) in found.differing.items()},
        "caution": found.caution or None,
        "zones": {name: records(frame) for name, frame in found.zones.items()},
        "gaps_only_a": records(found.gaps_only_a),
        "gaps_only_b": records(found.gaps_only_b),
    }


def without_hidden_fields(run: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """Return what a caller may see of a run: without a key nothing about cameras or persons."""
    run = without_scoped_notes(run, caller)
    if allows(caller, "viewer"):
        return dict(run)
    visible = {name: value for name, value in run.items() if name not in _HIDDEN_SUMMARY_KEYS}
    if visible.get("totals"):
        visible["totals"] = without_fields(visible["totals"], CAMERA_FIGURES)
    if "levels" in visible:
        visible["levels"] = {
            level: without_fields(totals, CAMERA_FIGURES) for level, totals in visible["levels"].items()
        }
    for name, hidden in (("inputs", SCOPED), ("layers", SCOPED_RUN_LAYERS)):
        if name in visible:
            visible[name] = without_fields(visible[name], hidden)
    return visible


def without_scoped_notes(summary: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """Return a summary without the notes that name rows of scoped layers, where the caller may not read all of them."""
    if allows(caller, "planner") and (caller.role != "planner" or caller.townships is None):
        return dict(summary)
    left_out = summary.get("left_out") or {}
    hidden = {text for layer, texts in left_out.items() if layer in SCOPED for text in texts}
    hidden |= set(summary.get(_SCOPED_NOTES) or ())
    visible = without_fields(summary, (_SCOPED_NOTES,))
    if hidden:
        visible["notes"] = [text for text in visible.get("notes") or () if text not in hidden]
    if left_out:
        visible["left_out"] = without_fields(left_out, SCOPED)
    return visible


def without_fields(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return a mapping without some of its keys."""
    return {name: value for name, value in values.items() if name not in names}
