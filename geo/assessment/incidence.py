"""Overlay views, zones and domain once; every figure is a sum over the result (rules C3, D, Zones)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.assessment import zones as zones_of
from geo.assessment.area_of_interest import Domain, discs
from geo.assessment.area_of_interest import domain as make_domain
from geo.assessment.camera_sites import Sites, sites_of
from geo.assessment.cells import Elements, area_elements, line_elements, point_elements
from geo.catalog.results import FIGURES
from geo.errors import BadValue
from geo.types import Progress, silent

if TYPE_CHECKING:
    from geo.visibility.views import Views

_FORMAT = 1


@dataclass(frozen=True)
class Members:
    """Say which elements lie in which zones of one layer.

    Attributes
    ----------
    element
        Elements, sorted by zone, then tile.
    group
        Where in ``element`` each (zone, tile) begins: the sums that rule C3 adds up with ``math.fsum``.
    zone
        First group of each zone, and the end of the last.
    seeing_zone, seeing_site
        Pairs (zone, site): an online row of the site surely sees some of the zone's domain.
    owner
        The zone that owns each site's first row (rule L1), -1 for none.
    keys
        Key of each zone as text.
    """

    element: np.ndarray
    group: np.ndarray
    zone: np.ndarray
    seeing_zone: np.ndarray
    seeing_site: np.ndarray
    owner: np.ndarray
    keys: np.ndarray


@dataclass(frozen=True)
class Incidence:
    """Hold the overlay of views, zones and domain: elements x cameras, elements x zones.

    Attributes
    ----------
    kind, measure
        Which domain it is (rule D1) and what an element is: ``m2``, ``m`` or ``count``.
    level, edition
        Of the views.
    crs
        The cameras' CRS: that of every frame answered.
    size, weight
        Plain size of each element (m2, m, 1) and its weight (rule D3).
    site_element, site
        Pairs: a row of the site, online, surely sees the element.
    class_element, class_site, class_of
        The same by class of row (1, 2, 3).
    possible_element, possible_site
        Pairs: an online row of the site possibly, perhaps surely, sees the element.
    sites
        Names of the sites and what their rows are.
    members
        Zone layer -> elements in its zones; ``all`` is always there.
    frames
        Zone layer -> rows as given; ``all`` may be absent until asked for.
    base
        The layer whose union is ``all``; empty where that is the discs of the online cameras (rule D4).
    left_out_weight
        Demand inside footprints (rule D3).
    notes
        What was left out or repaired, as ``中文 / English``.
    views, domain, elements
        What it was made of; None after a reload, when there is no asking for gaps.
    """

    kind: str
    measure: str
    level: str
    edition: str
    crs: pyproj.CRS
    size: np.ndarray
    weight: np.ndarray
    site_element: np.ndarray
    site: np.ndarray
    class_element: np.ndarray
    class_site: np.ndarray
    class_of: np.ndarray
    possible_element: np.ndarray
    possible_site: np.ndarray
    sites: Sites
    members: Mapping[str, Members]
    frames: Mapping[str, gpd.GeoDataFrame]
    base: str
    left_out_weight: float = 0.0
    notes: tuple[str, ...] = ()
    views: Views | None = None
    domain: Domain | None = None
    elements: Elements | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the zone layers there are, ``all`` last."""
        return tuple(self.members)

    def to_bytes(self) -> bytes:
        """Return what zone figures and outage questions need, as a compressed numpy archive without pickles."""
        meta = {
            name: getattr(self, name) for name in ("kind", "measure", "level", "edition", "base", "left_out_weight")
        }
        meta |= {"format": _FORMAT, "crs": self.crs.to_json(), "notes": self.notes, "layers": list(self.members)}
        arrays: dict[str, np.ndarray] = {"meta": np.frombuffer(json.dumps(meta).encode(), np.uint8)}
        arrays |= {name: getattr(self, name) for name in _ARRAYS}
        arrays |= {f"sites.{name}": value for name, value in self.sites.arrays().items()}
        for layer, one in self.members.items():
            arrays |= {f"{layer}.{name}": getattr(one, name) for name in _MEMBERS}
            arrays[f"{layer}.keys"] = one.keys.astype(str)
        out = io.BytesIO()
        np.savez_compressed(out, allow_pickle=False, **arrays)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, zones: Mapping[str, gpd.GeoDataFrame]) -> Incidence:
        """Return the incidence that ``to_bytes`` wrote; ``zones`` gives the frames of its layers, any order of rows."""
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            meta = json.loads(bytes(kept["meta"]))
            if meta["format"] != _FORMAT:
                raise BadValue("关联模型的格式版本不对", f"the incidence is of format {meta['format']}, not {_FORMAT}")
            members = {
                layer: Members(
                    **{name: kept[f"{layer}.{name}"] for name in _MEMBERS}, keys=kept[f"{layer}.keys"].astype(object)
                )
                for layer in meta["layers"]
            }
            arrays = {name: kept[name] for name in _ARRAYS}
            sites = Sites.from_arrays({name: kept[f"sites.{name}"] for name in Sites.NAMES})
        crs = pyproj.CRS.from_json(meta["crs"])
        frames = {layer: _frame_again(zones.get(layer), one.keys, crs) for layer, one in members.items()}
        plain = {name: meta[name] for name in ("kind", "measure", "level", "edition", "base", "left_out_weight")}
        return cls(crs=crs, sites=sites, members=members, frames=frames, notes=tuple(meta["notes"]), **plain, **arrays)


_ARRAYS = (
    "size", "weight", "site_element", "site", "class_element", "class_site", "class_of",
    "possible_element", "possible_site",
)  # fmt: skip
_MEMBERS = ("element", "group", "zone", "seeing_zone", "seeing_site", "owner")


def _frame_again(frame: gpd.GeoDataFrame | None, keys: np.ndarray, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the zone rows in the order of the keys, without figures; rows that are gone keep their key."""
    if frame is None:
        return gpd.GeoDataFrame({"code": keys}, geometry=[None] * len(keys), crs=crs)
    place = pd.Index(zones_of.zone_keys(frame)).get_indexer(pd.Index(keys))
    rows = frame.drop(columns=[name for name in FIGURES if name in frame]).iloc[np.maximum(place, 0)].copy()
    if (place < 0).any():
        rows.loc[place < 0, :] = None
        rows["code"] = keys
    return rows.reset_index(drop=True)


def incidence(
    views: Views,
    zones: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] | None = None,
    domain: Domain | None = None,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> Incidence:
    """Overlay views, zones and domain once, tile by tile (rule C3).

    Parameters
    ----------
    views
        What the cameras see; only online rows count (rule U6).
    zones
        A frame (the layer grids), or grids, villages, townships or divisions by name; all in the cameras' CRS.
    domain
        Where coverage is wanted; None is ``all`` without the obstacles of the views. Brought to the views' computing
        CRS where it is in another.
    workers
        Threads; None takes one per core. The result is the same, bit for bit, for any number.

    Raises
    ------
    UnknownCrs, CrsMismatch
        Where a zone frame has no CRS, or not that of the cameras.
    UnknownName
        For another zone layer.
    """
    computing = views.computing_crs
    layers = zones_of.zones_of(zones, computing, like=views.crs)
    if domain is None:
        domain = make_domain("all", zones=layers.frames or None, views=views, workers=workers)
    wanted = domain.to(computing)
    sites = sites_of(views.cameras)
    rows = np.flatnonzero(sites.online)
    rows = rows[np.argsort(sites.ids[rows].astype(str), kind="stable")]  # rule C3: inputs sorted by id
    covers, spans = _covers(views, layers, rows)
    cuts = [span for name, span in spans.items() if name not in ("sure", "possible")]
    seen = slice(spans["sure"].start, spans["possible"].stop)
    if wanted.measure == "m2":
        elements = area_elements(wanted, covers, seen.start, _rank(layers, spans, len(covers)), workers, progress)
    elif wanted.measure == "m":
        elements = line_elements(wanted, covers, cuts, seen)
    else:
        elements = point_elements(wanted, covers, cuts, seen)
    sure, possible = _pairs(elements, spans, rows)
    points = _first_points(views, sites)
    owner = {name: zones_of.owners(frame, points) for name, frame in layers.frames.items()}
    owner["all"] = (
        np.where(owner[layers.base] >= 0, 0, -1)
        if layers.base
        else _in_discs(covers[spans["discs"]], points, computing)
    )
    site_pairs = _unique_pairs(sure[0], sites.site[sure[1]], sites.count)
    members = {
        name: _members(elements, spans[name], owner[name], zones_of.zone_keys(frame), site_pairs)
        for name, frame in layers.frames.items()
    }
    whole = spans[layers.base or "discs"]
    members["all"] = _members(elements, whole, owner["all"], np.array(["all"], object), site_pairs, whole=True)
    ranked = np.isin(sites.rank[sure[1]], (1, 2, 3))
    element_rank = sure[0][ranked] * 4 + sites.rank[sure[1]][ranked]
    by_class = _unique_pairs(element_rank, sites.site[sure[1]][ranked], sites.count)
    could = _unique_pairs(possible[0], sites.site[possible[1]], sites.count)
    return Incidence(
        kind=domain.kind,
        measure=domain.measure,
        level=views.level,
        edition=views.edition,
        crs=views.crs,
        size=elements.size,
        weight=elements.weight,
        site_element=site_pairs[0],
        site=site_pairs[1],
        class_element=(by_class[0] // 4),
        class_site=by_class[1],
        class_of=(by_class[0] % 4).astype(np.int8),
        possible_element=could[0],
        possible_site=could[1],
        sites=sites,
        members=members,
        frames=layers.frames,
        base=layers.base,
        left_out_weight=domain.left_out_weight,
        notes=(*layers.notes, *(fault.reason for fault in layers.repaired), *domain.notes),
        views=views,
        domain=wanted,
        elements=elements,
    )


def _covers(views: Views, layers: zones_of.Zones, rows: np.ndarray) -> tuple[np.ndarray, dict[str, slice]]:
    """Put the polygons of zones and views in one row; return it with the part of each layer."""
    sure, possible = views.sure_metric[rows], views.possible_metric[rows]
    same = shapely.equals_identical(sure, possible)
    parts: dict[str, Any] = dict(layers.shapes)
    if not layers.base:
        parts["discs"] = discs(views)
    parts["sure"] = sure
    parts["possible"] = np.where(same, None, possible)  # drawn once where nothing is unknown
    ends = np.cumsum([0, *(len(shapes) for shapes in parts.values())])
    spans = {name: slice(int(ends[i]), int(ends[i + 1])) for i, name in enumerate(parts)}
    return np.concatenate([np.asarray(shapes, object) for shapes in parts.values()]), spans


def _rank(layers: zones_of.Zones, spans: Mapping[str, slice], count: int) -> np.ndarray:
    """Return the order of work of rule C3: zones of a layer by key; views are in order of their ids already."""
    rank = np.arange(count)
    for name, frame in layers.frames.items():
        order = np.argsort(zones_of.zone_keys(frame).astype(str), kind="stable")
        rank[spans[name].start + order] = np.arange(spans[name].start, spans[name].stop)
    return rank


Pairs = tuple[np.ndarray, np.ndarray]


def _pairs(elements: Elements, spans: Mapping[str, slice], rows: np.ndarray) -> tuple[Pairs, Pairs]:
    """Return pairs (element, camera row): surely seen, and possibly seen; sure is inside possible."""
    out = []
    for name in ("sure", "possible"):
        mine = (elements.cover >= spans[name].start) & (elements.cover < spans[name].stop)
        out.append((elements.element[mine], rows[elements.cover[mine] - spans[name].start]))
    sure, more = out
    return sure, (np.concatenate([sure[0], more[0]]), np.concatenate([sure[1], more[1]]))


def _unique_pairs(a: np.ndarray, b: np.ndarray, count: int) -> Pairs:
    """Return the distinct pairs, ascending; b is below count."""
    code = np.unique(a.astype(np.int64) * max(count, 1) + b)
    return code // max(count, 1), code % max(count, 1)


def _first_points(views: Views, sites: Sites) -> gpd.GeoSeries:
    return views.cameras.geometry.iloc[sites.first]


def _in_discs(shapes: np.ndarray, points: gpd.GeoSeries, computing: pyproj.CRS) -> np.ndarray:
    inside = np.full(len(points), -1)
    if len(shapes) and len(points):
        inside[shapely.STRtree(shapes).query(points.to_crs(computing).to_numpy(), predicate="intersects")[0]] = 0
    return inside


def _members(
    elements: Elements, span: slice, owner: np.ndarray, keys: np.ndarray, site_pairs: Pairs, *, whole: bool = False
) -> Members:
    """Sort the elements of one layer's zones; ``whole`` takes the layer's union as one zone."""
    mine = (elements.cover >= span.start) & (elements.cover < span.stop)
    element, zone = elements.element[mine], elements.cover[mine] - span.start
    if whole:
        element = np.unique(element)
        zone = np.zeros(len(element), np.int64)
    tile = elements.tile[element]
    order = np.lexsort((element, tile, zone))
    element, zone, tile = element[order], zone[order], tile[order]
    change = np.ones(len(element), bool)
    change[1:] = (zone[1:] != zone[:-1]) | (tile[1:] != tile[:-1])
    group = np.flatnonzero(change)
    first = np.searchsorted(zone[group], np.arange(len(keys) + 1))
    # zones of each seen element: elements ascending, so that the pairs' elements can be looked up
    by_element = np.argsort(element, kind="stable")
    sorted_element, sorted_zone = element[by_element], zone[by_element]
    low = np.searchsorted(sorted_element, site_pairs[0], side="left")
    high = np.searchsorted(sorted_element, site_pairs[0], side="right")
    size = high - low
    take = np.repeat(low - np.cumsum(size) + size, size) + np.arange(size.sum())
    seeing = _unique_pairs(sorted_zone[take], np.repeat(site_pairs[1], size), int(site_pairs[1].max(initial=0)) + 1)
    return Members(element, group, first, seeing[0], seeing[1], owner, keys)
