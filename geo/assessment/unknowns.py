"""Rank unknown values by how much of what is possibly seen each would make sure (rules U1-U3, P2, P4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.claims import LEAST_SEEN, Claims, claims_by_parts
from geo.assessment.incidence import Incidence
from geo.assessment.open_ground import (
    WHOLE,
    GroundInViews,
    OpenGround,
    Pieces,
    open_domain,
    open_places,
    overlay_views,
    pieces_in_views,
)
from geo.assessment.place_parts import UNITS, PlaceCells, measure_places, place_shapes
from geo.assessment.windows import Around, around, critical_starts, held, most_held
from geo.crs import to_wgs84
from geo.crs_metric import convergence
from geo.errors import BadValue
from geo.row_keys import row_keys
from geo.types import Progress, no_progress
from geo.visibility.scene import POSSIBLE_HEIGHT_M
from geo.visibility.supposed_views import hidden_behind, views_all_round, views_with_low

if TYPE_CHECKING:
    from geo.visibility.views import Views

#: A size that misses the one asked for by less (m2, m) has only been rounded another way.
_ROUNDED = 1e-6
#: Degrees between the azimuths that the search for the most weight begins with.
_FIRST_STEP_DEGREES = 1.0


class _Values(NamedTuple):
    """The unknown values, numbered: azimuths, statuses, heights; of each kind the rows of its layer."""

    azimuth: np.ndarray
    status: np.ndarray
    height: np.ndarray

    @property
    def first_status(self) -> int:
        return len(self.azimuth)

    @property
    def first_height(self) -> int:
        return len(self.azimuth) + len(self.status)

    @property
    def total(self) -> int:
        return self.first_height + len(self.height)


class _Supposed(NamedTuple):
    """What would surely be seen for some value, and the number of the value; of an azimuth all round."""

    shapes: np.ndarray
    value: np.ndarray


@dataclass(frozen=True)
class _Maybe:
    """Places that are possibly covered, and the claims that they alone keep from holding.

    Rows of ``frame`` are parts of one kind, as the areas of a place, that are possibly covered; ``needs`` is what each
    lacks, ``places`` are codes with the parts that together cover the place for a claim, ``place_of`` the
    number of that place of each part, ``claims`` the parts that a claim waits for.
    """

    frame: gpd.GeoDataFrame
    needs: np.ndarray
    places: Sequence[tuple[str, np.ndarray]]
    place_of: np.ndarray
    claims: Mapping[str, np.ndarray]


@dataclass
class _Turned:
    """What each value turns: weight, the value that turns it, claims, places; angles are from east until the end."""

    weight: np.ndarray
    at: list[Any]
    claims: list[tuple[str, ...]]
    places: list[tuple[str, ...]]


def unknowns(
    incidence: Incidence,
    places: gpd.GeoDataFrame | None = None,
    claims: pd.DataFrame | None = None,
    *,
    views: Mapping[str, Views] | None = None,
    progress: Progress = no_progress,
    workers: int | None = None,
) -> gpd.GeoDataFrame:
    """Rank the unknown values by the most that one of them alone would turn from possibly to surely seen.

    Unknown are azimuths and statuses of cameras that are or may be online, and heights of obstacles (rule U1); the pose
    of a camera that turns is no value to be measured. One becomes known, with the value that turns most; the others
    stay unknown. A status turns most where it is online, a height where it is as low as rule U3 allows.

    Parameters
    ----------
    incidence
        The overlay, as ``geo.incidence`` computes it: not loaded from a store.
    places, claims, views
        As of ``geo.claims``; without places no claim turns.
    workers
        Threads; None takes one per core. The result is the same for any number.

    Returns
    -------
    Columns ``rank, layer, id, field, weight, claims, places, site, value`` and a point in the cameras' CRS. ``weight``
    is of the domain (rule D3), within all zones; ``claims`` are the names of those that may hold and would hold for one
    value, ``places`` the codes of those that may be covered and would be for some value, both tuples; ``value`` turns
    the weight: degrees from true north, ``online`` or metres, None where nothing turns. Heights that turn nothing are
    left out and counted in ``attrs["without_effect"]``.

    Raises
    ------
    BadValue
        Where the incidence was loaded from a store, or views of a level are missing.
    UnknownCrs, CrsMismatch
        Where the places have no CRS, or another one than the cameras.

    Notes
    -----
    Heights and statuses are exact; a camera inside an obstacle sees nothing (rule B3) whatever becomes known. An
    azimuth's weight is what its value turns, hence never too much; it is below the most that any azimuth turns by at
    most a thousandth (`geo.assessment.windows`), and is that where the best field of view begins or ends at an edge.
    Claims and places are tried at all such azimuths, and every 0.1 degrees. With e the edges of the open ground in a
    camera's range and s the azimuths tried, a camera takes O((e + s) log s + e s f) steps, f the mean share of the
    circle that an edge takes; heights take a sweep for each camera and obstacle.

    Examples
    --------
    A camera of unknown azimuth in the corner of a square, which it would see all of:

    >>> import geopandas as gpd, shapely
    >>> import geo
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"id": ["c"], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> seen = geo.views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547))
    >>> square = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x, y, x + 10, y + 10)], crs=4547)
    >>> found = geo.unknowns(geo.incidence(seen, square))
    >>> found[["rank", "layer", "id", "field"]].values.tolist(), found["weight"].round(6).tolist()
    ([[1, 'cameras', 'c', 'azimuth']], [100.0])
    """
    own = incidence.views
    if own is None or incidence.domain is None or incidence.cells is None:
        raise BadValue("关联模型没有保存图形", "the incidence was reloaded without its shapes")
    by_level = {**(views or {}), own.level: own}
    sites = incidence.sites
    values = _Values(
        np.flatnonzero(sites.maybe_online & ~own.scene.azimuth_known),
        np.flatnonzero(sites.status_unknown),
        np.flatnonzero(np.isnan(own.scene.obstacle_index.height)),
    )
    progress("未知量 / unknown values", 0.0)
    supposed = _supposed(own, incidence, values)
    progress("未知量 / unknown values", 0.3)
    grounds = [(open_domain(incidence), supposed)]
    maybe = None
    if places is not None and len(places):
        maybe = _maybe_covered(*claims_by_parts(incidence, places, claims, views=by_level, workers=workers))
        for level in dict.fromkeys(maybe.frame["level"].tolist()):
            at_level = supposed if level == own.level else _supposed(by_level[level], incidence, values)
            mine = np.flatnonzero((maybe.frame["level"] == level).to_numpy(bool))
            grounds += [(one, at_level) for one in _open_parts(maybe.frame, mine, by_level[level], incidence, workers)]
    progress("未知量 / unknown values", 0.5)
    turned = _Turned(np.zeros(values.total), [None] * values.total, [()] * values.total, [()] * values.total)
    pieces = []
    sums: list[pd.DataFrame] = []
    for ground, some in grounds:
        if len(ground.shapes) and len(some.shapes):
            found = overlay_views(ground, some.shapes, workers)
            pieces.append(_numbered(pieces_in_views(ground, found, some.value < values.first_status), some))
            sums.append(_sums(ground, found, some, values))
    _turn_at_once(turned, sums, values, maybe)
    _turn_azimuths(turned, pieces, own, values, maybe, progress)
    turned.at[: values.first_status] = _true_azimuths(own, values.azimuth, turned.at[: values.first_status])
    return _frame(turned, own, incidence, values)


# --- what could be seen, and where ------------------------------------------------------------------------------------


def _supposed(views: Views, model: Incidence, values: _Values) -> _Supposed:
    """Return what each value could show at the level of the views."""
    online = model.sites.online
    turning = np.flatnonzero(online[values.azimuth])
    shapes = [views_all_round(views, values.azimuth[turning]), views.sure_metric[values.status]]
    numbers = [turning, values.first_status + np.arange(len(values.status))]
    camera, obstacle = hidden_behind(views, np.flatnonzero(online))
    if len(camera):
        low = views_with_low(views, camera, obstacle)
        shapes.append(low)
        numbers.append(values.first_height + np.searchsorted(values.height, obstacle))
    return _Supposed(np.concatenate(shapes), np.concatenate(numbers))


def _maybe_covered(found: Claims, parts: gpd.GeoDataFrame) -> _Maybe:
    """Return the parts of places that may be covered, and of each claim that may hold those that it waits for."""
    open_places = np.flatnonzero(found.places["verdict"].to_numpy(object) == "maybe")
    mine = parts["row"].isin(open_places) & (parts["verdict"] == "maybe")
    frame = parts[mine.to_numpy(bool)].reset_index(drop=True)
    share, sure = frame["share"].to_numpy(float), frame["sure"].to_numpy(float)
    needs = np.where(np.isnan(share), LEAST_SEEN, share * frame["assessed"].to_numpy(float)) - sure
    waiting = found.claims.loc[found.claims["verdict"] == "may_hold", "claim"]
    names, codes, row = (frame[name].to_numpy(object) for name in ("claim", "code", "row"))
    by_claim = {str(name): np.flatnonzero(names == name) for name in waiting}
    _, first, place_of = np.unique(row.astype(np.int64), return_index=True, return_inverse=True)
    groups = np.split(np.argsort(place_of, kind="stable"), np.cumsum(np.bincount(place_of))[:-1]) if len(row) else []
    by_place = [(str(codes[at]), some) for at, some in zip(first, groups, strict=True)]
    return _Maybe(frame, needs - _ROUNDED, by_place, place_of, by_claim)


def _open_parts(
    frame: gpd.GeoDataFrame, rows: np.ndarray, views: Views, model: Incidence, workers: int | None
) -> list[OpenGround]:
    """Return what is possibly but not surely seen of some of the places, which are the targets."""
    assert model.domain is not None  # noqa: S101 (its caller asked)
    kept: list[PlaceCells] = []
    shapes = place_shapes(frame.geometry.iloc[rows], views.computing_crs)
    sites = model.sites
    measure_places(shapes, views, model.domain, sites.online, sites.maybe_online, workers=workers, keep=kept)
    out = []
    for found in kept:
        dimension = 2 if found.cells.faces is not None else 1 if found.cells.line is not None else 0
        out.append(open_places(found._replace(place=rows[found.place]), UNITS[dimension]))
    return out


# --- what turns -------------------------------------------------------------------------------------------------------


def _numbered(pieces: Pieces, supposed: _Supposed) -> Pieces:
    return pieces._replace(view=supposed.value[pieces.view])


def _sums(ground: OpenGround, found: GroundInViews, supposed: _Supposed, values: _Values) -> pd.DataFrame:
    """Return the weight that each status and height turns of each target: ``value, target, weight``."""
    value = supposed.value[found.view]
    mine = value >= values.first_status
    pairs = np.unique(np.stack([value[mine], found.cell[mine]], axis=1), axis=0)  # a height for several cameras
    value, cell = pairs[:, 0], pairs[:, 1]
    sizes = np.array([len(one) for one in ground.targets], np.int64)[found.part[cell]]
    again = np.repeat(np.arange(len(cell)), sizes)
    targets = np.array([one for part in found.part[cell] for one in ground.targets[part]], np.int64)
    return pd.DataFrame({"value": value[again], "target": targets, "weight": found.weight[cell][again]})


def _turn_at_once(turned: _Turned, sums: list[pd.DataFrame], values: _Values, maybe: _Maybe | None) -> None:
    """Fill in statuses and heights: one value of each turns all that any does."""
    if not sums:
        return
    total = pd.concat(sums).groupby(["value", "target"], sort=True)["weight"].sum().reset_index()
    for number, rows in total.groupby("value", sort=True):
        value, target, weight = int(number), rows["target"].to_numpy(), rows["weight"].to_numpy()
        turned.weight[value] = weight[target == WHOLE].sum()
        turned.at[value] = "online" if value < values.first_height else POSSIBLE_HEIGHT_M
        if maybe is not None:
            target, weight = target[target != WHOLE], weight[target != WHOLE]
            enough = (weight >= maybe.needs[target])[:, None]
            turned.claims[value], turned.places[value] = _claims_and_places(maybe, target, enough)


def _turn_azimuths(
    turned: _Turned,
    pieces: list[Pieces],
    views: Views,
    values: _Values,
    maybe: _Maybe | None,
    progress: Progress,
) -> None:
    """Fill in azimuths, each with a window of the camera's field of view."""
    if not pieces:
        return
    every = Pieces(*(np.concatenate([getattr(one, name) for one in pieces]) for name in Pieces._fields))
    order = np.argsort(every.view, kind="stable")
    numbers, begin = np.unique(every.view[order], return_index=True)
    scene = views.scene
    for done, (number, rows) in enumerate(zip(numbers, np.split(order, begin[1:]), strict=False)):
        camera = values.azimuth[number]
        ground = around(every, rows, float(scene.x[camera]), float(scene.y[camera]))
        span = float(np.radians(scene.optics.hfov[camera]))
        starts = critical_starts(ground, span, _FIRST_STEP_DEGREES)
        most, start, _ = most_held(ground, WHOLE, starts, span)
        if most > 0:
            turned.weight[number] = most
            turned.at[number] = float(np.degrees(start + span / 2))
        targets = np.empty(0, np.int64) if maybe is None else _within_reach(ground, maybe)
        if maybe is not None and len(targets):
            starts = critical_starts(ground, span)
            enough = np.stack([held(ground, one, starts, span) >= maybe.needs[one] for one in targets.tolist()])
            turned.claims[number], turned.places[number] = _claims_and_places(maybe, targets, enough)
        progress("未知量 / unknown values", 0.5 + 0.5 * (done + 1) / len(numbers))


def _within_reach(ground: Around, maybe: _Maybe) -> np.ndarray:
    """Return the places of which all that lies round a camera would be enough; of the others no window is."""
    each = np.concatenate([ground.target, ground.step_target])
    targets, inverse = np.unique(each, return_inverse=True)
    sums = np.bincount(inverse, np.concatenate([ground.weight, ground.step]), len(targets))
    kept = targets != WHOLE
    return targets[kept][sums[kept] >= maybe.needs[targets[kept]]]


def _claims_and_places(
    maybe: _Maybe, targets: np.ndarray, enough: np.ndarray
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the claims that hold for one of the values tried, and the places that are covered for some.

    ``enough`` says of each target and each value whether it is.
    """
    row = {target: i for i, target in enumerate(targets.tolist())}

    def is_met(waits: np.ndarray) -> bool:
        there = all(one in row for one in waits.tolist())
        return there and bool(enough[[row[one] for one in waits.tolist()]].all(axis=0).any())

    claims = tuple(name for name, waits in maybe.claims.items() if is_met(waits))
    touched = [maybe.place_of[one] for one in targets.tolist()]
    return claims, tuple(sorted({maybe.places[one][0] for one in set(touched) if is_met(maybe.places[one][1])}))


def _true_azimuths(views: Views, cameras: np.ndarray, degrees: list[float | None]) -> list[float | None]:
    """Return angles counter-clockwise from east of the computing CRS as degrees from true north (rule R1)."""
    known = [i for i, angle in enumerate(degrees) if angle is not None]
    out: list[float | None] = [None] * len(degrees)
    if known:
        x, y = views.scene.x[cameras[known]], views.scene.y[cameras[known]]
        turn = convergence(*to_wgs84(x, y, views.computing_crs), views.computing_crs)
        for i, angle in zip(known, turn.tolist(), strict=True):
            out[i] = float(np.mod(90.0 - float(degrees[i] or 0.0) + angle, 360.0))
    return out


# --- the answer -------------------------------------------------------------------------------------------------------


def _frame(turned: _Turned, views: Views, model: Incidence, values: _Values) -> gpd.GeoDataFrame:
    effect = (turned.weight > _ROUNDED) | np.array([len(one) > 0 for one in turned.places], bool)
    is_height = np.arange(values.total) >= values.first_height
    kept = np.flatnonzero(effect | ~is_height)
    ids = model.sites.ids
    of_camera = np.concatenate([values.azimuth, values.status])
    layer = np.where(is_height, "obstacles", "cameras").astype(object)
    field = np.repeat(np.array(["azimuth", "status", "height"], object), [len(one) for one in values])
    obstacles, points = views.obstacles, views.cameras.geometry.to_numpy()[of_camera]
    keys = ids[of_camera]
    site = np.append(model.sites.names[model.sites.site[of_camera]], np.full(len(values.height), None))
    if obstacles is not None and len(values.height):
        keys = np.concatenate([keys, row_keys(obstacles, "id")[values.height]])
        inner = shapely.point_on_surface(obstacles.geometry.to_numpy()[values.height])
        points = np.concatenate([points, inner])
    frame = gpd.GeoDataFrame(
        {
            "layer": layer[kept],
            "id": keys[kept],
            "field": field[kept],
            "weight": np.where(turned.weight > _ROUNDED, turned.weight, 0.0)[kept],
            "claims": pd.Series([turned.claims[one] for one in kept], dtype=object),
            "places": pd.Series([turned.places[one] for one in kept], dtype=object),
            "site": site[kept],
            "value": pd.Series([turned.at[one] for one in kept], dtype=object),
        },
        geometry=points[kept],
        crs=views.crs,
    )
    # Weights that differ by rounding only are one: equal ones are in the order of their names.
    rounded = np.round(frame["weight"].to_numpy(float), 3)
    sizes = [-frame[name].map(len).to_numpy(int) for name in ("places", "claims")]
    names = [frame[name].astype(str).to_numpy(str) for name in ("field", "id", "layer")]
    frame = frame.iloc[np.lexsort((*names, *sizes, -rounded))].reset_index(drop=True)
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    frame.attrs["without_effect"] = int(values.total - len(kept))
    return frame
