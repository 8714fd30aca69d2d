"""Hold what a planner says of how a file is to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict


@dataclass(frozen=True)
class ReadOptions:
    """How a file is to be read, as far as its content does not tell.

    Attributes
    ----------
    source_layer
        The layer or sheet of a file that has several.
    crs
        The CRS of the coordinates, instead of the one that the file names: ``EPSG:n``, ``wgs84``, ``cgcs2000``,
        ``gcj02`` or ``bd09``; also ``NAME=CRS`` for a sheet, source or contractor, several separated by ``;``.
    encoding
        Encoding of the texts in a CSV file or Shapefile; None to detect it.
    profile
        ``osm``, ``gbt28181``, ``gat1400`` or ``yjyd``; None to recognise it by the column names.
    mapping
        Field -> column, instead of the guess; also ``lon``, ``lat``, ``x``, ``y``, ``lonlat`` or ``latlon`` (a pair
        in one cell), ``wkt``, ``levels``.
    sheets
        The sheets of a workbook to read; empty for all that have one shape.
    header_row
        Number from 1 of the first heading row of a table, as a spreadsheet program shows it; None to find it.
    """

    source_layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    profile: str | None = None
    mapping: Mapping[str, str] | None = None
    sheets: Sequence[str] = ()
    header_row: int | None = None


#: A file of which nobody says anything.
AS_FOUND = ReadOptions()


class NamedOptions(TypedDict, total=False):
    """Attributes of `ReadOptions` as arguments by name, for a caller that has one or two of them."""

    source_layer: str | None
    crs: str | None
    encoding: str | None
    profile: str | None
    mapping: Mapping[str, str] | None
    sheets: Sequence[str]
    header_row: int | None
