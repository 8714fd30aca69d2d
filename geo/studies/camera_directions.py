"""Find the rows of a camera that an import of it makes obsolete: a camera looking several ways is several rows."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.row_keys import DIRECTION_ID
from geo.storage.protocol import Store

_WITH_NUMBER_SIGN = {"op": "like", "args": [{"property": "id"}, "%#%"]}


def outdated_rows(store: Store, frame: gpd.GeoDataFrame, features: np.ndarray) -> dict[str, int]:
    """Return the stored rows that belong to an imported camera and that the file no longer brings.

    A file names a camera ``c1``; with two directions it is the rows ``c1#1`` and ``c1#2``, with one the row ``c1``. All
    stored rows of the camera are replaced by the new ones. An id like ``5#1`` may also be a register's own: such a row
    was imported as a camera of its own, with its own id as its site, and stays.

    Parameters
    ----------
    store
        The store before the write.
    frame
        Rows of cameras to write, with ``id`` and ``site``.
    features
        Number of the source feature of each row.

    Returns
    -------
    dict
        Key of a stored row -> number of the feature that replaces it.
    """
    if not len(frame):
        return {}
    ids = frame["id"].astype(str).tolist()
    sites = [None if pd.isna(site) else str(site) for site in frame["site"]]
    numbers = features.tolist()
    split = {feature for feature, count in pd.Series(numbers).value_counts().items() if count > 1}
    brought = set(ids)
    cameras: dict[str, int] = {}
    single: dict[str, int] = {}
    for key, site, feature in zip(ids, sites, numbers, strict=True):
        found = DIRECTION_ID.fullmatch(key)
        if feature in split and found is not None:
            cameras[found["camera"]] = single[found["camera"]] = feature
        else:
            cameras[key] = feature
            if found is not None and site == found["camera"]:  # a row of an export, by its own id
                single[found["camera"]] = feature
    # Without a direction among the new rows only those of stored directions can be outdated.
    stored = store.read("cameras", where=None if single else _WITH_NUMBER_SIGN)
    outdated = {}
    for key, site in zip(stored["id"], stored["site"], strict=True):
        found = DIRECTION_ID.fullmatch(key)
        if key in brought:
            continue
        if key in single:
            outdated[key] = single[key]
        elif found is not None and found["camera"] in cameras and not (pd.isna(site) or site == key):
            outdated[key] = cameras[found["camera"]]
    return outdated
