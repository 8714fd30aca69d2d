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
    """Hold the rows of cameras and the sites they belong to.

    Attributes
    ----------
    ids
        Id of each row.
    site
        Number of each row's site, by first row.
    rank
        Class of each row (1, 2, 3), 0 for none.
    online
        Which rows are online.
    names, first
        Name and first row of each site.
    site_online, site_offline
        Which sites have an online row, and an offline one.
    """

    NAMES: ClassVar = ("ids", "site", "rank", "online", "names", "first", "site_online", "site_offline")

    ids: np.ndarray
    site: np.ndarray
    rank: np.ndarray
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
        """Return all arrays, texts as fixed-width text."""
        texts = ("ids", "names")
        return {name: getattr(self, name).astype(str) if name in texts else getattr(self, name) for name in self.NAMES}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Sites:
        """Return what ``arrays`` told."""
        texts = ("ids", "names")
        return cls(**{name: value.astype(object) if name in texts else value for name, value in arrays.items()})

    def marked(self, sites: Iterable[str]) -> np.ndarray:
        """Return which sites are named; raise NotFound for a name that is no site."""
        wanted = [str(site) for site in sites]
        number = {name: i for i, name in enumerate(self.names)}
        missing = [name for name in wanted if name not in number]
        if missing:
            named = ", ".join(missing[:10])
            raise NotFound(f"没有点位 {named}", f"no site {named}")
        out = np.zeros(self.count, bool)
        out[[number[name] for name in wanted]] = True
        return out


def sites_of(cameras: pd.DataFrame) -> Sites:
    """Group the rows of a cameras frame, defaults filled, by ``site``; a missing site is the row's id."""
    ids = np.array([str(one) for one in cameras["id"]], object)
    names = ids.copy()
    if "site" in cameras:
        named = cameras["site"].notna().to_numpy()
        names[named] = cameras["site"].to_numpy(object)[named].astype(str)
    site, unique = pd.factorize(names)
    count = len(unique)
    status = cameras["status"].to_numpy(object)
    online, offline = status == "online", status == "offline"
    rank = np.zeros(len(ids), np.int8)
    if "class" in cameras:
        given = pd.to_numeric(cameras["class"], errors="coerce").to_numpy(float, na_value=np.nan)
        rank = np.where(np.isin(given, (1, 2, 3)), given, 0).astype(np.int8)
    first = np.full(count, len(ids), np.int64)
    np.minimum.at(first, site, np.arange(len(ids)))
    return Sites(
        ids,
        site.astype(np.int64),
        rank,
        online.astype(bool),
        np.asarray(unique, object),
        first,
        np.bincount(site[online], minlength=count) > 0,
        np.bincount(site[offline], minlength=count) > 0,
    )
