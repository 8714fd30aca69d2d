"""Group camera rows into sites: one pole with several lenses is one site (rule B4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from geo.errors import NotFound


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
    online
        Which rows are online.
    names, first
        Name and first row of each site.
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
        "names": "names",
        "first": "first",
        "site_online": "site_online",
        "site_offline": "site_offline",
    }

    ids: np.ndarray
    site: np.ndarray
    camera_class: np.ndarray
    online: np.ndarray
    names: np.ndarray
    first: np.ndarray
    site_online: np.ndarray
    site_offline: np.ndarray

    @property
    def count(self) -> int:
        """Return the number of sites."""
        return len(self.names)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all arrays by their stored names, texts as fixed-width text."""
        texts = ("ids", "names")
        return {
            stored: getattr(self, name).astype(str) if name in texts else getattr(self, name)
            for name, stored in self.STORED_NAMES.items()
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Sites:
        """Return the sites that ``arrays`` was called on."""
        texts = ("ids", "names")
        values = {name: arrays[stored] for name, stored in cls.STORED_NAMES.items()}
        return cls(**{name: value.astype(object) if name in texts else value for name, value in values.items()})

    def mask_of(self, sites: Iterable[str]) -> np.ndarray:
        """Return which sites are named; raise NotFound for a name that is not a site.

        Examples
        --------
        >>> import pandas as pd
        >>> sites_of(pd.DataFrame({"id": ["a", "b"], "status": ["online", "online"]})).mask_of(["b"]).tolist()
        [False, True]
        """
        names = [str(site) for site in sites]
        number = {name: i for i, name in enumerate(self.names)}
        missing = [name for name in names if name not in number]
        if missing:
            listed = ", ".join(missing[:10])
            raise NotFound(f"没有点位 {listed}", f"no site {listed}")
        out = np.zeros(self.count, bool)
        out[[number[name] for name in names]] = True
        return out


def sites_of(cameras: pd.DataFrame) -> Sites:
    """Group the rows of a cameras frame by ``site``; a missing site is the row's id.

    Parameters
    ----------
    cameras
        Rows of layer ``cameras`` with ``id`` and ``status`` filled in.

    Examples
    --------
    >>> import pandas as pd
    >>> sites_of(pd.DataFrame({"id": [1, 2], "site": ["p", "p"], "status": ["online", "planned"]})).count
    1
    """
    ids = np.array([str(value) for value in cameras["id"]], object)
    names = ids.copy()
    if "site" in cameras:
        named = cameras["site"].notna().to_numpy()
        names[named] = cameras["site"].to_numpy(object)[named].astype(str)
    site, unique = pd.factorize(names)
    count = len(unique)
    status = cameras["status"].to_numpy(object)
    online, offline = status == "online", status == "offline"
    camera_class = np.zeros(len(ids), np.int8)
    if "class" in cameras:
        given = pd.to_numeric(cameras["class"], errors="coerce").to_numpy(float, na_value=np.nan)
        camera_class = np.where(np.isin(given, (1, 2, 3)), given, 0).astype(np.int8)
    first = np.full(count, len(ids), np.int64)
    np.minimum.at(first, site, np.arange(len(ids)))
    return Sites(
        ids,
        site.astype(np.int64),
        camera_class,
        online.astype(bool),
        np.asarray(unique, object),
        first,
        np.bincount(site[online], minlength=count) > 0,
        np.bincount(site[offline], minlength=count) > 0,
    )
