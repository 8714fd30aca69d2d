"""Read workbooks whose rows carry coordinates or WKT."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio

from geo import bounds
from geo.errors import UnknownName, UnreadableFile
from geo.readers import cell_values
from geo.readers.heading_rows import column_names
from geo.readers.source import FileLimits, SourceTable, check_columns, check_features, shapes_array, unreadable


def read_xlsx(path: Path, source_layer: str | None, limits: FileLimits) -> SourceTable:
    """Return the rows of one sheet of an XLSX workbook as text, without geometry; the first row is the header."""
    try:
        _check_workbook(path, limits)
        with warnings.catch_warnings():
            # GDAL warns of columns beyond its limit, which is above ours.
            warnings.simplefilter("ignore")
            sheets, sheet, frame = _sheet(path, source_layer)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise unreadable(path.name, "工作簿损坏", str(error).replace(str(path), path.name)[:200]) from None
    check_features(path.name, len(frame), limits)
    check_columns(path.name, len(frame.columns), len(frame))
    frame = frame.astype(object)
    frame.columns = pd.Index(column_names([str(name) for name in frame.columns]))
    filled = np.array(
        [any(not cell_values.is_missing(cell) for cell in record) for record in frame.to_numpy()], dtype=bool
    )
    numbers = np.flatnonzero(filled) + 1
    frame = frame[filled].reset_index(drop=True)
    name = path.name if len(sheets) == 1 else f"{path.name}:{sheet}"
    return SourceTable(name, frame, shapes_array([None] * len(frame)), numbers=numbers)


def _sheet(path: Path, source_layer: str | None) -> tuple[list[str], str, pd.DataFrame]:
    """Return the names of the sheets, the one chosen, and its rows."""
    sheets = [str(name) for name, _ in pyogrio.list_layers(path)]
    if source_layer is not None and source_layer not in sheets:
        there = ", ".join(sheets)
        raise UnknownName(f"没有工作表 {source_layer}；有：{there}", f"no sheet {source_layer}; there are: {there}")
    if not sheets:
        raise unreadable(path.name, "没有工作表", "it has no sheet")
    sheet = source_layer or sheets[0]
    # As text: a 20-digit number keeps its digits, and a damaged one is reported as it is in the file.
    return (
        sheets,
        sheet,
        pyogrio.read_dataframe(path, layer=sheet, read_geometry=False, HEADERS="FORCE", FIELD_TYPES="STRING"),
    )


def _check_workbook(path: Path, limits: FileLimits) -> None:
    """Refuse a workbook that is too large when unpacked, declares entities, or has more cells than the limit."""
    with bounds.open_zip(
        path, max_entries=limits.zip_entries, max_bytes=limits.xlsx_bytes, max_ratio=limits.zip_ratio, nested=True
    ) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise unreadable(path.name, "不是 XLSX 工作簿", "it is no XLSX workbook")
        for entry in archive.infolist():
            if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                _check_part(path.name, bounds.stream(archive, entry), limits)


def _check_part(name: str, pieces: Iterable[bytes], limits: FileLimits) -> None:
    tail, cells = b"", 0
    for piece in pieces:
        try:
            bounds.check_xml(tail + piece)
        except UnreadableFile as error:
            raise unreadable(name, error.zh, error.en) from None
        cells += piece.count(b"<c ") + piece.count(b"<c>") + piece.count(b"<row") + piece.count(b"<si")
        if cells > limits.xlsx_cells:
            raise unreadable(name, f"单元格超过 {limits.xlsx_cells:,}", f"it has more than {limits.xlsx_cells:,} cells")
        tail = piece[-64:]
