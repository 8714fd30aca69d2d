"""Convert drafts of changes of grids to stored rows and back; both stores use it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from geo.errors import NotAllowed
from geo.storage.records import Caller, GridDraft

#: Columns of a stored draft, in the order of ``geo.storage.records.GridDraft``.
GRID_DRAFT_COLUMNS = tuple(field.name for field in dataclasses.fields(GridDraft))
_JSON = ("operations", "content", "seen", "applied", "places")


def row_from_grid_draft(draft: GridDraft) -> list[Any]:
    """Return the values of a draft in the order of ``GRID_DRAFT_COLUMNS``; what has parts as JSON."""
    values = {name: getattr(draft, name) for name in GRID_DRAFT_COLUMNS}
    for name in _JSON:
        value = values[name]
        values[name] = json.dumps(dict(value) if hasattr(value, "keys") else list(value), ensure_ascii=False)
    return list(values.values())


def grid_draft_from_row(row: Sequence[Any]) -> GridDraft:
    """Return the draft of a stored row.

    Examples
    --------
    >>> draft = GridDraft("0190", "n", "", "li", "li", "t", "t", "li", "draft", "", "", "", "",
    ...                   [{"kind": "rename"}], {"closed": []}, {"g1": 2}, {}, [(103.1, 37.6)])
    >>> grid_draft_from_row(row_from_grid_draft(draft)) == draft
    True
    """
    values = dict(zip(GRID_DRAFT_COLUMNS, row, strict=True))
    for name in _JSON:
        values[name] = json.loads(values[name])
    values["places"] = [(float(lon), float(lat)) for lon, lat in values["places"]]
    return GridDraft(**{**values, "version": int(values["version"])})


def require_may_save(draft: GridDraft, caller: Caller) -> None:
    """Raise NotAllowed where a draft is approved by who is no admin.

    Examples
    --------
    >>> from geo.storage.records import LOCAL
    >>> draft = GridDraft("0190", "n", "", "li", "li", "t", "t", "li", "approved", "2026-04-01", "", "", "",
    ...                   [], {}, {}, {}, [])
    >>> require_may_save(draft, LOCAL)
    >>> require_may_save(draft, Caller("anna", "planner"))
    Traceback (most recent call last):
    geo.errors.NotAllowed: 批准网格变动需要角色 admin / approving a change of grids needs the role admin
    """
    if draft.state == "approved" and caller.role != "admin":
        raise NotAllowed("批准网格变动需要角色 admin", "approving a change of grids needs the role admin")
