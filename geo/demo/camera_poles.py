"""Stand cameras where counties have them: at crossings, along roads, at gates, on the fronts of shops and houses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.demo import buildings as built
from geo.demo import settlements
from geo.demo.buildings import Buildings
from geo.demo.county_plan import SEAT, TOWN, VILLAGE
from geo.demo.road_network import Roads
from geo.demo.settlements import Settlements

CROSSING, ROADSIDE, SCHOOL, HOSPITAL, OFFICE, PARK, WORKS, MARKET, STATION, COMMITTEE, STOP, BANK, SHOP, HOME = range(
    14
)

#: Kind of place -> place_type (as in 一机一档), owner.
PLACES = {
    CROSSING: ("道路路口", "公安机关"),
    ROADSIDE: ("交通干线", "公安机关"),
    SCHOOL: ("校园周边", "学校"),
    HOSPITAL: ("医院周边", "医院"),
    OFFICE: ("党政机关", "机关单位"),
    PARK: ("中心广场", "园林管理单位"),
    WORKS: ("企业", "企业"),
    MARKET: ("商业中心", "市场管理单位"),
    STATION: ("车站码头", "客运站"),
    COMMITTEE: ("村委会", "村民委员会"),
    STOP: ("公交站点", "公交企业"),
    BANK: ("金融网点", "银行网点"),
    SHOP: ("沿街商铺", "沿街商户"),
    HOME: ("居民区", "小区与院落"),
}
_GATES = {
    settlements.SCHOOL: SCHOOL,
    settlements.HOSPITAL: HOSPITAL,
    settlements.OFFICE: OFFICE,
    settlements.PARK: PARK,
    settlements.WORKS: WORKS,
    settlements.MARKET: MARKET,
    settlements.STATION: STATION,
}


@dataclass(frozen=True)
class Poles:
    """Hold places where cameras may stand.

    Attributes
    ----------
    xy
        (n, 2) metres from the middle of the county.
    place
        Kind of place.
    cls
        Class of its cameras, 1 to 3.
    heading
        Direction (radians from east) of the first camera.
    turns
        (n, 4) what to add for the first to fourth camera, radians.
    most
        The most cameras it may carry.
    weight
        How likely it is to be chosen.
    """

    xy: np.ndarray
    place: np.ndarray
    cls: np.ndarray
    heading: np.ndarray
    turns: np.ndarray
    most: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.xy)

    def take(self, rows: np.ndarray) -> Poles:
        """Return those poles, in that order."""
        return Poles(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def candidates(
    places: Settlements, houses: Buildings, footprints: np.ndarray, roads: Roads, rng: np.random.Generator
) -> Poles:
    """Return every place where a camera may stand, all of them outdoors and clear of walls by 0.25 m."""
    parts = [
        _crossings(places, rng),
        _roadside(roads, rng),
        *(_gates(places, use, place, rng) for use, place in _GATES.items()),
        _village_offices(places, rng),
        _stops(places, rng),
        *_fronts(places, houses, rng),
    ]
    poles = Poles(*(np.concatenate([getattr(p, name) for p in parts]) for name in Poles.__dataclass_fields__))
    first = np.sort(np.unique(np.round(poles.xy / 0.5).astype(int), axis=0, return_index=True)[1])
    poles = poles.take(first)
    tree = shapely.STRtree(footprints)
    close = tree.query(shapely.points(poles.xy), predicate="dwithin", distance=0.25)[0]
    return poles.take(np.setdiff1d(np.arange(len(poles)), close))


def _poles(
    xy: np.ndarray, place: int, cls: int, heading: np.ndarray, turns: np.ndarray, most: np.ndarray, weight: np.ndarray
) -> Poles:
    n = len(xy)
    return Poles(xy, np.full(n, place), np.full(n, cls), heading, np.broadcast_to(turns, (n, 4)).copy(), most, weight)


def _quarters(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return for each of n crossings the four directions of its streets, in any order."""
    return rng.permuted(np.broadcast_to(np.arange(4) * np.pi / 2, (n, 4)), axis=1)


def _corners(places: Settlements) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return settlement, i and j of every crossing: south-west corners of built blocks and the ends of main streets."""
    p, i, j = (a[places.built] for a in (places.place, places.i, places.j))
    every = np.concatenate([np.stack([p, i + di, j + dj], axis=1) for di in (0, 1) for dj in (0, 1)])
    every = np.unique(every, axis=0)
    # In villages only the main street crosses the others.
    crossing = (places.kind[every[:, 0]] <= SEAT) | (every[:, 1] == 0)
    every = every[crossing]
    return every[:, 0], every[:, 1], every[:, 2]


def _corner_xy(places: Settlements, p: np.ndarray, i: np.ndarray, j: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Return the kerb of a crossing in the quarter given by the signs of ``side`` (n, 2), 0.9 m off both streets."""
    half = np.stack([np.where(k == 0, places.main[p], places.lane[p]) / 2 + 0.9 for k in (i, j)], axis=1)
    return places.world(p, np.stack([i, j], axis=1) * places.pitch[p] + side * half)


def _crossings(places: Settlements, rng: np.random.Generator) -> Poles:
    p, i, j = _corners(places)
    n = len(p)
    side = rng.choice([-1.0, 1.0], (n, 2))
    kind = places.kind[p]
    main = (i == 0).astype(float) + (j == 0)
    weight = np.select([kind == TOWN, kind == SEAT, kind == VILLAGE], [5.0, 3.0, 2.2], 0.6) * (1 + 1.5 * main)
    most = np.select([kind == TOWN, kind == SEAT], [4, 3], 2)
    turns = _quarters(n, rng) + rng.normal(0, 0.06, (n, 4))
    return _poles(_corner_xy(places, p, i, j, side), CROSSING, 1, places.angle[p], turns, most, weight)


def _roadside(roads: Roads, rng: np.random.Generator) -> Poles:
    """Return poles beside country roads, every 700 m or so, two looking along the road each way."""
    lines = roads.lines[roads.place < 0]
    width = roads.width[roads.place < 0]
    length = shapely.length(lines)
    count = np.maximum(length // 700.0, 1).astype(int)
    of = np.repeat(np.arange(len(lines)), count)
    at = (rng.random(len(of)) * 0.96 + 0.02) * length[of]
    here = shapely.get_coordinates(shapely.line_interpolate_point(lines[of], at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines[of], np.minimum(at + 2.0, length[of])))
    back = shapely.get_coordinates(shapely.line_interpolate_point(lines[of], np.maximum(at - 2.0, 0.0)))
    along = ahead - back
    along /= np.hypot(*along.T)[:, None]
    side = rng.choice([-1.0, 1.0], len(of)) * (width[of] / 2 + 1.6)
    xy = here + np.column_stack([-along[:, 1], along[:, 0]]) * side[:, None]
    turns = np.array([0.0, np.pi, np.pi / 2, -np.pi / 2])
    weight = np.where(width[of] > 10, 1.6, np.where(width[of] > 6, 0.45, 0.12))
    return _poles(xy, ROADSIDE, 1, np.arctan2(along[:, 1], along[:, 0]), turns, np.full(len(of), 2), weight)


def _gates(places: Settlements, use: int, place: int, rng: np.random.Generator) -> Poles:
    """Return the gate of each compound, in the south, and its four corners, looking along the wall outside."""
    blocks = np.flatnonzero((places.use == use) & places.built)
    west, east = places.west[blocks], places.east[blocks]
    south, north = places.south[blocks], places.north[blocks]
    angle, p = places.angle[places.place[blocks]], places.place[blocks]
    n = len(blocks)
    spots = [((west + east) / 2 + 4.0, south + 0.6, -np.pi / 2, 3, 8.0)]
    spots += [(west + 0.6, south + 0.6, 0.0, 2, 3.0), (east - 0.6, south + 0.6, np.pi / 2, 2, 3.0)]
    spots += [(east - 0.6, north - 0.6, np.pi, 2, 2.0), (west + 0.6, north - 0.6, -np.pi / 2, 2, 2.0)]
    xy = np.concatenate([places.world(p, np.column_stack([x, y])) for x, y, *_ in spots])
    heading = np.concatenate([angle + turn for _, _, turn, _, _ in spots]) + rng.normal(0, 0.05, n * 5)
    most, weight = (np.repeat([s[k] for s in spots], n) for k in (3, 4))
    # At a gate to the street and to both sides, at a corner along both walls.
    gate = np.array([0.0, 1.15, -1.15, np.pi])
    corner = np.array([0.0, -np.pi / 2, np.pi, np.pi / 2])
    turns = np.where((np.arange(n * 5) < n)[:, None], gate, corner)
    return _poles(xy, place, 2, heading, turns, most.astype(int), weight)


def _village_offices(places: Settlements, rng: np.random.Generator) -> Poles:
    """Return a pole at the middle of every village and natural village, before the committee's office."""
    p = np.flatnonzero(places.kind >= VILLAGE)
    n = len(p)
    zero = np.zeros(n, dtype=int)
    xy = _corner_xy(places, p, zero, zero, np.tile([1.0, 1.0], (n, 1))) + places.world(p, np.tile([6.0, 0.0], (n, 1)))
    xy = xy - places.xy[p]
    weight = np.where(places.kind[p] == VILLAGE, 4.0, 0.6)
    return _poles(xy, COMMITTEE, 2, places.angle[p], _quarters(n, rng) + 0.1, np.full(n, 2), weight)


def _stops(places: Settlements, rng: np.random.Generator) -> Poles:
    """Return a pole at one end of the main street of every settlement, where the bus stops."""
    p = np.arange(len(places.xy))
    side = rng.choice([-1.0, 1.0], len(p))
    local = np.column_stack([side * (places.reach[:, 0] - 6.0), -(places.main / 2 + 1.0)])
    heading = places.angle + np.where(side > 0, 0.0, np.pi)
    weight = np.where(places.kind <= SEAT, 6.0, np.where(places.kind == VILLAGE, 1.5, 0.4))
    turns = np.array([0.0, np.pi, np.pi / 2, -np.pi / 2])
    return _poles(places.world(p, local), STOP, 2, heading, turns, np.full(len(p), 2), weight)


def _fronts(places: Settlements, houses: Buildings, rng: np.random.Generator) -> list[Poles]:
    """Return a place on the front of every shop and home, 0.35 m before the wall, looking askance along the street."""
    out = []
    for kind, place, cls, weight in (
        (built.SHOP, SHOP, 3, 4.0),
        (built.SLAB, HOME, 3, 6.0),
        (built.HOUSE, HOME, 3, 0.35),
        (built.SHOP, BANK, 2, 0.35),
    ):
        rows = np.flatnonzero(houses.kind == kind)
        if place == BANK:
            rows = rows[::7]
        p = places.place[houses.block[rows]]
        share = 0.75 if place == BANK else 0.3
        x = houses.west[rows] + (houses.east - houses.west)[rows] * share
        outward = houses.facing[rows]
        xy = places.world(p, np.column_stack([x, houses.front[rows] + 0.35 * outward]))
        askance = rng.choice([-1.0, 1.0], len(rows)) * rng.uniform(0.5, 1.1, len(rows))
        heading = places.angle[p] + outward * np.pi / 2 + askance
        turns = np.zeros((len(rows), 4))
        turns[:, 1] = -2 * askance
        urban = np.where(places.kind[p] <= SEAT, 1.0, 0.7 if kind == built.HOUSE else 0.5)
        out.append(_poles(xy, place, cls, heading, turns, np.full(len(rows), 2), weight * urban))
    return out
