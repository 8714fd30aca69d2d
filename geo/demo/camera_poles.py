"""Generate camera positions: crossings, roadsides, gates of compounds, fronts of shops and houses."""

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

#: Type of place -> place_type (as in 一机一档), owner.
PLACE_TYPES = {
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
_COMPOUNDS = {
    settlements.SCHOOL: SCHOOL,
    settlements.HOSPITAL: HOSPITAL,
    settlements.OFFICE: OFFICE,
    settlements.PARK: PARK,
    settlements.WORKS: WORKS,
    settlements.MARKET: MARKET,
    settlements.STATION: STATION,
}


@dataclass(frozen=True)
class PolePositions:
    """Candidate positions of camera poles.

    Attributes
    ----------
    xy
        (n, 2) metres from the centre of the county.
    place_type
        Type of place.
    class_
        Class of its cameras, 1 to 3.
    heading
        Direction (radians from east) of the first camera.
    relative_headings
        (n, 4) added to `heading` for the first to fourth camera, radians.
    max_cameras
        Maximum number of cameras.
    weight
        Sampling weight.
    """

    xy: np.ndarray
    place_type: np.ndarray
    class_: np.ndarray
    heading: np.ndarray
    relative_headings: np.ndarray
    max_cameras: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.xy)

    def take(self, rows: np.ndarray) -> PolePositions:
        """Return those poles, in that order."""
        return PolePositions(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def candidates(
    layout: Settlements, houses: Buildings, footprints: np.ndarray, roads: Roads, rng: np.random.Generator
) -> PolePositions:
    """Return every candidate position, all of them outdoors and at least 0.25 m from walls."""
    parts = [
        _crossing_poles(layout, rng),
        _roadside_poles(roads, rng),
        *(_compound_poles(layout, use, place_type, rng) for use, place_type in _COMPOUNDS.items()),
        _village_office_poles(layout, rng),
        _bus_stop_poles(layout, rng),
        *_shop_and_home_poles(layout, houses, rng),
    ]
    fields = PolePositions.__dataclass_fields__
    poles = PolePositions(*(np.concatenate([getattr(p, name) for p in parts]) for name in fields))
    first = np.sort(np.unique(np.round(poles.xy / 0.5).astype(int), axis=0, return_index=True)[1])
    poles = poles.take(first)
    tree = shapely.STRtree(footprints)
    close = tree.query(shapely.points(poles.xy), predicate="dwithin", distance=0.25)[0]
    return poles.take(np.setdiff1d(np.arange(len(poles)), close))


def _poles(
    xy: np.ndarray,
    place_type: int,
    class_: int,
    heading: np.ndarray,
    relative_headings: np.ndarray,
    max_cameras: np.ndarray,
    weight: np.ndarray,
) -> PolePositions:
    n = len(xy)
    turns = np.broadcast_to(relative_headings, (n, 4)).copy()
    return PolePositions(xy, np.full(n, place_type), np.full(n, class_), heading, turns, max_cameras, weight)


def _quarters(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return for each of n crossings the four directions of its streets, in any order."""
    return rng.permuted(np.broadcast_to(np.arange(4) * np.pi / 2, (n, 4)), axis=1)


def _corners(layout: Settlements) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return settlement, i and j of every crossing: south-west corners of built blocks and the ends of main streets."""
    p, i, j = (a[layout.built] for a in (layout.settlement, layout.i, layout.j))
    every = np.concatenate([np.stack([p, i + di, j + dj], axis=1) for di in (0, 1) for dj in (0, 1)])
    every = np.unique(every, axis=0)
    # In villages only the main street crosses the others.
    crossing = (layout.kind[every[:, 0]] <= SEAT) | (every[:, 1] == 0)
    every = every[crossing]
    return every[:, 0], every[:, 1], every[:, 2]


def _corner_xy(layout: Settlements, p: np.ndarray, i: np.ndarray, j: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Return a corner of a crossing, 0.9 m off both streets; the signs of ``side`` (n, 2) select the quadrant."""
    main, side_street = layout.main_street_width[p], layout.side_street_width[p]
    half = np.stack([np.where(k == 0, main, side_street) / 2 + 0.9 for k in (i, j)], axis=1)
    return layout.to_county(p, np.stack([i, j], axis=1) * layout.pitch[p] + side * half)


def _crossing_poles(layout: Settlements, rng: np.random.Generator) -> PolePositions:
    p, i, j = _corners(layout)
    n = len(p)
    side = rng.choice([-1.0, 1.0], (n, 2))
    kind = layout.kind[p]
    main = (i == 0).astype(float) + (j == 0)
    weight = np.select([kind == TOWN, kind == SEAT, kind == VILLAGE], [5.0, 3.0, 2.2], 0.6) * (1 + 1.5 * main)
    max_cameras = np.select([kind == TOWN, kind == SEAT], [4, 3], 2)
    relative_headings = _quarters(n, rng) + rng.normal(0, 0.06, (n, 4))
    return _poles(
        _corner_xy(layout, p, i, j, side), CROSSING, 1, layout.angle[p], relative_headings, max_cameras, weight
    )


def _roadside_poles(roads: Roads, rng: np.random.Generator) -> PolePositions:
    """Return poles beside country roads, about every 700 m, with cameras along the road in both directions."""
    lines = roads.lines[roads.settlement < 0]
    width = roads.width[roads.settlement < 0]
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
    relative_headings = np.array([0.0, np.pi, np.pi / 2, -np.pi / 2])
    weight = np.where(width[of] > 10, 1.6, np.where(width[of] > 6, 0.45, 0.12))
    return _poles(xy, ROADSIDE, 1, np.arctan2(along[:, 1], along[:, 0]), relative_headings, np.full(len(of), 2), weight)


def _compound_poles(layout: Settlements, use: int, place_type: int, rng: np.random.Generator) -> PolePositions:
    """Return poles at the south gate and the corners of each compound, with cameras along the wall outside."""
    blocks = np.flatnonzero((layout.use == use) & layout.built)
    west, east = layout.west[blocks], layout.east[blocks]
    south, north = layout.south[blocks], layout.north[blocks]
    angle, p = layout.angle[layout.settlement[blocks]], layout.settlement[blocks]
    n = len(blocks)
    offsets = [((west + east) / 2 + 4.0, south + 0.6, -np.pi / 2, 3, 8.0)]
    offsets += [(west + 0.6, south + 0.6, 0.0, 2, 3.0), (east - 0.6, south + 0.6, np.pi / 2, 2, 3.0)]
    offsets += [(east - 0.6, north - 0.6, np.pi, 2, 2.0), (west + 0.6, north - 0.6, -np.pi / 2, 2, 2.0)]
    xy = np.concatenate([layout.to_county(p, np.column_stack([x, y])) for x, y, *_ in offsets])
    heading = np.concatenate([angle + turn for _, _, turn, _, _ in offsets]) + rng.normal(0, 0.05, n * 5)
    max_cameras, weight = (np.repeat([s[k] for s in offsets], n) for k in (3, 4))
    # At a gate: to the street and to both sides; at a corner: along both walls.
    gate = np.array([0.0, 1.15, -1.15, np.pi])
    corner = np.array([0.0, -np.pi / 2, np.pi, np.pi / 2])
    relative_headings = np.where((np.arange(n * 5) < n)[:, None], gate, corner)
    return _poles(xy, place_type, 2, heading, relative_headings, max_cameras.astype(int), weight)


def _village_office_poles(layout: Settlements, rng: np.random.Generator) -> PolePositions:
    """Return a pole at the centre of every village and natural village, in front of the committee's office."""
    p = np.flatnonzero(layout.kind >= VILLAGE)
    n = len(p)
    zero = np.zeros(n, dtype=int)
    corner = _corner_xy(layout, p, zero, zero, np.tile([1.0, 1.0], (n, 1)))
    xy = corner + layout.to_county(p, np.tile([6.0, 0.0], (n, 1))) - layout.xy[p]
    weight = np.where(layout.kind[p] == VILLAGE, 4.0, 0.6)
    return _poles(xy, COMMITTEE, 2, layout.angle[p], _quarters(n, rng) + 0.1, np.full(n, 2), weight)


def _bus_stop_poles(layout: Settlements, rng: np.random.Generator) -> PolePositions:
    """Return a pole at the bus stop at one end of the main street of every settlement."""
    p = np.arange(len(layout.xy))
    side = rng.choice([-1.0, 1.0], len(p))
    local = np.column_stack([side * (layout.reach[:, 0] - 6.0), -(layout.main_street_width / 2 + 1.0)])
    heading = layout.angle + np.where(side > 0, 0.0, np.pi)
    weight = np.where(layout.kind <= SEAT, 6.0, np.where(layout.kind == VILLAGE, 1.5, 0.4))
    relative_headings = np.array([0.0, np.pi, np.pi / 2, -np.pi / 2])
    return _poles(layout.to_county(p, local), STOP, 2, heading, relative_headings, np.full(len(p), 2), weight)


def _shop_and_home_poles(layout: Settlements, houses: Buildings, rng: np.random.Generator) -> list[PolePositions]:
    """Return positions at the front of shops and homes, 0.35 m in front of the wall, oblique to the street."""
    out = []
    for kind, place_type, class_, weight in (
        (built.SHOP, SHOP, 3, 4.0),
        (built.SLAB, HOME, 3, 6.0),
        (built.HOUSE, HOME, 3, 0.35),
        (built.SHOP, BANK, 2, 0.35),
    ):
        rows = np.flatnonzero(houses.kind == kind)
        if place_type == BANK:
            rows = rows[::7]
        p = layout.settlement[houses.block[rows]]
        share = 0.75 if place_type == BANK else 0.3
        x = houses.west[rows] + (houses.east - houses.west)[rows] * share
        outward = houses.facing[rows]
        xy = layout.to_county(p, np.column_stack([x, houses.front[rows] + 0.35 * outward]))
        oblique = rng.choice([-1.0, 1.0], len(rows)) * rng.uniform(0.5, 1.1, len(rows))
        heading = layout.angle[p] + outward * np.pi / 2 + oblique
        relative_headings = np.zeros((len(rows), 4))
        relative_headings[:, 1] = -2 * oblique
        urban = np.where(layout.kind[p] <= SEAT, 1.0, 0.7 if kind == built.HOUSE else 0.5)
        out.append(_poles(xy, place_type, class_, heading, relative_headings, np.full(len(rows), 2), weight * urban))
    return out
