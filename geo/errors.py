"""Define the errors of the engine, independent of CLI and HTTP.

Every error has one sentence in Chinese and one in English, and the rows it is about. CLI and HTTP choose the language
and map the class to an exit code or a status.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from geo.sentences import sentence


@dataclass(frozen=True)
class RowFault:
    """One invalid row of an input.

    Attributes
    ----------
    where
        The source: a file name with its layer, or the name of a frame.
    row
        The row number from 1 in the source, or its key as text.
    field
        The field at fault; empty when the whole row is.
    reason
        What is wrong, as ``中文 / English``.
    value
        The value found, as text, cut to 200 characters.

    Examples
    --------
    >>> RowFault("cameras.csv", "7", "hfov", "不是数字 / not a number", "wide").row
    '7'
    """

    where: str
    row: str
    field: str
    reason: str
    value: str = ""


class GeoError(ValueError):
    """An input or a request cannot be used; the base class of every error of this project.

    Attributes
    ----------
    zh, en
        One sentence in Chinese and in English.
    rows
        The rows at fault, where there are any.
    for_operator
        What only the operator of the store is to read: its host and login, its file, the words of its driver. The
        command line and the log show it; responses and records of jobs never do.

    Examples
    --------
    >>> try:
    ...     raise GeoError("没有坐标系", "no CRS", rows=[RowFault("grids", "1", "", "")])
    ... except GeoError as error:
    ...     print(error, error.en, len(error.rows), sep="; ")
    没有坐标系 / no CRS; no CRS; 1
    """

    def __init__(self, zh: str, en: str, *, rows: Sequence[RowFault] = (), for_operator: str = "") -> None:
        super().__init__(sentence(zh, en))
        self.zh = zh
        self.en = en
        self.rows = tuple(rows)
        self.for_operator = for_operator

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle what the error holds: `args` has the one sentence that an exception shows, not those two."""
        return _restored, (type(self), self.args), self.__dict__


def _restored(kind: type[GeoError], args: tuple[Any, ...]) -> GeoError:
    """Return an error whose attributes are still to be set."""
    return kind.__new__(kind, *args)


class UnknownCrs(GeoError):
    """A coordinate reference system is missing or not known (rules L3, C1)."""


class CrsMismatch(GeoError):
    """Frames of one analysis are in different coordinate reference systems (rule C1)."""


class TooWide(GeoError):
    """The data are wider than any one computing CRS allows (rule C1)."""


class BadGeometry(GeoError):
    """A shape is of the wrong kind, invalid, or outside its CRS."""


class BadValue(GeoError):
    """A value is impossible, as optics that rule U5 refuses."""


class UnknownName(GeoError):
    """A layer, field, level, edition, zone layer or option of that name does not exist."""


class UnreadableFile(GeoError):
    """A file is missing, of an unknown format, damaged, or over a bound."""


class NotFound(GeoError):
    """A feature, run, site or zone of that key does not exist."""


class AmbiguousName(GeoError):
    """Several zones have that name; the rows of the error are the candidates."""


class Conflict(GeoError):
    """The stored version is not the one that the request is based on, or the key exists already."""


class ChangedSince(Conflict):
    """What a draft is made on was changed meanwhile; ``members`` are both versions."""

    members: Mapping[str, Any] = MappingProxyType({})


class StoreBusy(GeoError):
    """Another writer has locked the store; the same call may succeed later."""


class StoreFull(StoreBusy):
    """The store has no room left; nothing was changed, and the same call succeeds once there is room."""


class StoreDown(GeoError):
    """The store is unreachable: stopped, restarting, or out of connections."""


class NotAllowed(GeoError):
    """The role or the townships of the principal do not allow this; for a row out of scope the error is NotFound."""


class StoreBroken(GeoError):
    """The store is not a workspace of this project, or its file is damaged."""


class StoreReadOnly(StoreBroken):
    """The store can be read only: its file or folder cannot be written by this account."""


class SourceBroken(GeoError):
    """The host of a base map has no usable answer: unreachable, an error, no picture, too large, or elsewhere."""


class SourceSlow(SourceBroken):
    """The host of a base map has not answered in time."""
