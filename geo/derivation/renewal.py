"""Compare places derived anew with those stored: which stay, change, come and go, and what edits by hand keep."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely

from geo.crs_stored import STORAGE_CRS
from geo.derivation.edits_by_hand import is_same_shape

#: What is derived anew within this distance (m) of what is stored is the same place, and keeps its code.
SAME_PLACE_M = 15.0
#: Decimals of the degrees in a code.
_DIGITS = 5


@dataclass(frozen=True)
class KnownPlace:
    """A place that was derived before, whatever became of it.

    Attributes
    ----------
    code
        Its code.
    name
        Its name as stored, None for none.
    shape
        Its shape as stored; None where it is not stored any more.
    shapes
        Shapes (lon, lat) that it is known by: its last one; of one moved or deleted by hand all that it ever had.
    by_hand
        Its fields that somebody has changed: a renewal leaves them.
    is_left
        Whether a renewal leaves all of it: somebody deleted it or took it over, or it is not valid today.
    """

    code: str
    name: str | None
    shape: shapely.Geometry | None
    shapes: Sequence[shapely.Geometry]
    by_hand: Collection[str] = ()
    is_left: bool = False


@dataclass(frozen=True)
class Renewal:
    """What a renewal writes and what it leaves.

    Attributes
    ----------
    codes, names, shapes
        Code, name and shape (lon, lat) of the rows to write. All else that such a row has stays.
    added, updated
        How many of them are new, and how many change.
    unchanged
        How many derived rows are stored as they are to be.
    removed
        Codes of stored rows that are derived no more.
    kept
        Codes of rows edited by hand that are still derived: of these only what nobody has edited is renewed.
    kept_alone
        Codes of rows edited by hand that are derived no more, and stay as they are.
    deleted
        Codes of rows deleted by hand that are still derived, and are not made again.

    ``added``, ``updated``, ``unchanged`` and ``deleted`` add up to what was derived.
    """

    codes: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    shapes: list[shapely.Geometry] = field(default_factory=list)
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    kept_alone: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


def renewal(
    derived: gpd.GeoDataFrame,
    known: Sequence[KnownPlace],
    taken: Collection[str],
    *,
    prefix: Sequence[str],
    is_code: bool,
    restore: bool = False,
) -> Renewal:
    """Say what to write so that the stored places are those derived, but for edits by hand.

    Parameters
    ----------
    derived
        ``name`` and shape, in a metric CRS.
    known
        Places derived before, of the same kind.
    taken
        Codes of all stored places.
    prefix
        What the code of each derived row begins with; only a stored one that begins so is the same place.
    is_code
        Whether that is the whole code; else the position on the ground is a part of it.
    restore
        Whether what was deleted by hand is made again.

    Examples
    --------
    Of two crossings one is known and was renamed by hand, the other is new; one that is stored is there no more:

    >>> there = gpd.GeoSeries([shapely.Point(500_000, 0), shapely.Point(500_000, 900)], crs=4547)
    >>> lonlat = there.to_crs(4326).tolist()
    >>> known = [
    ...     KnownPlace("crossing-1", "大桥头", lonlat[0], [lonlat[0]], {"name"}),
    ...     KnownPlace("crossing-2", None, shapely.Point(114, 1), [shapely.Point(114, 1)]),
    ... ]
    >>> derived = gpd.GeoDataFrame({"name": ["A×B", "A×C"]}, geometry=there)
    >>> found = renewal(derived, known, {"crossing-1", "crossing-2"}, prefix=["crossing-"] * 2, is_code=False)
    >>> found.codes, found.kept, found.removed
    (['crossing-E11400000N0000814'], ['crossing-1'], ['crossing-2'])
    """
    # 1. which known place each derived row is, -1 for none
    match = _by_code(prefix, known) if is_code else _by_position(derived, known, prefix)
    lonlat = derived.geometry.to_crs(STORAGE_CRS).to_numpy()
    names = [one if isinstance(one, str) else None for one in derived["name"].tolist()]
    used = set(taken) | {one.code for one in known}
    to_write: list[tuple[str, str | None, shapely.Geometry]] = []
    kept: list[str] = []
    deleted: list[str] = []
    added = unchanged = 0
    # 2. rows to write: what is not stored is made, what is stored is renewed as far as nobody has edited it
    for row, at in enumerate(match):
        one = known[at] if at >= 0 else None
        if one is None or one.shape is None:
            if one is not None and one.is_left and not restore:
                deleted.append(one.code)
                continue
            code = one.code if one is not None else _new_code(prefix[row], lonlat[row], used, is_code=is_code)
            used.add(code)
            to_write.append((code, names[row], lonlat[row]))
            added += 1
            continue
        if one.by_hand or one.is_left:
            kept.append(one.code)
        name = one.name if one.is_left or "name" in one.by_hand else names[row]
        shape = one.shape if one.is_left or "geometry" in one.by_hand else lonlat[row]
        if one.name == name and is_same_shape(one.shape, shape):
            unchanged += 1
        else:
            to_write.append((one.code, name, shape))
    # 3. stored rows that are derived no more: removed, unless somebody has edited them
    still_derived = set(match)
    alone = [one for at, one in enumerate(known) if at not in still_derived and one.shape is not None]
    return Renewal(
        codes=[code for code, _, _ in to_write],
        names=[name for _, name, _ in to_write],
        shapes=[shape for _, _, shape in to_write],
        added=added,
        updated=len(to_write) - added,
        unchanged=unchanged,
        removed=[one.code for one in alone if not (one.by_hand or one.is_left)],
        kept=kept,
        kept_alone=[one.code for one in alone if one.by_hand or one.is_left],
        deleted=deleted,
    )


def anchor(shapes: np.ndarray) -> np.ndarray:
    """Return the point that a shape is known by: the middle of a line, the centroid of any other.

    Examples
    --------
    >>> anchor(np.array([shapely.LineString([(0, 0), (2, 0), (2, 4)]), shapely.box(0, 0, 2, 2)])).tolist()
    [<POINT (2 1)>, <POINT (1 1)>]
    """
    out = np.array(shapely.centroid(shapes), object)
    is_line = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    out[is_line] = shapely.line_interpolate_point(shapes[is_line], 0.5, normalized=True)
    return out


def _by_code(codes: Sequence[str], known: Sequence[KnownPlace]) -> list[int]:
    at = {one.code: k for k, one in enumerate(known)}
    return [at.get(code, -1) for code in codes]


def _by_position(derived: gpd.GeoDataFrame, known: Sequence[KnownPlace], prefix: Sequence[str]) -> list[int]:
    """Return the known place of each derived row, -1 for none: nearest pairs first, each in one pair."""
    owner = [k for k, one in enumerate(known) for _ in one.shapes]
    match = [-1] * len(derived)
    if not owner or not len(derived):
        return match
    shapes = gpd.GeoSeries([shape for one in known for shape in one.shapes], crs=STORAGE_CRS).to_crs(derived.crs)
    there, here = anchor(shapes.to_numpy()), anchor(derived.geometry.to_numpy())
    row, other = shapely.STRtree(there).query(here, predicate="dwithin", distance=SAME_PLACE_M)
    away = shapely.distance(here[row], there[other]).round(3)  # a millimetre decides nothing: then the code does
    pairs = sorted(
        (far, known[owner[b]].code, a, owner[b])
        for far, a, b in zip(away.tolist(), row.tolist(), other.tolist(), strict=True)
        if known[owner[b]].code.startswith(prefix[a])
    )
    paired: set[int] = set()
    for _, _, a, b in pairs:
        if match[a] < 0 and b not in paired:
            match[a] = b
            paired.add(b)
    return match


def _new_code(prefix: str, shape: shapely.Geometry, used: Collection[str], *, is_code: bool) -> str:
    """Return a code that no place has: the prefix and the position in units of 0.00001 degrees, about 1 m."""
    code = prefix
    if not is_code:
        position = shapely.get_coordinates(anchor(np.array([shape])))[0]
        lon, lat = (round(value * 10**_DIGITS) for value in position.tolist())
        code = f"{prefix}{'W' if lon < 0 else 'E'}{abs(lon):08d}{'S' if lat < 0 else 'N'}{abs(lat):07d}"
    number, free = 1, code
    while free in used:
        number += 1
        free = f"{code}-{number}"
    return free
