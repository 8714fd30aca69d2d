"""Turn map data into the plain values the page's script reads, within a budget of bytes.

Layers are added in order of priority: zones, gaps, cameras, names, roads, coverage, single views. A layer that does not
fit is simplified in steps, then cut or left out, and a note on the page says so; figures are those of the full shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from pandas.api import types

from geo.assessment.named_zones import unit_layer, zones_with_units
from geo.catalog.claims import PLACE_MEMBERS
from geo.catalog.layers import DRAWN, LAYERS
from geo.catalog.results import ALL, GAPS, MAP_FIGURES, VIEW_FIELDS, zone_layers_among
from geo.crs import to_wgs84
from geo.crs_metric import metric_crs_for
from maps.map_data import MapData
from maps.round_marks import marks_along
from maps.style.coverage_classes import coverage_class
from maps.style.ground_looks import road_groups
from maps.web import encoded_polylines

ZONE_FIELDS = ("code", "name", *MAP_FIGURES)
CAMERA_FIELDS = (*LAYERS["cameras"].map_fields, *VIEW_FIELDS, "lon", "lat")
#: Of places; their shapes are those of layer ``places``.
VERDICT_FIELDS = (*PLACE_MEMBERS, "lon", "lat")
ROUND_FIELDS = ("sector", "roads", "pieces_m", "length_m", "bound_m", "parts", "why")
REACH_FIELDS = ("id", "unit", "code", "name", "facility", "distance_m", "air", "own")
#: Layer along the roads -> what names its rows.
ROAD_KEYS = {"rounds": "sector", "pieces": "sector", "stops": "id", "reach": "id"}
#: Numbers of a round, and the steps between two of them, all but the first with an arrow.
_NUMBERS, _ARROWS = 24, 4
_SEPARATORS = ("\u2028".encode(), "\u2029".encode())
#: Steps of simplification in metres; the first is finer than a line is wide at any zoom level.
STEPS = (0.3, 1.0, 2.0, 4.0)


@dataclass
class _Budget:
    left: int
    tolerance: float = 0.0
    out: list[str] = field(default_factory=list)

    def take(self, value: object) -> bool:
        size = _size(value)
        if size > self.left:
            return False
        self.left -= size
        return True


def payload(data: MapData, *, budget: int) -> dict[str, Any]:
    """Return the values of one map, as the script in ``static/app/source.js`` reads them.

    Parameters
    ----------
    data
        What the map shows, in any known CRS.
    budget
        The most bytes of JSON the values may take.

    Returns
    -------
    dict
        ``meta``, ``totals``, ``levels`` (level -> totals), ``remarks``, ``assumptions``, ``zones`` (those larger or
        smaller than what gaps are cut by, with their grids), ``claims`` (the row of each), ``layers`` (name ->
        ``{columns, shapes}``, shapes packed by ``maps.web.encoded_polylines``), ``notes`` (``{key, values}`` of
        ``maps.style.words``). All positions are WGS-84 degrees.
    """
    rest = _Budget(budget - 4_096)
    layers: dict[str, Any] = {}
    for name in zone_layers_among(data.zones):
        if name != ALL:
            _add_zones(layers, name, data.zones[name], rest)
    zones = _larger_zones(data)
    rest.take(zones)
    cuts = _add_gaps(layers, data.gaps, rest)
    _offer(layers, "cameras", _cameras(data), rest)
    for name, build in _reference_layers(data):
        _offer(layers, name, build, rest)
    if data.verdicts is not None and len(data.verdicts):
        _offer(
            layers, "verdicts", {"columns": columns(pd.DataFrame(data.verdicts), VERDICT_FIELDS), "shapes": []}, rest
        )
    for name, value in _along_roads(data):
        _offer(layers, name, value, rest)
    for name, frame in (("coverage", data.coverage), ("views", data.views), ("possible", data.possible)):
        if frame is not None and len(frame):
            _add_simplified(layers, name, frame, rest)
    return {
        "meta": asdict(data.meta),
        "totals": totals(data),
        "levels": _clean(data.summary.get("levels") or {}),
        "remarks": [str(one) for one in data.summary.get("notes") or ()],
        "assumptions": _clean(data.summary.get("assumptions") or {}),
        "zones": zones,
        "claims": [] if data.claims is None else _clean_rows(data.claims),
        "layers": layers,
        "notes": _notes(rest, cuts),
    }


def totals(data: MapData) -> dict[str, Any]:
    """Return the figures of the whole area: the run's totals, else the row of zone ``all``, else nothing."""
    given = data.summary.get("totals")
    if isinstance(given, Mapping) and given:
        return {str(name): _clean(value) for name, value in given.items()}
    whole = data.zones.get("all")
    if whole is None or whole.empty:
        return {}
    return {name: _clean(whole.iloc[0][name]) for name in ZONE_FIELDS if name in whole}


def _along_roads(data: MapData) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield the rounds of a patrol with their pieces and marks, and the lines of reach."""
    fields = {"rounds": ROUND_FIELDS, "pieces": ("sector",), "reach": REACH_FIELDS}
    for name, frame in (("rounds", data.rounds), ("pieces", data.pieces), ("reach", data.reach)):
        if frame is not None and len(frame):
            plain = encoded_polylines.degrees(frame)
            table = columns(pd.DataFrame(frame.drop(columns=frame.geometry.name)), fields[name])
            yield name, {"columns": table, "shapes": encoded_polylines.pack(plain, metres=1.0)}
    if data.rounds is not None and len(data.rounds):
        yield "stops", {"columns": _stops(data.rounds), "shapes": []}


def _stops(rounds: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    """Return the numbers and, between them, the arrows of each round; an arrow has no number."""
    metric = rounds.to_crs(metric_crs_for(rounds))
    out: dict[str, list[Any]] = {name: [] for name in ("id", "sector", "number", "bearing", "lon", "lat")}
    for sector, shape in zip(metric["sector"].tolist(), metric.geometry, strict=True):
        found = marks_along(shape, shape.length / (_ARROWS * _NUMBERS))
        lon, lat = to_wgs84(found.xy[:, 0], found.xy[:, 1], metric.crs)
        for at, (x, y, bearing) in enumerate(zip(lon, lat, found.bearing, strict=True)):
            number = None if at % _ARROWS else at // _ARROWS + 1
            row = (f"{sector}-{at}", int(sector), number, round(float(bearing)), round(float(x), 6), round(float(y), 6))
            for name, value in zip(out, row, strict=True):
                out[name].append(value)
    return out


def _clean_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _clean(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _larger_zones(data: MapData) -> list[dict[str, Any]]:
    frames = {name: data.zones[name] for name in zone_layers_among(data.zones) if name != ALL and len(data.zones[name])}
    units = unit_layer(frames)
    return [one for one in zones_with_units(frames) if one["layer"] != units]


def _add_zones(layers: dict[str, Any], name: str, frame: gpd.GeoDataFrame, rest: _Budget) -> None:
    table = columns(frame, ZONE_FIELDS)
    plain = encoded_polylines.degrees(frame)
    for metres in (0.0, *STEPS, 10.0):
        value = {"columns": table, "shapes": encoded_polylines.pack(encoded_polylines.simplified(plain, metres))}
        # Zones are the map: they may take what they need, but not so much that nothing else fits.
        if _size(value) < rest.left * 0.5 and rest.take(value):
            layers[name] = value
            rest.tolerance = max(rest.tolerance, metres)
            return
    rest.out.append(name)


def _add_gaps(layers: dict[str, Any], frame: gpd.GeoDataFrame, rest: _Budget) -> list[dict[str, Any]]:
    """Add the gaps by rank as far as they fit, rows before shapes; return notes on what was cut."""
    notes = []
    table = columns(frame, GAPS.names)
    rows = _fitting(list(zip(*table.values(), strict=True)), rest.left // 3)
    if rows < len(frame):
        table = {name: values[:rows] for name, values in table.items()}
        notes.append({"key": "note_gap_rows", "values": {"n": rows, "total": len(frame)}})
    rest.take(table)
    plain = encoded_polylines.degrees(frame.iloc[:rows])
    allowance = rest.left // 2
    packed: list[Any] = []
    for metres in STEPS:
        packed = encoded_polylines.pack(plain, metres=metres)
        rest.tolerance = max(rest.tolerance, metres)
        if _size(packed) <= allowance:
            break
    drawn = _fitting(packed, allowance)
    if drawn < rows:
        packed = [*packed[:drawn], *([] for _ in packed[drawn:])]
        notes.append({"key": "note_gap_shapes", "values": {"n": drawn}})
    rest.take(packed)
    layers["gaps"] = {"columns": table, "shapes": packed}
    return notes


def _fitting(values: Sequence[Any], allowance: int) -> int:
    """Return how many of the first values take at most so many bytes, with one between each."""
    return int(np.searchsorted(np.cumsum([_size(one) + 1 for one in values]), allowance, side="right"))


def _cameras(data: MapData) -> dict[str, Any]:
    frame = data.cameras
    if "id" not in frame and frame.index.name == "id":
        frame = frame.reset_index()
    points = shapely.get_coordinates(encoded_polylines.degrees(frame)).round(6)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name)).assign(lon=points[:, 0], lat=points[:, 1])
    views = data.views
    if views is not None and "id" in views:
        extra = pd.DataFrame(views)[[name for name in ("id", *VIEW_FIELDS) if name in views]]
        table = table.merge(extra.drop_duplicates("id"), on="id", how="left")
    return {"columns": columns(table, CAMERA_FIELDS), "shapes": []}


def _reference_layers(data: MapData) -> Iterable[tuple[str, dict[str, Any]]]:
    for name in DRAWN:
        frame, fields = data.reference.get(name), LAYERS[name].map_fields
        if frame is not None and len(frame) and fields:
            plain = encoded_polylines.degrees(frame)
            table = columns(frame, fields)
            if "point" in LAYERS[name].shapes:
                table |= _positions(plain)
            if name == "roads" and "class" in frame:  # the look of the ground, as in the service's tiles
                table["group"] = road_groups(frame["class"]).tolist()
            yield (
                name,
                {"columns": table, "shapes": encoded_polylines.pack(plain, metres=2.0, is_mixed=LAYERS[name].is_mixed)},
            )


def _positions(shapes: np.ndarray) -> dict[str, list[float | None]]:
    """Return the columns of positions of shapes in degrees; null where a shape is no point."""
    is_point = (shapely.get_type_id(shapes) == 0) & ~shapely.is_empty(shapes)
    found = {}
    for name, axis in (("lon", shapely.get_x), ("lat", shapely.get_y)):
        values = axis(shapes).round(6)
        found[name] = [float(value) if known else None for value, known in zip(values, is_point, strict=True)]
    return found


def _offer(layers: dict[str, Any], name: str, value: dict[str, Any], rest: _Budget) -> None:
    if rest.take(value):
        layers[name] = value
    else:
        rest.out.append(name)


def _add_simplified(layers: dict[str, Any], name: str, frame: gpd.GeoDataFrame, rest: _Budget) -> None:
    table = columns(frame, ("k",) if name == "coverage" else ("id",))
    plain = encoded_polylines.degrees(frame)
    for metres in STEPS[1:]:
        value = {"columns": table, "shapes": encoded_polylines.pack(plain, metres=metres)}
        if rest.take(value):
            layers[name] = value
            rest.tolerance = max(rest.tolerance, metres)
            return
    rest.out.append(name)


def _notes(rest: _Budget, cuts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    notes = list(cuts)
    if rest.tolerance > 0:
        notes.insert(0, {"key": "note_simplified", "values": {"metres": f"{rest.tolerance:g}"}})
    if rest.out:
        notes.append({"key": "note_left_out", "values": {"layers": [f"layer_{one}" for one in rest.out]}})
    return notes


def columns(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, list[Any]]:
    """Return the named columns that exist as lists of plain values, rounded as they are shown.

    A figure that rounding would make 0 stays whole, and so does a share that it would move to another class or up to
    1: map, sheet and table of a run agree.
    """
    table = frame.reset_index() if frame.index.name in names and frame.index.name not in frame else frame
    return {name: _column(table[name], name) for name in names if name in table}


def _column(values: pd.Series, name: str) -> list[Any]:
    if types.is_bool_dtype(values) or not types.is_numeric_dtype(values):
        return [_clean(one) for one in values]
    exact = values.to_numpy(dtype=float, na_value=np.nan)
    numbers = exact.round(_decimals(name))
    kept = (numbers == 0) == (exact == 0)
    if name.endswith("_share"):
        kept &= (coverage_class(numbers) == coverage_class(exact)) & ((numbers == 1) == (exact == 1))
    numbers = np.where(kept, numbers, exact)
    whole = np.where(np.isnan(numbers), 0, numbers) % 1 == 0
    return [
        None if gone else int(one) if is_whole else float(one)
        for one, gone, is_whole in zip(numbers, np.isnan(numbers), whole, strict=True)
    ]


def _decimals(name: str) -> int:
    if name in ("lon", "lat"):
        return 6
    if name.endswith("weight"):
        return 3
    return 5 if name.endswith("share") else 1


def _clean(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _clean(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return "; ".join(str(one) for one in value)
    if isinstance(value, np.generic):
        value = value.item()
    return None if value is None or value is pd.NA or value is pd.NaT or value != value else value  # noqa: PLR0124


def _size(value: object) -> int:
    """Return the bytes of ``dumps(value)``: each escaped character grows from 1 (3 beyond ASCII) to 6."""
    raw = orjson.dumps(value)
    return len(raw) + 5 * sum(map(raw.count, (b"<", b">", b"&"))) + 3 * sum(map(raw.count, _SEPARATORS))


def dumps(value: object) -> str:
    """Return JSON that may stand in a script element: no character of it can end the element or open a comment."""
    text = orjson.dumps(value).decode("utf-8")
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
