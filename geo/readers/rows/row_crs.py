"""Read the coordinate system of each row, where a table names it in a column of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
import pyproj

from geo import crs as crs_module
from geo import crs_words
from geo.catalog.heading_patterns import is_other_place
from geo.crs_datum import frame_name
from geo.errors import UnknownCrs, UnknownName
from geo.readers.columns.column_mapping import normalised_column_name
from geo.readers.source import Fault, SourceTable
from geo.readers.words import cell_values
from geo.sentences import sentence
from geo.types import CellFinding

NOT_UNDERSTOOD = "坐标系不认识 / a coordinate system that is not understood"
AS_GIVEN = "坐标系不认识，按指定的读 / a coordinate system that is not understood: read as told"
MISSING = (
    "没有写坐标系：填上这一格，或在导入时指明"
    " / no coordinate system is named: fill the cell in, or name one as you import"
)

_HEADINGS = (
    "坐标系 坐标系统 坐标系类型 坐标系名称 坐标类型 坐标基准 大地基准 坐标体系 "
    "crs srs coordinatesystem coordinatesystemtype coordsys coordtype coordinatetype datum geodeticdatum"
)
# Such a heading with words around it names them too, where its cells do: 采集坐标系, 坐标来源.
_WITHIN_HEADING = re.compile(
    r"坐标系|坐标基准|大地基准|基准面|坐标(?:类型|体系|来源|标准|格式|说明)|(?<![a-z])(?:crs|srs|datum)(?![a-z])|coordinatesystem|coordsys"
)
_LOOKED_AT = 200
# Said of coordinates in any system.
_SAID_OF_ANY = re.compile("gps|北斗", re.IGNORECASE)
_AXES = {
    "lon": re.compile(r"经度?|longitude|(?<![a-z])(?:long|lon|lng)|(?:long|lon|lng)(?![a-z])"),
    "lat": re.compile(r"纬度?|latitude|(?<![a-z])lat|lat(?![a-z])"),
}
OTHER_HEADING = "列名写明另一个坐标系，按指定的读，请核对"
OTHER_HEADING += " / the heading names another coordinate system; read as told, please check"


@lru_cache(maxsize=1024)
def known_system(text: str) -> str | None:
    """Return the coordinate system that a word names, as `geo.crs` takes it; None where it names none, or two.

    Examples
    --------
    >>> [known_system(text) for text in ("高德", "百度坐标", "CGCS2000", "EPSG:4490", "EPSG:1", "地方坐标")]
    ['gcj02', 'bd09', 'cgcs2000', 'EPSG:4490', None, None]
    """
    named = crs_words.system_of_word(text)
    if named is None or not named.startswith("EPSG:"):
        return named
    try:
        return crs_module.crs_name(named)
    except UnknownCrs:
        return None


def named_systems(text: str | None) -> tuple[str | None, dict[str, str]]:
    """Return the coordinate system that an option names for a whole file, and those that it names for parts of it.

    Raises
    ------
    UnknownCrs
        One of them is none.

    Examples
    --------
    >>> named_systems("gcj02"), named_systems("甲公司=bd09; 土门镇=gcj02; wgs84")
    (('gcj02', {}), ('wgs84', {'甲公司': 'bd09', '土门镇': 'gcj02'}))
    """
    if text is None:
        return None, {}
    whole: str | None = None
    parts: dict[str, str] = {}
    # PROJ strings and WKT have marks of their own.
    is_list = "=" in text and not text.lstrip().startswith("+") and "[" not in text
    if not is_list:
        whole = text
    for one in re.split("[;；]", text) if is_list else []:
        name, mark, system = one.rpartition("=")
        if mark and name.strip():
            if parts.setdefault(name.strip(), system.strip()) != system.strip():
                raise UnknownCrs(f"{name.strip()[:40]} 有两个坐标系", f"{name.strip()[:40]} is given two CRSs")
        elif one.strip():
            whole = one.strip()
    for system in (*parts.values(), *([] if whole is None else [whole])):
        parsed_system(system)
    return whole, parts


def systems_by_name(
    source: SourceTable, named: Mapping[str, str], groups: Sequence[tuple[str, np.ndarray]]
) -> list[tuple[str | pyproj.CRS, np.ndarray]]:
    """Return the coordinate systems named for sheets, sources and contractors, each with the mask of its rows.

    Parameters
    ----------
    named
        Name of a sheet, source or contractor -> its coordinate system.
    groups
        Heading, and the name that each row has under it; None for none. The first heading that has a name counts.

    Raises
    ------
    UnknownName
        There is no such sheet, source or contractor.
    """
    taken = np.zeros(len(source), dtype=bool)
    found = []
    for name, system in named.items():
        masks = (names == name for _, names in groups)
        rows = next((mask for mask in masks if mask.any()), None)
        if rows is None:
            # What a column of coordinate systems says is no contractor, though a name of it is taken.
            column = crs_column(source.columns)
            listed = (one for heading, names in groups if heading != column for one in names if one is not None)
            known = list(dict.fromkeys(map(str, listed)))[:20]
            zh = f"有：{'、'.join(known)}" if known else "文件没有分几个"
            en = f"there are: {', '.join(known)}" if known else "the file has none to tell apart"
            raise UnknownName(
                f"--crs 指的 {name[:40]} 不是工作表、来源或承建单位，{zh}",
                f"--crs names {name[:40]}, which is no sheet, source or contractor; {en}",
            )
        used = parsed_system(system)
        note = sentence(f"{name} 按 {crs_module.crs_name(used)} 读，如 --crs 所指", f"of {name}, read as --crs tells")
        source.notes[note] += int((rows & ~taken).sum())
        found.append((used, rows & ~taken))
        taken |= rows
    return found


def without_system(source: SourceTable, rows: np.ndarray) -> None:
    """Reject rows for which nobody names a coordinate system, while others have one."""
    for row in np.flatnonzero(rows).tolist():
        source.faults.setdefault(row, Fault("crs", MISSING))


def crs_column(columns: pd.DataFrame) -> str | None:
    """Return the column that names the coordinate system of each row; None where there is none.

    It is known by its heading, or where that only holds such a word by its cells.

    Examples
    --------
    >>> crs_column(pd.DataFrame({"坐标来源": ["高德地图", "百度"]})), crs_column(pd.DataFrame({"坐标来源": ["张三"]}))
    ('坐标来源', None)
    """
    plain = {normalised_column_name(name): name for name in reversed(columns.columns)}
    found = next((plain[one] for one in _HEADINGS.split() if one in plain), None)
    if found is not None:
        return found
    within = (name for one, name in plain.items() if _WITHIN_HEADING.search(one))
    return next((name for name in within if _names_systems(columns[name])), None)


def may_name_systems(heading: str) -> bool:
    """Return whether the cells below a heading may name coordinate systems, as `crs_column` looks for them.

    Examples
    --------
    >>> [may_name_systems(heading) for heading in ("坐标系", "坐标来源", "crs", "坐标", "经度")]
    [True, True, True, False, False]
    """
    plain = normalised_column_name(heading)
    return plain in _HEADINGS.split() or _WITHIN_HEADING.search(plain) is not None


def _names_systems(cells: pd.Series) -> bool:
    """Return whether at least half of the words of a column are coordinate systems, codes and numbers aside."""
    words = dict.fromkeys(text for text in cell_values.texts(cells.iloc[:_LOOKED_AT]) if text is not None)
    known = [known_system(text) is not None and not text.replace(".", "").isdigit() for text in words]
    return bool(known) and 2 * sum(known) >= len(known)


def note_other_headings(source: SourceTable, headings: Sequence[str], systems: Sequence[str | pyproj.CRS]) -> None:
    """Add a finding on coordinates whose heading names a system that is not the one they are read in."""
    for heading in headings:
        if systems and all(other_system(heading, one) is not None for one in systems):
            source.file_findings.append(CellFinding("", OTHER_HEADING, heading, (), len(source)))


def other_system(heading: str, system: str | pyproj.CRS) -> str | None:
    """Return the system that the heading of coordinates names where it is not the one that they are read in.

    WGS-84 and CGCS2000 are one here. Of a system that nothing can be computed with, the word is returned.

    Examples
    --------
    >>> [other_system(heading, "wgs84") for heading in ("经度(高德)", "经度(2000)", "GPS经度", "经度", "X(西安80)")]
    ['gcj02', None, None, None, '西安80']
    """
    named = crs_words.system_of_word(_SAID_OF_ANY.sub("", heading))
    if named is None:
        return crs_words.unknown_system(heading)
    try:
        return None if frame_name(named) == frame_name(system) else named
    except UnknownCrs:  # no CRS has the number that the heading names
        return named


def named_in_heading(heading: str) -> str | None:
    """Return the system with a shift or a datum that a heading of coordinates names; GPS is said of any.

    Examples
    --------
    >>> [named_in_heading(heading) for heading in ("高德经度", "GPS经度", "经度")]
    ['gcj02', None, None]
    """
    named = crs_words.system_of_word(_SAID_OF_ANY.sub("", heading))
    return None if named is None or named.startswith("EPSG:") else named


def pair_of_system(names: Sequence[str], system: str | pyproj.CRS, *, with_gps: bool = False) -> dict[str, str]:
    """Return the columns of longitude and latitude whose headings name a system; empty where none or several do.

    Parameters
    ----------
    with_gps
        Whether GPS names WGS-84; it is said of any coordinates.

    Examples
    --------
    >>> pair_of_system(["经度", "纬度", "百度经度", "百度纬度"], "bd09")
    {'lon': '百度经度', 'lat': '百度纬度'}
    >>> pair_of_system(["经度", "纬度", "百度经度", "百度纬度"], "wgs84")
    {}
    """
    pairs: dict[str, dict[str, str]] = {}
    for name in names:
        if is_other_place(name):
            continue
        named = crs_words.system_of_word(name if with_gps else _SAID_OF_ANY.sub("", name))
        if named is None or named.startswith("EPSG:") or _shift_or_none(named) != _shift_or_none(system):
            continue
        for axis, words in _AXES.items():
            rest, count = words.subn("", normalised_column_name(name.replace("(", "").replace("（", "")))
            if count == 1:
                pairs.setdefault(rest, {})[axis] = name
    found = [one for one in pairs.values() if len(one) == len(_AXES)]
    return found[0] if len(found) == 1 else {}


def _shift_or_none(system: str | pyproj.CRS) -> str | None:
    return crs_module.shift_name(system) if isinstance(system, str) else None


def systems_by_column(
    source: SourceTable, column: str, given: str | pyproj.CRS | None, rows: np.ndarray
) -> list[tuple[str | pyproj.CRS, np.ndarray]]:
    """Return each coordinate system with the mask of its rows, the most frequent first.

    A row whose word is missing or not understood is read as given, the latter with a finding; without one it is
    rejected.

    Parameters
    ----------
    given
        The system that the user named for the file; None where nobody did.
    rows
        Mask of the rows that are asked about.
    """
    texts = cell_values.texts(source.columns[column])
    groups: dict[str, list[int]] = {}
    others: list[int] = []
    for row in np.flatnonzero(rows).tolist():
        text = texts[row]
        system = None if text is None else known_system(text)
        if system is not None:
            groups.setdefault(system, []).append(row)
            continue
        others.append(row)
        if given is None:
            source.faults.setdefault(row, Fault("crs", MISSING if text is None else NOT_UNDERSTOOD, text or ""))
        elif text is not None:
            source.add_finding(row, Fault("crs", AS_GIVEN, text, is_word=True))
    found = [(parsed_system(name), _mask(rows, len(texts))) for name, rows in groups.items()]
    if others and given is not None:
        found.append((given, _mask(others, len(texts))))
    for used, own in found:
        name = crs_module.crs_name(used)
        note = sentence(f"坐标系列写明 {name}，按此读", f"read as {name}, which the column of coordinate systems names")
        if given is None or own is not found[-1][1] or not others:
            source.notes[note] += int(own.sum())
    return sorted(found, key=lambda one: -int(one[1].sum()))


def parsed_system(system: str | pyproj.CRS) -> str | pyproj.CRS:
    """Return a coordinate system that PROJ knows as it knows it, and GCJ-02 and BD-09, which it does not, by name."""
    return system if crs_module.shift_name(system) is not None else crs_module.parse_crs(system)


def _mask(rows: Sequence[int], count: int) -> np.ndarray:
    mask = np.zeros(count, dtype=bool)
    mask[list(rows)] = True
    return mask
