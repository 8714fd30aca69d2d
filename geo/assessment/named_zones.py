"""Find a zone of a run by code or name, and the grids and gaps that are its own.

One function decides for the page, the command line, the API and the sheet which gaps a zone has. Gaps are cut by the
finest layer of zones (rule G1), its units. A larger zone has the units whose inner point it owns (rule L1), and all
their gaps. A zone without units (a microgrid, a village that is one of several in a grid, an own zone, whose border
follows no grid's) has the gaps whose place lies in it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.division_codes import without_padding
from geo.catalog.results import ALL, GRID_ZONES, OWN_ZONES, ZONE_LAYERS, zone_layers_among
from geo.crs import from_wgs84
from geo.errors import AmbiguousName, NotFound, RowFault
from geo.plain_words import joined_word

#: Candidates that an error lists.
_MAX_LISTED = 20


@dataclass(frozen=True)
class ZoneName:
    """One zone of a run; ``name`` is empty where it has none.

    Examples
    --------
    >>> ZoneName("townships", "990101101", "南镇").key
    'townships:990101101'
    """

    layer: str
    code: str
    name: str = ""

    @property
    def key(self) -> str:
        """What names this zone and no other: its layer and code."""
        return f"{self.layer}:{self.code}"


def zone_names(layer: str, rows: Iterable[Mapping[str, Any]]) -> list[ZoneName]:
    """Return the names of one layer's rows; a row without a code is none.

    Examples
    --------
    >>> zone_names("townships", [{"code": "990101101", "name": "南镇"}, {"code": None}])
    [ZoneName(layer='townships', code='990101101', name='南镇')]
    """
    return [
        ZoneName(layer, str(row["code"]), "" if _is_missing(row.get("name")) else str(row["name"]))
        for row in rows
        if not _is_missing(row.get("code"))
    ]


def names_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the columns ``code`` and ``name`` of a zone layer as rows, as far as it has them.

    Examples
    --------
    >>> names_of(pd.DataFrame({"code": ["g1"], "sure_share": [0.5]}))
    [{'code': 'g1'}]
    """
    return pd.DataFrame(frame)[[name for name in ("code", "name") if name in frame]].to_dict("records")


def county_names(divisions: Iterable[Mapping[str, Any]]) -> list[ZoneName]:
    """Return the name of the county, which is the zone ``all`` of a run; none unless divisions have exactly one.

    Parameters
    ----------
    divisions
        Rows of layer ``divisions`` with ``code``, ``name`` and ``level``.

    Examples
    --------
    >>> county_names([{"code": "990101", "name": "南县", "level": "county"}])
    [ZoneName(layer='all', code='990101', name='南县')]
    """
    found = zone_names(
        ALL, (row for row in divisions if not _is_missing(row.get("level")) and row["level"] == "county")
    )
    return found if len(found) == 1 else []


def find_zone(names: Sequence[ZoneName], text: str) -> ZoneName:
    """Return the zone that a text names: ``layer:code``, a code, a division's code padded with zeros, or a name.

    ``divisions:code`` is the village, township or county of that code, ``areas:code`` the own zone of that code
    whatever its kind, ``all`` the whole area. The first of these that
    fits is meant; a code that several layers have is that of the finest of them. A code that other zones have as their
    name means none of them alone. Names are compared without regard to width, case and blanks.

    Raises
    ------
    NotFound
        No zone has that code or name.
    AmbiguousName
        Several have that name, or one as its code and others as their name; the error lists them.

    Examples
    --------
    >>> names = [ZoneName("villages", "990101101001", "东街"), ZoneName("townships", "990101101", "南镇")]
    >>> [find_zone(names, text).name for text in ("990101101000", "９９０１０１１０１", " 东街 ")]
    ['南镇', '南镇', '东街']
    >>> try:
    ...     find_zone([*names, ZoneName("villages", "990101102001", "东街")], "东街")
    ... except AmbiguousName as error:
    ...     print(error.en)
    2 zones are named 东街: villages:990101101001, villages:990101102001; give the code
    """
    wanted = unicodedata.normalize("NFKC", text).strip()
    layer, mark, code = wanted.partition(":")
    if mark and layer == "divisions":
        fits = _with_code([one for one in names if one.layer not in GRID_ZONES], code)
        if fits:
            return _finest(fits)
    elif mark and layer == "areas" and any(one.layer.startswith(OWN_ZONES) and one.code == code for one in names):
        return _finest([one for one in names if one.layer.startswith(OWN_ZONES) and one.code == code])
    elif wanted:
        exact = [one for one in names if wanted in (one.key, one.layer if one.layer == ALL else None)]
        if exact:
            return exact[0]
        named = [one for one in names if one.name and joined_word(one.name) == joined_word(wanted)]
        fits = _with_code(names, wanted)
        others = [one for one in named if one not in fits]
        if (fits and others) or (not fits and len(named) > 1):
            raise _ambiguous(wanted, [*fits, *others])
        if fits or named:
            return _finest(fits or named)
    shown = wanted[:60]
    layers = zone_layers_among(one.layer for one in names)
    zh = f"；区域图层有：{'、'.join(layers)}；请写代码、名称或“图层:代码”" if layers else ""
    en = f"; its zone layers are {', '.join(layers)}: give a code, a name or layer:code" if layers else ""
    raise NotFound(f"批次中没有区域 {shown}{zh}", f"the run has no zone {shown}{en}")


def without_shape_error(divisions: Iterable[Mapping[str, Any]], text: str) -> NotFound | None:
    """Return the error for a text that names a division without a shape, which no run has as a zone; None otherwise.

    Parameters
    ----------
    divisions
        Rows ``code`` and ``name`` of the divisions that have no shape.
    text
        As for ``find_zone``.

    Examples
    --------
    >>> without_shape_error([{"code": "990101101", "name": "南镇"}], "南镇").en.partition(",")[0]
    '南镇 (990101101) has no shape'
    >>> without_shape_error([], "南镇") is None
    True
    """
    try:
        found = find_zone(zone_names("divisions", divisions), text)
    except (NotFound, AmbiguousName):
        return None
    shown = f"{found.name or found.code}"
    return NotFound(
        f"{shown}（{found.code}）没有边界，批次里没有它的数；请把它的边界导入图层 divisions，再重新分析",
        f"{shown} ({found.code}) has no shape, so that the run has no figures of it; import one "
        "as layer divisions, then analyse again",
    )


def _with_code(names: Sequence[ZoneName], code: str) -> list[ZoneName]:
    """Return the zones of a code, else those whose code is the same but for padding zeros."""
    exact = [one for one in names if one.code == code]
    return exact or [one for one in names if without_padding(one.code) == without_padding(code)]


def _finest(zones: Sequence[ZoneName]) -> ZoneName:
    return min(zones, key=lambda one: ZONE_LAYERS.index(one.layer) if one.layer in ZONE_LAYERS else len(ZONE_LAYERS))


def unit_layer(layers: Iterable[str]) -> str:
    """Return the zone layer that gaps are cut by (rule G1), ``all`` where there is no other.

    Examples
    --------
    >>> unit_layer(["townships", "villages", "all"]), unit_layer(["all"])
    ('villages', 'all')
    """
    available = set(layers)
    return next((name for name in ZONE_LAYERS if name != "microgrids" and name in available), ALL)


def units_of_zones(units: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> np.ndarray:
    """Return the row of the zone that has each unit, -1 for none: the first that covers its inner point (rule L1).

    A zone of less than half a unit's area is a part of it and does not have it.

    Examples
    --------
    >>> grids = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(5, 0, 6, 1)])
    >>> units_of_zones(grids, gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 2, 1)])).tolist()
    [0, 0, -1]
    """
    owner = np.full(len(units), -1)
    if not len(units) or not len(zones):
        return owner
    shapes = zones.geometry if zones.crs == units.crs or units.crs is None else zones.geometry.to_crs(units.crs)
    inner = shapely.point_on_surface(units.geometry.to_numpy())
    unit, zone = shapely.STRtree(shapes.to_numpy()).query(inner, predicate="intersects")
    whole = shapely.area(shapes.to_numpy()[zone]) >= shapely.area(units.geometry.to_numpy()[unit]) / 2
    unit, zone = unit[whole], zone[whole]
    order = np.lexsort([zone, unit])[::-1]  # the lowest row is written last
    owner[unit[order]] = zone[order]
    return owner


def unit_codes(layers: Mapping[str, gpd.GeoDataFrame], zone: ZoneName) -> set[str]:
    """Return the codes of the units that a zone has; empty where it is itself a part of a unit.

    Parameters
    ----------
    layers
        Zone layers of one run: at least that of the units and that of the zone.

    Examples
    --------
    >>> grids = gpd.GeoDataFrame({"code": ["g1", "g2"]}, geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> towns = gpd.GeoDataFrame({"code": ["t"]}, geometry=[shapely.box(0, 0, 2, 1)])
    >>> sorted(unit_codes({"grids": grids, "townships": towns}, ZoneName("townships", "t")))
    ['g1', 'g2']
    """
    finest = unit_layer(layers)
    if zone.layer == ALL:
        return set(layers[finest]["code"].astype(str)) if finest in layers and "code" in layers[finest] else set()
    if _is_cut_apart(zone.layer):
        return set()
    if zone.layer == finest:
        return {zone.code}
    units, zones = layers[finest], layers[zone.layer]
    row = np.flatnonzero(zones["code"].astype(str).to_numpy() == zone.code)
    owner = units_of_zones(units, zones)
    return set(units["code"].astype(str).to_numpy()[np.isin(owner, row)])


def _is_cut_apart(layer: str) -> bool:
    """Return whether zones of a layer have no units: parts of grids, however large (D5), and own zones across them."""
    return layer == "microgrids" or layer.startswith(OWN_ZONES)


def gaps_in_zone(gaps: pd.DataFrame, layers: Mapping[str, gpd.GeoDataFrame], zone: ZoneName) -> np.ndarray:
    """Return which gaps are a zone's own: those of all its units, or where it has none those whose place is in it.

    Parameters
    ----------
    gaps
        With ``grid``, the code of the unit, and ``lon``, ``lat`` in degrees (WGS-84).
    layers
        As for ``unit_codes``.

    Examples
    --------
    >>> square = [shapely.box(102.0, 37.0, 102.1, 37.1)]
    >>> grids = gpd.GeoDataFrame({"code": ["g1"]}, geometry=square, crs="EPSG:4326")
    >>> half = gpd.GeoDataFrame({"code": ["m1"]}, geometry=[shapely.box(102.0, 37.0, 102.04, 37.1)], crs="EPSG:4326")
    >>> layers = {"grids": grids, "microgrids": half}
    >>> gaps = pd.DataFrame({"grid": ["g1", "g1"], "lon": [102.01, 102.09], "lat": [37.05, 37.05]})
    >>> gaps_in_zone(gaps, layers, ZoneName("grids", "g1")).tolist()
    [True, True]
    >>> gaps_in_zone(gaps, layers, ZoneName("microgrids", "m1")).tolist()
    [True, False]
    """
    if not len(gaps):
        return np.zeros(0, bool)
    if zone.layer == ALL:
        return np.ones(len(gaps), bool)
    codes = unit_codes(layers, zone)
    if codes:
        return gaps["grid"].astype("string").isin(codes).fillna(False).to_numpy(bool)
    frame = layers[zone.layer]
    shape = frame.geometry.to_numpy()[frame["code"].astype(str).to_numpy() == zone.code][0]
    x, y = from_wgs84(gaps["lon"].to_numpy(dtype=float), gaps["lat"].to_numpy(dtype=float), frame.crs)
    shapely.prepare(shape)
    return shapely.intersects_xy(shape, x, y)


def zones_with_units(layers: Mapping[str, gpd.GeoDataFrame]) -> list[dict[str, Any]]:
    """Return every zone as ``{layer, code, name, grids}``; ``grids`` are the codes of its units, sorted.

    Examples
    --------
    >>> grids = gpd.GeoDataFrame({"code": ["g1", "g2"]}, geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> towns = gpd.GeoDataFrame({"code": ["t"], "name": ["南镇"]}, geometry=[shapely.box(0, 0, 2, 1)])
    >>> zones_with_units({"grids": grids, "townships": towns})[-1]
    {'layer': 'townships', 'code': 't', 'name': '南镇', 'grids': ['g1', 'g2']}
    """
    finest = unit_layer(layers)
    found = []
    for layer in (name for name in zone_layers_among(layers) if name != ALL and "code" in layers[name]):
        frame = layers[layer]
        codes = frame["code"].astype(str).to_numpy()
        grids = {code: [code] for code in codes} if layer == finest else {}
        if layer != finest and not _is_cut_apart(layer):
            units = layers[finest]["code"].astype(str).to_numpy()
            for unit, row in zip(units, units_of_zones(layers[finest], frame).tolist(), strict=True):
                if row >= 0:
                    grids.setdefault(codes[row], []).append(unit)
        found += [
            {"layer": layer, "code": one.code, "name": one.name or None, "grids": sorted(grids.get(one.code, []))}
            for one in zone_names(layer, names_of(frame))
        ]
    return found


def _ambiguous(text: str, fits: Sequence[ZoneName]) -> AmbiguousName:
    listed = fits[:_MAX_LISTED]
    more = len(fits) - len(listed)
    zh = "、".join(one.key for one in listed) + (f" 等，另 {more} 个" if more else "")
    en = ", ".join(one.key for one in listed) + (f" and {more} more" if more else "")
    shown = text[:60]
    return AmbiguousName(
        f"“{shown}”有 {len(fits)} 个：{zh}；请写代码",
        f"{len(fits)} zones are named {shown}: {en}; give the code",
        rows=[RowFault(one.layer, one.code, "name", one.name) for one in listed],
    )


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) or value == ""
