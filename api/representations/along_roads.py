"""Represent reach by road and patrols as plain values, GeoJSON and GPX (docs/contract.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson
import shapely

from geo.network.patrol import Sector
from geo.studies.facility_reach import Reach
from geo.studies.patrols import RunPatrol

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


def gpx(sectors: Sequence[Sector], run_id: str) -> str:
    """Return rounds as GPX 1.1, a track each, as phones and receivers follow them.

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
    creator, body = quoteattr("gridsight"), "\n".join(tracks)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<gpx version="1.1" creator={creator} xmlns="http://www.topografix.com/GPX/1/1">\n'
        f"<metadata><name>{title}</name></metadata>\n{body}\n</gpx>\n"
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
    return {"left_out": left, "notes": found.patrol.notes}


def _geometry(shape: shapely.Geometry) -> orjson.Fragment:
    return orjson.Fragment(shapely.to_geojson(shape))
