"""List the places that a fictional county claims to have covered: market towns, estates, schools, squares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from geo.catalog.layers import layer
from geo.crs import STORAGE_CRS
from geo.crs_metric import metric_crs_for
from geo.demo.governance_centres import FIRST_RURAL

#: Claim -> the share of each place that it asks for, None for none. Of the county as it is drawn the first holds, the
#: second may hold, and the last fails.
CLAIMS: Mapping[str, float | None] = {
    "学校全覆盖": None, "重点集镇全覆盖": 0.5, "居民小区全覆盖": None, "主要路段全覆盖": 0.8,
}  # fmt: skip
#: Kind of place -> the claim that names the places of that kind; sections are derived from the roads of MAIN_CLASSES.
CLAIM_OF_KIND = {
    "school": "学校全覆盖", "town": "重点集镇全覆盖", "estate": "居民小区全覆盖", "section": "主要路段全覆盖",
}  # fmt: skip
#: Classes of the roads that are main ones.
MAIN_CLASSES = ("primary", "secondary")
#: Word in the name of a dedicated grid -> kind of place.
_DEDICATED = {"学校": "school", "公园": "square"}
#: Half the width of a street of a town (m), by which the grounds of a block are smaller than its cell.
_HALF_STREET_M = 8.0
#: Estates of each community of the county town.
_ESTATES = 2
_DIGITS = 7


def claimed_places(frames: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Return the rows of layers ``places`` and ``claims`` of a fictional county.

    A market town is what its named streets surround. Estates are general grids of the county town, schools and squares
    are dedicated grids, all without the streets round them.

    Parameters
    ----------
    frames
        The layers ``divisions``, ``grids``, ``villages`` and ``roads`` of the county.

    Examples
    --------
    >>> from geo.demo.county import draw
    >>> found = claimed_places(draw("small"))
    >>> found["places"].groupby(["kind", "claim"]).size().to_dict()
    {('estate', '居民小区全覆盖'): 4, ('school', '学校全覆盖'): 2, ('town', '重点集镇全覆盖'): 2}
    >>> found["claims"]["claim"].tolist()
    ['学校全覆盖', '重点集镇全覆盖', '居民小区全覆盖', '主要路段全覆盖']
    """
    crs = metric_crs_for(frames["divisions"])
    towns = _towns(frames, crs)
    parts = [towns, _estates(frames, towns.geometry.iloc[0], crs), *_dedicated(frames["grids"], crs)]
    listed = pd.concat(parts, ignore_index=True).to_crs(STORAGE_CRS)
    places = _with_all_fields("places", listed.assign(claim=listed["kind"].map(CLAIM_OF_KIND), source="示例数据"))
    rows = pd.DataFrame({"claim": list(CLAIMS), "share": list(CLAIMS.values())})
    claims = _with_all_fields("claims", gpd.GeoDataFrame(rows, geometry=[None] * len(rows), crs=STORAGE_CRS))
    return {"places": places, "claims": claims}


def _with_all_fields(name: str, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = shapely.set_precision(rows.geometry.to_numpy(), 10.0**-_DIGITS)
    columns = {
        field.name: rows[field.name].astype(float if field.kind == "number" else object)
        if field.name in rows
        else pd.Series([float("nan") if field.kind == "number" else None] * len(rows))
        for field in layer(name).all_fields
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes, crs=STORAGE_CRS)


def _towns(frames: Mapping[str, gpd.GeoDataFrame], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the ground between the outermost streets of the seat of each township, the county town first."""
    divisions, roads = frames["divisions"], frames["roads"]
    townships = divisions[divisions["level"] == "township"]
    streets = roads[roads["name"].notna()].geometry.to_crs(crs).to_numpy()
    town, street = shapely.STRtree(streets).query(townships.geometry.to_crs(crs).to_numpy(), predicate="contains")
    outlines = [
        shapely.buffer(shapely.convex_hull(shapely.union_all(streets[street[town == k]])), _HALF_STREET_M)
        for k in range(len(townships))
    ]
    rows = {"code": "town-" + townships["code"], "name": townships["name"] + "镇区", "kind": "town"}
    return gpd.GeoDataFrame(rows, geometry=outlines, crs=crs)


def _estates(
    frames: Mapping[str, gpd.GeoDataFrame], county_town: shapely.Geometry, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Return the first grids of each community of the county town, as far as they lie in it."""
    divisions, grids = frames["divisions"], frames["grids"]
    seat = divisions.loc[divisions["level"] == "township", "code"].iloc[0]
    village = grids["village"]
    is_town = (village.str[:9] == seat) & (village.str[9:].astype(int) < FIRST_RURAL)
    shapes = shapely.intersection(_grounds(grids, crs), county_town)
    mine = grids[is_town & (grids["kind"] == "general") & (grids["level"] == 1) & ~shapely.is_empty(shapes)]
    mine = mine[mine.groupby("village").cumcount() < _ESTATES]
    name = mine["village"].map(frames["villages"].set_index("code")["name"]) + "小区" + mine["code"].str[-1]
    rows = {"code": "estate-" + mine["code"], "name": name, "kind": "estate"}
    return gpd.GeoDataFrame(rows, geometry=shapes[mine.index], crs=crs)


def _dedicated(grids: gpd.GeoDataFrame, crs: pyproj.CRS) -> Iterator[gpd.GeoDataFrame]:
    """Yield the schools, and the squares, each in a grid of its own."""
    shapes = _grounds(grids, crs)
    for word, kind in _DEDICATED.items():
        mine = grids[(grids["kind"] == "dedicated") & (grids["level"] == 1) & grids["name"].str.contains(word)]
        rows = {"code": f"{kind}-" + mine["code"], "name": mine["name"].str.removesuffix("专属网格"), "kind": kind}
        yield gpd.GeoDataFrame(rows, geometry=shapes[mine.index], crs=crs)


def _grounds(grids: gpd.GeoDataFrame, crs: pyproj.CRS) -> shapely.Geometry:
    """Return each grid, whose borders run along the middle of streets, without these."""
    return shapely.buffer(grids.geometry.to_crs(crs).to_numpy(), -_HALF_STREET_M)
