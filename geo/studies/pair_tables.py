"""Lay out pairs of cameras as a table for a planner, and read what the planner confirmed in it.

A row of the table carries the state of both its rows: a text made of all that is known of them. By it a confirmed row
finds them again, whatever a spreadsheet did to ids and numbers, and a row that was changed since is known as such.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.fields import Field
from geo.catalog.layers import layer
from geo.catalog.yes_no import is_yes
from geo.errors import BadValue, UnknownName, UnreadableFile
from geo.plain_words import folded_word, joined_word
from geo.readers.columns.column_plan import ColumnPlan
from geo.readers.format_types import OpenRequest
from geo.readers.formats import open_file
from geo.readers.read_options import ReadOptions
from geo.readers.source import FileLimits, plain_file
from geo.readers.words.cell_values import is_missing
from geo.registers.evidence import WEIGHTS, plain_id
from geo.row_keys import DIRECTION_ID
from geo.sentences import sentence

Result = Literal["pair", "ambiguous", "only_file", "only_store"]
Lang = Literal["zh", "en"]

CAMERAS = layer("cameras")
#: Fields that a pair is compared by and merged in: its ids are kept both, its dates are the store's.
MERGED = tuple(one for one in CAMERAS.fields if one.name not in ("id", "other_ids"))
#: The name under which the place of a row is chosen like a field.
PLACE = "place"

#: Column -> headings, zh and en.
HEADINGS: Mapping[str, tuple[str, str]] = {
    "confirm": ("确认", "confirm"),
    "result": ("结果", "result"),
    "group": ("不唯一组", "group"),
    "score": ("得分", "score"),
    "distance_m": ("距离（米）", "distance_m"),
    "id_store": ("编号（库）", "id (store)"),
    "id_file": ("编号（文件）", "id (file)"),
    "name_store": ("名称（库）", "name (store)"),
    "name_file": ("名称（文件）", "name (file)"),
    "differs": ("不同的字段", "differs"),
    **{f"score_{name}": (f"得分：{zh}", f"score: {name}") for name, zh in zip(
        WEIGHTS, ("编号", "位置", "名称", "方位侧", "序号", "方位角", "类型"), strict=True
    )},
    "lon_store": ("经度（库）", "lon (store)"),
    "lat_store": ("纬度（库）", "lat (store)"),
    "lon_file": ("经度（文件）", "lon (file)"),
    "lat_file": ("纬度（文件）", "lat (file)"),
    "row": ("文件行", "row"),
    "state": ("状态标记", "state"),
}  # fmt: skip
RESULTS: Mapping[str, tuple[str, str]] = {
    "pair": ("配对", "pair"),
    "ambiguous": ("不唯一", "ambiguous"),
    "only_file": ("只在文件", "only in the file"),
    "only_store": ("只在库", "only in the store"),
}
#: Columns without which a table cannot be applied.
_NEEDED = ("confirm", "state")

#: Further words than those of every yes and no; an empty cell confirms nothing.
_CONFIRMED = {"ok", "确认", "同意", "store", "库", "以库为准"}
_FILE = {"file", "文件", "以文件为准"}
_FILE_FIELDS = re.compile(r"(?:(?:yes|是)[\s,;、。]*)?(?:file|文件)\s*:\s*(?P<fields>.+)", re.DOTALL)
_PLACE_WORDS = {PLACE, "position", "位置", "坐标", "经纬度", "lon", "lat", "经度", "纬度"}
#: Numbers that differ by less are shown as equal: a register rounds azimuths and heights to one decimal.
_NUMBERS_DIFFER = 0.05


@dataclass(frozen=True)
class Confirmation:
    """One confirmed row of a table.

    Attributes
    ----------
    row
        Its number in the table, from 1 for the first below the headings.
    id_store, id_file
        As the table names them, for messages.
    store_state, file_state
        States of both rows; empty where there is none.
    fields
        Fields whose value is the file's; None for every one that the file has.
    fault
        Why it cannot be understood, ``中文 / English``; empty where it can.
    """

    row: int
    id_store: str
    id_file: str
    store_state: str
    file_state: str
    fields: frozenset[str] | None = frozenset()
    fault: str = ""


# --- states ----------------------------------------------------------------------------------------------------------


def states(frame: gpd.GeoDataFrame) -> list[str]:
    """Return a text per row of cameras that changes when any field or the place of the row does.

    Examples
    --------
    >>> here = gpd.GeoDataFrame({"id": ["A", "B"], "height": [4.0, None]}, geometry=shapely.points([[1, 2], [1, 2]]))
    >>> one, other = states(here)
    >>> one == other, [one, other] == states(here.assign(roll=None))
    (False, True)
    """
    names = [one.name for one in CAMERAS.fields if one.name in frame]
    columns = [[None if is_missing(cell) else cell for cell in frame[name].tolist()] for name in names]
    places = np.round(shapely.get_coordinates(frame.geometry.to_numpy()), 9).tolist()
    out = []
    for cells, place in zip(zip(*columns, strict=True), places, strict=True):
        told = [f"{name}={_plain(cell)}" for name, cell in zip(names, cells, strict=True) if cell is not None]
        text = "\x1f".join([*told, repr(place)])
        out.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16])
    return out


def _plain(cell: object) -> str:
    return repr(float(cell)) if isinstance(cell, (int, float, np.number)) else str(cell)


def own_sites(frame: pd.DataFrame) -> list[bool]:
    """Return for each row whether its site is none but the id of its camera, as a register without sites is read.

    An id that ends in a number is that of a direction only beside its brothers, which are numbered from 1.

    Examples
    --------
    >>> own_sites(pd.DataFrame({"id": ["c1#1", "c1#2", "c2"], "site": ["c1", "c1", "pole 7"]}))
    [True, True, False]
    >>> own_sites(pd.DataFrame({"id": ["A#7"], "site": ["A"]}))
    [False]
    """
    ids = set(frame["id"])
    return [
        site == key or _is_camera_of_direction(site, key, ids)
        for site, key in zip(frame["site"], frame["id"], strict=True)
    ]


def _is_camera_of_direction(site: object, key: str, ids: Collection[str]) -> bool:
    found = DIRECTION_ID.fullmatch(key)
    return found is not None and site == found["camera"] and all(f"{site}#{number}" in ids for number in (1, 2))


# --- the table -------------------------------------------------------------------------------------------------------


def table_rows(
    result: Result, pairs: pd.DataFrame, stored: gpd.GeoDataFrame, listed: gpd.GeoDataFrame, lang: Lang
) -> pd.DataFrame:
    """Return rows of the table, with columns by name (``HEADINGS``) and ``FIELD_store``, ``FIELD_file`` side by side.

    Parameters
    ----------
    result
        What these rows are.
    pairs
        ``row`` and ``other``, positions in ``listed`` and ``stored``, -1 for none; and the figures of pairs.
    stored, listed
        Cameras of the store and of the file, EPSG:4326, with ``state``; the file's with ``feature``.
    lang
        The language of words.
    """
    en = lang == "en"
    rows, others = pairs["row"].to_numpy(), pairs["other"].to_numpy()
    out: dict[str, Any] = {"confirm": [""] * len(pairs), "result": [RESULTS[result][en]] * len(pairs)}
    for name in ("group", "score", "distance_m", *(f"score_{part}" for part in WEIGHTS)):
        if name in pairs:
            out[name] = pairs[name].to_numpy()
    for side, frame, at in (("store", stored, others), ("file", listed, rows)):
        for one in (CAMERAS.field("id"), *MERGED):
            cells = frame[one.name].tolist() if one.name in frame else [None] * len(frame)
            if one.name == "site":
                cells = [None if is_own else cell for cell, is_own in zip(cells, own_sites(frame), strict=True)]
            shown = [None if k < 0 or is_missing(cells[k]) else _shown(one, cells[k], en=en) for k in at.tolist()]
            out[f"{one.name}_{side}"] = shown
        for axis, values in (("lon", frame.geometry.x), ("lat", frame.geometry.y)):
            found = values.to_numpy().round(7)
            out[f"{axis}_{side}"] = [None if k < 0 else float(found[k]) for k in at.tolist()]
    out["row"] = ["" if k < 0 else str(listed["feature"].iloc[k]) for k in rows.tolist()]
    state_pairs = zip(others.tolist(), rows.tolist(), strict=True)
    out["state"] = [
        f"v:{'' if a < 0 else stored['state'].iloc[a]}:{'' if b < 0 else listed['state'].iloc[b]}"
        for a, b in state_pairs
    ]
    table = pd.DataFrame(out)
    table["differs"] = _differences(table, en=en) if result in ("pair", "ambiguous") else ""
    return table


def _shown(field: Field, cell: object, *, en: bool) -> object:
    text = str(int(cell)) if field.kind == "integer" else cell  # type: ignore[call-overload]
    for one in field.values:
        if one.name == text:
            return one.en if en else one.zh
    return text if field.kind == "text" or field.values else float(cell)  # type: ignore[arg-type]


def _differences(table: pd.DataFrame, *, en: bool) -> list[str]:
    out: list[list[str]] = [[] for _ in range(len(table))]
    for one in MERGED:
        pairs = zip(table[f"{one.name}_store"].tolist(), table[f"{one.name}_file"].tolist(), strict=True)
        for row, (left, right) in enumerate(pairs):
            if _is_other(left, right):
                out[row].append(one.en if en else one.zh)
    return ["; ".join(names) if en else "、".join(names) for names in out]


def _is_other(left: object, right: object) -> bool:
    if is_missing(left) or is_missing(right):
        return is_missing(left) != is_missing(right)
    if isinstance(left, float) and isinstance(right, float):
        return abs(left - right) > _NUMBERS_DIFFER
    return left != right


def with_headings(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return the table with its columns in order and headed in a language; of fields only those that differ somewhere.

    Both sides of a field that differs stand side by side; where they are equal in a row both are still shown.
    """
    en = lang == "en"
    fixed = [name for name in HEADINGS if name in table]
    first, last = fixed[: fixed.index("differs") + 1], fixed[fixed.index("differs") + 1 :]
    fields: list[str] = []
    heads = {name: HEADINGS[name][en] for name in fixed}
    paired = table[table["differs"] != ""]
    for one in MERGED:
        sides = [f"{one.name}_store", f"{one.name}_file"]
        if one.name == "name" or not any(map(_is_other, paired[sides[0]].tolist(), paired[sides[1]].tolist())):
            continue
        fields += sides
        store, file = ("(store)", "(file)") if en else ("（库）", "（文件）")
        heads |= {sides[0]: f"{one.name} {store}" if en else f"{one.zh}{store}"}
        heads |= {sides[1]: f"{one.name} {file}" if en else f"{one.zh}{file}"}
    return table[[*first, *fields, *last]].rename(columns=heads)


# --- reading what was confirmed --------------------------------------------------------------------------------------


def read_confirmations(path: Path, *, encoding: str | None = None) -> tuple[list[Confirmation], int]:
    """Return the confirmed rows of a table, and how many rows were not confirmed.

    Raises
    ------
    UnreadableFile, UnknownName
        The file is no table, or has no columns ``confirm`` and ``state``.
    """
    if path.suffix.lower() not in (".csv", ".xlsx", ".tsv", ".txt"):
        raise UnreadableFile(f"{path.name} 应为 CSV 或 XLSX", f"{path.name} should be CSV or XLSX")
    limits = FileLimits()
    options = ReadOptions(encoding=encoding, header_row=1)
    source = open_file(OpenRequest(plain_file(path, limits), ColumnPlan(CAMERAS, {}, None), limits, options)).source
    columns = {joined_word(str(name)): name for name in source.columns.columns}
    found = {
        name: next((columns[joined_word(head)] for head in (*heads, name) if joined_word(head) in columns), None)
        for name, heads in HEADINGS.items()
    }
    lacking = [name for name in _NEEDED if found[name] is None]
    if lacking:
        zh, en = ("、".join(HEADINGS[name][0] for name in lacking), ", ".join(lacking))
        raise UnknownName(f"{path.name} 没有列：{zh}", f"{path.name} has no column {en}")

    def cells(name: str) -> list[str]:
        if found[name] is None:
            return [""] * len(source)
        return ["" if is_missing(cell) else str(cell).strip() for cell in source.columns[found[name]].tolist()]

    rows = list(zip(*map(cells, ("confirm", "state", "id_store", "id_file")), strict=True))
    out = []
    for position, (confirm, state, id_store, id_file) in enumerate(rows):
        if confirm and is_yes(confirm) is not False:
            out.append(_confirmation(source.number(position), confirm, state, (id_store, id_file)))
    return out, len(rows) - len(out)


def _confirmation(row: int, confirm: str, state: str, ids: tuple[str, str]) -> Confirmation:
    plain = [one.removeprefix("'") for one in ids]
    parts = state.split(":")
    if len(parts) != 3 or parts[0] != "v":
        fault = "状态标记被改动，请重新配对 / the state of the row was altered: reconcile again"
        return Confirmation(row, plain[0], plain[1], "", "", fault=fault)
    fault = ""
    fields: frozenset[str] | None = frozenset()
    try:
        fields = fields_of_file(confirm)
    except BadValue as error:
        fault = sentence(error.zh, error.en)
    if not parts[2]:
        fault = "只在库里的行没有可合并的 / a row only in the store has nothing to merge"
    return Confirmation(row, plain[0], plain[1], parts[1], parts[2], fields, fault)


def is_same_id(shown: str, key: str) -> bool:
    """Return whether a cell of the table may be that id, whatever a spreadsheet did to it.

    Numbers lose the zeros before them and their digits after the 15th; a table may also have lost the column.

    Examples
    --------
    >>> is_same_id("7.0", "007"), is_same_id("6.20622E+19", "62062200001320000123"), is_same_id("A2", "A1")
    (True, True, False)
    """
    if not shown or plain_id(shown) == plain_id(key):
        return True
    try:
        number, own = float(shown), float(key)
    except ValueError:
        return False
    if number == own:
        return True
    is_spoiled = "e" in shown.casefold() or len(re.sub(r"\D", "", key)) > 15
    return is_spoiled and abs(number - own) <= 1e-5 * abs(own) and shown[:5] == f"{own:.16g}"[:5]


def fields_of_file(confirm: str) -> frozenset[str] | None:
    """Return the fields whose value is the file's by a cell ``confirm``; None for every field that the file has.

    Examples
    --------
    >>> fields_of_file("是"), fields_of_file("以文件为准"), sorted(fields_of_file("文件：名称、方位角"))
    (frozenset(), None, ['azimuth', 'name'])
    """
    word = joined_word(confirm)
    if is_yes(confirm) or word in _CONFIRMED:
        return frozenset()
    if word in _FILE:
        return None
    said = _FILE_FIELDS.fullmatch(folded_word(confirm))
    names = {joined_word(text): one.name for one in MERGED for text in (one.name, one.zh, one.en)}
    names |= {joined_word(text): PLACE for text in _PLACE_WORDS}
    asked = [joined_word(one) for one in re.split(r"[,;、]", said["fields"])] if said is not None else []
    unknown = [one for one in asked if one and one not in names]
    chosen = [names[one] for one in asked if one in names]
    if unknown or not chosen:
        what = unknown[0] if unknown else confirm.strip()[:40]
        raise BadValue(
            f"确认栏看不懂“{what}”：写 是、以文件为准，或 文件：字段、字段",
            f"“{what}” is no confirmation: write yes, file, or file: field, field",
        )
    return frozenset(chosen)
