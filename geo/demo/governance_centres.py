"""Place governance centres and police stations in a fictional county: two levels of centres, some villages without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.layers import layer
from geo.crs import STORAGE_CRS

#: Rows (township code, village code) end in less than this where they are communities of a town.
FIRST_RURAL = 200
#: Of the village centres, numbered by code, every so manieth from an offset has no video link, or nobody knows.
_NO_LINK, _UNKNOWN_LINK = (43, 7), (89, 5)


def governance_centres(frames: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return the rows of layer ``facilities`` of a fictional county.

    Every township has a centre, and every village but the smallest rural one of each township: of 20 townships and 194
    villages there are 20 + 174 centres, as a county counts them when it speaks of 194. The video link reaches all
    townships and most villages. Each township has a police station too.

    Parameters
    ----------
    frames
        The layers ``divisions``, ``grids``, ``villages`` and ``addresses`` of the county.

    Examples
    --------
    >>> from geo.demo.county import draw
    >>> found = governance_centres(draw("small"))
    >>> found.groupby(["kind", "level"]).size().to_dict()
    {('governance_centre', 'township'): 2, ('governance_centre', 'village'): 8, ('police_station', 'township'): 2}
    """
    divisions = frames["divisions"]
    townships = divisions[divisions["level"] == "township"].sort_values("code")
    villages = frames["villages"].sort_values("code").reset_index(drop=True)
    without = _without_centre(villages)
    doors = _doors(frames["addresses"])
    rows: list[dict[str, Any]] = []
    for code, name in zip(townships["code"], townships["name"], strict=True):
        seat = doors[f"{code}001"]
        rows.append(_row(f"ZZ{code}", f"{name}综治中心", "governance_centre", "township", code, "yes", seat[0]))
        rows.append(_row(f"PC{code}", f"{name}派出所", "police_station", "township", code, None, seat[len(seat) // 3]))
    served = villages[~villages["code"].isin(without)]
    for k, (code, name) in enumerate(zip(served["code"], served["name"], strict=True)):
        link = (
            "no" if k % _NO_LINK[0] == _NO_LINK[1] else "unknown" if k % _UNKNOWN_LINK[0] == _UNKNOWN_LINK[1] else "yes"
        )
        at = doors[code][1]
        row = _row(f"ZZ{code}", f"{name}综治中心", "governance_centre", "village", code, link, at)
        rows.append({**row, "parent": f"ZZ{code[:9]}"})
    names = layer("facilities").names
    columns = {name: [row.get(name) for row in rows] for name in names}
    out = gpd.GeoDataFrame(columns, geometry=[row["geometry"] for row in rows], crs=STORAGE_CRS)
    return out.astype({"capacity": float})


def _without_centre(villages: pd.DataFrame) -> set[str]:
    """Return the rural village with the fewest households of each township."""
    rural = villages[villages["code"].str[9:].astype(int) >= FIRST_RURAL]
    smallest = rural.sort_values(["households", "code"]).groupby(rural["code"].str[:9], sort=True).head(1)
    return set(smallest["code"])


def _doors(addresses: gpd.GeoDataFrame) -> dict[str, list[shapely.Point]]:
    """Return the doors of each village, in its largest grid from the middle outwards."""
    grid = addresses["grid"].astype(str)
    village = grid.str[:12]
    size = grid.groupby(grid).transform("size")
    out: dict[str, list[shapely.Point]] = {}
    for code, rows in addresses.assign(size=size, grid=grid).groupby(village):
        of_largest = rows[rows["grid"] == rows.sort_values(["size", "grid"], ascending=[False, True])["grid"].iloc[0]]
        xy = shapely.get_coordinates(of_largest.geometry.to_numpy())
        order = np.argsort(np.hypot(*(xy - xy.mean(axis=0)).T), kind="stable")
        out[str(code)] = of_largest.geometry.iloc[order].tolist()
    return out


def _row(
    code: str, name: str, kind: str, level: str, serves: str, link: str | None, geometry: shapely.Point
) -> dict[str, Any]:
    """Return a facility as planners list it; ``serves`` is the division that it is of."""
    known = {"code": code, "name": name, "kind": kind, "level": level, "serves": serves, "link": link}
    return {**known, "geometry": geometry}
