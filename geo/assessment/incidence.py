"""Overlay views, zones and domain once; every figure is a sum over the result (rules C3, D, Zones)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.assessment import zones as zone_layers
from geo.assessment._overlaid import cell_camera_pairs, cells_of, pairs_of_sites, polygons_of_zones_and_views
from geo.assessment.camera_sites import Sites, sites_of
from geo.assessment.zone_membership import Pairs, ZoneMembership, sort_cells_by_zone
from geo.catalog.results import FIGURES
from geo.errors import BadValue
from geo.row_keys import row_keys
from geo.sentences import sentence
from geo.types import Progress, no_progress

if TYPE_CHECKING:
    from geo.assessment.area_of_interest import Domain
    from geo.assessment.cells import OverlayCells
    from geo.visibility.views import Views

_FORMAT = 1


@dataclass(frozen=True)
class Incidence:
    """The overlay of views, zones and domain: cells against sites, cells against zones; every figure is a sum over it.

    The names of the arrays are those of stored runs; what the code calls a cell, the rules call an element.

    Attributes
    ----------
    kind, measure
        The kind of domain (rule D1), and the unit of the size: ``m2``, ``m`` or ``count``.
    level, edition
        Of the views.
    crs
        The cameras' CRS, and that of every frame of results.
    size, weight
        Size of each cell (m2, m, 1) and its weight (rule D3).
    site_element, site
        Pairs: an online row of the site surely sees the cell.
    class_element, class_site, class_of
        The same by class of camera (1, 2, 3).
    possible_element, possible_site
        Pairs: a row of the site that is online or of unknown status (rule U1) possibly, perhaps surely, sees the cell.
    camera_element, camera, maybe_element, maybe_camera
        Of sites with several such rows, which row surely sees the cell, and which possibly but not surely; None in runs
        of before 2026-11-28.
    sites
        The sites, and the camera rows of each.
    members
        Zone layer -> cells in its zones; ``all`` is always among them.
    frames
        Zone layer -> rows as given; without ``all``.
    base
        The layer whose union is zone ``all``; empty where that is the discs of the online cameras (rule D4).
    left_out_weight
        Demand inside footprints (rule D3).
    notes
        Rows left out or repaired, and names of sites that are several places, as ``中文 / English``.
    scoped_notes
        Those of the notes that name cameras or sites; not stored.
    views, domain, cells
        Its inputs and overlay cells; None after loading from a store, where gaps() is unavailable.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geo import views
    >>> camera = gpd.GeoDataFrame({"azimuth": [0.0]}, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547)
    >>> zone = shapely.box(499_990, 3_999_990, 500_010, 4_000_010)
    >>> zones = gpd.GeoDataFrame({"code": ["z"]}, geometry=[zone], crs=4547)
    >>> model = incidence(views(camera), zones)
    >>> model.layers, round(float(model.size.sum()), 6)
    (('grids', 'all'), 400.0)
    >>> Incidence.from_bytes(model.to_bytes(), {"grids": zones}).layers
    ('grids', 'all')
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
    members: Mapping[str, ZoneMembership]
    frames: Mapping[str, gpd.GeoDataFrame]
    base: str
    left_out_weight: float = 0.0
    notes: tuple[str, ...] = ()
    scoped_notes: tuple[str, ...] = ()
    camera_element: np.ndarray | None = None
    camera: np.ndarray | None = None
    maybe_element: np.ndarray | None = None
    maybe_camera: np.ndarray | None = None
    views: Views | None = None
    domain: Domain | None = None
    cells: OverlayCells | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the names of the zone layers, ``all`` last."""
        return tuple(self.members)

    def to_bytes(self) -> bytes:
        """Return the arrays of zone figures and outages as a compressed numpy archive without pickles."""
        meta = {
            name: getattr(self, name) for name in ("kind", "measure", "level", "edition", "base", "left_out_weight")
        }
        meta |= {"format": _FORMAT, "crs": self.crs.to_json(), "notes": self.notes, "layers": list(self.members)}
        arrays: dict[str, np.ndarray] = {"meta": np.frombuffer(json.dumps(meta).encode(), np.uint8)}
        arrays |= {name: getattr(self, name) for name in (*_ARRAYS, *_CAMERA_ARRAYS) if getattr(self, name) is not None}
        arrays |= {f"sites.{name}": value for name, value in self.sites.arrays().items()}
        for layer, zones in self.members.items():
            arrays |= {f"{layer}.{name}": getattr(zones, name) for name in _MEMBERS}
            arrays[f"{layer}.keys"] = zones.keys.astype(str)
        out = io.BytesIO()
        np.savez_compressed(out, allow_pickle=False, **arrays)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, zones: Mapping[str, gpd.GeoDataFrame]) -> Incidence:
        """Return the incidence that ``to_bytes`` wrote; ``zones`` are the frames of its layers, rows in any order."""
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            meta = json.loads(bytes(archive["meta"]))
            if meta["format"] != _FORMAT:
                raise BadValue("关联模型的格式版本不对", f"the incidence is of format {meta['format']}, not {_FORMAT}")
            members = {
                layer: ZoneMembership(
                    **{name: archive[f"{layer}.{name}"] for name in _MEMBERS},
                    keys=archive[f"{layer}.keys"].astype(object),
                )
                for layer in meta["layers"]
            }
            stored = set(archive.files)
            arrays = {name: archive[name] for name in (*_ARRAYS, *(one for one in _CAMERA_ARRAYS if one in stored))}
            names = [name for name in Sites.STORED_NAMES.values() if f"sites.{name}" in stored]
            sites = Sites.from_arrays({name: archive[f"sites.{name}"] for name in names})
        crs = pyproj.CRS.from_json(meta["crs"])
        frames = {layer: _restored_frame(zones.get(layer), known.keys, crs) for layer, known in members.items()}
        plain = {name: meta[name] for name in ("kind", "measure", "level", "edition", "base", "left_out_weight")}
        return cls(crs=crs, sites=sites, members=members, frames=frames, notes=tuple(meta["notes"]), **plain, **arrays)


_ARRAYS = (
    "size", "weight", "site_element", "site", "class_element", "class_site", "class_of",
    "possible_element", "possible_site",
)  # fmt: skip
#: Absent in runs of before 2026-11-28.
_CAMERA_ARRAYS = ("camera_element", "camera", "maybe_element", "maybe_camera")
_MEMBERS = ("element", "group", "zone", "seeing_zone", "seeing_site", "owner")


def _restored_frame(frame: gpd.GeoDataFrame | None, keys: np.ndarray, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the zone rows in the order of the keys, without figures; of missing rows only the key."""
    if frame is None:
        return gpd.GeoDataFrame({"code": keys}, geometry=[None] * len(keys), crs=crs)
    position = pd.Index(row_keys(frame, "code")).get_indexer(pd.Index(keys))
    rows = frame.drop(columns=[name for name in FIGURES if name in frame]).iloc[np.maximum(position, 0)].copy()
    if (position < 0).any():
        rows.loc[position < 0, :] = None
        rows["code"] = keys
    return rows.reset_index(drop=True)


def incidence(
    views: Views,
    zones: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] | None = None,
    domain: Domain | None = None,
    *,
    progress: Progress = no_progress,
    workers: int | None = None,
    sites: Sites | None = None,
) -> Incidence:
    """Overlay views, zones and domain once, tile by tile (rule C3).

    Parameters
    ----------
    views
        The views; online cameras count (rule U6), and those of unknown status for what is possible (rule U1).
    zones
        A frame (the layer grids), or grids, villages, townships or divisions by name; all in the cameras' CRS.
    domain
        Where coverage is wanted, in any metric CRS; None is ``all`` without the obstacles of the views.
    workers
        Threads; None takes one per core. Results are bit-identical for any number.
    sites
        The sites of the cameras, where they are known already; None groups them (rule B4), by townships where the
        zones have these.

    Raises
    ------
    UnknownCrs, CrsMismatch
        Where a zone frame has no CRS, or not that of the cameras.
    UnknownName
        For another zone layer.

    Examples
    --------
    Two zones of 20 m by 20 m; a camera at target height looks all round, 10 m far, from the middle of the first:

    >>> import geopandas as gpd, shapely
    >>> from geo import views, zone_metrics
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"kind": ["panoramic"], "max_range": [10.0], "height": [1.6]}
    >>> seen = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547))
    >>> squares = [shapely.box(x - 10, y - 10, x + 10, y + 10), shapely.box(x + 10, y - 10, x + 30, y + 10)]
    >>> model = incidence(seen, gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=squares, crs=4547))
    >>> zone_metrics(model)[["code", "domain_m2", "sure_m2"]].round(-1).to_dict("list")
    {'code': ['1', '2'], 'domain_m2': [400.0, 400.0], 'sure_m2': [310.0, 0.0]}
    """
    from geo.assessment.area_of_interest import domain as make_domain  # noqa: PLC0415 (a loaded incidence needs no overlay)

    # 1. zones, domain and cameras in the order of rule C3
    computing_crs = views.computing_crs
    layers = zone_layers.sort_zone_layers(zones, computing_crs, required_crs=views.crs)
    if domain is None:
        domain = make_domain("all", zones=layers.frames or None, views=views, workers=workers)
    computing_domain = domain.to(computing_crs)
    township = _township_of_rows(views, layers)
    site_notes: tuple[str, ...] = ()
    if sites is None:
        points = views.cameras.geometry.to_crs(computing_crs)
        sites = sites_of(views.cameras, shapely.get_coordinates(points.to_numpy()), township)
        site_notes = _notes_on_sites(sites)
    rows = sites.overlaid_rows()
    # 2. overlay cells, with the polygons of zones and views that cover each
    discs = None
    if not layers.all_zone_layer:
        from geo.assessment.area_of_interest import camera_discs  # noqa: PLC0415 (a loaded incidence needs no overlay)

        discs = camera_discs(views)
    polygons, spans = polygons_of_zones_and_views(
        layers, views.sure_metric[rows], views.possible_metric[rows], sites.online[rows], discs
    )
    cells = cells_of(computing_domain, layers, polygons, spans, workers, progress)
    # 3. cells against sites: surely seen, by class, possibly seen
    sure, possible = cell_camera_pairs(cells, spans, rows)
    site_pairs, by_class, possible_pairs = pairs_of_sites(sites, sure, possible)
    shared = np.bincount(sites.site[rows], minlength=sites.count)[sites.site] > 1
    of_shared = shared[sure[1]]
    maybe = possible[0][len(sure[0]) :], possible[1][len(sure[0]) :]
    maybe_shared = shared[maybe[1]]
    # 4. cells against zones, and who owns each site
    first_points = views.cameras.geometry.iloc[sites.first]
    owner = {} if township is None else {"townships": township[sites.first]}
    members = _members(cells, layers, polygons, spans, first_points, owner, site_pairs, computing_crs)
    return Incidence(
        kind=domain.kind,
        measure=domain.measure,
        level=views.level,
        edition=views.edition,
        crs=views.crs,
        size=cells.size,
        weight=cells.weight,
        site_element=site_pairs[0],
        site=site_pairs[1],
        class_element=by_class[0],
        class_site=by_class[1],
        class_of=by_class[2],
        possible_element=possible_pairs[0],
        possible_site=possible_pairs[1],
        sites=sites,
        members=members,
        frames=layers.frames,
        base=layers.all_zone_layer,
        left_out_weight=domain.left_out_weight,
        # The domain says of zones what the layers say, where it is made of them.
        notes=tuple(
            dict.fromkeys((*layers.notes, *(fault.reason for fault in layers.repaired), *domain.notes, *site_notes))
        ),
        scoped_notes=site_notes,
        camera_element=sure[0][of_shared],
        camera=sure[1][of_shared],
        maybe_element=maybe[0][maybe_shared],
        maybe_camera=maybe[1][maybe_shared],
        views=views,
        domain=computing_domain,
        cells=cells,
    )


def _township_of_rows(views: Views, layers: zone_layers.Zones) -> np.ndarray | None:
    """Return the township that owns each camera row (rule L1), -1 for none; None where divisions are unknown."""
    frame = layers.frames.get("townships")
    return None if frame is None else zone_layers.owning_rows(frame, views.cameras.geometry)


def _notes_on_sites(sites: Sites) -> tuple[str, ...]:
    """Return the note that some names of sites are several places (rule B4)."""
    names, count = np.unique(sites.names.astype(str), return_counts=True)
    several = int((count > 1).sum())
    if not several:
        return ()
    listed = ", ".join(names[count > 1][:5].tolist()) + (" …" if several > 5 else "")
    zh = f"{several} 个点位编号各用于几处（相距 50 m 以上或分属不同乡镇），每处按一个点位计：{listed}"
    en = f"{several} site names are each used at several places, which count as sites of their own: {listed}"
    return (sentence(zh, en),)


def _members(
    cells: OverlayCells,
    layers: zone_layers.Zones,
    polygons: np.ndarray,
    spans: Mapping[str, slice],
    points: gpd.GeoSeries,
    known_owner: Mapping[str, np.ndarray],
    site_pairs: Pairs,
    computing_crs: pyproj.CRS,
) -> dict[str, ZoneMembership]:
    """Return the cells and sites of each zone, by layer, and of the whole area; ``points`` are the sites."""
    owner = {
        name: known_owner[name] if name in known_owner else zone_layers.owning_rows(frame, points)
        for name, frame in layers.frames.items()
    }
    members = {
        name: sort_cells_by_zone(cells, spans[name], owner[name], row_keys(frame, "code"), site_pairs)
        for name, frame in layers.frames.items()
    }
    if layers.all_zone_layer:
        owner_in_all = np.where(owner[layers.all_zone_layer] >= 0, 0, -1)
    else:
        owner_in_all = _owner_in_discs(polygons[spans["discs"]], points, computing_crs)
    all_span = spans[layers.all_zone_layer or "discs"]
    all_keys = np.array(["all"], object)
    members["all"] = sort_cells_by_zone(cells, all_span, owner_in_all, all_keys, site_pairs, as_one_zone=True)
    return members


def _owner_in_discs(discs: np.ndarray, points: gpd.GeoSeries, computing_crs: pyproj.CRS) -> np.ndarray:
    """Return 0 for each point in the discs, the zone ``all`` where there are no zones, else -1."""
    owner = np.full(len(points), -1)
    if len(discs) and len(points):
        owner[shapely.STRtree(discs).query(points.to_crs(computing_crs).to_numpy(), predicate="intersects")[0]] = 0
    return owner
