"""Select the content of a sheet: the whole area or one zone, with figures, gaps and cameras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

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
    unit_layer,
    zone_names,
    zones_with_units,
)
from geo.assessment.zones import owning_rows
from geo.catalog.layers import LAYERS
from geo.catalog.papers import CLASS_SCHEMES
from geo.catalog.results import ALL, OWN_ZONES, ZONE_LAYERS, zone_layers_among
from geo.crs import STORAGE_CRS, from_wgs84, parse_crs
from geo.crs_metric import metric_crs_for
from maps.map_data import MapData
from maps.print.page_layout import Bounds
from maps.print.page_projection import projected
from maps.style.class_schemes import scheme_classes
from maps.style.coverage_classes import CLASSES as COVERAGE_CLASSES
from maps.style.coverage_classes import CoverageClass

#: Zone layers that may be coloured by class: the first of them that has rows is.
COLOURED_LAYERS = (*(name for name in ZONE_LAYERS if name != "microgrids"), ALL)
_CAMERAS = LAYERS["cameras"]
# No map has cameras that were taken down.
STATUSES = tuple(one for one in _CAMERAS.field("status").choices if one != "removed")
#: Of the rows of a site the first of these is the site's: what stands before what is planned.
_BEST_FIRST = (*(one for one in STATUSES if one != "planned"), "planned")
CLASSES = (*(one.name for one in _CAMERAS.field("class").values), "none")
#: The least share of the smaller of two shapes that they have in common where one cuts the other.
_LEAST_CUT = 0.01


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
        One row per site (rule B4): ``label``, ``x``, ``y`` in metres, ``class``, ``status``, ``own``.
    gaps
        The sheet's own gaps by rank, in the CRS of the data, with ``x``, ``y`` of their positions in metres.
    extent
        What the map must show, in metres; None where nothing has a position.
    prefix
        How many leading digits of the codes the map omits: those of divisions that it names.
    scheme, classes
        How the zones are sorted into classes, and these, highest first (``maps.style.class_schemes``).
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
    scheme: str = CLASS_SCHEMES[0]
    classes: tuple[CoverageClass, ...] = COVERAGE_CLASSES

    @property
    def focus_cuts_zones(self) -> bool:
        """Return whether the zone in focus was drawn without regard to the coloured zones."""
        return self.focus is not None and self.focus.layer.startswith(OWN_ZONES)


def sheet_content(data: MapData, zone: str | None = None, scheme: str = CLASS_SCHEMES[0]) -> SheetContent:
    """Return the content of the sheet of the whole area, or of one zone; parameters as of ``SheetContents``.

    Raises
    ------
    NotFound, AmbiguousName
        Where no zone has that code or name, or several have that name.
    UnknownCrs, TooWide
        As ``geo.crs_metric.metric_crs_for``.
    """
    return SheetContents(data, scheme).of(zone)


class SheetContents:
    """What the sheets of one map share, put together once; ``of`` returns the content of one of them.

    Parameters
    ----------
    data
        The map, in any one CRS.
    scheme
        One of ``geo.catalog.papers.CLASS_SCHEMES``: how the zones are sorted into classes.

    Raises
    ------
    UnknownName
        For another scheme.
    """

    def __init__(self, data: MapData, scheme: str = CLASS_SCHEMES[0]) -> None:
        self.data = data
        self.crs = metric_crs(data)
        self.layer = next((name for name in COLOURED_LAYERS if _rows(data.zones.get(name))), "")
        self.scheme = scheme
        self.zones, self.classes = _coloured(data.zones.get(self.layer), self.crs, scheme)
        self.outline = _outline(data, self.zones, self.crs)
        self._frames = _zone_frames(data)
        self._sites = _sites(data, self.crs)
        self._gaps = _gaps(data, self.crs)
        self._townships = _township_codes(data)
        self._units: dict[str, dict[str, set[str]]] = {}

    def of(self, zone: str | None = None) -> SheetContent:
        """Return the content of the whole area, or of one zone.

        Parameters
        ----------
        zone
            Code or name of a grid, microgrid, village, township, own zone or the county
            (``geo.assessment.named_zones.find_zone``).
        """
        focus = None if zone is None else self._focus(zone)
        own, sites, gaps = self._own(focus), self._sites_of(focus), self._gaps_of(focus)
        return SheetContent(
            crs=self.crs,
            layer=self.layer,
            zones=self.zones,
            own=own,
            focus=focus,
            outline=self.outline,
            figures=_figures(self.data, focus),
            sites=sites,
            gaps=gaps,
            extent=_extent(self.data, self.zones, focus, sites, gaps, self.crs),
            prefix=_common_code_prefix(self.zones.code[own].tolist(), self._townships),
            scheme=self.scheme,
            classes=self.classes,
        )

    def zones_of(self, layer: str) -> gpd.GeoDataFrame | None:
        """Return the zones of a layer with their codes, in the sheet's CRS; None where there are none."""
        frame = self._frames.get(layer)
        return None if frame is None else projected(frame, self.crs)

    def unit_codes_of(self, layer: str) -> dict[str, set[str]]:
        """Return the codes of the units of each zone of a layer, by its code; a zone without units is absent."""
        if layer not in self._units:
            finest = unit_layer(self._frames)
            frames = {name: frame for name, frame in self._frames.items() if name in (finest, layer)}
            self._units[layer] = {
                one["code"]: set(one["grids"]) for one in zones_with_units(frames) if one["layer"] == layer
            }
        return {code: units for code, units in self._units[layer].items() if units}

    @cached_property
    def _names(self) -> list[ZoneName]:
        names = [one for layer, frame in self._frames.items() for one in zone_names(layer, names_of(frame))]
        divisions = self.data.reference.get("divisions")
        if divisions is not None and "level" in divisions:
            names += county_names(pd.DataFrame(divisions)[["code", "name", "level"]].to_dict("records"))
        return names

    def _focus(self, zone: str) -> ZoneInFocus | None:
        """Return the zone that a text names, None for the county, which is the whole sheet."""
        found = find_zone(self._names, zone)
        if found.layer == ALL:
            return None
        frame = self._frames[found.layer]
        row = frame[frame.code.astype(str) == found.code].iloc[:1]
        return ZoneInFocus(found.layer, found.code, found.name, projected(row, self.crs).geometry.iloc[0])

    def _own(self, focus: ZoneInFocus | None) -> np.ndarray:
        """Return which rows belong to the zone: its units, those that it has ground of, or the one around it."""
        zones = self.zones
        if focus is None or not len(zones):
            return np.ones(len(zones), dtype=bool)
        units = self.unit_codes_of(focus.layer).get(focus.code)
        if units:
            return zones.code.isin(units).to_numpy(bool)
        if focus.layer.startswith(OWN_ZONES):
            # Drawn without regard to units: what it cuts is its own too, and what lies beyond it is greyed.
            inside = _cut(zones.geometry.to_numpy(), focus.shape)
            if inside.any():
                return inside
        return shapely.contains(zones.geometry.to_numpy(), shapely.point_on_surface(focus.shape))

    def _sites_of(self, focus: ZoneInFocus | None) -> pd.DataFrame:
        if focus is None or not len(self._sites):
            return self._sites
        return self._sites.assign(own=shapely.intersects_xy(focus.shape, self._sites.x, self._sites.y))

    def _gaps_of(self, focus: ZoneInFocus | None) -> gpd.GeoDataFrame:
        gaps = self._gaps
        if focus is None or not len(gaps):
            return gaps
        units = self.unit_codes_of(focus.layer).get(focus.code)
        if units:
            return gaps[gaps["grid"].astype("string").isin(units).fillna(False).to_numpy(bool)]
        return gaps[gaps_in_zone(gaps, self._frames, ZoneName(focus.layer, focus.code))]


def _cut(shapes: np.ndarray, by: shapely.Geometry) -> np.ndarray:
    """Return which shapes another has ground of: more of the smaller of both than a border drawn by hand is off."""
    found = np.zeros(len(shapes), dtype=bool)
    shapely.prepare(by)
    near = np.flatnonzero(shapely.intersects(by, shapes))
    met = shapely.area(shapely.intersection(shapely.make_valid(shapes[near]), shapely.make_valid(by)))
    found[near] = met > _LEAST_CUT * np.minimum(shapely.area(shapes[near]), by.area)
    return found


def in_focus(frame: gpd.GeoDataFrame, content: SheetContent) -> gpd.GeoDataFrame:
    """Return the rows whose inner point the zone in focus has; all of them where the sheet shows everything."""
    if content.focus is None:
        return frame
    points = shapely.point_on_surface(projected(frame, content.crs).geometry.to_numpy())
    return frame[np.asarray(shapely.intersects(content.focus.shape, points), bool)]


def _rows(frame: gpd.GeoDataFrame | None) -> int:
    return 0 if frame is None else len(frame)


def metric_crs(data: MapData) -> pyproj.CRS:
    """Return the metric CRS that a map is drawn in (rule C1)."""
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


def _coloured(
    frame: gpd.GeoDataFrame | None, crs: pyproj.CRS, scheme: str
) -> tuple[gpd.GeoDataFrame, tuple[CoverageClass, ...]]:
    """Return the zones with their class, and the classes."""
    if frame is None:
        _none, classes = scheme_classes([], scheme)
        empty: dict[str, list[object]] = {"code": [], "name": [], "share": [], "class": []}
        return gpd.GeoDataFrame(empty, geometry=[], crs=crs), classes
    frame = projected(frame, crs)
    share = pd.to_numeric(_column(frame, "sure_share", np.nan), errors="coerce").to_numpy(dtype=float)
    found, classes = scheme_classes(share, scheme)
    columns = {
        "code": [text_of(value) for value in _column(frame, "code", None)],
        "name": [text_of(value) for value in _column(frame, "name", None)],
        "share": share,
        "class": found,
    }
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=crs), classes


def _zone_frames(data: MapData) -> dict[str, gpd.GeoDataFrame]:
    frames = {
        name: data.zones[name] for name in zone_layers_among(data.zones) if name != ALL and _rows(data.zones[name])
    }
    return {name: frame for name, frame in frames.items() if "code" in frame}


def _outline(data: MapData, zones: gpd.GeoDataFrame, crs: pyproj.CRS) -> shapely.Geometry | None:
    whole = data.zones.get("all")
    divisions = data.reference.get("divisions")
    if whole is not None and len(whole):
        return projected(whole, crs).geometry.iloc[0]
    if divisions is not None and "level" in divisions and (divisions.level == "county").any():
        return projected(divisions[divisions.level == "county"], crs).union_all()
    return shapely.union_all(zones.geometry.to_numpy()) if len(zones) else None


def _sites(data: MapData, crs: pyproj.CRS) -> pd.DataFrame:
    """Group rows by site (B4: name, township and place): position and class of the first row, the best status."""
    cameras = data.cameras
    if cameras is None or not len(cameras):
        return pd.DataFrame(
            {"label": [], "site": [], "x": [], "y": [], "class": [], "status": [], "own": np.zeros(0, bool)}
        )
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
            "label": site.where(site.notna(), ids).astype(str).to_numpy(),
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
    # Texts as objects: an atlas compares and takes a few of them hundreds of times, which is slow in a column of Arrow.
    return table.astype(dict.fromkeys(("label", "site", "class", "status"), object)).assign(own=True)


def _gaps(data: MapData, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the gaps by rank with their positions in metres."""
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
