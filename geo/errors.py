"""Name what can go wrong, without saying how a door answers it.

Every error carries one sentence in Chinese and one in English, and the rows it is about. Doors (CLI, HTTP) choose the
language and map the class to an exit code or a status; nothing here knows either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class RowFault:
    """Name one bad row of an input.

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
    """

    where: str
    row: str
    field: str
    reason: str
    value: str = ""


class GeoError(ValueError):
    """Say that an input or a request cannot be used; the root of every error of this project."""

    def __init__(self, zh: str, en: str, *, rows: Sequence[RowFault] = ()) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en
        self.rows = tuple(rows)


class UnknownCrs(GeoError):
    """A coordinate reference system is missing or not known (rule L3, C1)."""


class CrsMismatch(GeoError):
    """Frames of different coordinate reference systems met in one analysis (rule C1)."""


class TooWide(GeoError):
    """The data are wider than any one computing CRS allows (rule C1)."""


class BadGeometry(GeoError):
    """A shape is of the wrong kind, broken, or outside its CRS."""


class BadValue(GeoError):
    """A value is impossible, such as the optics of rule U5."""


class UnknownName(GeoError):
    """A layer, field, level, edition, zone layer or option of that name does not exist."""


class UnreadableFile(GeoError):
    """A file is missing, of an unknown format, broken, or over a limit."""


class NotFound(GeoError):
    """A feature, run, site or zone of that key does not exist."""


class Conflict(GeoError):
    """The stored version is not the one the caller has seen, or the key is taken."""


class StoreBusy(GeoError):
    """Another writer holds the store; the same call may go through later."""


class StoreDown(GeoError):
    """The store cannot be reached: it is stopped, restarting, or out of connections."""


class NotAllowed(GeoError):
    """The caller's role or townships do not allow this; a row out of scope is NotFound instead."""


class StoreBroken(GeoError):
    """The store is not a workspace of this project, or its file is damaged."""
