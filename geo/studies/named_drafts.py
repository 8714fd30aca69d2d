"""Choose the one draft that a name or an id means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from geo.errors import AmbiguousName
from geo.storage.records import Draft, GridDraft

_Draft = TypeVar("_Draft", Draft, GridDraft)


def only_draft(fits: Sequence[_Draft], text: str) -> _Draft:
    """Return the one draft that a text fits; raise AmbiguousName where it fits several.

    Examples
    --------
    >>> draft = GridDraft("0190", "n", "", "li", "li", "t", "t", "li", "draft", "", "", "", "",
    ...                   [], {}, {}, {}, [])
    >>> only_draft([draft], "n").id
    '0190'
    """
    if len(fits) > 1:
        ids = ", ".join(one.id for one in fits[:6])
        raise AmbiguousName(
            f"{len(fits)} 份草案都叫 {text[:60]}，请写编号：{ids}",
            f"{len(fits)} drafts are called {text[:60]}; give an id: {ids}",
        )
    return fits[0]
