"""Select the content of a sheet: the whole area or one zone, with figures, gaps and cameras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.assessment.camera_sites import place_numbers
from geo.assessment.named_zones import (
    ZoneName,
    county_names,
    find_zone,
    gaps_in_zone,
    names_of,
    unit_codes,
    zone_names,
)
from geo.assessment.zones import owning_rows
from geo.catalog.layers import LAYERS
from geo.catalog.results import ALL, OWN_ZONES, ZONE_LAYERS, zone_layers_among
from geo.crs import STORAGE_CRS, from_wgs84, parse_crs
from geo.crs_metric import metric_crs_for
from maps.map_data import MapData
from maps.print.page_layout import Bounds
from maps.print.page_projection import projected
from maps.style.coverage_classes import coverage_class

#: Zone layers that may be coloured by class: the first of them that has rows is.
COLOURED_LAYERS = (*(name for name in ZONE_LAYERS if name != "microgrids"), ALL)
_CAMERAS = LAYERS["cameras"]
# No map has cameras that were taken down.
STATUSES = tuple(one for one in _CAMERAS.field("status").choices if one != "removed")
#: Of the rows of a site the first of these is the site's: what stands before what is planned.
_BEST_FIRST = (*(one for one in STATUSES if one != "planned"), "planned")
CLASSES = (*(one.name for one in _CAMERAS.field("class").values), "none")


@dataclass(frozen=True)
class ZoneInFocus:
    """The zone that a sheet shows alone; ``shape`` in the sheet's CRS."""

    layer: str
    code: str
    name: str
    shape: shapely.Geometry


@dataclass(frozen=True)
class SheetContent:
    """Content of one sheet. Shapes of ``zones``, ``outline`` and ``focus`` are in ``crs``, in metres.

    Attributes
    ----------
    crs
        The metric CRS of the sheet (rule C1).
    layer
        Name of the coloured zone layer; empty without any zone.
    zones
        Its rows: ``code``, ``name``, ``share``, ``class`` and geometry.
    own
        Which of its rows are the sheet's own, not neighbours.
    focus
        The zone in focus, None for the whole area.
    outline
        The edge of the whole area, or None.
    figures
        The zone figures of the sheet (docs/rules.md "Zones"); empty where unknown.
    sites
        One row per site (rule B4): ``x``, ``y`` in metres, ``class``, ``status``, ``own``.
    gaps
        The sheet's own gaps by rank, in the CRS of the data, with ``x``, ``y`` of their positions in metres.
    extent
        What the map must show, in metres; None where nothing has a position.
    prefix
        How many leading digits of the codes the map omits: those of divisions that it names.
    """

    crs: pyproj.CRS
    layer: str
    zones: gpd.GeoDataFrame
    own: np.ndarray
    focus: ZoneInFocus | None
    outline: shapely.Geometry | None
    figures: Mapping[str, object]
    sites: pd.DataFrame
    gaps: gpd.GeoDataFrame
    extent: Bounds | None
    prefix: int


def sheet_content(data: MapData, zone: str | None = None) -> SheetContent:
    """Return the content of the sheet of the whole area, or of one zone.

    Parameters
    ----------
    data
        The map, in any one CRS.
    zone
        Code or name of a grid, microgrid, village, township, own zone or the county
        (``geo.assessment.named_zones.find_zone``).

    Raises
    ------
    NotFound, AmbiguousName
        Where no zone has that code or name, or several have that name.
    UnknownCrs, TooWide
        As ``geo.crs_metric.metric_crs_for``.
    """
    crs = _metric_crs(data)
    layer = next((name for name in COLOURED_LAYERS if _rows(data.zones.get(name))), "")
    zones = _coloured(data.zones.get(layer), crs)
    focus = None if zone is None else _focus(data, zone, crs)
    own = _own(data, zones, focus)
    outline = _outline(data, zones, crs)
    sites = _sites(data, crs, focus)
    gaps = _gaps(data, crs, focus)
    return SheetContent(
        crs=crs,
        layer=layer,
        zones=zones,
        own=own,
        focus=focus,
        outline=outline,
        figures=_figures(data, focus),
        sites=sites,
        gaps=gaps,
        extent=_extent(data, zones, focus, sites, gaps, crs),
        prefix=_common_code_prefix(zones.code[own].tolist(), _township_codes(data)),
    )


def in_focus(frame: gpd.GeoDataFrame, content: SheetContent) -> gpd.GeoDataFrame:
    """Return the rows whose inner point the zone in focus has; all of them where the sheet shows everything."""
    if content.focus is None:
        return frame
    points = shapely.point_on_surface(projected(frame, content.crs).geometry.to_numpy())
    return frame[np.asarray(shapely.intersects(content.focus.shape, points), bool)]


def _rows(frame: gpd.GeoDataFrame | None) -> int:
    return 0 if frame is None else len(frame)


def _metric_crs(data: MapData) -> pyproj.CRS:
    frames = [frame for frame in (*data.zones.values(), data.coverage, data.gaps, data.cameras) if _rows(frame)]
    if frames:
        return metric_crs_for(*frames)
    return parse_crs(data.meta.crs or STORAGE_CRS)


def _column(frame: pd.DataFrame, name: str, default: object) -> pd.Series:
    if name in frame:
        return frame[name]
    return pd.Series([default] * len(frame), index=frame.index, dtype=object)


def text_of(value: object) -> str:
    """Return a cell as text, empty for a missing one."""
    return "" if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) else str(value)


def _coloured(frame: gpd.GeoDataFrame | None, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    if frame is None:
        empty: dict[str, list[object]] = {"code": [], "name": [], "share": [], "class": []}
        return gpd.GeoDataFrame(empty, geometry=[], crs=crs)
    frame = projected(frame, crs)
    share = pd.to_numeric(_column(frame, "sure_share", np.nan), errors="coerce").to_numpy(dtype=float)
    columns = {
        "code": [text_of(value) for value in _column(frame, "code", None)],
        "name": [text_of(value) for value in _column(frame, "name", None)],
        "share": share,
        "class": coverage_class(share),
    }
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=crs)


def _focus(data: MapData, zone: str, crs: pyproj.CRS) -> ZoneInFocus | None:
    """Return the zone that a text names, None for the county, which is the whole sheet."""
    frames = _zone_frames(data)
    names = [one for layer, frame in frames.items() for one in zone_names(layer, names_of(frame))]
    divisions = data.reference.get("divisions")
    if divisions is not None and "level" in divisions:
        names += county_names(pd.DataFrame(divisions)[["code", "name", "level"]].to_dict("records"))
    found = find_zone(names, zone)
    if found.layer == ALL:
        return None
    frame = frames[found.layer]
    row = frame[frame.code.astype(str) == found.code].iloc[:1]
    return ZoneInFocus(found.layer, found.code, found.name, projected(row, crs).geometry.iloc[0])


def _zone_frames(data: MapData) -> dict[str, gpd.GeoDataFrame]:
    frames = {
        name: data.zones[name] for name in zone_layers_among(data.zones) if name != ALL and _rows(data.zones[name])
    }
    return {name: frame for name, frame in frames.items() if "code" in frame}


def _own(data: MapData, zones: gpd.GeoDataFrame, focus: ZoneInFocus | None) -> np.ndarray:
    """Return which rows belong to the zone: its units, those with their inner point in it, or the one around it."""
    if focus is None or not len(zones):
        return np.ones(len(zones), dtype=bool)
    units = unit_codes(_zone_frames(data), ZoneName(focus.layer, focus.code))
    if units:
        return zones.code.isin(units).to_numpy(bool)
    if focus.layer.startswith(OWN_ZONES):
        inside = shapely.intersects(focus.shape, shapely.point_on_surface(zones.geometry.to_numpy()))
        if inside.any():
            return np.asarray(inside)
    return shapely.contains(zones.geometry.to_numpy(), shapely.point_on_surface(focus.shape))


def _outline(data: MapData, zones: gpd.GeoDataFrame, crs: pyproj.CRS) -> shapely.Geometry | None:
    whole = data.zones.get("all")
    divisions = data.reference.get("divisions")
    if whole is not None and len(whole):
        return projected(whole, crs).geometry.iloc[0]
    if divisions is not None and "level" in divisions and (divisions.level == "county").any():
        return projected(divisions[divisions.level == "county"], crs).union_all()
    return shapely.union_all(zones.geometry.to_numpy()) if len(zones) else None


def _sites(data: MapData, crs: pyproj.CRS, focus: ZoneInFocus | None) -> pd.DataFrame:
    """Group rows by site (B4: name, township and place): position and class of the first row, the best status."""
    cameras = data.cameras
    if cameras is None or not len(cameras):
        return pd.DataFrame({"site": [], "x": [], "y": [], "class": [], "status": [], "own": np.zeros(0, bool)})
    points = shapely.get_coordinates(shapely.centroid(projected(cameras, crs).geometry.to_numpy()))
    ids = _column(cameras, "id", None)
    ids = ids.where(ids.notna(), pd.Series(cameras.index, index=cameras.index).astype(str))
    site = _column(cameras, "site", None)
    townships = township_frame(data)
    township = None if townships is None else owning_rows(townships, cameras.geometry.to_crs(townships.crs))
    number = pd.to_numeric(_column(cameras, "class", None), errors="coerce").to_numpy(dtype=float)
    named = np.isin(number, (1, 2, 3))
    status = _column(cameras, "status", "online").fillna("online").map({one: at for at, one in enumerate(_BEST_FIRST)})
    table = pd.DataFrame(
        {
            "site": place_numbers(site.where(site.notna(), ids).astype(str).to_numpy(), points, township),
            "x": points[:, 0],
            "y": points[:, 1],
            "class": np.where(named, np.char.mod("%d", np.where(named, number, 0).astype(int)), "none"),
            "status": status.fillna(_BEST_FIRST.index("unknown")).astype(int).to_numpy(),
        }
    )
    table["status"] = table.groupby("site", sort=False).status.transform("min")
    table = table.drop_duplicates("site").reset_index(drop=True)
    table["status"] = [_BEST_FIRST[at] for at in table.status]
    table["own"] = True if focus is None else shapely.intersects_xy(focus.shape, table.x, table.y)
    return table


def _gaps(data: MapData, crs: pyproj.CRS, focus: ZoneInFocus | None) -> gpd.GeoDataFrame:
    """Return the sheet's own gaps by rank with their positions in metres."""
    gaps = data.gaps
    if gaps is None or not len(gaps):
        return gpd.GeoDataFrame({"rank": [], "x": [], "y": []}, geometry=[], crs=crs)
    if "lon" in gaps and "lat" in gaps:
        x, y = from_wgs84(gaps.lon.to_numpy(dtype=float), gaps.lat.to_numpy(dtype=float), crs)
    else:
        x, y = shapely.get_coordinates(shapely.point_on_surface(projected(gaps, crs).geometry.to_numpy())).T
    gaps = gaps.assign(x=x, y=y)
    if "rank" not in gaps:
        gaps["rank"] = np.arange(1, len(gaps) + 1)
    if focus is not None:
        gaps = gaps[gaps_in_zone(gaps, _zone_frames(data), ZoneName(focus.layer, focus.code))]
    return gaps.sort_values("rank", kind="stable")


def _figures(data: MapData, focus: ZoneInFocus | None) -> Mapping[str, object]:
    if focus is not None:
        frame = data.zones[focus.layer]
        row = frame[frame.code.astype(str) == focus.code].iloc[0]
        return {str(key): value for key, value in row.items() if key != frame.geometry.name}
    totals = data.summary.get("totals")
    if isinstance(totals, Mapping) and totals:
        return {str(key): value for key, value in totals.items()}
    whole = data.zones.get("all")
    if whole is not None and len(whole):
        return {str(key): value for key, value in whole.iloc[0].items() if key != whole.geometry.name}
    return {}


def township_frame(data: MapData) -> gpd.GeoDataFrame | None:
    """Return the townships with ``code`` and ``name``, from the zones or else from the divisions."""
    townships = data.zones.get("townships")
    if townships is not None and len(townships):
        return townships
    divisions = data.reference.get("divisions")
    if divisions is None or "level" not in divisions:
        return None
    chosen = divisions[divisions.level == "township"]
    return chosen if len(chosen) else None


def _township_codes(data: MapData) -> set[str]:
    townships = township_frame(data)
    if townships is None or "code" not in townships or "name" not in townships:
        return set()
    return set(townships.code[townships.name.notna()].astype(str))


def _extent(
    data: MapData,
    zones: gpd.GeoDataFrame,
    focus: ZoneInFocus | None,
    sites: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    crs: pyproj.CRS,
) -> Bounds | None:
    boxes = []
    if focus is not None:
        boxes = [focus.shape.bounds]
    elif len(zones):
        boxes = [tuple(zones.total_bounds)]
    else:
        if len(sites):
            boxes.append((sites.x.min(), sites.y.min(), sites.x.max(), sites.y.max()))
        if len(gaps):
            boxes.append((gaps.x.min(), gaps.y.min(), gaps.x.max(), gaps.y.max()))
        boxes += [
            tuple(projected(frame, crs).total_bounds)
            for frame in (data.coverage, data.views, data.reference.get("divisions"))
            if frame is not None and len(frame)
        ]
    boxes = [box for box in boxes if np.isfinite(box).all()]
    if not boxes:
        return None
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def _common_code_prefix(codes: list[str], townships: set[str]) -> int:
    """Return how many leading digits the map may omit from every code: 12, 9 or 6 (GB/T 2260), or 0.

    A division that all codes share is omitted; so is the township where the map names the townships of all codes.
    """
    if len(codes) < 2 or not all(code.isdigit() for code in codes):
        return 0
    shortest = min(map(len, codes))
    for cut in (12, 9, 6):
        starts = {code[:cut] for code in codes}
        if shortest - cut >= 3 and (len(starts) == 1 or (cut == 9 and starts <= townships)):
            return cut
    return 0
