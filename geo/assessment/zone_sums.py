"""Add values of cells up by zone and tile, and turn the sums of zones into their figures (rules, section Zones; C3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.assessment.camera_sites import Sites
from geo.assessment.zone_membership import ZoneMembership, unique_pairs, zones_seen
from geo.catalog.results import FIGURES

#: Cameras, offline ones, and seeing ones of each zone.
ZoneCounts = tuple[np.ndarray, np.ndarray, np.ndarray]
#: Rows of the values of cells: weights of all, of those seen surely, possibly, by two, by three, and by each class ...
_WEIGHTS = 8
#: ... and sizes of all, of those seen surely and possibly, and of those unseen.
_SIZES = 4


@dataclass(frozen=True)
class SeenCells:
    """What is seen of the cells of an overlay.

    Attributes
    ----------
    size, weight
        Of each cell.
    surely
        The cell of each pair (cell, site) where an online row of the site surely sees it.
    possibly
        The same of what is possibly, perhaps surely, seen.
    class_element, class_of
        The cell and the class of each triple (cell, site, class of camera).

    Examples
    --------
    Of cells of 4 m2 and 6 m2 the second is seen by two sites, of which one is of class 1:

    >>> import numpy as np
    >>> size, twice = np.array([4.0, 6.0]), np.array([1, 1])
    >>> values = SeenCells(size, size, twice, twice, np.array([1]), np.array([1])).values()
    >>> values.sum(axis=1).tolist()
    [10.0, 6.0, 6.0, 6.0, 0.0, 6.0, 0.0, 0.0, 10.0, 6.0, 6.0, 4.0]
    """

    size: np.ndarray
    weight: np.ndarray
    surely: np.ndarray
    possibly: np.ndarray
    class_element: np.ndarray
    class_of: np.ndarray

    def values(self) -> np.ndarray:
        """Return what each cell adds to the sums of its zones, shape (12, cells)."""
        n = len(self.size)
        k = np.bincount(self.surely, minlength=n)
        possible = np.bincount(self.possibly, minlength=n) > 0
        masks = [np.ones(n, bool), k > 0, possible, k > 1, k > 2]
        for camera_class in (1, 2, 3):
            mask = np.zeros(n, bool)
            mask[self.class_element[self.class_of == camera_class]] = True
            masks.append(mask)
        return np.array(
            [self.weight * mask for mask in masks] + [self.size * mask for mask in (*masks[:3], k == 0)]
        ).reshape(_WEIGHTS + _SIZES, n)


@dataclass(frozen=True)
class TileSums:
    """Sums of the values of cells in each zone and tile of one layer.

    Attributes
    ----------
    zone, tile
        Of each group, ascending: the zone, and the number of the tile by ``tile_numbers``.
    sums
        Sums of each group, shape (12, groups).
    seen_group, seen_row
        Pairs: an online camera row surely sees some of the group.

    Examples
    --------
    Zone 0 has 4 m2 in one tile and 6 m2 in another; both are recomputed, and the second is 5 m2 now:

    >>> import numpy as np
    >>> none = np.empty(0, np.int64)
    >>> def of(zone, tile, sizes):
    ...     return TileSums(np.array(zone), np.array(tile), np.array([sizes] * 12, float), none, none)
    >>> again = of([0, 0, 1], [7, 8, 7], [4, 6, 1]).with_tiles(np.array([8]), of([0], [8], [5]))
    >>> again.by_zone(np.arange(2))[0].tolist(), again.tile.tolist()
    ([9.0, 1.0], [7, 8, 7])
    """

    zone: np.ndarray
    tile: np.ndarray
    sums: np.ndarray
    seen_group: np.ndarray
    seen_row: np.ndarray

    def with_tiles(self, tiles: np.ndarray, other: TileSums) -> TileSums:
        """Return the sums with those of some tiles taken from another overlay."""
        kept, new = ~np.isin(self.tile, tiles), np.isin(other.tile, tiles)
        zone = np.concatenate([self.zone[kept], other.zone[new]])
        tile = np.concatenate([self.tile[kept], other.tile[new]])
        order = np.lexsort((tile, zone))
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        own = place[np.cumsum(kept) - 1] if len(kept) else place[:0]
        others = place[kept.sum() + np.cumsum(new) - 1] if len(new) else place[:0]
        of_own, of_other = kept[self.seen_group], new[other.seen_group]
        return TileSums(
            zone[order],
            tile[order],
            np.concatenate([self.sums[:, kept], other.sums[:, new]], axis=1)[:, order],
            np.concatenate([own[self.seen_group[of_own]], others[other.seen_group[of_other]]]),
            np.concatenate([self.seen_row[of_own], other.seen_row[of_other]]),
        )

    def by_zone(self, zones: np.ndarray) -> np.ndarray:
        """Return the sums of some zones, shape (12, zones)."""
        first, end = np.searchsorted(self.zone, zones), np.searchsorted(self.zone, zones, side="right")
        out = np.zeros((len(self.sums), len(zones)))
        for at, (a, b) in enumerate(zip(first.tolist(), end.tolist(), strict=True)):
            out[:, at] = total(self.sums[:, a:b])
        return out

    def seeing(self, zones: np.ndarray, sites: Sites) -> np.ndarray:
        """Return how many sites see some of each of these zones."""
        wanted = np.full(max(int(self.zone.max(initial=-1)), int(zones.max(initial=-1))) + 1, -1)
        wanted[zones] = np.arange(len(zones))
        zone = wanted[self.zone[self.seen_group]]
        found = zone >= 0
        pairs = unique_pairs(zone[found], sites.site[self.seen_row[found]], sites.count)
        return np.bincount(pairs[0], minlength=len(zones))


@dataclass(frozen=True)
class ZoneTotals:
    """Sums of the values of cells in each zone of one layer, and how many sites see some of it.

    Attributes
    ----------
    sums
        Shape (12, zones).
    seeing
        Of each zone.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from geo.assessment.camera_sites import sites_of
    >>> sites = sites_of(pd.DataFrame({"id": ["a", "b"], "site": "p", "status": "online"}))
    >>> groups, pairs = np.array([0, 1]), (np.array([0, 0, 1]), np.array([0, 1, 1]))
    >>> sums = TileSums(np.zeros(2, int), groups, np.array([[3.0, 4.0]]), *pairs)
    >>> found = ZoneTotals.of(sums, np.array([0]), sites)
    >>> found.sums.tolist(), found.seeing.tolist(), found.count
    ([[7.0]], [1], 1)
    """

    sums: np.ndarray
    seeing: np.ndarray

    @property
    def count(self) -> int:
        """Return the number of zones."""
        return len(self.seeing)

    @classmethod
    def of(cls, sums: TileSums, zones: np.ndarray, sites: Sites) -> ZoneTotals:
        """Return the totals of some zones."""
        return cls(sums.by_zone(zones), sums.seeing(zones, sites))

    def renewed(self, zones: np.ndarray, sums: TileSums, sites: Sites) -> ZoneTotals:
        """Return the totals with those of some zones taken from other sums."""
        new, out, seeing = ZoneTotals.of(sums, zones, sites), self.sums.copy(), self.seeing.copy()
        out[:, zones], seeing[zones] = new.sums, new.seeing
        return ZoneTotals(out, seeing)


def total(parts: np.ndarray) -> np.ndarray:
    """Return the sum of each row, rounded once (rule C3), whatever the order.

    Examples
    --------
    >>> import numpy as np
    >>> total(np.array([[1e16, 1.0, -1e16], [1.0, 2.0, 3.0]])).tolist()
    [1.0, 6.0]
    """
    count = parts.shape[1]
    if count < 2:
        return parts[:, 0] if count else np.zeros(len(parts))
    if count == 2:
        return parts[:, 0] + parts[:, 1]  # one addition is rounded once, as fsum would
    return np.array([math.fsum(row) for row in parts])


def tile_numbers(keys: np.ndarray) -> np.ndarray:
    """Return one number for each key (column, row) of a tile.

    Examples
    --------
    >>> import numpy as np
    >>> numbers = tile_numbers(np.array([(0, 0), (0, 1), (1, -1), (-1, 0)]))
    >>> len(set(numbers.tolist()))
    4
    """
    return keys[:, 0] * 2**32 + keys[:, 1]


def tile_sums(
    zones: ZoneMembership, values: np.ndarray, tile: np.ndarray, seen: tuple[np.ndarray, np.ndarray]
) -> TileSums:
    """Return the sums of one layer by zone and tile.

    Parameters
    ----------
    zones
        The cells of each zone.
    values
        What each cell adds, shape (any, cells).
    tile
        Number of the tile of each cell.
    seen
        Pairs (cell, camera row) where the online row surely sees the cell.

    Examples
    --------
    Cells 0 and 1 are of zone 0 in tile 7, cell 2 in tile 8; row 5 sees the last:

    >>> import numpy as np
    >>> none = np.empty(0, int)
    >>> zones = ZoneMembership(np.arange(3), np.array([0, 2]), np.array([0, 2]), none, none, none, np.array(["z"]))
    >>> pairs = np.array([2]), np.array([5])
    >>> found = tile_sums(zones, np.array([[1.0, 2.0, 4.0]]), np.array([7, 7, 8]), pairs)
    >>> found.zone.tolist(), found.tile.tolist(), found.sums.tolist(), found.seen_group.tolist()
    ([0, 0], [7, 8], [[3.0, 4.0]], [1])
    """
    group_size = np.diff(np.append(zones.group, len(zones.element)))
    of_cells = np.repeat(np.arange(len(zones.group)), group_size)
    pairs = zones_seen(zones.element, of_cells, seen)
    return TileSums(
        np.repeat(np.arange(len(zones.keys)), np.diff(zones.zone)),
        tile[zones.element[zones.group]],
        zones.parts(values),
        pairs[0],
        pairs[1],
    )


def zone_counts(owner: np.ndarray, sites: Sites, seeing_zone: np.ndarray, count: int) -> ZoneCounts:
    """Return how many sites of each zone are online, how many only offline, and how many see some of its domain.

    Parameters
    ----------
    owner
        The zone that owns each site, -1 for none (rule L1).
    sites
        The sites.
    seeing_zone
        The zone of each pair (zone, site) where the site surely sees some of the zone's domain.
    count
        Number of zones.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from geo.assessment.camera_sites import sites_of
    >>> sites = sites_of(pd.DataFrame({"id": ["a", "b"], "status": ["online", "offline"]}))
    >>> [values.tolist() for values in zone_counts(np.array([1, 1]), sites, np.array([0, 0]), 2)]
    [[0, 1], [0, 1], [2, 0]]
    """
    owned = owner >= 0
    all_offline = sites.site_offline & ~sites.site_online
    return (
        np.bincount(owner[owned & sites.site_online], minlength=count),
        np.bincount(owner[owned & all_offline], minlength=count),
        np.bincount(seeing_zone, minlength=count),
    )


def figures_from_sums(
    sums: np.ndarray, counts: ZoneCounts, classes: tuple[bool, bool, bool], measure: str
) -> dict[str, np.ndarray]:
    """Return the figures of zones.

    Parameters
    ----------
    sums
        Sums of the values of ``SeenCells``, shape (12, zones).
    counts
        Cameras, offline ones and seeing ones of each zone.
    classes
        Whether there is a camera of class 1, 2 and 3: a share that was asked of nobody is null, not 0.
    measure
        Of the domain: areas are null unless it is ``m2``.

    Examples
    --------
    >>> import numpy as np
    >>> sums = np.array([[8.0], [4.0], [6.0], [2.0], [0], [4.0], [0], [0], [8.0], [4.0], [6.0], [4.0]])
    >>> found = figures_from_sums(sums, (np.array([1]),) * 3, (True, False, False), "m2")
    >>> [found[name].tolist() for name in ("sure_share", "k2_share", "c1_share", "c2_share", "gap_m2")]
    [[0.5], [0.25], [0.5], [nan], [4.0]]
    """
    whole, sure, possible, k2, k3, c1, c2, c3, *areas = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = [np.where(whole > 0, part / whole, np.nan) for part in (sure, possible, k2, k3, c1, c2, c3)]
    for is_there, share in zip(classes, shares[4:], strict=True):
        if not is_there:
            share[:] = np.nan
    if measure != "m2":
        areas = [np.full(len(whole), np.nan)] * _SIZES
    values = [areas[0], whole, areas[1], areas[2], *shares, areas[3], *counts]
    return dict(zip(FIGURES, values, strict=True))
