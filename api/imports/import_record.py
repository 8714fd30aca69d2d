"""Define what is kept of one import beside its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Record:
    """What is known of one import.

    Attributes
    ----------
    owner
        ``Caller.id`` of who sent it: nobody else is told that it exists.
    state
        ``reading``, ``waiting``, ``accepted``; ``expired`` is told by the time.
    created, expires
        Seconds since 1970.
    size
        Bytes that it keeps, or may come to keep while it is read.
    layer, mode, options
        How it is read and written.
    plan
        State of the changes that its owner was shown.
    shifts
        What was found of the datum of its rows then, each as ``vars`` of a ``CellFinding``.
    report
        The report that its owner was shown; that of the import once it was accepted.
    replaces
        The id of an import of its owner that goes once this one waits; empty for none.
    """

    id: str
    owner: str
    state: str
    created: float
    expires: float
    name: str
    size: int
    layer: str
    mode: str
    options: Mapping[str, Any] = field(default_factory=dict)
    plan: str = ""
    shifts: Sequence[Mapping[str, Any]] = ()
    report: Mapping[str, Any] = field(default_factory=dict)
    replaces: str = ""

    def is_waiting(self, now: float) -> bool:
        """Return whether it takes room: it is being received or read, or waits to be accepted."""
        return self.state in ("reading", "waiting") and now < self.expires
