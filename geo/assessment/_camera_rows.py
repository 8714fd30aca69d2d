"""Keep of each camera row what an overlay needs: its site, its place, its zones, its views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.camera_sites import Sites, numbered_sites, place_numbers, sites_of
from geo.assessment.zones import Zones, owning_rows, owning_shapes, valid_shapes
from geo.visibility.views import Views


@dataclass(frozen=True)
class OwningShapes:
    """Shapes of a zone layer made valid, in the CRS of its frame, and the box of each."""

    shapes: np.ndarray
    boxes: np.ndarray

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame) -> OwningShapes:
        """Return those of a frame."""
        shapes, _ = valid_shapes(frame.geometry.to_numpy(), "", np.arange(len(frame)))
        return cls(shapes, shapely.bounds(shapes).reshape(-1, 4))


@dataclass(frozen=True)
class CameraRows:
    """Camera rows as an analysis used them.

    Attributes
    ----------
    ids, names, status
        Id of each row, name of its site, and its status.
    camera_class
        Class of each row (1, 2, 3), 0 for none.
    place
        Positions in the CRS of the frame, shape (n, 2).
    xy
        Positions in the computing CRS, metres.
    owner
        Zone layer -> the zone that owns each row, -1 for none (rule L1).
    sure, possible
        Views, in the computing CRS.
    box
        Of the views, metres; NaN where nothing is seen.
    """

    ids: np.ndarray
    names: np.ndarray
    status: np.ndarray
    camera_class: np.ndarray
    place: np.ndarray
    xy: np.ndarray
    owner: Mapping[str, np.ndarray]
    sure: np.ndarray
    possible: np.ndarray
    box: np.ndarray

    def sites(self, before: Sites, now_at: np.ndarray) -> Sites:
        """Return the sites of the rows (rule B4), of which only those of names that changed are grouped again.

        ``now_at`` is the place of each row of the sites before, -1 for one that went or was replaced.
        """
        stays = now_at >= 0
        is_new = np.ones(len(self.ids), bool)
        is_new[now_at[stays]] = False
        # 1. a site of a name without a changed row stays as it is
        site = np.full(len(self.ids), -1, np.int64)
        site[now_at[stays]] = before.site[stays]
        changed = {*self.names[is_new].tolist(), *before.names[before.site[~stays]].tolist()}
        again = np.flatnonzero(np.fromiter((name in changed for name in self.names), bool, len(self.names)))
        # 2. the others are grouped by the function of an analysis
        township = self.owner.get("townships")
        of_township = None if township is None else township[again]
        site[again] = before.count + place_numbers(self.names[again], self.xy[again], of_township)
        numbered = pd.factorize(site)[0].astype(np.int64)
        return numbered_sites(self.ids, self.names, self.status, self.camera_class, numbered)

    def with_changes(self, dropped: np.ndarray, added: CameraRows | None) -> tuple[CameraRows, np.ndarray, np.ndarray]:
        """Return the rows without some and with others, the new place of each old row, and that of each added one.

        A row that goes or is replaced has none: -1.

        A row of a known id takes its place. A new one comes where its id belongs if the rows are in the order of their
        ids, as a store gives them, else last.
        """
        old = self.ids
        ids = np.concatenate([old, added.ids]) if added is not None else old
        position = np.arange(len(old), dtype=float)
        kept = ~dropped
        if added is not None:
            known = pd.Index(old).get_indexer(pd.Index(added.ids))
            kept[known[known >= 0]] = False
            of_added = np.where(known >= 0, known, len(old))
            position = np.concatenate([position, of_added])
        present = np.concatenate([kept, np.ones(len(ids) - len(old), bool)])
        rows = np.flatnonzero(present)
        is_sorted = bool((old[1:] >= old[:-1]).all())
        order = rows[np.argsort(ids[rows] if is_sorted else position[rows], kind="stable")]
        place = np.full(len(ids), -1)
        place[order] = np.arange(len(order))
        both = self if added is None else _joined(self, added)
        return both.take(order), place[: len(old)], place[len(old) :]

    def take(self, rows: np.ndarray) -> CameraRows:
        """Return some of the rows, in that order."""
        return CameraRows(
            self.ids[rows],
            self.names[rows],
            self.status[rows],
            self.camera_class[rows],
            self.place[rows],
            self.xy[rows],
            {name: owner[rows] for name, owner in self.owner.items()},
            self.sure[rows],
            self.possible[rows],
            self.box[rows],
        )


def _joined(one: CameraRows, other: CameraRows) -> CameraRows:
    return CameraRows(
        np.concatenate([one.ids, other.ids]),
        np.concatenate([one.names, other.names]),
        np.concatenate([one.status, other.status]),
        np.concatenate([one.camera_class, other.camera_class]),
        np.concatenate([one.place, other.place]),
        np.concatenate([one.xy, other.xy]),
        {name: np.concatenate([owner, other.owner[name]]) for name, owner in one.owner.items()},
        np.concatenate([one.sure, other.sure]),
        np.concatenate([one.possible, other.possible]),
        np.concatenate([one.box, other.box]),
    )


def rows_of_views(views: Views, layers: Zones, owners: Mapping[str, OwningShapes] | None = None) -> CameraRows:
    """Return the rows of views; the zones that own each are found in the CRS of the frames.

    ``owners``, the frames' shapes made valid once, spare a few rows the look at every zone.
    """
    cameras = views.cameras
    points = cameras.geometry
    both = np.stack([shapely.bounds(views.sure_metric), shapely.bounds(views.possible_metric)]).reshape(2, -1, 4)
    box = np.hstack([np.fmin(*both[:, :, :2]), np.fmax(*both[:, :, 2:])])
    rows = sites_of(cameras)
    return CameraRows(
        rows.ids,
        rows.names[rows.site],
        cameras["status"].to_numpy(object),
        rows.camera_class,
        shapely.get_coordinates(points.to_numpy()),
        shapely.get_coordinates(points.to_crs(views.computing_crs).to_numpy()),
        {
            name: owning_rows(frame, points) if owners is None else _owner_near(owners[name], points)
            for name, frame in layers.frames.items()
        },
        views.sure_metric,
        views.possible_metric,
        box,
    )


def _owner_near(owners: OwningShapes, points: gpd.GeoSeries) -> np.ndarray:
    """Return what ``owning_rows`` does: only zones whose box holds a point can cover it."""
    boxes, near = owners.boxes, np.zeros(len(owners.shapes), bool)
    for x, y in shapely.get_coordinates(points.to_numpy()).tolist():
        near |= (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
    zones = np.flatnonzero(near)
    owner = owning_shapes(owners.shapes[zones], points)
    return np.where(owner >= 0, zones[owner], -1) if len(zones) else owner
