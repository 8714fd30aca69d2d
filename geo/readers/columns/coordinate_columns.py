"""Make the shapes of a table from its columns of coordinates, pairs of coordinates or WKT."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import pandas as pd
import pyproj
import shapely

from geo import bounds, coordinate_values, crs_words
from geo import crs as crs_module
from geo.catalog.heading_patterns import is_other_place
from geo.catalog.layers import Layer
from geo.coordinate_values import Coordinate, Sixty
from geo.errors import BadGeometry, UnreadableFile
from geo.readers.columns.column_mapping import is_personal, normalised_column_name
from geo.readers.geodata.geojson import UNCLOSED
from geo.readers.geodata.path_texts import add_paths, looks_like_paths, path_column
from geo.readers.source import Fault, SourceTable, shapes_array
from geo.readers.words import cell_values
from geo.sentences import sentence

#: West, south, east, north in degrees: where the rows are expected, from what is stored already.
Box = tuple[float, float, float, float]

MISSING = "没有坐标 / missing coordinates"
_NO_PAIR = "不是一对坐标 / no pair of coordinates"
_OTHER_ORDER = (
    "先经度还是先纬度与这一列其余的行相反 / longitude and latitude in another order than in the rest of the column"
)
_OTHER_AXIS = "经度列写的是纬度，或相反 / a latitude among longitudes, or the other way round"

_WKT = re.compile(
    r"\s*(?:(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)\s*(?:Z|M|ZM)?\s*\(",
    re.IGNORECASE,
)
# A pair known by its content alone has decimals, or says what it is.
_SURE_PAIR = re.compile(r"\d\.\d{2,}.*\d\.\d{2,}|[°度'′]|[东西南北].*\d.*[东西南北]|\b[NSEW]|[NSEW]\b")
_PAIR_HEADINGS = re.compile(r"坐标|经纬|纬经|位置|location|coord|latl|lonl|lngl|latitudelong|gps|point|position|geo|xy")
#: These say what the column holds: one pair is enough, and the cells that hold none are told.
_SURE_HEADINGS = re.compile(r"坐标|经纬|纬经|coord|latl|lonl|lngl|latitudelong")
#: Rows looked at to know a column by its content, and the share of them that tells.
_LOOKED_AT, _SHARE = 200, 0.8
#: China, where GCJ-02, BD-09 and CGCS2000 are: its longitudes are no latitudes there.
CHINA: Box = (73.0, 3.0, 136.0, 54.0)
_CHINESE_SYSTEMS = (crs_module.GCJ02, crs_module.BD09, crs_module.crs_name("cgcs2000"))
_BOX_MARGIN_DEG = 1.0


class NoCoordinates(UnreadableFile):
    """A table has no columns of coordinates."""


class UnknownOrder(UnreadableFile):
    """Nothing tells which coordinate of the pairs in a column comes first.

    Attributes
    ----------
    column
        That column.
    """

    column = ""


def source_of_frame(name: str, frame: pd.DataFrame) -> SourceTable:
    """Return a plain table as a source without geometry."""
    return SourceTable(name, frame.reset_index(drop=True), shapes_array([None] * len(frame)))


def add_shapes(
    source: SourceTable,
    layer: Layer,
    fields: Mapping[str, str],
    crs: str | pyproj.CRS | None,
    near: Box | None = None,
    *,
    besides: Collection[str] = (),
) -> dict[str, str]:
    """Build the geometry of a table from its coordinate columns, in place.

    Columns known by their headings come first; then WKT, pairs of coordinates and paths, known by their content. Where
    a layer holds no points, a column of paths comes before numbers beside it, which are a point in the shape.

    Parameters
    ----------
    fields
        Field -> column, coordinates included.
    crs
        The CRS of the coordinates; it decides between lon/lat and x/y where a table has both.
    near
        Where the rows are expected; it tells which coordinate of a pair comes first where nothing else does.
    besides
        Columns that are no coordinates, whatever they hold.

    Returns
    -------
    Coordinate -> column, for those used.

    Raises
    ------
    NoCoordinates
        Where the table has no coordinates.
    UnknownOrder
        Where it has pairs whose order nothing tells.
    """
    for name, order in (("lonlat", ("lon", "lat")), ("latlon", ("lat", "lon"))):
        if name in fields:
            _add_pairs(source, fields[name], crs, near, told=order)
            return {name: fields[name]}
    path = _path_column(source) if "wkt" not in fields and "point" not in layer.shapes else None
    if path is not None:
        fields = {**fields, "wkt": path}
    for pair in _coordinate_pairs_by_preference(layer, crs):
        if not all(name in fields for name in pair):
            continue
        used = {name: fields[name] for name in pair}
        if pair == ("wkt",):
            column = fields["wkt"]
            if not _looks_like(source.columns[column], is_wkt) and _looks_like(source.columns[column], is_pair):
                _add_pairs(source, column, crs, near)
                return {"lonlat": column}
            _add_wkt(source, source.columns[column], layer, crs)
        else:
            _add_points(source, [(name, source.columns[column]) for name, column in used.items()])
            source.axes_from_columns = True
            if "wkt" in fields and layer.shapes != ("point",):
                _add_wkt_where_blank(source, list(used.values()), source.columns[fields["wkt"]])
                used["wkt"] = fields["wkt"]
        return used
    return _found_by_content(source, layer, crs, near, besides)


def has_shapes(source: SourceTable, layer: Layer, fields: Mapping[str, str]) -> bool:
    """Return whether a table has a column that gives shapes of a layer, by its heading or by its content.

    Numbers are points, and so no shapes of a layer of lines or polygons; a column without a cell gives none.
    """
    named = [fields[name] for name in ("wkt", "lonlat", "latlon") if name in fields]
    if any(not source.columns[name].map(cell_values.is_missing).all() for name in named):
        return True
    if _path_column(source) is not None:
        return True
    if "point" in layer.shapes and any(all(name in fields for name in pair) for pair in (("lon", "lat"), ("x", "y"))):
        return True
    names = [str(name) for name in source.columns.columns if not is_personal(str(name))]
    tests = (is_wkt, is_sure_pair) if "point" in layer.shapes else (is_wkt,)
    return any(_looks_like(source.columns[name], test) for name in names for test in tests)


def _found_by_content(
    source: SourceTable, layer: Layer, crs: str | pyproj.CRS | None, near: Box | None, besides: Collection[str]
) -> dict[str, str]:
    names = [name for name in map(str, source.columns.columns) if name not in besides and not is_personal(name)]
    for name in names:
        if _looks_like(source.columns[name], is_wkt):
            _add_wkt(source, source.columns[name], layer, crs)
            return {"wkt": name}
    if "point" in layer.shapes:
        # Not 旧坐标 where there is 新坐标, and of several systems side by side the one told.
        today = sorted((name for name in names if not is_other_place(name)), key=lambda name: _other_system(name, crs))
        named = [name for name in today if _PAIR_HEADINGS.search(normalised_column_name(name))]
        sure = [name for name in named if _SURE_HEADINGS.search(normalised_column_name(name))]
        tests = (named, is_pair, _SHARE), (today, is_sure_pair, _SHARE), (sure, is_sure_pair, 0.0)
        for candidates, test, share in tests:
            for name in candidates:
                if _looks_like(source.columns[name], test, share):
                    _add_pairs(source, name, crs, near)
                    return {"lonlat": name}
    path = path_column(source.columns[names])
    if path is not None:
        _add_wkt(source, source.columns[path], layer, crs)
        return {"wkt": path}
    zh, en = columns_seen(source, names)
    raise NoCoordinates(
        f"无法读取 {source.name}：找不到坐标列；需要经度纬度、x y、一格里的一对坐标或 WKT，"
        f"可用 --map lon=列名 --map lat=列名、--map lonlat=列名 或 --map wkt=列名 指明，"
        f"表头不是这一行时用 --header-row 指明；{zh}",
        f"cannot read {source.name}: no coordinates found; it needs lon and lat, x and y, a pair in one cell, or WKT:"
        f" name them with --map lon=COLUMN --map lat=COLUMN, --map lonlat=COLUMN or --map wkt=COLUMN, or the"
        f" heading with --header-row; {en}",
    )


def _other_system(heading: str, crs: str | pyproj.CRS | None) -> int:
    """Return 0 where a heading names the system told, 1 where it names none, 2 where it names another."""
    named = crs_words.system_of_word(heading)
    if named is None or named.startswith("EPSG:") or crs is None:
        return 1
    return 0 if crs_module.shift_name(named) == crs_module.shift_name(crs) else 2


def is_heading_of_pairs(heading: str) -> bool:
    """Return whether a heading says that its cells may hold pairs of coordinates.

    Examples
    --------
    >>> [is_heading_of_pairs(heading) for heading in ("坐标", "经纬度", "备注")]
    [True, True, False]
    """
    return _PAIR_HEADINGS.search(normalised_column_name(heading)) is not None


def columns_seen(source: SourceTable, names: Sequence[str]) -> tuple[str, str]:
    """Return which columns a table has, and which row was taken for their heading, in Chinese and English.

    Parameters
    ----------
    names
        The columns that may be named: none of persons.
    """
    zh, en = "、".join(names[:30]) or "（没有可列出的）", ", ".join(names[:30]) or "(none that may be named)"
    if source.heading:
        return (
            f"作表头的行：{source.heading}；有这些列：{zh}",
            f"the heading is row {source.heading}; the columns seen: {en}",
        )
    return f"有这些列：{zh}", f"the columns seen: {en}"


def _coordinate_pairs_by_preference(layer: Layer, crs: str | pyproj.CRS | None) -> list[tuple[str, ...]]:
    points: list[tuple[str, ...]] = [("lon", "lat"), ("x", "y")]
    if _is_projected(crs):
        points.reverse()
    # Polygon layers need WKT; point layers prefer numeric columns.
    return [*points, ("wkt",)] if "point" in layer.shapes else [("wkt",), *points]


def _is_projected(crs: str | pyproj.CRS | None) -> bool:
    return crs is not None and crs_module.shift_name(crs) is None and crs_module.parse_crs(crs).is_projected


# --- by content ------------------------------------------------------------------------------------------------------


def _looks_like(column: pd.Series, test: Callable[[str], bool], share: float = _SHARE) -> bool:
    texts = [text for text in cell_values.texts(column.iloc[: 5 * _LOOKED_AT]) if text is not None][:_LOOKED_AT]
    return any(passed := [test(text) for text in texts]) and sum(passed) >= share * len(texts)


def _path_column(source: SourceTable) -> str | None:
    """Return the first column of paths that may be read."""
    return path_column(source.columns[[name for name in source.columns.columns if not is_personal(str(name))]])


def is_wkt(text: str) -> bool:
    """Return whether a text begins as WKT does.

    Examples
    --------
    >>> is_wkt("POINT (102.9 37.5)"), is_wkt("point")
    (True, False)
    """
    return _WKT.match(text[:60]) is not None


def is_pair(text: str) -> bool:
    """Return whether a text is a pair of coordinates.

    Examples
    --------
    >>> is_pair("102.9,37.5"), is_pair("东街1号")
    (True, False)
    """
    try:
        return coordinate_values.coordinate_pair(text) is not None
    except Sixty:
        return True


def is_sure_pair(text: str) -> bool:
    """Return whether a text is a pair of coordinates, and of nothing else: it has decimals, or says what it is.

    Examples
    --------
    >>> is_sure_pair("102.91,37.52"), is_sure_pair("3,4")
    (True, False)
    """
    return _SURE_PAIR.search(text[:200]) is not None and is_pair(text)


# --- two columns -----------------------------------------------------------------------------------------------------


def _add_points(source: SourceTable, columns: Sequence[tuple[str, pd.Series]]) -> None:
    read: list[np.ndarray] = []
    for name, column in columns:
        numbers, bad = cell_values.numbers(column, "deg")
        for row in np.flatnonzero(bad):
            shown = str(column.iloc[row])
            found = _read_coordinate(shown, name)
            if isinstance(found, str):
                source.faults.setdefault(int(row), Fault(name, found, shown))
            else:
                numbers[row] = found
        for row in np.flatnonzero(np.isnan(numbers) & ~bad):
            source.faults.setdefault(int(row), Fault(name, MISSING))
        read.append(numbers)
    x, y = read
    known = np.isfinite(x) & np.isfinite(y)
    source.shapes[known] = shapely.points(x[known], y[known])


def _read_coordinate(text: str, name: str) -> float | str:
    """Return the coordinate of a cell, or why it holds none."""
    try:
        found = coordinate_values.coordinate(text)
    except Sixty:
        return coordinate_values.SIXTY
    if found is None:
        return cell_values.number_fault(text)
    return found.value if found.axis in (None, name) or name in ("x", "y") else _OTHER_AXIS


# --- pairs in one column ---------------------------------------------------------------------------------------------


def _add_pairs(
    source: SourceTable,
    name: str,
    crs: str | pyproj.CRS | None,
    near: Box | None,
    told: tuple[str, str] | None = None,
) -> None:
    pairs: dict[int, tuple[Coordinate, Coordinate]] = {}
    for row, text in enumerate(cell_values.texts(source.columns[name])):
        if text is None:
            source.faults.setdefault(row, Fault("geometry", MISSING))
            continue
        try:
            pair = coordinate_values.coordinate_pair(text)
        except Sixty:
            source.faults.setdefault(row, Fault("geometry", coordinate_values.SIXTY, text))
            continue
        if pair is None:
            source.faults.setdefault(row, Fault("geometry", _NO_PAIR, text))
        else:
            pairs[row] = pair
    silent = {row: pair for row, pair in pairs.items() if pair[0].axis is None and pair[1].axis is None}
    lon_first = True
    if _is_projected(crs):
        source.axes_from_columns = True  # x may be the northing: the axes are exchanged later, and said
    elif silent:
        values = np.array([[first.value, second.value] for first, second in silent.values()])
        votes = _votes(values, _boxes(name, crs, near) if told is None else [])
        lon_first = told == ("lon", "lat") if told is not None else _lon_is_first(source, name, votes)
        against = votes == (-1 if lon_first else 1)
        for row, is_other in zip(list(silent), against.tolist(), strict=True):
            if is_other:
                shown = cell_values.texts(source.columns[name].iloc[row : row + 1])[0] or ""
                source.faults.setdefault(row, Fault("geometry", _OTHER_ORDER, shown))
        if not lon_first:
            note = "一格里纬度在前、经度在后，已按此读 / in one cell latitude comes before longitude: read so"
            source.notes[note] += len(silent)
    for row, (first, second) in pairs.items():
        is_lon_first = lon_first if row in silent else (first.axis == "lon" or second.axis == "lat")
        x, y = (first.value, second.value) if is_lon_first else (second.value, first.value)
        source.shapes[row] = shapely.Point(x, y)


def _boxes(name: str, crs: str | pyproj.CRS | None, near: Box | None) -> list[Box]:
    """Return where the rows may be expected: the county, and China where the CRS or the heading is Chinese."""
    is_chinese = re.search("[\u4e00-\u9fff]", name) is not None
    is_chinese |= crs is not None and crs_module.crs_name(crs) in _CHINESE_SYSTEMS
    return [*([near] if near is not None else []), *([CHINA] if is_chinese else [])]


def _votes(values: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    """Return for each pair 1 where it can only begin with the longitude, -1 with the latitude, 0 where nothing tells.

    A box tells where most of the pairs are inside in one order only.
    """
    first, second = values[:, 0], values[:, 1]
    votes = (np.abs(first) > 90).astype(int) - (np.abs(second) > 90).astype(int)
    for box in boxes:
        told = _inside(first, second, box).astype(int) - _inside(second, first, box).astype(int)
        if (told != 0).mean() >= _SHARE:
            return np.where(votes == 0, told, votes)
    return votes


def _lon_is_first(source: SourceTable, name: str, votes: np.ndarray) -> bool:
    """Return whether longitude comes first in the pairs of a column, as the whole of it and the county tell.

    Raises
    ------
    UnknownOrder
        Where nothing tells.
    """
    if votes.sum() != 0:
        return bool(votes.sum() > 0)
    named = coordinate_values.order_named_by(name)
    if named is not None:
        return named == ("lon", "lat")
    error = UnknownOrder(
        f"无法读取 {source.name}：列 {name} 一格里有两个坐标，看不出先经度还是先纬度；用 --map lonlat={name} 或"
        f" --map latlon={name} 指明",
        f"cannot read {source.name}: nothing tells whether longitude or latitude comes first in column {name}: name it"
        f" with --map lonlat={name} or --map latlon={name}",
    )
    error.column = name
    raise error


def _inside(lon: np.ndarray, lat: np.ndarray, box: Box) -> np.ndarray:
    west, south, east, north = box
    margin = _BOX_MARGIN_DEG
    inside = (lon >= west - margin) & (lon <= east + margin) & (lat >= south - margin) & (lat <= north + margin)
    return np.asarray(inside)


# --- WKT and paths ---------------------------------------------------------------------------------------------------


def _add_wkt_where_blank(source: SourceTable, coordinates: Sequence[str], column: pd.Series) -> None:
    """Add the shapes of rows that have no coordinates: in a list of points, lines and areas each row has its own."""
    blank = np.ones(len(column), bool)
    for name in coordinates:
        blank &= np.array([text is None for text in cell_values.texts(source.columns[name]).tolist()], bool)
    for row, text in enumerate(cell_values.texts(column).tolist()):
        if blank[row] and text is not None:
            source.faults.pop(row, None)
            _add_one_wkt(source, row, text)


def _add_wkt(source: SourceTable, column: pd.Series, layer: Layer, crs: str | pyproj.CRS | None) -> None:
    texts = cell_values.texts(column).tolist()
    if looks_like_paths(texts):
        add_paths(source, texts, layer.shapes, in_degrees=not _is_projected(crs))
        for row in [place for place, text in enumerate(texts) if text is None]:
            source.faults.setdefault(row, Fault("geometry", MISSING))
        return
    for row, text in enumerate(texts):
        if text is None:
            source.faults.setdefault(row, Fault("geometry", MISSING))
        else:
            _add_one_wkt(source, row, text)


def _add_one_wkt(source: SourceTable, row: int, text: str) -> None:
    try:
        bounds.check_wkt(text)
        source.shapes[row] = shapely.from_wkt(text)
    except BadGeometry as error:
        source.faults.setdefault(row, Fault("geometry", sentence(error.zh, error.en), text[:200]))
    except shapely.errors.GEOSException as error:
        unclosed = "closed linestring" in str(error)
        reason = UNCLOSED if unclosed else "WKT 读不出 / WKT cannot be read"
        source.faults.setdefault(row, Fault("geometry", reason, text[:200]))
