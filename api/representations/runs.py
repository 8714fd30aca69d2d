"""Show runs and comparisons of runs as both doors do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.studies.stored_runs import Comparison
    from geo.types import Run


def described(run: Run, *, whole: bool = True) -> dict[str, Any]:
    """Return a run as both doors show it: id, dates, options and, when whole, the summary."""
    head = {"id": run.id, "created": run.created, "options": dict(run.options)}
    return {**head, **run.summary} if whole else {**head, "totals": run.summary.get("totals")}


def comparison(found: Comparison) -> dict[str, Any]:
    """Return a comparison as both doors show it."""
    from api.representations import responses  # noqa: PLC0415 (loaded by who has frames to show)

    return {
        "a": found.a.id,
        "b": found.b.id,
        "zones": {name: responses.records(frame) for name, frame in found.zones.items()},
        "gaps_only_a": responses.records(found.gaps_only_a),
        "gaps_only_b": responses.records(found.gaps_only_b),
    }
