"""Convert drafts to stored rows and back; both stores use it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from geo.errors import Conflict, NotFound
from geo.storage.records import Draft

#: Columns of a stored draft, in the order of ``geo.storage.records.Draft``.
DRAFT_COLUMNS = tuple(field.name for field in dataclasses.fields(Draft))
_JSON = ("changes", "seen", "places")


def row_from_draft(draft: Draft) -> list[Any]:
    """Return the values of a draft in the order of ``DRAFT_COLUMNS``; what has parts as JSON."""
    values = {name: getattr(draft, name) for name in DRAFT_COLUMNS}
    for name in _JSON:
        value = values[name]
        plain = dict(value) if hasattr(value, "keys") else [list(one) for one in value]
        values[name] = json.dumps(plain, ensure_ascii=False)
    return list(values.values())


def draft_from_row(row: Sequence[Any]) -> Draft:
    """Return the draft of a stored row.

    Examples
    --------
    >>> draft = Draft("0190", "n", "", "li", "li", "", "t", "t", "li", {"removed": ["c1"]}, {"c1": 2}, [(103.1, 37.6)])
    >>> draft_from_row(row_from_draft(draft)) == draft
    True
    """
    values = dict(zip(DRAFT_COLUMNS, row, strict=True))
    for name in _JSON:
        values[name] = json.loads(values[name])
    values["places"] = [(float(lon), float(lat)) for lon, lat in values["places"]]
    return Draft(**{**values, "version": int(values["version"])})


def no_such_draft_error(draft_id: str) -> NotFound:
    """Return the error for a draft that does not exist or is of other townships: the same text for both."""
    return NotFound(f"没有草案 {draft_id[:60]}", f"there is no draft {draft_id[:60]}")


def draft_changed_error() -> Conflict:
    """Return the error for a draft that somebody changed meanwhile."""
    return Conflict("草案已被他人修改", "the draft was changed meanwhile")
