"""Hold what a file gave before anything of it is believed, and refuse files that are not plain files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyproj

from geo import bounds
from geo.errors import RowFault, UnreadableFile


@dataclass(frozen=True)
class Limits:
    """Bound what one file may ask for; over a limit the file is refused as UnreadableFile.

    Attributes
    ----------
    file_bytes, json_bytes
        Size on disk; a JSON file is read into memory as a whole, so its own limit is lower.
    features
        Rows or features of one layer.
    table_bytes
        Of the columns read from a Parquet file, unpacked.
    zip_entries, zip_bytes, zip_ratio
        Of a packed file: entries, bytes unpacked, and bytes unpacked per byte packed.
    xlsx_bytes, xlsx_cells
        Of a workbook, which GDAL holds in memory as a whole: bytes unpacked, and cells, rows and texts of one sheet.
    collection_depth
        GeometryCollections within each other.
    """

    file_bytes: int = 8 << 30
    json_bytes: int = 1 << 30
    features: int = 5_000_000
    table_bytes: int = 2 << 30
    zip_entries: int = bounds.ZIP_ENTRIES
    zip_bytes: int = bounds.ZIP_BYTES
    zip_ratio: int = bounds.ZIP_RATIO
    xlsx_bytes: int = 1 << 30
    xlsx_cells: int = 20_000_000
    collection_depth: int = bounds.MAX_COLLECTIONS


class Fault(NamedTuple):
    """Say what is wrong with one feature; ``reason`` is ``中文 / English``."""

    field: str
    reason: str
    value: str = ""


@dataclass
class Source:
    """Hold the features of one layer of one file as found, broken ones included.

    Attributes
    ----------
    name
        File name, with the layer where the file has several.
    columns
        One row per feature in the file's order; raw values of any type.
    shapes
        shapely geometry per feature in the file's own CRS, None where there is none or it is broken.
    crs
        The CRS the file itself names; None where it names none.
    faults
        Row position from 0 -> what made the feature unreadable.
    labels
        Name of each row in the rejects file; None stands for its number.
    numbers
        Row number from 1 of each row, where blank rows were left out; None where none were.
    tags
        OpenStreetMap tags per feature; None where the file is of another kind.
    always_wgs84
        True where the format's standard fixes the CRS, as OpenStreetMap does.
    axes_from_columns
        True where coordinates came from columns, whose x may be the northing (Chinese survey usage).
    notes
        Sentence -> number of rows it holds for.
    row_notes
        Sentence -> positions of the rows it holds for; only those that stay good are counted.
    """

    name: str
    columns: pd.DataFrame
    shapes: np.ndarray
    crs: str | pyproj.CRS | None = None
    faults: dict[int, Fault] = field(default_factory=dict)
    labels: Sequence[str] | None = None
    numbers: np.ndarray | None = None
    tags: Sequence[Mapping[str, Any]] | None = None
    always_wgs84: bool = False
    axes_from_columns: bool = False
    notes: Counter[str] = field(default_factory=Counter)
    row_notes: dict[str, list[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.shapes)

    def row_fault(self, position: int, fault: Fault) -> RowFault:
        """Return the fault of the row at that position from 0 as the doors show it."""
        return RowFault(self.name, self.label(position), fault.field, fault.reason, fault.value[:200])

    def number(self, position: int) -> int:
        """Return the row number from 1, in the file's order, of the row at that position from 0."""
        return int(self.numbers[position]) if self.numbers is not None else position + 1

    def label(self, position: int) -> str:
        """Return the name of a row in the rejects file: its OpenStreetMap id, or its number."""
        return self.labels[position] if self.labels is not None else str(self.number(position))


def shapes_array(shapes: Sequence[Any]) -> np.ndarray:
    """Return the geometries as an object array of one dimension, whatever they are."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def plain_file(path: str | Path, limits: Limits) -> Path:
    """Return the resolved path of a plain file on disk.

    Raises
    ------
    UnreadableFile
        For URLs, GDAL's virtual paths, directories, absent and oversized files.
    """
    text = str(path)
    if "://" in text or text.replace("\\", "/").lstrip().lower().startswith("/vsi"):
        raise UnreadableFile(f"只读本机文件：{_short(text)}", f"only files on disk are read, not {_short(text)}")
    try:
        resolved = Path(text).resolve(strict=True)
        size = resolved.stat().st_size
    except (OSError, ValueError, RuntimeError):
        raise UnreadableFile(f"找不到文件：{_short(text)}", f"no such file: {_short(text)}") from None
    if not resolved.is_file():
        raise UnreadableFile(f"不是文件：{_short(text)}", f"not a file: {_short(text)}")
    if size == 0:
        raise UnreadableFile(f"文件是空的：{resolved.name}", f"the file {resolved.name} is empty")
    check_size(resolved.name, size, limits.file_bytes)
    return resolved


def check_size(name: str, size: int, allowed: int) -> None:
    """Refuse a file over the bytes allowed."""
    if size > allowed:
        raise UnreadableFile(
            f"文件过大：{name} 有 {size / 2**20:,.0f} MB，上限 {allowed / 2**20:,.0f} MB",
            f"{name} is {size / 2**20:,.0f} MB, over the limit of {allowed / 2**20:,.0f} MB",
        )


def check_features(name: str, count: int, limits: Limits) -> None:
    """Refuse a layer of more features than allowed."""
    if count > limits.features:
        raise UnreadableFile(
            f"{name} 要素过多：{count:,}，上限 {limits.features:,}",
            f"{name} has {count:,} features, over the limit of {limits.features:,}",
        )


def check_columns(name: str, columns: int, rows: int) -> None:
    """Refuse a table of more columns or cells than allowed: a narrow row in a wide table is filled up."""
    if columns > bounds.MAX_COLUMNS:
        raise broken(name, f"列数超过 {bounds.MAX_COLUMNS:,}", f"it has more than {bounds.MAX_COLUMNS:,} columns")
    if columns * rows > bounds.MAX_CELLS:
        raise broken(name, f"单元格超过 {bounds.MAX_CELLS:,}", f"it has more than {bounds.MAX_CELLS:,} cells")


def broken(name: str, zh: str, en: str) -> UnreadableFile:
    """Return the error for a file that cannot be read as what it claims to be."""
    return UnreadableFile(f"无法读取 {name}：{zh}", f"cannot read {name}: {en}")


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:120] + "…"
