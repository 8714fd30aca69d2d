"""Choose, sort and cut the rows that lists and tables of the planner's page show, so that it loads no whole layer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely

from api.representations.frame_records import records
from api.representations.sheet_rows import kept_rows, placed
from geo.assessment.drawn_zone import drawn_zone, rows_in
from geo.assessment.zones_inside import zones_inside
from geo.catalog.division_codes import without_padding
from geo.catalog.results import GAP_CAUSES, SHARES, ZONE_LAYERS
from geo.errors import NotFound
from geo.plain_words import joined_word
from maps.style.coverage_classes import coverage_class
from maps.tiles.drawn_tiles import DrawnLayer
from maps.tiles.tile_grids import EXTENT, WEB_MERCATOR

#: Zones that a text names more than one of, as a list shows them.
_MAX_CANDIDATES = 50
#: Matches of a search.
MAX_FOUND = 12
_DIGITS = re.compile(r"(\d+)")

Zone = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """Which rows are wanted: by a text, a cause, a zone, sorted by a field, from one row on, at most so many."""

    text: str = ""
    cause: str = ""
    sort: str = ""
    is_descending: bool = False
    offset: int = 0
    limit: int = 200
    #: ``layer:code`` of the zone that all rows are of, or a drawn one; empty for the whole area.
    zone: str = ""
    #: What the columns must hold (``sheet_rows``).
    filters: Mapping[str, Any] = field(default_factory=dict)
    #: Columns that the reader may not know.
    hidden: frozenset[str] = frozenset()


# --- what the whole layer is ----------------------------------------------------------------------------------------


def summary_of(name: str, layer: DrawnLayer) -> dict[str, Any]:
    """Return how many rows a layer has, and of each kind that the legend and the filters tell apart."""
    frame = layer.frame
    said: dict[str, Any] = {"count": len(frame), "bounds": bounds_of(layer)}
    if name == "gaps":
        return {**said, "causes": _counts(frame.get("cause")), "weight": _largest(frame.get("weight"))}
    if name == "cameras":
        return {**said, "classes": _counts(frame.get("class")), "states": _counts(frame.get("status"))}
    shares = [one for one in SHARES if one in frame]
    said["shares"] = {one: _counts(pd.Series(coverage_class(frame[one].to_numpy(float)))) for one in shares}
    return said


def bounds_of(layer: DrawnLayer) -> list[float] | None:
    """Return west, south, east, north of a layer in degrees; None where nothing has a shape."""
    if not len(layer.boxes):
        return None
    (west, north), (east, south) = layer.boxes[:, :2].min(axis=0).tolist(), layer.boxes[:, 2:].max(axis=0).tolist()
    corners = [WEB_MERCATOR.corner(0, x, y) for x, y in ((west, south), (east, north))]
    return [round(one, 7) for corner in corners for one in corner]


def _counts(values: pd.Series | None) -> dict[str, int]:
    if values is None:
        return {}
    texts = values.astype(object).where(values.notna(), "")
    return {str(value): int(count) for value, count in texts.value_counts().items()}


def _largest(values: pd.Series | None) -> float:
    return 0.0 if values is None or not len(values) else float(np.nanmax(values.to_numpy(float)))


# --- zones by their names --------------------------------------------------------------------------------------------


def named_zones(zones: Sequence[Zone], text: str) -> list[Zone]:
    """Return the zones that a text names: one of ``layer:code`` or a code, the finest; else all of that name."""
    wanted = text.strip()
    if not wanted:
        return []
    for same in (
        lambda one: f"{one['layer']}:{one['code']}" == wanted,
        lambda one: one["code"] == wanted,
        lambda one: without_padding(one["code"]) == without_padding(wanted),
    ):
        found = [one for one in zones if same(one)]
        if found:
            return [min(found, key=lambda one: _place(one["layer"]))]
    return [one for one in zones if one["name"] and joined_word(one["name"]) == joined_word(wanted)]


def zones_containing(zones: Sequence[Zone], text: str) -> list[Zone]:
    """Return the zones with a text somewhere in their code or name."""
    part = joined_word(text)
    return [
        one for one in zones if part in joined_word(one["code"]) or (one["name"] and part in joined_word(one["name"]))
    ]


def _place(layer: str) -> int:
    return ZONE_LAYERS.index(layer) if layer in ZONE_LAYERS else len(ZONE_LAYERS)


def zone_of(zones: Sequence[Zone], key: str) -> Zone:
    """Return the zone of a key ``layer:code``; raise NotFound where the run has none."""
    for one in zones:
        if f"{one['layer']}:{one['code']}" == key:
            return one
    raise NotFound(f"批次中没有区域 {key[:60]}", f"the run has no zone {key[:60]}")


# --- zones and gaps, a page at a time --------------------------------------------------------------------------------


def zone_rows(
    layer: DrawnLayer, name: str, zones: Sequence[Zone], shapes: Mapping[str, DrawnLayer], choice: Choice
) -> dict[str, Any]:
    """Return one page of a zone layer: those of the zones that the text names or that have a grid of theirs.

    Of a chosen zone those inside it and those it lies in.
    """
    frame = layer.frame
    if choice.zone:
        frame = frame[zones_inside(layer.shapes, _shape_of_key(choice.zone, zones, shapes))]
    if choice.text.strip():
        named = named_zones(zones, choice.text) or zones_containing(zones, choice.text)
        frame = frame[_shares_grid(frame, name, zones, named)]
    frame = frame[kept_rows(frame, choice.filters, choice.hidden)]
    sort = "" if choice.sort in choice.hidden else choice.sort  # their order would tell what may not be known
    order = _order(frame, sort, choice.is_descending)
    return _page(frame.iloc[order], choice)


def camera_rows(
    layer: DrawnLayer, zones: Sequence[Zone], shapes: Mapping[str, DrawnLayer], choice: Choice
) -> dict[str, Any]:
    """Return one page of the cameras, with their degrees; of a chosen zone those that stand in it."""
    frame = placed(layer, _shape_of_key(choice.zone, zones, shapes) if choice.zone else None)
    frame = frame[kept_rows(frame, choice.filters)]
    return _page(frame.iloc[_order(frame, choice.sort, choice.is_descending, key="id")], choice)


def _shares_grid(frame: pd.DataFrame, name: str, zones: Sequence[Zone], wanted: Sequence[Zone]) -> np.ndarray:
    keys = {(one["layer"], one["code"]) for one in wanted}
    grids = {code for one in wanted for code in one["grids"]}
    own = {one["code"]: one["grids"] for one in zones if one["layer"] == name}
    codes = frame["code"].astype(str)
    return np.array(
        [(name, code) in keys or any(one in grids for one in own.get(code, [code])) for code in codes], dtype=bool
    )


def gap_rows(
    layer: DrawnLayer,
    zones: Sequence[Zone],
    shapes: Mapping[str, DrawnLayer],
    names: Mapping[str, str],
    choice: Choice,
    *,
    cameras: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return one page of the gaps by rank, with the names of their grids and of their nearest cameras.

    Or the zones that the text may mean.

    Parameters
    ----------
    shapes
        Zone layers by name, for zones that have no grids of their own: their gaps are those whose place is in them.
    names
        Code of a grid -> its name.
    cameras
        Id of a camera that the reader may know -> its name.
    """
    cameras = cameras or {}
    frame = layer.frame
    if choice.cause:
        frame = frame[(frame["cause"] == choice.cause).to_numpy(bool)]
    if choice.zone:
        drawn = drawn_zone(choice.zone)
        own = None if drawn is None else rows_in(drawn, frame["lon"].to_numpy(float), frame["lat"].to_numpy(float))
        frame = frame[_in_zones(frame, [zone_of(zones, choice.zone)], shapes) if own is None else own]
    text = choice.text.strip()
    if text:
        named = named_zones(zones, text)
        if len(named) > 1:
            candidates = [{key: one[key] for key in ("layer", "code", "name")} for one in named[:_MAX_CANDIDATES]]
            return {"total": len(named), "rows": [], "candidates": candidates}
        own = _in_zones(frame, named or zones_containing(zones, text), shapes)
        frame = frame[own | (_says(frame, text, names, cameras) if not named else False)]
    if choice.filters:
        frame = frame[kept_rows(_with_names(frame, names, cameras), choice.filters)]
    frame = frame.sort_values("rank", kind="stable")
    if choice.sort:
        frame = frame.iloc[_order(_with_names(frame, names, cameras), choice.sort, choice.is_descending, key="rank")]
    page = _page(frame, choice)
    for row in page["rows"]:
        add_names(row, names, cameras)
    return page


def add_names(gap: dict[str, Any], names: Mapping[str, str], cameras: Mapping[str, str]) -> None:
    """Put the names of its grid and of its nearest camera beside their codes, None where there is none."""
    gap["grid_name"] = names.get(str(gap.get("grid")))
    gap["camera_name"] = cameras.get(str(gap.get("camera")))


def _with_names(frame: pd.DataFrame, names: Mapping[str, str], cameras: Mapping[str, str]) -> pd.DataFrame:
    known = {"grid_name": ("grid", names), "camera_name": ("camera", cameras)}
    return frame.assign(
        **{name: [of.get(str(one)) for one in frame[code]] for name, (code, of) in known.items() if code in frame}
    )


def _shape_of_key(key: str, zones: Sequence[Zone], shapes: Mapping[str, DrawnLayer]) -> shapely.Geometry:
    """Return the shape of a zone of a run, or of a drawn one, in the square of tiles."""
    drawn = drawn_zone(key)
    if drawn is None:
        return _shape_of(zone_of(zones, key), shapes)
    return shapely.transform(drawn, lambda places: WEB_MERCATOR.units(places, 0, 0, 0) / EXTENT)


def _shape_of(zone: Zone, shapes: Mapping[str, DrawnLayer]) -> shapely.Geometry:
    layer = shapes[zone["layer"]]
    return layer.shapes[(layer.frame["code"].astype(str) == zone["code"]).to_numpy(bool)][0]


def _in_zones(frame: pd.DataFrame, zones: Sequence[Zone], shapes: Mapping[str, DrawnLayer]) -> np.ndarray:
    grids = {code for one in zones for code in one["grids"]}
    found = frame["grid"].astype(str).isin(grids).to_numpy(bool, copy=True)
    places = WEB_MERCATOR.units(frame[["lon", "lat"]].to_numpy(float), 0, 0, 0) / EXTENT
    for one in zones:
        layer = shapes.get(one["layer"])
        if one["grids"] or layer is None:
            continue
        for shape in layer.shapes[(layer.frame["code"].astype(str) == one["code"]).to_numpy(bool)]:
            found |= shapely.intersects_xy(shape, places[:, 0], places[:, 1])
    return found


def _says(frame: pd.DataFrame, text: str, names: Mapping[str, str], cameras: Mapping[str, str]) -> np.ndarray:
    """Return which gaps say a text: in rank, grid, camera, obstacle or cause, in either language."""
    part = text.lower()
    words = {one.name: f"{one.zh}\n{one.en}".lower() for one in GAP_CAUSES}
    columns = [frame[one].astype("string").fillna("") for one in ("rank", "grid", "camera", "obstacle") if one in frame]
    said = [column.str.lower().str.contains(part, regex=False).to_numpy(bool) for column in columns]
    said.append(np.array([part in words.get(str(one), "") for one in frame["cause"]], dtype=bool))
    for name, of in (("grid", names), ("camera", cameras)):
        if name in frame:
            said.append(np.array([part in of.get(str(one), "").lower() for one in frame[name]], dtype=bool))
    return np.logical_or.reduce(said)


def _order(frame: pd.DataFrame, sort: str, is_descending: bool, *, key: str = "code") -> np.ndarray:
    """Return the order of rows: numbers by size, texts by their writing, nothing always last, then by their key."""
    codes: list[Any] = frame[key].tolist() if key == "rank" else frame[key].astype(str).tolist()
    if sort not in frame:
        return np.argsort(np.array(codes, dtype=object), kind="stable")
    column = frame["name"].fillna(frame[key]) if sort == "name" else frame[sort]
    missing = column.isna().to_numpy(bool)
    keys: list[Any] = [
        0 if gone else (float(value) if pd.api.types.is_number(value) else _natural(str(value)))
        for value, gone in zip(column.tolist(), missing, strict=True)
    ]
    there = sorted((at for at in range(len(keys)) if not missing[at]), key=lambda at: codes[at])
    there.sort(key=lambda at: keys[at], reverse=is_descending)
    gone = sorted(np.flatnonzero(missing).tolist(), key=lambda at: codes[at])
    return np.array([*there, *gone], dtype=int)


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Return a key that puts 第9网格 before 第10网格, and numbers before words."""
    return [(0, int(one), "") if one.isdecimal() else (1, 0, one) for one in _DIGITS.split(text) if one]


def _page(frame: pd.DataFrame, choice: Choice) -> dict[str, Any]:
    return {"total": len(frame), "rows": records(frame.iloc[choice.offset : choice.offset + choice.limit])}


# --- search ----------------------------------------------------------------------------------------------------------


def matches(layers: Iterable[tuple[str, str, DrawnLayer]], text: str) -> list[dict[str, Any]]:
    """Return the rows whose code or name is a text, begins with it or contains it, in this order.

    Parameters
    ----------
    layers
        Name, key field and rows of each layer, the one that comes first among equals first.
    """
    wanted = text.strip().lower()
    found: list[tuple[int, int, str, str, str | None]] = []
    for order, (name, key, layer) in enumerate(layers):
        keys = layer.frame[key].astype(str)
        names = layer.frame["name"] if "name" in layer.frame else pd.Series(None, index=layer.frame.index, dtype=object)
        titles = names.astype("string").fillna("")
        lower = (keys.str.lower(), titles.str.lower())
        inside = np.logical_or.reduce([one.str.contains(wanted, regex=False).to_numpy(bool) for one in lower])
        for at in np.flatnonzero(inside).tolist():
            words = [str(one.iloc[at]) for one in lower]
            rank = 0 if wanted in words else 1 if any(one.startswith(wanted) for one in words) else 2
            found.append((rank, order, str(keys.iloc[at]), name, str(titles.iloc[at]) or None))
    found.sort(key=lambda one: one[:3])
    return [
        {"layer": name, "key": key, "name": title, "is_whole": rank == 0}
        for rank, _, key, name, title in found[:MAX_FOUND]
    ]


def one_row(layer: DrawnLayer, key: str, value: str) -> dict[str, Any] | None:
    """Return one row as a GeoJSON feature in degrees, None where there is none."""
    rows = np.flatnonzero((layer.frame[key].astype(str) == value).to_numpy(bool))
    if not len(rows):
        return None
    row = int(rows[0])
    shape = shapely.transform(layer.shapes[row], _degrees)
    properties = records(layer.frame.iloc[[row]])[0]
    return {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": properties}


def _degrees(square: np.ndarray) -> np.ndarray:
    lon = square[:, 0] * 360.0 - 180.0
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * square[:, 1]))))
    return np.stack([lon, lat], axis=1)
