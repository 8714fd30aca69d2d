"""Map codes of stored grids from one day to another, and answer a table of old codes with those of a day (rule V6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import BadValue, NotFound
from geo.places.gazetteer import polygon_rows
from geo.planning.crosswalk import By, crosswalk
from geo.planning.loads import with_floors
from geo.readers.code_lists import CodeList
from geo.sentences import sentence
from geo.storage.protocol import Store

#: Columns that are added to a table of codes.
ADDED = ("now", "name", "share", "parts", "note")
#: The day that the codes are of, and since when those are used that are used later only.
_Days = tuple[date | None, dict[str, object]]
#: Code, name, share and number of parts of what a code answers to.
_Part = tuple[str | None, str | None, float | None, int]
_NOTHING: _Part = (None, None, None, 0)


@dataclass(frozen=True)
class Crosswalk:
    """Hold how the grids of two days answer to each other.

    Attributes
    ----------
    table
        As ``geo.crosswalk`` gives it, with ``old_name`` and ``new_name``.
    start, end
        The days.
    notes
        What was taken for granted, as ``中文 / English``.
    """

    table: pd.DataFrame
    start: date
    end: date
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class AnsweredCodes:
    """Hold a table of codes with the codes of a day.

    Attributes
    ----------
    table
        The rows of the table in their order, one of a code that was split once for each part, with the columns of
        ``ADDED`` behind: code and name of the day, share, how many parts, and a note ``中文 / English``.
    rows, split, unknown
        How many rows the table had, of how many the code was split, of how many it answers to no grid.
    notes
        What was taken for granted, as ``中文 / English``.
    """

    table: pd.DataFrame
    rows: int
    split: int
    unknown: int
    notes: list[str] = field(default_factory=list)


def crosswalk_of_days(store: Store, start: date, end: date | None = None, by: By = "area") -> Crosswalk:
    """Return which grids of the later day have what each grid of the earlier one had.

    Raises
    ------
    NotFound
        There are no grids on a day.
    BadValue
        The days are in the wrong order, or there are no buildings to share by.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder, day = tempfile.TemporaryDirectory(), [date(2026, 1, 1)]
    >>> store = open_store(Path(folder.name) / "workspace.gpkg", today=lambda: day[0])
    >>> whole = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(103.0, 37.0, 103.02, 37.01)], crs="EPSG:4326")
    >>> _ = store.write("grids", whole, "upsert", actor="li")
    >>> day[0] = date(2026, 3, 1)
    >>> halves = shapely.box([103.0, 103.01], 37.0, [103.01, 103.02], 37.01)
    >>> parts = gpd.GeoDataFrame({"code": ["w", "e"]}, geometry=halves, crs="EPSG:4326")
    >>> _ = store.write("grids", parts, "replace", actor="li")
    >>> found = crosswalk_of_days(store, date(2026, 1, 1)).table
    >>> found[["old", "new"]].to_numpy().tolist(), found["share"].sum()
    ([['a', 'e'], ['a', 'w']], np.float64(1.0))
    >>> store.close()
    >>> folder.cleanup()
    """
    with store.snapshot():
        last = end or store.today()
        if start > last:
            raise BadValue(f"{start} 晚于 {last}", f"{start} is after {last}")
        before, after = (polygon_rows(store.read("grids", at=one)) for one in (start, last))
        for one, rows in ((start, before), (last, after)):
            if not len(rows):
                raise NotFound(f"{one} 没有网格", f"there are no grids on {one}")
        buildings = _buildings(store, last, by)
    table = _named(crosswalk(before, after, by=by, buildings=buildings), before, after)
    return Crosswalk(table, start, last, _notes(table, by))


def answer_codes(
    store: Store,
    codes: CodeList,
    *,
    start: date | None = None,
    end: date | None = None,
    by: By = "area",
    shared: Sequence[str] = (),
) -> AnsweredCodes:
    """Return a table of old codes with those of a day: every row is kept, one whose code was split tells each part.

    Parameters
    ----------
    start
        The day that the codes are of. None: a code of the last day is its own answer, any other one is that of its last
        version before.
    end
        The day whose codes answer; None is today.
    shared
        Columns of numbers of which each part gets its share; the others are the same in each part.

    Raises
    ------
    NotFound
        There are no grids on the last day.
    BadValue
        There is no such column to share, or it holds a text that is no number.
    """
    with store.snapshot():
        last = end or store.today()
        after = polygon_rows(store.read("grids", at=last))
        if not len(after):
            raise NotFound(f"{last} 没有网格", f"there are no grids on {last}")
        before = polygon_rows(store.read("grids", at=(None, last) if start is None else start))
        buildings = _buildings(store, last, by)
        later = store.read("grids", at=(last, None))
    wanted = {one for one in codes.codes if one is not None}
    before = before[before["code"].isin(wanted)]
    if start is None:
        of_day = after[after["code"].isin(wanted)]
        own = pd.DataFrame({"old": of_day["code"], "new": of_day["code"], "share": 1.0, "parts": 1, "by": by})
        before = before[~before["code"].isin(of_day["code"])]
        found = pd.concat([own, crosswalk(before, after, by=by, buildings=buildings)] if len(before) else [own])
    else:
        found = crosswalk(before, after, by=by, buildings=buildings)
    found = _named(found.reset_index(drop=True), before, after)
    begins = dict(zip(later["code"], later["valid_from"], strict=True))
    return _answered(codes, found, (start, begins), _numbers(codes.table, shared), _notes(found, by))


def _buildings(store: Store, day: date, by: By) -> gpd.GeoDataFrame | None:
    if by == "area":
        return None
    return with_floors(store.read("obstacles", at=day))


def _named(table: pd.DataFrame, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    names = {
        column: dict(zip(rows["code"], rows["name"], strict=True)) if "name" in rows else {}
        for column, rows in (("old", before), ("new", after))
    }
    for column, place in (("old", 1), ("new", 3)):
        told = [names[column].get(one) for one in table[column]]
        told = [None if pd.isna(one) else one for one in told]
        table.insert(min(place, len(table.columns)), f"{column}_name", pd.Series(told, table.index, object))
    return table


def _notes(table: pd.DataFrame, by: By) -> list[str]:
    notes = []
    by_area = table[table["by"] == "area"]["old"].nunique() if by != "area" else 0
    if by_area:
        notes.append(
            sentence(
                f"{by_area} 个旧网格里没有建筑：按面积分", f"{by_area} old grids have no buildings: shared by area"
            )
        )
    gone = table[table["new"].isna()]["old"].nunique()
    if gone:
        notes.append(
            sentence(
                f"{gone} 个旧网格有一部分现在不属于任何网格",
                f"{gone} old grids have a part that is in no grid now",
            )
        )
    return notes


def _numbers(table: pd.DataFrame, shared: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the numbers of columns that are shared, NaN where a cell is empty."""
    out = {}
    for name in shared:
        if name not in table:
            listed = [str(one) for one in table.columns[:20]]
            raise BadValue(
                f"没有 {name} 这一列；有：{'、'.join(listed)}",
                f"there is no column {name}; there are: {', '.join(listed)}",
            )
        numbers = pd.to_numeric(table[name], errors="coerce").to_numpy(float, na_value=np.nan)
        wrong = np.flatnonzero(
            np.isnan(numbers) & table[name].map(lambda one: bool(str(one).strip()) and not pd.isna(one))
        )
        if len(wrong):
            row, cell = int(wrong[0]) + 1, str(table[name].iloc[wrong[0]])[:40]
            raise BadValue(f"{name} 列第 {row} 行不是数：{cell}", f"column {name}, row {row}: {cell} is no number")
        out[name] = numbers
    return out


def _answered(
    codes: CodeList, found: pd.DataFrame, days: _Days, numbers: dict[str, np.ndarray], notes: list[str]
) -> AnsweredCodes:
    parts: dict[str, list[_Part]] = {}
    columns = found[["old", "new", "new_name", "share", "parts"]].astype(object)
    for old, new, name, share, count in columns.itertuples(index=False):
        parts.setdefault(old, []).append((None if pd.isna(new) else new, name, share, count))
    rows, added, split, unknown = [], [], 0, 0
    for row, code in enumerate(codes.codes):
        own = parts.get(code or "", []) if row not in codes.lost else []
        split += len(own) > 1
        unknown += not own and code is not None
        for new, name, share, count in own or [_NOTHING]:
            rows.append(row)
            added.append((new, name, share, count, _note(codes, row, new, count, days)))
    table = codes.table.iloc[rows].reset_index(drop=True)
    for name, values in numbers.items():
        share = np.array([1.0 if one[2] is None else one[2] for one in added])
        each = values[rows] * share
        table[name] = pd.Series([None if np.isnan(one) else one for one in each.tolist()], table.index, object)
    for place, name in enumerate(ADDED):
        table.insert(
            len(table.columns), name, pd.Series([one[place] for one in added], dtype=object), allow_duplicates=True
        )
    return AnsweredCodes(table, len(codes.codes), split, unknown, notes)


def _note(codes: CodeList, row: int, new: str | None, count: int, days: _Days) -> str | None:
    if count == 0:
        return _why_none(codes, row, days)
    if new is None:
        return sentence("这一部分现在不属于任何网格", "this part is in no grid now")
    return sentence(f"分到 {count} 处", f"split into {count}") if count > 1 else None


def _why_none(codes: CodeList, row: int, days: _Days) -> str:
    """Return why the code of a row answers to no grid."""
    code, (start, begins) = codes.codes[row], days
    if code is None:
        return sentence("没有代码", "no code")
    if row in codes.lost:
        return sentence("代码成了数值，末几位已丢失", "a spreadsheet made the code a number: its last digits are lost")
    if code in begins:
        day = str(begins[code])[:10]
        return sentence(f"这个代码自 {day} 起才使用", f"this code is used from {day} on only")
    if start is not None:
        return sentence(f"{start} 没有哪个网格用这个代码", f"no grid had this code on {start}")
    return sentence("没有哪个网格用过这个代码", "no grid had this code")
