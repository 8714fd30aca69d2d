"""Read from the history of a store which places were derived before, and what somebody changed of them by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from geo.catalog.claims import DERIVED
from geo.derivation.edits_by_hand import fields_by_hand
from geo.derivation.renewal import KnownPlace
from geo.storage.records import LayerHistory

#: What the name of a writer begins with, in the history, where a renewal wrote.
WRITER = "places derive"


def known_places(versions: LayerHistory, kind: str, there: Collection[str]) -> Iterator[KnownPlace]:
    """Yield the places of a kind that were derived at any time, current ones and those that are gone, by code.

    ``there`` are the codes of the places of today.
    """
    current, past = versions.current, versions.history
    was = (past["source"] == DERIVED).to_numpy(bool) & (past["kind"] == kind).to_numpy(bool)
    now = (current["source"] == DERIVED).to_numpy(bool) & (current["kind"] == kind).to_numpy(bool)
    codes = set(current["code"][now]) | set(past["code"][was])
    rows = {row["code"]: row for row in current[current["code"].isin(codes)].to_dict("records")}
    older: dict[str, list[dict[str, Any]]] = {}
    for row in past[past["code"].isin(codes)].sort_values("version").to_dict("records"):
        older.setdefault(str(row["code"]), []).append(row)
    for code in sorted(codes):
        yield _known_place(code, rows.get(code), older.get(code, []), is_there=code in there)


def _known_place(
    code: str, row: dict[str, Any] | None, before: Sequence[dict[str, Any]], *, is_there: bool
) -> KnownPlace:
    """Return a place by its current row, None where it is deleted, and its past versions, the oldest first."""
    shapes = [one["geometry"] for one in (*before, *([row] if row else [])) if one["geometry"] is not None]
    if row is None:
        is_deleted = bool(before) and not _is_by_derivation(before[-1])
        return KnownPlace(code, None, None, shapes if is_deleted else shapes[-1:], is_left=is_deleted)
    # a row created again after it was deleted is a new one
    deleted = [k for k, one in enumerate(before) if one["op"] == "delete"]
    lived = [*before[deleted[-1] + 1 if deleted else 0 :], row]
    # who ended a version wrote the next one
    by_hand = fields_by_hand(lived, [True, *(_is_by_derivation(one) for one in lived[:-1])])
    is_moved = bool({"geometry", "source"} & by_hand)  # what was moved by hand is still known by where it was
    name = row["name"] if isinstance(row["name"], str) else None
    is_left = not is_there or row["source"] != DERIVED
    return KnownPlace(code, name, row["geometry"], shapes if is_moved else shapes[-1:], by_hand, is_left)


def _is_by_derivation(version: Mapping[str, Any]) -> bool:
    """Return whether a derivation ended this version."""
    return str(version["changed_by"]).startswith(WRITER)
