"""Describe a format of files, and what its opener is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from geo.readers.columns.column_plan import ChosenColumns, ColumnPlan
from geo.readers.read_options import AS_FOUND, ReadOptions
from geo.readers.source import FileLimits, SourceTable, no_share

#: Where the CRS of the coordinates comes from: the file may name it; the standard fixes it; the standard says it, and
#: the user may know better; or the user has to name it.
CrsSource = Literal["file", "wgs84", "standard", "user"]


@dataclass(frozen=True)
class OpenRequest:
    """What an opener is given.

    Attributes
    ----------
    path
        The file.
    plan
        By what its columns are chosen.
    limits
        Bounds on size.
    options
        What the user says of the file; where no ``source_layer`` is said, the only one is read, or the one named like
        the layer of the plan.
    json
        The parsed content of a JSON file; None for other files.
    progress
        Called with the share of the file that is read, by readers of long tables.
    """

    path: Path
    plan: ColumnPlan
    limits: FileLimits
    options: ReadOptions = AS_FOUND
    json: Any = None
    progress: Callable[[float], None] = no_share


@dataclass(frozen=True)
class OpenedFile:
    """The rows of a file as found, and which of its columns are read for which field."""

    source: SourceTable
    columns: ChosenColumns


@dataclass(frozen=True)
class Format:
    """One row of the table.

    Attributes
    ----------
    name
        As docs/import.md names it.
    suffixes, more_suffixes
        Suffixes for messages and file dialogs, and others that are read too.
    opener
        Reads the file.
    magic
        The first bytes; empty for texts and for what its reader recognises itself.
    driver
        The GDAL driver that reads it; empty for a reader of this package.
    recognises
        Returns whether the parsed content of a JSON file is of this format; None for other files.
    crs
        Where the CRS comes from.
    has_layers, has_encodings, has_sheets
        Whether ``source_layer``, ``encoding``, and ``sheets`` with ``header_row`` apply.
    """

    name: str
    suffixes: tuple[str, ...]
    opener: Callable[[OpenRequest, Format], OpenedFile]
    more_suffixes: tuple[str, ...] = ()
    magic: bytes = b""
    driver: str = ""
    recognises: Callable[[Any], bool] | None = None
    crs: CrsSource = "file"
    has_layers: bool = False
    has_encodings: bool = False
    has_sheets: bool = False
