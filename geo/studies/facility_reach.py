"""Ask a store how far facilities of a kind are by road, who has one of its own, and who has a video link (rule P7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rustworkx as rx
import shapely

from geo.assessment.served_units import own_facilities, villages_of
from geo.catalog.claims import DERIVED
from geo.catalog.division_codes import code_text
from geo.catalog.kinds import FACILITY_KINDS, LINKED_LAYERS, UNIT_LAYERS, kind_words
from geo.catalog.results import WHOLE_AREA, ZONES
from geo.crs import STORAGE_CRS
from geo.crs_metric import metric_crs_for
from geo.errors import BadValue, NotFound
from geo.network.nearest_facility import nearest_facility
from geo.network.road_graph import RoadGraph, RoadLines, crossings_note, crossings_without_node, road_graph, road_lines
from geo.overlay.inaccessibility import poles_of_inaccessibility
from geo.plain_words import bare_word
from geo.row_keys import row_keys
from geo.sentences import sentence
from geo.storage.protocol import Store
from geo.studies.usable_rows import usable_rows

#: Level of the facilities that link a unit where they stand in it (``own_facilities``).
_LEVEL_OF = {"townships": "township", "villages": "village"}
_POLYGONS = (3, 6)
#: A place farther from the county is outside (m), as `check` has it; so many are named.
_OUTSIDE_M, _NAMED = 50.0, 5


@dataclass(frozen=True)
class Reach:
    """How far facilities of a kind are.

    Attributes
    ----------
    kind
        As it is stored.
    limit_m
        Beyond which a unit is listed; None for no limit.
    units
        ``layer, code, name, facility, facility_name, distance_m, air, own, own_facilities`` of each unit, by layer and
        code; facility and distance, of the nearest one, are None where the unit has no position. ``own_facilities`` are
        the codes of those that serve it or lie inside it, ``own`` says whether there is any: another may be nearest.
    without_own
        Layer -> codes of units without a facility of that kind of their own.
    beyond
        ``layer, code, distance_m`` of units farther than the limit.
    links
        Layer -> ``units``, ``linked`` (how many have a video link), and ``exceptions``: ``code, name, link`` of the
        others, where link is ``no`` or ``unknown`` as their facilities say, ``none`` where they have no facility.
    notes
        What was left out, as ``中文 / English``.
    ways
        To be drawn, in the order of ``units``: a straight line in WGS-84 degrees from each unit to its facility, None
        for a unit without a position, and ``derived``, whether the unit is a derived place.
    """

    kind: str
    limit_m: float | None
    units: list[dict[str, Any]]
    without_own: Mapping[str, list[str]]
    beyond: list[dict[str, Any]]
    links: Mapping[str, dict[str, Any]]
    notes: list[str]
    ways: gpd.GeoDataFrame


def reach(store: Store, kind: str, *, limit_m: float | None = None, at: date | None = None) -> Reach:
    """Return for every township, village, grid and place the nearest facility of a kind by road (rule P7).

    Parameters
    ----------
    store
        The store; all that is read are reference layers.
    kind
        The kind of facility, as stored or in Chinese or English words.
    limit_m
        Metres beyond which a unit is listed.
    at
        The day whose rows are read; None is today.

    Raises
    ------
    NotFound
        There are no facilities of that kind.
    BadValue
        The limit is no distance.

    Examples
    --------
    A village whose pole of inaccessibility is 500 m from the centre, along a road:

    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> def rows(geometry, **columns):
    ...     return gpd.GeoDataFrame(columns, geometry=[geometry], crs="EPSG:4326")
    >>> centre = rows(shapely.Point(103.0, 37.0), code=["f"], kind=["governance_centre"], serves=["990101101201"])
    >>> village = rows(shapely.box(103.0046, 36.999, 103.0066, 37.001), code=["990101101201"], name=["v"])
    >>> road = rows(shapely.LineString([(103.0, 37.0), (103.01, 37.0)]), id=["r"])
    >>> for layer, frame in {"facilities": centre, "villages": village, "roads": road}.items():
    ...     _ = store.write(layer, frame, "upsert", actor="li")
    >>> found = reach(store, "综治中心", limit_m=400)
    >>> unit = found.units[0]
    >>> unit["facility"], round(unit["distance_m"], -2), unit["air"], unit["own"], len(found.beyond)
    ('f', 500.0, False, True, 1)
    >>> store.close()
    >>> folder.cleanup()
    """
    if limit_m is not None and not 0 <= limit_m < np.inf:
        raise BadValue("距离上限应是不小于 0 的米数", "the limit is metres, at least 0")
    with store.snapshot():
        day = at or store.today()
        names = ("divisions", "villages", "grids", "places", "facilities", "roads")
        frames = {name: frame for name in names if len(frame := store.read(name, at=day))}
    stored = stored_kind(kind)
    if "facilities" not in frames:
        raise NotFound("库中没有设施，请先导入图层 facilities", "the store has no facilities; import layer facilities")
    usable = usable_rows(frames)
    facilities = frames["facilities"].reset_index(drop=True)
    wanted = facilities[facilities["kind"] == stored]
    placed = wanted[_are_placed(frames["facilities"], usable.frames.get("facilities"))[wanted.index]]
    if not len(placed):
        stored_kinds = sorted({str(one) for one in facilities["kind"].dropna()})[:20]
        named = kind_words(FACILITY_KINDS)
        zh, en = ([named.get(one, (one, one))[at] for one in stored_kinds] for at in (0, 1))
        raise NotFound(
            f"没有类型为 {kind[:40]} 的设施，已有：{'、'.join(zh)}",
            f"no facilities of kind {kind[:40]}; there are: {', '.join(en)}",
        )
    frames, used, outside = _without_places_outside(frames, usable.frames)
    crs = metric_crs_for(*(frame.geometry for frame in used.values()))
    units = _units(frames, used)
    empty = gpd.GeoDataFrame(geometry=gpd.GeoSeries([], crs=crs))
    lines = road_lines(used["roads"].to_crs(crs) if "roads" in used else empty)
    graph = road_graph(lines)
    rows, ways = _nearest_rows(units, placed, lines, crs)
    bridges = len(crossings_without_node(lines, graph))
    unit, facility = _own_facilities(units, facilities)
    is_wanted = (facilities["kind"] == stored).to_numpy(bool, na_value=False)
    codes = [code_text(str(code)) for code in row_keys(facilities, "code")]
    own: dict[int, list[str]] = {}
    for at_unit, at_facility in zip(unit.tolist(), facility.tolist(), strict=True):
        if is_wanted[at_facility]:
            own.setdefault(at_unit, []).append(codes[at_facility])
    for k, row in enumerate(rows):
        row["own"] = k in own
        row["own_facilities"] = sorted(own.get(k, ()))
    return Reach(
        kind=stored,
        limit_m=limit_m,
        units=rows,
        without_own={
            name: [row["code"] for row in rows if row["layer"] == name and not row["own"]]
            for name in units["layer"].unique()
        },
        beyond=[
            {name: row[name] for name in ("layer", "code", "distance_m")}
            for row in rows
            if limit_m is not None and row["distance_m"] is not None and row["distance_m"] > limit_m
        ],
        links=_links(units, facilities, *_own_facilities(units, facilities, by_level=True)),
        notes=[*usable.notes, *outside, *crossings_note(bridges), *_straight_note(rows, graph)],
        ways=gpd.GeoDataFrame({"derived": units["derived"].to_numpy()}, geometry=ways, crs=crs).to_crs(STORAGE_CRS),
    )


def reach_of_layer(found: Reach, layer: str) -> Reach:
    """Return reach with the units of one layer only.

    Raises
    ------
    NotFound
        The store has no unit of that layer.
    """
    chosen = np.array([row["layer"] == layer for row in found.units], bool)
    if not chosen.any():
        there = ", ".join(found.without_own)
        raise NotFound(f"没有图层 {layer} 的单元，有：{there}", f"there are no units of layer {layer}, only of {there}")
    return replace(
        found,
        units=[row for row in found.units if row["layer"] == layer],
        without_own={layer: found.without_own[layer]},
        beyond=[row for row in found.beyond if row["layer"] == layer],
        links={name: link for name, link in found.links.items() if name == layer},
        ways=found.ways[chosen],
    )


def stored_kind(kind: str) -> str:
    """Return the stored kind that a word means; a word that is none stays, as kinds are open.

    Examples
    --------
    >>> [stored_kind(word) for word in ("综治站", "Police station", "tea_house")]
    ['governance_centre', 'police_station', 'tea_house']
    """
    plain = bare_word(kind)
    for one in FACILITY_KINDS:
        if plain in {bare_word(word) for word in (one.name, one.zh, one.en, *one.words.split())}:
            return one.name
    return kind.strip()


def _without_places_outside(
    frames: Mapping[str, gpd.GeoDataFrame], usable: Mapping[str, gpd.GeoDataFrame]
) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, gpd.GeoDataFrame], list[str]]:
    """Return both frames without places outside the county, and a note that names them, as ``check`` does.

    The county is its grids, else its townships, else its villages, where these are areas (rule D4).
    """
    found, used = dict(frames), dict(usable)
    sources = [{one.name: one.source for one in ZONES}[name] for name in WHOLE_AREA]
    zones = next((usable[name] for name in sources if name in usable), None)
    places = usable.get("places")
    if zones is None or places is None or not (shapely.get_dimensions(zones.geometry.to_numpy()) == 2).any():
        return found, used, []
    crs = metric_crs_for(zones.geometry, places.geometry)
    county = shapely.make_valid(zones.geometry.to_crs(crs).to_numpy())
    shapes = places.geometry.to_crs(crs).to_numpy()
    near = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    near[shapely.STRtree(county).query(shapes, predicate="dwithin", distance=_OUTSIDE_M)[0]] = True
    if near.all():
        return found, used, []
    for some in (found, used):
        some["places"] = some["places"].drop(index=places.index[~near])
        if not len(some["places"]):
            del some["places"]
    codes = row_keys(places, "code")[~near]
    shown = [str(code) for code in codes[:_NAMED]]
    more = f" +{len(codes) - _NAMED}" if len(codes) > _NAMED else ""
    note = sentence(
        f"县域以外的部位 {len(codes)} 个未纳入：{'、'.join(shown)}{more}",
        f"places outside the county left out: {len(codes)} ({', '.join(shown)}{more})",
    )
    return found, used, [note]


def _are_placed(frame: gpd.GeoDataFrame, usable: gpd.GeoDataFrame | None) -> np.ndarray:
    """Return which rows have a position, and one near those of all others."""
    kept = frame.index.isin(frame.index[:0] if usable is None else usable.index)
    return np.asarray(kept & ~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy(bool), bool)


def _units(frames: Mapping[str, gpd.GeoDataFrame], usable: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return the units with ``layer, zones, code, name, kind, derived, is_placed`` and their shapes, by layer and code.

    ``zones`` names those among which a point has one owner: microgrids are apart from grids (rules D5, L1).
    """
    divisions = frames.get("divisions")
    layers = {name: frames.get(name) for name in ("grids", "places")}
    layers["villages"] = villages_of(frames.get("villages"), divisions)
    if divisions is not None and "level" in divisions:
        layers["townships"] = divisions[divisions["level"] == "township"]
    parts = []
    for layer in UNIT_LAYERS:
        frame = layers.get(layer)
        if frame is None or not len(frame):
            continue
        of_divisions = layer == "townships" or (layer == "villages" and layer not in frames)
        nothing = pd.Series([None] * len(frame), index=frame.index, dtype=object)
        is_fine = (frame.get("level", nothing) == 2).to_numpy(bool, na_value=False)
        part = {
            "layer": layer,
            "zones": np.where(is_fine, "microgrids", layer) if layer == "grids" else layer,
            "code": np.asarray(row_keys(frame, "code"), object),
            "name": frame.get("name", nothing).to_numpy(object),
            "kind": (frame.get("kind", nothing) if layer == "grids" else nothing).to_numpy(object),
            "derived": np.array([layer == "places" and one == DERIVED for one in frame.get("source", nothing)], bool),
            "is_placed": _are_placed(frame, usable.get("divisions" if of_divisions else layer)),
        }
        parts.append(gpd.GeoDataFrame(part, geometry=frame.geometry.to_numpy(), crs=frame.crs).sort_values("code"))
    if not parts:
        raise NotFound("库中没有镇街、村、网格或重点部位", "the store has no townships, villages, grids or places")
    return pd.concat(parts, ignore_index=True)


def _nearest_rows(
    units: gpd.GeoDataFrame, wanted: gpd.GeoDataFrame, lines: RoadLines, crs: Any
) -> tuple[list[dict[str, Any]], np.ndarray]:
    has_position = units["is_placed"].to_numpy(bool)
    points = shapely.get_coordinates(_standing_points(units.geometry[has_position].to_crs(crs).to_numpy()))
    codes = [code_text(str(code)) for code in row_keys(wanted, "code")]
    names = [None if pd.isna(one) else str(one) for one in wanted.get("name", pd.Series([None] * len(wanted)))]
    at = shapely.get_coordinates(shapely.centroid(wanted.geometry.to_crs(crs).to_numpy()))
    found = nearest_facility(lines, points, at, codes)
    point_of_unit = np.full(len(units), -1)
    point_of_unit[has_position] = np.arange(len(points))
    out = []
    for layer, code, name, k in zip(units["layer"], units["code"], units["name"], point_of_unit.tolist(), strict=True):
        nearest: dict[str, Any] = {"facility": None, "facility_name": None, "distance_m": None, "air": None}
        if k >= 0:
            nearest = {
                "facility": codes[found.facility[k]],
                "facility_name": names[found.facility[k]],
                "distance_m": float(found.distance_m[k]),
                "air": bool(found.air[k]),
            }
        out.append({"layer": layer, "code": str(code), "name": None if pd.isna(name) else str(name), **nearest})
    ways = np.full(len(units), None, object)
    ways[has_position] = shapely.linestrings(np.stack([points, at[found.facility]], axis=1))
    return out, ways


def _straight_note(rows: list[dict[str, Any]], graph: RoadGraph) -> list[str]:
    """Return the note that some units are not reached by road, and in how many pieces the roads are; empty for none."""
    count = sum(row["air"] is True for row in rows)
    if not count:
        return []
    pieces = rx.number_connected_components(graph.rustworkx())
    zh = f"{count} 个单元没有道路通到这类设施，按直线距离"
    en = f"no road leads from {count} units to such a facility: their distances are straight"
    if pieces != 1:
        zh = f"道路分成互不相连的 {pieces} 块；{zh}" if pieces else f"库中没有道路；{zh}"
        en = f"roads: {pieces} pieces that do not meet; {en}" if pieces else f"there are no roads; {en}"
    return [f"{zh} / {en}"]


def _standing_points(shapes: np.ndarray) -> np.ndarray:
    """Return where each unit is taken to be: its point, the middle of its line, its pole of inaccessibility."""
    out = shapely.centroid(shapes)
    largest = np.empty(len(shapes), object)
    for k, shape in enumerate(shapes):
        parts = shapely.get_parts(shape)
        size = [(one.area, one.length) for one in parts]
        largest[k] = parts[max(range(len(parts)), key=lambda i: size[i])]
    kind = shapely.get_type_id(largest)
    lines = kind == 1
    out[lines] = shapely.line_interpolate_point(largest[lines], 0.5, normalized=True)
    out[kind == 0] = largest[kind == 0]
    areas = np.flatnonzero(kind == 3)
    if len(areas):
        usable = shapely.make_valid(largest[areas])
        plain = np.isin(shapely.get_type_id(usable), _POLYGONS) & (shapely.area(usable) > 0)
        poles, _ = poles_of_inaccessibility(usable[plain])
        out[areas[plain]] = shapely.points(poles)
    return out


def _own_facilities(
    units: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, *, by_level: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of a unit and a facility that serves its code or lies inside it, of its own level where asked."""
    pairs = []
    for zones, rows in units.groupby("zones", sort=False).indices.items():
        level = _LEVEL_OF.get(str(zones)) if by_level else None
        unit, facility = own_facilities(units.iloc[rows], facilities, may_overlap=zones == "places", level=level)
        pairs.append((rows[unit], facility))
    units_of, facilities_of = (np.concatenate(one) for one in zip(*pairs, strict=True))
    return units_of, facilities_of


def _links(
    units: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, unit: np.ndarray, facility: np.ndarray
) -> dict[str, dict[str, Any]]:
    """Return how many townships and villages a facility links, and the others (rules P6, P7)."""
    nothing = pd.Series([None] * len(facilities), dtype=object)
    # A facility whose link nobody gave may have one: its village is not one without a facility.
    link = facilities.get("link", nothing).astype(object).where(facilities.get("link", nothing).notna(), "unknown")
    says: dict[int, set[str]] = {}
    for row, k in zip(unit.tolist(), facility.tolist(), strict=True):
        says.setdefault(row, set()).add(str(link.iloc[k]))
    out = {}
    for layer in LINKED_LAYERS:
        mine = np.flatnonzero(units["layer"] == layer)
        if not len(mine):
            continue
        exceptions = []
        for row, code, name in zip(mine.tolist(), units["code"].iloc[mine], units["name"].iloc[mine], strict=True):
            said = says.get(row, set())
            if "yes" not in said:
                word = "none" if not said else "no" if said == {"no"} else "unknown"
                exceptions.append({"code": str(code), "name": None if pd.isna(name) else str(name), "link": word})
        out[layer] = {"units": len(mine), "linked": len(mine) - len(exceptions), "exceptions": exceptions}
    return out
