"""Group camera rows into sites: one pole with several lenses is one site (rule B4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
import shapely

from geo.assessment.zone_membership import unique_pairs
from geo.errors import NotFound

#: Rule B4: rows of one name within this distance (m) of one another are one pole, by single linkage.
SAME_POLE_M = 50.0
# Points of one square of this side (m) are within SAME_POLE_M of one another, so that they need not be compared.
_SQUARE_M = SAME_POLE_M / np.sqrt(2) * 0.999


@dataclass(frozen=True)
class Sites:
    """Camera rows and the sites they belong to.

    Attributes
    ----------
    ids
        Id of each row.
    site
        Number of each row's site; sites are numbered by their first row.
    camera_class
        Class of each row (1, 2, 3), 0 for none.
    online, offline, status_unknown
        Which rows are online, which offline, and which of unknown status (rule U1).
    names, first
        Name and first row of each site; places far apart that are called the same are several sites of one name.
    site_online, site_offline
        Which sites have an online row, and which an offline one.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"id": ["a", "b", "c"], "site": ["pole", "pole", None], "status": ["online", "offline", "offline"]}
    >>> sites = sites_of(pd.DataFrame(rows))
    >>> sites.names.tolist(), sites.site.tolist(), sites.site_online.tolist()
    (['pole', 'c'], [0, 0, 1], [True, False])
    """

    #: Attribute -> name of its array in stored runs, in stored order.
    STORED_NAMES: ClassVar = {
        "ids": "ids",
        "site": "site",
        "camera_class": "rank",
        "online": "online",
        "offline": "offline",
        "status_unknown": "status_unknown",
        "names": "names",
        "first": "first",
        "site_online": "site_online",
        "site_offline": "site_offline",
    }

    ids: np.ndarray
    site: np.ndarray
    camera_class: np.ndarray
    online: np.ndarray
    offline: np.ndarray
    status_unknown: np.ndarray
    names: np.ndarray
    first: np.ndarray
    site_online: np.ndarray
    site_offline: np.ndarray

    @property
    def count(self) -> int:
        """Return the number of sites."""
        return len(self.names)

    @property
    def classes(self) -> tuple[bool, bool, bool]:
        """Return whether there is a camera of class 1, 2 and 3."""
        return tuple(bool((self.camera_class == one).any()) for one in (1, 2, 3))  # type: ignore[return-value]

    @property
    def maybe_online(self) -> np.ndarray:
        """Return the rows whose possible view counts: online ones, and those of unknown status (rule U1)."""
        return self.online | self.status_unknown

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all arrays by their stored names, texts as fixed-width text."""
        texts = ("ids", "names")
        return {
            stored: getattr(self, name).astype(str) if name in texts else getattr(self, name)
            for name, stored in self.STORED_NAMES.items()
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Sites:
        """Return the sites that ``arrays`` was called on.

        Runs of before 2026-11-28 tell offline rows by site only; those of before 2026-11-29 have no unknown status.
        """
        texts = ("ids", "names")
        values = {name: arrays[stored] for name, stored in cls.STORED_NAMES.items() if stored in arrays}
        if "offline" not in values:
            values["offline"] = values["site_offline"][values["site"]] & ~values["online"]
        if "status_unknown" not in values:
            values["status_unknown"] = np.zeros(len(values["online"]), bool)
        return cls(**{name: value.astype(object) if name in texts else value for name, value in values.items()})

    def rows_of(self, names: Iterable[str], *, visible: Collection[str] | None = None) -> np.ndarray:
        """Return which rows are named: all rows of a site, or the one row of a camera's id.

        Parameters
        ----------
        names
            Names of sites, or ids of cameras; a text that is both is the site. A name of several sites is all of them.
        visible
            Ids that the caller may know of. A site of which it may not know every row does not exist for it: neither by
            its name nor by the ids of its rows. None: all.

        Raises
        ------
        NotFound
            Where there is no such site or camera, and in the same words where the caller may not know of it.

        Examples
        --------
        >>> import pandas as pd
        >>> rows = {"id": ["a", "b", "c"], "site": ["pole", "pole", None], "status": "online"}
        >>> sites = sites_of(pd.DataFrame(rows))
        >>> sites.rows_of(["pole"]).tolist(), sites.rows_of(["b"]).tolist()
        ([True, True, False], [False, True, False])
        >>> sites.rows_of(["pole"], visible=["a", "c"])
        Traceback (most recent call last):
        geo.errors.NotFound: 没有点位或摄像机 pole / no site or camera pole
        """
        asked = list(dict.fromkeys(str(name) for name in names))
        known = np.ones(self.count, bool)
        if visible is not None:
            seen = set(visible)
            known[self.site[[row not in seen for row in self.ids]]] = False
        out, missing = np.zeros(len(self.ids), bool), []
        for name in asked:
            mine = (known & (self.names == name))[self.site]
            if not mine.any():
                mine = known[self.site] & (self.ids == name)
            if not mine.any():
                missing.append(name)
            out |= mine
        if missing:
            listed = ", ".join(missing[:10])
            raise NotFound(f"没有点位或摄像机 {listed}", f"no site or camera {listed}")
        return out

    def overlaid_rows(self) -> np.ndarray:
        """Return the rows whose views are overlaid, in the order of their ids (rule C3).

        Examples
        --------
        >>> import pandas as pd
        >>> rows = {"id": ["b", "a", "c"], "status": ["online", "unknown", "planned"]}
        >>> sites_of(pd.DataFrame(rows)).overlaid_rows().tolist()
        [1, 0]
        """
        rows = np.flatnonzero(self.maybe_online)
        return rows[np.argsort(self.ids[rows].astype(str), kind="stable")]

    def class_pairs(self, cell: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the distinct (cell, site, class) of pairs (cell, camera row) whose camera has a class.

        Examples
        --------
        >>> import pandas as pd
        >>> sites = sites_of(pd.DataFrame({"id": ["a", "b"], "site": "p", "status": "online", "class": [3, None]}))
        >>> [values.tolist() for values in sites.class_pairs(np.array([7, 7, 8]), np.array([0, 1, 1]))]
        [[7], [0], [3]]
        """
        has_class = self.camera_class[row] > 0
        cell_and_class = cell[has_class] * 4 + self.camera_class[row][has_class]
        pairs = unique_pairs(cell_and_class, self.site[row][has_class], self.count)
        return pairs[0] // 4, pairs[1], (pairs[0] % 4).astype(np.int8)

    def without(self, rows: np.ndarray) -> Sites:
        """Return the sites as they are once some rows are gone; they keep their numbers.

        Examples
        --------
        >>> import pandas as pd
        >>> sites = sites_of(pd.DataFrame({"id": ["a", "b"], "site": "pole", "status": ["online", "offline"]}))
        >>> left = sites.without(np.array([True, False]))
        >>> left.site_online.tolist(), left.site_offline.tolist()
        ([False], [True])
        """
        online, offline = self.online & ~rows, self.offline & ~rows
        return replace(
            self,
            online=online,
            offline=offline,
            status_unknown=self.status_unknown & ~rows,
            site_online=_any_by_site(self.site, online, self.count),
            site_offline=_any_by_site(self.site, offline, self.count),
        )


def sites_of(cameras: pd.DataFrame, xy: np.ndarray | None = None, township: np.ndarray | None = None) -> Sites:
    """Group the rows of a cameras frame by ``site`` and place; a missing site is the row's id.

    Parameters
    ----------
    cameras
        Rows of layer ``cameras`` with ``id`` and ``status`` filled in.
    xy
        Positions of shape (n, 2), metres; None takes every name as one place.
    township
        Township of each row, any number for each and -1 for none; None where divisions are unknown.

    Examples
    --------
    Three rows of one name, the last 60 m from the others:

    >>> import pandas as pd
    >>> rows = pd.DataFrame({"id": [1, 2, 3], "site": "p", "status": "online"})
    >>> sites = sites_of(rows, np.array([(0.0, 0.0), (40.0, 0.0), (100.0, 0.0)]))
    >>> sites.site.tolist(), sites.names.tolist()
    ([0, 0, 1], ['p', 'p'])
    """
    ids = np.array([str(value) for value in cameras["id"]], object)
    names = ids.copy()
    if "site" in cameras:
        named = cameras["site"].notna().to_numpy()
        names[named] = cameras["site"].to_numpy(object)[named].astype(str)
    status = cameras["status"].to_numpy(object)
    camera_class = np.zeros(len(ids), np.int8)
    if "class" in cameras:
        given = pd.to_numeric(cameras["class"], errors="coerce").to_numpy(float, na_value=np.nan)
        camera_class = np.where(np.isin(given, (1, 2, 3)), given, 0).astype(np.int8)
    return numbered_sites(ids, names, status, camera_class, place_numbers(names, xy, township))


def numbered_sites(
    ids: np.ndarray, names: np.ndarray, status: np.ndarray, camera_class: np.ndarray, site: np.ndarray
) -> Sites:
    """Return sites whose rows are known.

    Parameters
    ----------
    ids, names, status
        Id, name of the site and status of each row.
    camera_class
        Class of each row (1, 2, 3), 0 for none.
    site
        Number of each row's site, numbered by first rows.

    Examples
    --------
    >>> texts = (np.array(one, object) for one in (["a", "b"], ["p", "p"], ["online", "unknown"]))
    >>> sites = numbered_sites(*texts, np.zeros(2, np.int8), np.array([0, 0]))
    >>> sites.names.tolist(), sites.site_online.tolist(), sites.maybe_online.tolist()
    (['p'], [True], [True, True])
    """
    count = int(site.max(initial=-1)) + 1
    online, offline = (status == "online").astype(bool), (status == "offline").astype(bool)
    first = np.full(count, len(ids), np.int64)
    np.minimum.at(first, site, np.arange(len(ids)))
    return Sites(
        ids,
        site,
        camera_class,
        online,
        offline,
        (status == "unknown").astype(bool),
        names[first],
        first,
        _any_by_site(site, online, count),
        _any_by_site(site, offline, count),
    )


def place_numbers(names: np.ndarray, xy: np.ndarray | None, township: np.ndarray | None) -> np.ndarray:
    """Return the number of each row's site by rule B4, numbered by first rows; parameters as of `sites_of`.

    Examples
    --------
    Rows of one name 10 m apart, on both sides of a border:

    >>> names, xy = np.array(["p", "p", "p"]), np.array([(0.0, 0.0), (10.0, 0.0), (20.0, 0.0)])
    >>> place_numbers(names, xy, np.array([0, 0, 1])).tolist()
    [0, 0, 1]
    """
    group, unique = pd.factorize(names)
    if township is not None:
        group, unique = pd.factorize(pd.MultiIndex.from_arrays([group, township]))
    group = group.astype(np.int64)
    if xy is None:
        return group
    # Rows without a place are together, apart from those that have one.
    xy = np.where(np.isfinite(xy).all(axis=1)[:, None], xy, -1e9)
    square = np.floor(xy / _SQUARE_M).astype(np.int64)
    cell = pd.factorize(pd.MultiIndex.from_arrays([group, square[:, 0], square[:, 1]]))[0]
    first = np.unique(cell, return_index=True)[1]
    group_of_cell = group[first]
    spread = np.flatnonzero(np.bincount(group_of_cell, minlength=len(unique))[group_of_cell] > 1)
    parent = np.arange(len(first))
    if len(spread):
        order = np.argsort(cell, kind="stable")
        rows = np.split(order, np.searchsorted(cell[order], np.arange(1, len(first))))
        shapes = np.array([shapely.multipoints(np.unique(xy[rows[one]], axis=0)) for one in spread], object)
        shapely.prepare(shapes)
        a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_POLE_M)
        tied = (a < b) & (group_of_cell[spread[a]] == group_of_cell[spread[b]])
        for one, other in zip(spread[a[tied]].tolist(), spread[b[tied]].tolist(), strict=True):
            one, other = _root(parent, one), _root(parent, other)  # noqa: PLW2901
            parent[max(one, other)] = min(one, other)
    roots = np.array([_root(parent, one) for one in range(len(first))], np.int64)
    return pd.factorize(roots[cell])[0].astype(np.int64)


def _root(parent: np.ndarray, one: int) -> int:
    while parent[one] != one:
        parent[one] = parent[parent[one]]
        one = int(parent[one])
    return one


def _any_by_site(site: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    return np.bincount(site[rows], minlength=count) > 0
