"""Sort overlay cells by zone and tile, in the order in which figures are added up (rule C3)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from geo.assessment.cells import OverlayCells

Pairs = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class ZoneMembership:
    """Which overlay cells are in which zones of one layer; the names of the arrays are those of stored runs.

    Attributes
    ----------
    element
        Cells (elements, in the words of the rules), sorted by zone, then tile.
    group
        Where in ``element`` each (zone, tile) begins.
    zone
        First group of each zone, and the end of the last.
    seeing_zone, seeing_site
        Pairs (zone, site): an online row of the site surely sees some of the zone's domain.
    owner
        The zone that owns each site's first row (rule L1), -1 for none.
    keys
        Key of each zone as text.

    Examples
    --------
    Cells 0 and 1 are of zone "a", cell 1 is of zone "b" too, all in one tile; site 5 sees some of both:

    >>> import numpy as np
    >>> seen = {"seeing_zone": np.array([0, 1]), "seeing_site": np.array([5, 5]), "owner": np.array([0])}
    >>> cells = {"element": np.array([0, 1, 1]), "group": np.array([0, 2]), "zone": np.array([0, 1, 2])}
    >>> zones = ZoneMembership(**cells, **seen, keys=np.array(["a", "b"], object))
    >>> dict(zip(zones.keys, zones.sums(np.array([4.0, 6.0])).tolist(), strict=True))
    {'a': 10.0, 'b': 6.0}
    """

    element: np.ndarray
    group: np.ndarray
    zone: np.ndarray
    seeing_zone: np.ndarray
    seeing_site: np.ndarray
    owner: np.ndarray
    keys: np.ndarray

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return the sum of a value over the cells of each zone: per tile, then over tiles by ``math.fsum`` (rule C3).

        ``math.fsum`` rounds once (Shewchuk 1997, doi:10.1007/PL00009321), so the order of the tiles does not matter.

        Examples
        --------
        Cells 0 and 1 in tile 0 and cell 2 in tile 1 are of zone 0; cell 3 is of zone 1:

        >>> import numpy as np
        >>> none = np.empty(0, int)
        >>> zones = ZoneMembership(np.arange(4), np.array([0, 2, 3]), np.array([0, 2, 3]), none, none, none, none)
        >>> zones.sums(np.array([1.0, 2.0, 4.0, 8.0])).tolist()
        [7.0, 8.0]
        """
        if len(self.group) == 0:
            return np.zeros(len(self.keys))
        parts = self.parts(values)
        count = np.diff(self.zone)
        out = np.zeros(len(count))
        begin = np.minimum(self.zone[:-1], len(parts) - 1)
        out[count > 0] = parts[begin][count > 0]
        two = count == 2
        out[two] += parts[begin[two] + 1]  # one addition is rounded once, as fsum would
        for z in np.flatnonzero(count > 2):
            out[z] = math.fsum(parts[self.zone[z] : self.zone[z + 1]])
        return out

    def parts(self, values: np.ndarray) -> np.ndarray:
        """Return the sum of a value, or of each of several (shape (any, cells)), over the cells of each (zone, tile).

        Examples
        --------
        >>> import numpy as np
        >>> none = np.empty(0, int)
        >>> zones = ZoneMembership(np.arange(3), np.array([0, 2]), np.array([0, 2]), none, none, none, none)
        >>> zones.parts(np.array([1.0, 2.0, 4.0])).tolist()
        [3.0, 4.0]
        """
        if len(self.group) == 0:
            return np.zeros((*values.shape[:-1], 0))
        if values.ndim == 1:
            return np.add.reduceat(values[self.element], self.group)
        # Row by row: along the other axis of a table numpy may add in another order, hence to other bits.
        return np.array([np.add.reduceat(row[self.element], self.group) for row in values])

    def with_seeing(self, sites: np.ndarray, again: Pairs) -> ZoneMembership:
        """Return the membership with what some sites see replaced.

        Parameters
        ----------
        sites
            Which sites lose their pairs.
        again
            Pairs (cell, site) that they surely see instead.

        Examples
        --------
        Cell 0 is of zone 0, cell 1 of zone 1; site 5 saw both, and now only the second:

        >>> import numpy as np
        >>> cells = {"element": np.array([0, 1]), "group": np.array([0, 1]), "zone": np.array([0, 1, 2])}
        >>> seen = {"seeing_zone": np.array([0, 1]), "seeing_site": np.array([5, 5]), "owner": np.array([0])}
        >>> zones = ZoneMembership(**cells, **seen, keys=np.array(["a", "b"], object))
        >>> left = zones.with_seeing(np.arange(6) == 5, (np.array([1]), np.array([5])))
        >>> left.seeing_zone.tolist(), left.seeing_site.tolist()
        ([1], [5])
        """
        kept = ~sites[self.seeing_site]
        of_zone, of_site = self.seeing_zone[kept], self.seeing_site[kept]
        if len(again[0]):
            zone = zones_seen(self.element, self.zones_of_elements(), again)
            of_zone, of_site = np.concatenate([of_zone, zone[0]]), np.concatenate([of_site, zone[1]])
        return replace(self, seeing_zone=of_zone, seeing_site=of_site)

    def zones_of_elements(self) -> np.ndarray:
        """Return the zone of each entry of ``element``.

        Examples
        --------
        >>> import numpy as np
        >>> none = np.empty(0, int)
        >>> zones = ZoneMembership(np.arange(3), np.array([0, 2]), np.array([0, 1, 2]), none, none, none, np.arange(2))
        >>> zones.zones_of_elements().tolist()
        [0, 0, 1]
        """
        group_size = np.diff(np.append(self.group, len(self.element)))
        return np.repeat(np.repeat(np.arange(len(self.keys)), np.diff(self.zone)), group_size)


def sort_cells_by_zone(
    cells: OverlayCells,
    span: slice,
    owner: np.ndarray,
    keys: np.ndarray,
    site_pairs: Pairs,
    *,
    as_one_zone: bool = False,
) -> ZoneMembership:
    """Return the membership of one layer's zones.

    Parameters
    ----------
    cells
        All cells.
    span
        Which of their polygons are the zones of the layer.
    owner
        The zone that owns each site, -1 for none.
    keys
        Key of each zone.
    site_pairs
        Pairs (cell, site) where the site surely sees the cell, ascending.
    as_one_zone
        Take the union of the layer as one zone.

    Examples
    --------
    Polygon 0 covers cells 0 and 1, polygon 1 covers cell 1; site 5 sees cell 1:

    >>> import numpy as np
    >>> from geo.assessment.cells import OverlayCells
    >>> cells = OverlayCells(np.ones(2), np.ones(2), np.zeros(2, int), np.array([0, 1, 1]), np.array([0, 0, 1]))
    >>> keys, none = np.array(["a", "b"]), np.empty(0, int)
    >>> zones = sort_cells_by_zone(cells, slice(0, 2), none, keys, (np.array([1]), np.array([5])))
    >>> zones.element.tolist(), zones.zone.tolist(), zones.seeing_zone.tolist(), zones.seeing_site.tolist()
    ([0, 1, 1], [0, 1, 2], [0, 1], [5, 5])
    """
    # 1. pairs of a cell and a zone, by zone and tile
    in_layer = (cells.polygon >= span.start) & (cells.polygon < span.stop)
    cell, zone = cells.cell[in_layer], cells.polygon[in_layer] - span.start
    if as_one_zone:
        cell = np.unique(cell)
        zone = np.zeros(len(cell), np.int64)
    tile = cells.tile[cell]
    order = np.lexsort((cell, tile, zone))
    cell, zone, tile = cell[order], zone[order], tile[order]
    change = np.ones(len(cell), bool)
    change[1:] = (zone[1:] != zone[:-1]) | (tile[1:] != tile[:-1])
    group = np.flatnonzero(change)
    first = np.searchsorted(zone[group], np.arange(len(keys) + 1))
    # 2. zones of each seen cell
    seeing = zones_seen(cell, zone, site_pairs)
    return ZoneMembership(cell, group, first, seeing[0], seeing[1], owner, keys)


def zones_seen(cell: np.ndarray, zone: np.ndarray, site_pairs: Pairs) -> Pairs:
    """Return the distinct pairs (zone, site) of pairs (cell, site), where each ``cell`` is of a ``zone``.

    Examples
    --------
    Cells 0 and 1 are of zone 3; site 5 sees both:

    >>> import numpy as np
    >>> cells, sites = np.array([0, 1]), np.array([5, 5])
    >>> [values.tolist() for values in zones_seen(cells, np.array([3, 3]), (cells, sites))]
    [[3], [5]]
    """
    by_cell = np.argsort(cell, kind="stable")  # ascending, so that those of the pairs can be looked up
    sorted_cell, sorted_zone = cell[by_cell], zone[by_cell]
    low = np.searchsorted(sorted_cell, site_pairs[0], side="left")
    high = np.searchsorted(sorted_cell, site_pairs[0], side="right")
    size = high - low
    take = np.repeat(low - np.cumsum(size) + size, size) + np.arange(size.sum())
    return unique_pairs(sorted_zone[take], np.repeat(site_pairs[1], size), int(site_pairs[1].max(initial=0)) + 1)


def unique_pairs(a: np.ndarray, b: np.ndarray, count: int) -> Pairs:
    """Return the distinct pairs, ascending; b is below count.

    Examples
    --------
    >>> import numpy as np
    >>> [values.tolist() for values in unique_pairs(np.array([2, 0, 2]), np.array([1, 3, 1]), 4)]
    [[0, 2], [3, 1]]
    """
    code = np.unique(a.astype(np.int64) * max(count, 1) + b)
    return code // max(count, 1), code % max(count, 1)
