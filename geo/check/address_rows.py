"""Find addresses outside every grid, outside the town or village that their text names, and at two places far apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.code_profiles import village_of
from geo.catalog.division_codes import DIVISION_LEVELS, compared_code, level_of_code
from geo.catalog.kinds import names_in
from geo.catalog.layers import LOCATING_ZONES
from geo.check.metric_frames import MetricFrames, column, keys
from geo.check.ranking import Severity, UnrankedFinding
from geo.plain_words import joined_word
from geo.sentences import sentence

#: A point this far (m) from the division that its text names is elsewhere: borders of several sources differ by less.
_ELSEWHERE_M = 50.0
#: Two points of one text farther apart than this (m) are two places: an estate has several gates.
_APART_M = 200.0
#: Beginning of a text in which its town and village are looked for.
_LONGEST_HEAD = 40
_BEFORE_NUMBER = re.compile(r"[^\d]*")
#: What ends the name of a province, city or county, behind which that of a town or village may stand.
_END_OF_COUNTY = re.compile("[省市州盟县旗]|地区|(?<!社)(?<!地)区")
#: What follows a name that is that of something else: 新民村路, 石门镇政府.
_SOMETHING_ELSE = re.compile("[路街巷道桥站]|大道|政府|中学|小学|中心|卫生|医院|派出所")
#: Levels that a text is held to -> their names in Chinese and English.
_NAMES_OF_LEVELS = {"township": ("乡镇", "town"), "village": ("村", "village")}
_LEVELS = tuple(_NAMES_OF_LEVELS)


class _Areas(NamedTuple):
    """Polygons of towns, villages and grids, with the code of the division that each is, or lies in."""

    shapes: np.ndarray
    codes: Sequence[str]


def find(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield addresses outside the grids, elsewhere than their text says, and texts at two places far apart."""
    addresses = data.frame("addresses")
    if addresses is None:
        return
    points = data.to_metres(shapely.centroid(addresses.geometry.to_numpy()))
    yield from _outside(data, addresses, points)
    texts = _texts(addresses)
    yield from _elsewhere(data, addresses, points, texts)
    yield from _apart(addresses, points, texts)


def _texts(addresses: gpd.GeoDataFrame) -> list[str]:
    """Return the text of each address in one form; the standard one where there is no other."""
    pairs = zip(column(addresses, "text"), column(addresses, "standard"), strict=True)
    return [joined_word(text if text is not None else standard or "") for text, standard in pairs]


def _outside(data: MetricFrames, addresses: gpd.GeoDataFrame, points: np.ndarray) -> Iterator[UnrankedFinding]:
    """Yield the addresses in no grid (rule L1: a point on a border belongs)."""
    grids = data.frame("grids")
    if grids is None:
        return
    shapes = grids.geometry.to_numpy()
    outside = np.ones(len(addresses), dtype=bool)
    outside[shapely.STRtree(shapes).query(addresses.geometry.to_numpy(), predicate="intersects")[0]] = False
    rows = np.flatnonzero(outside)
    if not len(rows):
        return
    tree = shapely.STRtree(data.to_metres(shapes))
    _, away = tree.query_nearest(points[rows], all_matches=False, return_distance=True)
    ids, texts = keys(addresses, "addresses"), column(addresses, "text")
    for k, metres in zip(rows.tolist(), away.tolist(), strict=True):
        told = sentence(
            f"地址 {ids[k]}（{texts[k]}）不在任何网格内，距最近的网格 {metres:,.0f} m",
            f"address {ids[k]} ({texts[k]}) is in no grid, {metres:,.0f} m from the nearest",
        )
        yield _finding(addresses, "error", "address-outside-grids", [ids[k]], told, k, metres)


# --- what the text names ---------------------------------------------------------------------------------------------


def _elsewhere(
    data: MetricFrames, addresses: gpd.GeoDataFrame, points: np.ndarray, said: Sequence[str]
) -> Iterator[UnrankedFinding]:
    """Yield the addresses whose point lies in another town or village than the one that their text names."""
    names = _names(data)
    areas = _areas(data)
    if (not names["township"] and not names["village"]) or not len(areas.shapes):
        return
    groups: dict[tuple[str, str, tuple[str, ...]], list[int]] = defaultdict(list)
    # All of a street begin alike: each beginning is read once.
    rows_of: dict[str, list[int]] = defaultdict(list)
    for k, text in enumerate(said):
        rows_of[_BEFORE_NUMBER.match(text, 0, _LONGEST_HEAD)[0]].append(k)  # type: ignore[index]
    for head, rows in rows_of.items():
        named = _named(head, names)
        if named is not None:
            groups[named] += rows
    found = _codes_at(areas, addresses)
    name_of = {code: name for level in _LEVELS for name, own in names[level].items() for code in own}
    ids, texts = keys(addresses, "addresses"), column(addresses, "text")
    metric = data.to_metres(areas.shapes)
    for (level, name, codes), rows in groups.items():
        own = [at for at, code in enumerate(areas.codes) if code.startswith(codes)]
        # Outside what is drawn nothing can be said, and inside one of several of the name all is well.
        other = [k for k in rows if found[k] and not any(code.startswith(codes) for code in found[k])]
        other = [k for k in other if any(len(code) >= len(codes[0]) for code in found[k])]
        if not own or not other:
            continue
        _, away = shapely.STRtree(metric[own]).query_nearest(points[other], all_matches=False, return_distance=True)
        for k, metres in zip(other, away.tolist(), strict=True):
            if metres > _ELSEWHERE_M:
                finest = max(found[k], key=len)
                there, (zh, en) = name_of.get(finest, finest), _NAMES_OF_LEVELS[level]
                told = sentence(
                    f"地址 {ids[k]}（{texts[k]}）写的{zh}是 {name}，位置在 {there}，距 {name} {metres:,.0f} m",
                    f"address {ids[k]} ({texts[k]}) names the {en} {name}, its point is in {there},"
                    f" {metres:,.0f} m from {name}",
                )
                yield _finding(addresses, "warning", "address-elsewhere", [ids[k]], told, k, metres)


def _names(data: MetricFrames) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return level -> name of a town or village in one form -> codes of those called so."""
    found: dict[str, dict[str, list[str]]] = {level: defaultdict(list) for level in _LEVELS}
    for layer in ("divisions", "villages"):
        frame = data.with_names(layer)
        if frame is None:
            continue
        levels = column(frame, "level") if layer == "divisions" else np.full(len(frame), "village", dtype=object)
        rows = zip(column(frame, "code"), column(frame, "name"), column(frame, "aliases"), levels, strict=True)
        for code, name, aliases, level in rows:
            plain = "" if code is None else compared_code(code)
            if level not in _LEVELS or len(plain) != DIVISION_LEVELS[level]:
                continue
            for one in (name, *names_in(aliases)):
                word = joined_word(one or "")
                if len(word) > 1 and plain not in found[level][word]:
                    found[level][word].append(plain)
    return {level: {name: tuple(codes) for name, codes in names.items() if codes} for level, names in found.items()}


def _named(head: str, names: Mapping[str, Mapping[str, tuple[str, ...]]]) -> tuple[str, str, tuple[str, ...]] | None:
    """Return level, name and codes of the finest division that the beginning of an address names; None for none.

    Of villages of one name those in the town that is named before are meant, if there are any; else the town is.
    """
    ends = [0, *(one.end() for one in _END_OF_COUNTY.finditer(head))]
    town, end = _name_at(head, ends, names["township"])
    village, _ = _name_at(head, [end] if town else ends, names["village"])
    if village:
        codes = names["village"][village]
        within = tuple(code for code in codes if not town or code.startswith(names["township"][town]))
        if within:
            return "village", village, within
    return ("township", town, names["township"][town]) if town else None


def _name_at(head: str, starts: Sequence[int], names: Mapping[str, tuple[str, ...]]) -> tuple[str, int]:
    """Return the longest name that stands at the first of these places at which one does, and where it ends."""
    for start in starts:
        for end in range(min(len(head), start + 16), start + 1, -1):
            if head[start:end] in names and _SOMETHING_ELSE.match(head, end) is None:
                return head[start:end], end
    return "", 0


def _areas(data: MetricFrames) -> _Areas:
    shapes: list[shapely.Geometry] = []
    codes: list[str] = []
    for layer in LOCATING_ZONES:
        frame = data.frame(layer)
        if frame is None:
            continue
        for shape, code in zip(frame.geometry, column(frame, "code"), strict=True):
            plain = "" if code is None else compared_code(code)
            plain = village_of(plain, False) if layer == "grids" else plain
            if shapely.get_dimensions(shape) == 2 and level_of_code(plain) in _LEVELS:
                shapes.append(shapely.make_valid(shape))
                codes.append(plain)
    return _Areas(np.array(shapes, dtype=object), codes)


def _codes_at(areas: _Areas, addresses: gpd.GeoDataFrame) -> list[list[str]]:
    """Return the codes of the areas that each address lies in."""
    found: list[list[str]] = [[] for _ in range(len(addresses))]
    pairs = shapely.STRtree(areas.shapes).query(addresses.geometry.to_numpy(), predicate="intersects")
    for row, at in zip(*pairs.tolist(), strict=True):
        found[row].append(areas.codes[at])
    return found


# --- one text at two places ------------------------------------------------------------------------------------------


def _apart(addresses: gpd.GeoDataFrame, points: np.ndarray, said: Sequence[str]) -> Iterator[UnrankedFinding]:
    """Yield the texts that stand at points far apart, one finding each."""
    rows: dict[str, list[int]] = defaultdict(list)
    for k, text in enumerate(said):
        if text:
            rows[text].append(k)
    ids, texts = keys(addresses, "addresses"), column(addresses, "text")
    for same in rows.values():
        if len(same) < 2:
            continue
        xy = shapely.get_coordinates(points[same])
        metres = float(np.hypot(*(xy.max(axis=0) - xy.min(axis=0))))
        if metres > _APART_M:
            named = [ids[k] for k in same]
            shown = ", ".join(named[:5])
            told = sentence(
                f"{len(same)} 条地址的文字相同（{texts[same[0]]}：{shown}），位置相距 {metres:,.0f} m",
                f"{len(same)} addresses have one text ({texts[same[0]]}: {shown}), {metres:,.0f} m apart",
            )
            yield _finding(addresses, "warning", "address-at-two-places", named, told, same[0], metres)


def _finding(
    addresses: gpd.GeoDataFrame, severity: Severity, code: str, named: Sequence[str], told: str, k: int, metres: float
) -> UnrankedFinding:
    point = addresses.geometry.iloc[k]
    return UnrankedFinding(severity, code, "addresses", named, told, metres, float(point.x), float(point.y))
