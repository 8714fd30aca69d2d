"""Put together the shapes of cameras for maps of forms: sector, sure and possible view, what of it is not seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo.catalog.headings import assumed_text
from geo.crs_metric import convergence
from geo.visibility.optics import ground_range
from maps.map_data import MapData
from maps.print.page_projection import projected
from maps.print.sheet_content import text_of

#: A sector is drawn with a corner for so many degrees.
_STEP = 3.0


@dataclass(frozen=True)
class Lens:
    """One camera for a form.

    Attributes
    ----------
    row
        Its record as stored.
    assumed
        Field -> value taken by default, as text, and what else was assumed, in words under ``""``.
    x, y
        Metres of the sheet's CRS.
    lon, lat
        WGS-84 degrees.
    azimuth, hfov
        As used; azimuth clockwise from true north, NaN where unknown.
    range_m
        Slant range of the run (rule R3), NaN where the run has no view of it.
    sure, possible
        Views in the sheet's CRS, empty for none.
    sector
        What it would see on open ground with nothing below it hidden; empty where its direction is unknown.
    sure_m2, possible_m2
        Areas of the run, NaN where it has none.
    """

    row: Mapping[str, object]
    assumed: Mapping[str, str]
    x: float
    y: float
    lon: float
    lat: float
    azimuth: float
    hfov: float
    range_m: float
    sure: shapely.Geometry
    possible: shapely.Geometry
    sector: shapely.Geometry
    sure_m2: float
    possible_m2: float
    turn: float

    @property
    def id(self) -> str:
        """Return its id."""
        return str(self.row["id"])

    @property
    def blind(self) -> shapely.Geometry:
        """Return what of its sector it does not surely see."""
        return shapely.difference(self.sector, self.sure)

    @property
    def seen(self) -> shapely.Geometry:
        """Return all that it surely or possibly sees."""
        return shapely.union(self.sure, self.possible)


def lenses_of(data: MapData, rows: gpd.GeoDataFrame, crs: pyproj.CRS, lang: str) -> list[Lens]:
    """Return cameras with the shapes that a run has of them.

    Parameters
    ----------
    data
        The map of the run.
    rows
        Rows of ``data.cameras``.
    crs
        Of the sheet, metric.
    lang
        ``zh`` or ``en``, of what was assumed.
    """
    views, possible = (_by_id(one, crs, rows) for one in (data.views, data.possible))
    points = shapely.get_coordinates(shapely.centroid(projected(rows, crs).geometry.to_numpy()))
    degrees = shapely.get_coordinates(shapely.centroid(rows.geometry.to_crs(4326).to_numpy()))
    turns = np.atleast_1d(convergence(degrees[:, 0], degrees[:, 1], crs))
    target = float(data.summary.get("target_height") or 0.0)
    out = []
    for record, (x, y), (lon, lat), turn in zip(
        rows.drop(columns=rows.geometry.name).to_dict("records"),
        points.tolist(),
        degrees.tolist(),
        turns.tolist(),
        strict=True,
    ):
        key = str(record["id"])
        sure, maybe = views.get(key), possible.get(key)
        told = text_of((sure or maybe or {}).get("assumed"))
        assumed = _assumed(told, "en" if lang == "en" else "zh")
        azimuth, hfov = (_number(record.get(name), assumed.get(name)) for name in ("azimuth", "hfov"))
        range_m = _number((sure or maybe or {}).get("range_m"))
        height = _number(record.get("height"), assumed.get("height"))
        known = np.isfinite(range_m) and np.isfinite(height)
        reach = float(ground_range(np.array([range_m]), np.array([height]), target)[0]) if known else 0.0
        out.append(
            Lens(
                record, assumed, x, y, lon, lat, azimuth, hfov, range_m,
                _shape(sure), _shape(maybe), sector(x, y, azimuth - turn, hfov, reach),
                _number((sure or {}).get("area_m2")), _number((maybe or {}).get("area_m2")), turn,
            )
        )  # fmt: skip
    return out


@dataclass(frozen=True)
class CameraPoints:
    """Where all cameras of a map stand, projected once for all its pages."""

    ids: np.ndarray
    xy: np.ndarray

    @classmethod
    def of(cls, data: MapData, crs: pyproj.CRS) -> CameraPoints:
        """Return the points of the cameras of a map in metres of the sheet's CRS."""
        points = projected(data.cameras, crs).geometry.to_numpy()
        return cls(data.cameras["id"].astype(str).to_numpy(object), shapely.get_coordinates(shapely.centroid(points)))

    def without(self, ids: Collection[str]) -> np.ndarray:
        """Return the points (n, 2) of all but some cameras."""
        return self.xy[~np.isin(self.ids, list(ids))] if len(self.ids) else self.xy


def sector(x: float, y: float, azimuth: float, hfov: float, radius: float) -> shapely.Geometry:
    """Return a sector of a disc: degrees clockwise from the north of the map; empty without direction or radius.

    Examples
    --------
    >>> sector(0, 0, 90, 90, 10).bounds[0], bool(sector(0, 0, 0, 360, 1).area > 3.1)
    (0.0, True)
    >>> sector(0, 0, float("nan"), 90, 10).is_empty
    True
    """
    if not radius > 0 or not (hfov >= 360 or np.isfinite(azimuth)) or not hfov > 0:
        return shapely.Polygon()
    start = 0.0 if hfov >= 360 else azimuth - hfov / 2
    width = min(hfov, 360.0)
    angles = np.radians(start + np.linspace(0, width, max(3, int(width / _STEP) + 2)))
    ring = np.column_stack([x + radius * np.sin(angles), y + radius * np.cos(angles)])
    return shapely.Polygon(ring if hfov >= 360 else np.vstack([[(x, y)], ring]))


def _by_id(frame: gpd.GeoDataFrame | None, crs: pyproj.CRS, rows: gpd.GeoDataFrame) -> dict[str, Mapping[str, object]]:
    if frame is None or not len(frame):
        return {}
    mine = frame[frame["id"].astype(str).isin(rows["id"].astype(str)).to_numpy(bool)]
    if not len(mine):
        return {}
    shapes = projected(mine, crs).geometry.to_numpy()
    records = mine.drop(columns=mine.geometry.name).to_dict("records")
    return {
        str(one["id"]): {**{str(name): value for name, value in one.items()}, "shape": shape}
        for one, shape in zip(records, shapes, strict=True)
    }


def _shape(row: Mapping[str, object] | None) -> shapely.Geometry:
    shape = None if row is None else row["shape"]
    return shapely.Polygon() if shape is None else shapely.make_valid(shape)


def _number(value: object, otherwise: object = None) -> float:
    for one in (value, otherwise):
        try:
            number = float(one)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            continue
        if np.isfinite(number):
            return number
    return float("nan")


def _assumed(told: str, lang: str) -> dict[str, str]:
    """Return what a run assumed of a camera: field -> value, and the rest in words under ``""``."""
    out: dict[str, str] = {}
    rest = []
    for part in told.split("; ") if told else ():
        name, mark, value = part.partition("=")
        if mark and name.isidentifier():
            out[name] = value
        else:
            rest.append(assumed_text(part, lang))  # type: ignore[arg-type]
    if rest:
        out[""] = "；".join(rest) if lang == "zh" else "; ".join(rest)
    return out
