"""Hold the unvalidated content of a file; reject paths that are not regular files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
import pyproj

from geo import bounds
from geo.errors import RowFault, UnreadableFile
from geo.sentences import sentence
from geo.types import CellFinding, SheetRows


class ColumnChooser(Protocol):
    """Given the names of all columns, those of them that may be cut short, and whether coordinates are among them.

    Returns those to read; personal columns never are.
    """

    def __call__(
        self, names: Sequence[str], *, cut: Collection[str] = (), with_coordinates: bool = False
    ) -> Sequence[str]:
        """Return the columns to read."""


class TooManyFeatures(UnreadableFile):
    """A layer has more features or rows than are read."""


@dataclass(frozen=True)
class FileLimits:
    """Limits on the size of one file; a file over a limit is refused as UnreadableFile.

    Attributes
    ----------
    file_bytes, json_bytes
        Size on disk; a JSON file is read into memory as a whole, so its limit is lower.
    features
        Rows or features of one layer.
    table_bytes
        Uncompressed size of the columns read from a Parquet file.
    zip_entries, zip_bytes, zip_ratio
        Of a zip file: entries, uncompressed bytes, and compression ratio.
    xlsx_bytes, xlsx_cells
        Of a workbook, whose cells are held in memory: uncompressed bytes, and cells, rows and texts.
    xls_bytes
        Size on disk of a BIFF workbook or an HTML page, which are read into memory as a whole.
    dxf_bytes
        Size of a drawing, which GDAL reads as a whole.
    collection_depth
        Nesting of GeometryCollections.
    """

    file_bytes: int = 8 << 30
    json_bytes: int = 1 << 30
    features: int = 5_000_000
    table_bytes: int = 2 << 30
    zip_entries: int = bounds.MAX_ZIP_ENTRIES
    zip_bytes: int = bounds.MAX_ZIP_BYTES
    zip_ratio: int = bounds.MAX_ZIP_RATIO
    xlsx_bytes: int = 1 << 30
    xlsx_cells: int = 20_000_000
    xls_bytes: int = 256 << 20
    dxf_bytes: int = 512 << 20
    collection_depth: int = bounds.MAX_COLLECTIONS


class Fault(NamedTuple):
    """Fault of one feature or of one of its cells; ``reason`` is ``中文 / English``.

    ``is_word`` tells a cell whose word was not understood from one that is impossible.
    """

    field: str
    reason: str
    value: str = ""
    is_word: bool = False


@dataclass
class SourceTable:
    """Features of one layer of one file as found, faulty ones included.

    Attributes
    ----------
    name
        File name, with the layer where the file has several.
    columns
        One row per feature in the file's order; raw values of any type.
    shapes
        shapely geometry per feature in the CRS of the file, None where there is none or it is unreadable.
    crs
        The CRS that the file names; None where it names none.
    faults
        Row position from 0 -> fault of the feature.
    labels
        Label of each row in the rejects file, such as the sheet and its row; None for the row number.
    numbers
        Row number from 1 of each row, where blank rows were skipped; None where none were.
    tags
        OpenStreetMap tags per feature; None for other formats.
    always_wgs84
        True where the format's standard fixes the CRS, as OpenStreetMap does.
    axes_from_columns
        True where coordinates came from columns, whose x may be the northing (Chinese survey usage).
    notes
        Sentence -> number of rows that it applies to.
    row_notes
        Sentence -> positions of the rows that it applies to; only valid rows are counted.
    cell_findings
        What concerns cells of rows that are kept, lost or to be looked at -> positions of the rows; only valid rows
        are reported.
    sheets
        Names of the sheets that the rows come from; empty for a file that has none.
    sheet_of_row
        Position in ``sheets`` of each row; None for a file without sheets.
    rows_left_out
        Sheet that was not read -> its rows.
    file_findings
        What concerns the file as a whole.
    row_keys
        What names each row where it has no key; None for the file's name and the row number.
    left_out
        Rows that are none of the layer, removed by `leave_out`, each reason with its rows.
    crs_hint
        What helps to tell the CRS of a file that names none, in Chinese and English; empty for nothing.
    heading
        The row that was taken for the heading of a table, as a planner sees it; empty for other files.
    above
        Texts above the heading of a table: its title, and what is told of it.
    is_unnamed
        True where a format without a standard names no CRS, and WGS-84 is only what its kin has: a bare array.
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
    cell_findings: dict[Fault, list[int]] = field(default_factory=dict)
    sheets: Sequence[str] = ()
    sheet_of_row: np.ndarray | None = None
    rows_left_out: dict[str, int] = field(default_factory=dict)
    file_findings: list[CellFinding] = field(default_factory=list)
    row_keys: Sequence[str] | None = None
    left_out: list[CellFinding] = field(default_factory=list)
    crs_hint: tuple[str, str] = ("", "")
    heading: str = ""
    above: Sequence[str] = ()
    is_unnamed: bool = False

    @classmethod
    def empty(cls, name: str) -> SourceTable:
        """Return a table without rows."""
        return cls(name, pd.DataFrame(), shapes_array([]))

    def __len__(self) -> int:
        return len(self.shapes)

    def row_fault(self, position: int, fault: Fault) -> RowFault:
        """Return the fault of the row at that position from 0 for reports and the rejects file."""
        return RowFault(self.name, self.label(position), fault.field, fault.reason, fault.value[:200])

    def add_finding(self, position: int, fault: Fault) -> None:
        """Record that a cell of the row at that position from 0 is lost, or to be looked at; the row is kept."""
        self.cell_findings.setdefault(fault._replace(value=fault.value[:200]), []).append(position)

    def note_others(self, names: Sequence[str]) -> None:
        """Say which further layers of the file, or files of the archive, were not read, where nobody chose one."""
        if names:
            zh, en = "、".join(names[:20]), ", ".join(names[:20])
            more = ("" if len(names) <= 20 else " 等", "" if len(names) <= 20 else ", ...")
            self.notes[
                sentence(
                    f"还有没读的：{zh}{more[0]}；用 --source-layer 选",
                    f"not read: {en}{more[1]}; choose with --source-layer",
                )
            ] = 0

    def leave_out(self, found: Mapping[int, Fault]) -> None:
        """Remove rows that are none of the layer, in place, and remember them: neither read nor rejected.

        Those without a field are only counted, as the other features of a file of OpenStreetMap are.
        """
        if not found:
            return
        labels: dict[Fault, list[str]] = {}
        for row, fault in sorted(found.items()):
            self.notes[fault.reason] += 1
            if fault.field:
                labels.setdefault(fault._replace(value=fault.value[:200]), []).append(self.label(row))
        self.left_out += [CellFinding(*fault[:3], tuple(rows), len(rows)) for fault, rows in labels.items()]
        self.remove(found)

    def remove(self, rows: Collection[int]) -> None:
        """Remove the rows at those positions from 0, in place, as if the file had never had them."""
        gone = set(rows)
        keep = np.array([row for row in range(len(self)) if row not in gone], dtype=int)
        place = {int(row): number for number, row in enumerate(keep)}
        self.numbers = (self.numbers if self.numbers is not None else np.arange(1, len(self) + 1))[keep]
        self.shapes, self.columns = self.shapes[keep], self.columns.iloc[keep].reset_index(drop=True)
        self.faults = {place[row]: fault for row, fault in self.faults.items() if row in place}
        self.row_notes = {one: [place[row] for row in rows if row in place] for one, rows in self.row_notes.items()}
        self.cell_findings = {
            one: [place[row] for row in rows if row in place] for one, rows in self.cell_findings.items()
        }
        if self.labels is not None:
            self.labels = [self.labels[row] for row in keep]
        if self.row_keys is not None:
            self.row_keys = [self.row_keys[row] for row in keep]
        if self.tags is not None:
            self.tags = [self.tags[row] for row in keep]
        if self.sheet_of_row is not None:
            self.sheet_of_row = self.sheet_of_row[keep]

    def repeat(self, rows: Sequence[int]) -> None:
        """Add the rows at those positions from 0 once more at the end, in place: another thing that they name."""
        more = list(rows)
        self.numbers = self.numbers if self.numbers is not None else np.arange(1, len(self) + 1)
        self.numbers = np.concatenate([self.numbers, self.numbers[more]])
        self.shapes = np.concatenate([self.shapes, self.shapes[more]])
        self.columns = pd.concat([self.columns, self.columns.iloc[more]], ignore_index=True)
        if self.labels is not None:
            self.labels = [*self.labels, *(self.labels[row] for row in more)]
        if self.row_keys is not None:
            self.row_keys = [*self.row_keys, *(self.row_keys[row] for row in more)]
        if self.tags is not None:
            self.tags = [*self.tags, *(self.tags[row] for row in more)]
        if self.sheet_of_row is not None:
            self.sheet_of_row = np.concatenate([self.sheet_of_row, self.sheet_of_row[more]])

    def findings(self) -> list[CellFinding]:
        """Return the findings on the file, then those on cells of rows that are kept.

        The most frequent come first, then the file's order.
        """
        found = []
        for fault, positions in self.cell_findings.items():
            rows = tuple(self.label(row) for row in positions if row not in self.faults)
            if rows:
                found.append(CellFinding(*fault[:3], rows, len(rows), fault.is_word))
        return [*self.file_findings, *sorted(found, key=lambda one: -one.count)]

    def sheet_rows(self) -> list[SheetRows]:
        """Return the sheets that the rows come from, each with its rows and those without a fault."""
        if self.sheet_of_row is None:
            return []
        good = np.ones(len(self), dtype=bool)
        good[list(self.faults)] = False
        rows = np.bincount(self.sheet_of_row, minlength=len(self.sheets))
        kept = np.bincount(self.sheet_of_row[good], minlength=len(self.sheets))
        return [
            SheetRows(name, self.rows_left_out.get(name, int(found)), int(good_ones))
            for name, found, good_ones in zip(self.sheets, rows, kept, strict=True)
        ]

    def number(self, position: int) -> int:
        """Return the row number from 1, in the file's order, of the row at that position from 0."""
        return int(self.numbers[position]) if self.numbers is not None else position + 1

    def all_row_keys(self) -> Sequence[str]:
        """Return the key of each row where it has none of its own."""
        if self.row_keys is not None:
            return self.row_keys
        numbers = range(1, len(self) + 1) if self.numbers is None else self.numbers.tolist()
        return [f"{self.name}:{number}" for number in numbers]

    def label(self, position: int) -> str:
        """Return the label of a row in the rejects file: its OpenStreetMap id, its sheet and row, or its number."""
        return self.labels[position] if self.labels is not None else str(self.number(position))


def no_share(_share: float) -> None:
    """Ignore the share of a file that is read."""


def shapes_array(shapes: Sequence[Any]) -> np.ndarray:
    """Return the geometries as a one-dimensional object array."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def plain_file(path: str | Path, limits: FileLimits) -> Path:
    """Return the resolved path of a regular file on disk.

    Raises
    ------
    UnreadableFile
        For URLs, virtual paths of GDAL, directories, absent and oversized files.
    """
    text = str(path)
    if "://" in text or text.replace("\\", "/").lstrip().lower().startswith("/vsi"):
        raise UnreadableFile(f"只读本机文件：{_short(text)}", f"only files on disk are read, not {_short(text)}")
    try:
        resolved = Path(text).resolve(strict=True)
        size = resolved.stat().st_size
    except (OSError, ValueError, RuntimeError):
        raise UnreadableFile(f"找不到文件：{_short(text)}", f"no such file: {_short(text)}") from None
    if resolved.is_dir() and resolved.suffix.lower() == ".gdb":
        return resolved  # a File GDB is a folder, which its reader checks
    if not resolved.is_file():
        raise UnreadableFile(f"不是文件：{_short(text)}", f"not a file: {_short(text)}")
    if size == 0:
        raise UnreadableFile(f"文件是空的：{resolved.name}", f"the file {resolved.name} is empty")
    check_size(resolved.name, size, limits.file_bytes)
    return resolved


def check_size(name: str, size: int, allowed: int) -> None:
    """Raise UnreadableFile where a file is larger than allowed."""
    if size > allowed:
        raise UnreadableFile(
            f"文件过大：{name} 有 {size / 2**20:,.0f} MB，上限 {allowed / 2**20:,.0f} MB",
            f"{name} is {size / 2**20:,.0f} MB, over the limit of {allowed / 2**20:,.0f} MB",
        )


def check_features(name: str, count: int, limits: FileLimits) -> None:
    """Raise UnreadableFile where a layer has more features than allowed."""
    if count > limits.features:
        raise TooManyFeatures(
            f"{name} 要素过多：{count:,}，上限 {limits.features:,}",
            f"{name} has {count:,} features, over the limit of {limits.features:,}",
        )


def check_columns(name: str, columns: int, rows: int) -> None:
    """Raise UnreadableFile where a table has more columns or cells than allowed; short rows count as full ones."""
    if columns > bounds.MAX_COLUMNS:
        raise unreadable(name, f"列数超过 {bounds.MAX_COLUMNS:,}", f"it has more than {bounds.MAX_COLUMNS:,} columns")
    if columns * rows > bounds.MAX_CELLS:
        raise unreadable(name, f"单元格超过 {bounds.MAX_CELLS:,}", f"it has more than {bounds.MAX_CELLS:,} cells")


def unreadable(name: str, zh: str, en: str) -> UnreadableFile:
    """Return the error for a file that cannot be read as its format."""
    return UnreadableFile(f"无法读取 {name}：{zh}", f"cannot read {name}: {en}")


def short_message(error: BaseException, path: Path, name: str) -> str:
    """Return the first line of a library's message without paths; ``name`` replaces the file's own."""
    line = (str(error).splitlines() or [type(error).__name__])[0].split(";")[0]
    if line.startswith("Error occurred in "):
        return "GDAL cannot read it"  # where in its own sources
    return line.replace(str(path), name).replace(f"{path.parent}{os.sep}", "")[:200]


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:120] + "…"
