"""Represent reach by road and patrols as plain values, GeoJSON and GPX (docs/contract.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import geopandas as gpd
import orjson
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS
from geo.network.patrol import Sector
from geo.studies.facility_reach import Reach
from geo.studies.patrols import RunPatrol, failed_note
from maps.map_data import MapData
from maps.style.words import word

GPX = "application/gpx+xml"


def reach_values(found: Reach) -> dict[str, Any]:
    """Return how far facilities are, as JSON has it."""
    return {
        "kind": found.kind,
        "limit_m": found.limit_m,
        "units": found.units,
        "without_own": found.without_own,
        "beyond": found.beyond,
        "links": found.links,
        "notes": found.notes,
    }


def patrol_values(found: RunPatrol) -> dict[str, Any]:
    """Return a patrol as JSON has it, pieces and rounds as GeoJSON geometries in degrees."""
    return {
        "run": found.run.id,
        "sectors": [
            {**_figures(one, found), "pieces": _geometry(one.pieces), "round": _geometry(one.round)}
            for one in found.patrol.sectors
        ],
        **_around(found),
    }


def patrol_features(found: RunPatrol) -> dict[str, Any]:
    """Return a patrol as a GeoJSON FeatureCollection: of each sector its pieces and its round."""
    features = [
        {"type": "Feature", "geometry": _geometry(shape), "properties": {**_figures(one, found), "part": part}}
        for one in found.patrol.sectors
        for part, shape in (("pieces", one.pieces), ("round", one.round))
    ]
    return {"type": "FeatureCollection", "run": found.run.id, **_around(found), "features": features}


def with_patrol(data: MapData, found: RunPatrol) -> MapData:
    """Return map data with the rounds and pieces of a patrol."""
    rows = [
        {**figures, "roads": len(figures["roads"])}
        for figures in (_figures(one, found) for one in found.patrol.sectors)
    ]
    crs = data.gaps.crs

    def frame(shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=STORAGE_CRS).to_crs(crs)

    rounds, pieces = [one.round for one in found.patrol.sectors], [one.pieces for one in found.patrol.sectors]
    notes = [*found.patrol.notes, *(data.summary.get("notes") or ())]
    summary = {**data.summary, "notes": notes, "patrol_without": failed_note(found.without)}
    return replace(data, rounds=frame(rounds), pieces=frame(pieces), summary=summary)


def reach_frame(found: Reach) -> gpd.GeoDataFrame:
    """Return each unit with the straight line to its facility, in degrees; ``unit`` is its layer."""
    table = pd.DataFrame(found.units).rename(columns={"layer": "unit"})
    return gpd.GeoDataFrame(table, geometry=found.ways.geometry.to_numpy(), crs=found.ways.crs)


def reach_table(found: Reach, lang: str) -> pd.DataFrame:
    """Return each unit under headings for people, words for values and distances in whole centimetres."""
    table = reach_frame(found).drop(columns="geometry")

    def words(values: pd.Series, yes: str, no: str) -> list[str]:
        told = (word(yes, lang), word(no, lang))
        return ["" if value is None else told[0] if value else told[1] for value in values]

    metres = word("reach_distance", lang) + ("（米）" if lang == "zh" else " (m)")
    return pd.DataFrame(
        {
            word("reach_unit", lang): [word(unit, lang) for unit in table["unit"]],
            word("col_code", lang): table["code"],
            word("col_name", lang): table["name"],
            word("reach_facility", lang): table["facility"],
            word("reach_facility_name", lang): table["facility_name"],
            metres: table["distance_m"].astype(float).round(2),
            word("reach_how", lang): words(table["air"], "reach_air", "reach_road"),
            word("reach_own", lang): words(table["own"], "yes", "no"),
            word("reach_own_facilities", lang): ["; ".join(codes) for codes in table["own_facilities"]],
        }
    )


def with_reach(data: MapData, found: Reach) -> MapData:
    """Return map data with the lines from units to their nearest facility; derived places are left out of pictures."""
    frame = reach_frame(found)
    shown = frame["distance_m"].notna().to_numpy(bool) & ~found.ways["derived"].to_numpy(bool)
    placed = frame[shown].to_crs(data.gaps.crs)
    placed = placed.assign(id=placed["unit"] + ":" + placed["code"])
    derived = int(found.ways["derived"].sum())
    return replace(data, reach=placed, summary={**data.summary, "reach_kind": found.kind, "reach_derived": derived})


def gpx(sectors: Sequence[Sector], run_id: str, without: Sequence[str] = ()) -> str:
    """Return rounds as GPX 1.1, a track each, as phones and receivers follow them; what is taken as failed is named.

    Examples
    --------
    >>> line, none = shapely.LineString([(103, 37), (103.001, 37), (103, 37)]), shapely.MultiLineString()
    >>> text = gpx([Sector(1, ["r"], none, line, 89.0, 178.0, 178.0, None)], "0190")
    >>> text.count("<trkpt"), '<trkpt lat="37.0000000" lon="103.0010000"/>' in text
    (3, True)
    """
    tracks = []
    for one in sectors:
        points = "\n".join(
            f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}"/>' for lon, lat in shapely.get_coordinates(one.round).tolist()
        )
        name = escape(f"巡查片 {one.sector} / patrol sector {one.sector}")
        tracks.append(f"<trk><name>{name}</name><number>{one.sector}</number><trkseg>\n{points}\n</trkseg></trk>")
    title = escape(f"巡查各圈 / patrol rounds, {run_id}")
    told = "".join(f"<desc>{escape(one)}</desc>" for one in failed_note(without))
    creator, body = quoteattr("gridsight"), "\n".join(tracks)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<gpx version="1.1" creator={creator} xmlns="http://www.topografix.com/GPX/1/1">\n'
        f"<metadata><name>{title}</name>{told}</metadata>\n{body}\n</gpx>\n"
    )


def _figures(one: Sector, found: RunPatrol) -> dict[str, Any]:
    return {
        "sector": one.sector,
        "roads": one.roads,
        "pieces_m": one.pieces_m,
        "length_m": one.length_m,
        "bound_m": one.bound_m,
        "why": one.why,
        "parts": found.longer.get(one.sector),
    }


def _around(found: RunPatrol) -> dict[str, Any]:
    left = {"roads": found.patrol.left_out, "pieces_m": found.patrol.left_out_m}
    return {"without": list(found.without), "left_out": left, "notes": found.patrol.notes}


def _geometry(shape: shapely.Geometry) -> orjson.Fragment:
    return orjson.Fragment(shapely.to_geojson(shape))
