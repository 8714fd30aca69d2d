"""Read what a list says of its rows outside them: rows that only name a division, names of sheets, the title.

The rows below a row that only names a division, and those of a sheet of such a name, are in it. What the title says of
a CRS or a town is told in the rows that do not say it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from geo.catalog.division_codes import DIVISION_LEVELS
from geo.readers.columns.part_headings import DivisionOfRow, level_of_name
from geo.readers.columns.row_columns import PlaceOfRow
from geo.readers.rows.row_crs import named_in_heading
from geo.readers.source import Fault, SourceTable
from geo.readers.words import cell_values

#: Why a row of a list is no place.
BAND_ROW = "这一行是其下各行的标题，不是地点 / the row is the title of those below it, and no place"
_SERIAL = re.compile(r"^[（(]?(?:第?[一二三四五六七八九十]{1,3}|\d{1,2})[）)、.．]\s*")
_TOWN = re.compile(r"[\u4e00-\u9fff]{2,12}?(?:镇|苏木|街道|乡)")
_BAND, _SHEET, _TITLE = "标题行", "工作表名", "表头以上"


def in_divisions(source: SourceTable, places: Sequence[PlaceOfRow]) -> list[PlaceOfRow]:
    """Return what rows say of their places with the divisions of their sheet and of the title above them.

    A row that is such a title gets a fault.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.readers.columns.coordinate_columns import source_of_frame
    >>> rows = pd.DataFrame({"编号": ["土门镇", "1"], "地址": [None, "东街1号"]})
    >>> found = in_divisions(source_of_frame("f.csv", rows), [PlaceOfRow(), PlaceOfRow("东街1号")])
    >>> [[one.text for one in place.divisions] for place in found]
    [[], ['土门镇']]
    """
    filled = np.zeros(len(source), dtype=int)
    for name in source.columns.columns:
        cells = source.columns[name]
        filled += ~(cells.isna() | (cells == "")).to_numpy(dtype=bool)
    levels = [level_of_name(name) for name in source.sheets]
    bands: dict[str, DivisionOfRow] = {}
    out: list[PlaceOfRow] = []
    sheet_before = None
    for row, place in enumerate(places):
        sheet = None if source.sheet_of_row is None else int(source.sheet_of_row[row])
        if sheet != sheet_before:
            sheet_before, bands = sheet, {}
            level = None if sheet is None else levels[sheet]
            if sheet is not None and level is not None:
                bands[level] = DivisionOfRow(_SHEET, level, source.sheets[sheet])
        if filled[row] == 1 and place.address is None and place.grid_code is None and not place.divisions:
            band = _band(source, row)
            if band is not None:
                source.faults.setdefault(row, Fault("text", BAND_ROW))
                digits = DIVISION_LEVELS[band.level]
                bands = {level: one for level, one in bands.items() if DIVISION_LEVELS[level] < digits}
                bands[band.level] = band
                out.append(place)
                continue
        out.append(_with(place, bands) if bands else place)
    return out


def told_of_titles(source: SourceTable, places: Sequence[PlaceOfRow]) -> Mapping[int, tuple[tuple[str, str], ...]]:
    """Return what the title or the sheet of rows says of a CRS or a town, for each row that does not say it.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.readers.columns.coordinate_columns import source_of_frame
    >>> source = source_of_frame("f.csv", pd.DataFrame({"地址": ["东街1号"]}))
    >>> source.above = ("土门镇登记表",)
    >>> told_of_titles(source, [PlaceOfRow("东街1号")]), told_of_titles(source, [PlaceOfRow("土门镇东街1号")])
    ({0: (('表头以上', '土门镇登记表'),)}, {})
    """
    out: dict[int, tuple[tuple[str, str], ...]] = {}
    for text in source.above:
        town = _TOWN.search(text)
        is_of_crs = named_in_heading(text) is not None
        for row, place in enumerate(places if town is not None or is_of_crs else ()):
            said = "".join([place.address or "", *(one.text for one in place.divisions)])
            if is_of_crs or (town is not None and said and town[0][-3:] not in said):
                out[row] = (*out.get(row, ()), (_TITLE, text))
    of_crs = [named_in_heading(name) is not None for name in source.sheets]
    for row, sheet in enumerate(() if source.sheet_of_row is None or not any(of_crs) else source.sheet_of_row.tolist()):
        if of_crs[sheet]:
            out[row] = (*out.get(row, ()), (_SHEET, source.sheets[sheet]))
    return out


def _band(source: SourceTable, row: int) -> DivisionOfRow | None:
    """Return the division that is all that a row says; None where it says anything else."""
    texts = cell_values.texts(source.columns.iloc[row])
    said = list(dict.fromkeys(text for text in texts if text is not None))
    if len(said) != 1:
        return None
    name = _SERIAL.sub("", said[0])
    level = level_of_name(name)
    return None if level is None else DivisionOfRow(_BAND, level, name)


def _with(place: PlaceOfRow, bands: Mapping[str, DivisionOfRow]) -> PlaceOfRow:
    own = {one.level for one in place.divisions}
    every = [*place.divisions, *(one for level, one in bands.items() if level not in own)]
    return place._replace(divisions=tuple(sorted(every, key=lambda one: DIVISION_LEVELS[one.level])))
