"""Propose which cameras of one register are which of another, one to one; a tie is named, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.crs import STORAGE_CRS
from geo.errors import BadValue
from geo.registers.assignment import ALONE, Assignment, assign
from geo.registers.evidence import WEIGHTS, Traits, traits, weigh, with_score

#: Metres that places of one camera may be apart, and the probability that a pair needs to be proposed.
DEFAULT_WITHIN_M, DEFAULT_SCORE = 30.0, 0.5
#: The largest distance that may be asked for, metres: beyond, everything is near everything.
MAX_WITHIN_M = 1_000.0
#: Log-odds by which a proposal must be better than any other, or it is ambiguous: two to one.
MARGIN = float(np.log(2.0))
#: Candidates looked at per row; those of the same name come first, then the nearest.
MAX_CANDIDATES = 100
#: Ids of two registers are of one system where at least this part of equal ones lies within ten times the distance.
_IDS_AGREE, _IDS_NEAR = 0.5, 10.0
#: Part of the rows that have a twin: supposed at first, the bounds of what is counted, and how often it is.
_HAVE_TWIN, _TWIN_BOUNDS, _PASSES = 0.5, (0.2, 0.95), 2
#: Rows whose neighbours are looked up at once, and degrees of latitude in a metre.
_CHUNK, _DEGREES = 2_000, 1.0 / 110_000.0
_GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class Pairing:
    """What is proposed for two registers.

    Attributes
    ----------
    pairs
        Candidate pairs: ``row`` and ``other`` (positions in the two frames), ``group`` (0 for a proposal; of ambiguous
        ones, those of one number exclude each other), ``score`` from 0 to 1, its parts ``id, place, name, side, number,
        azimuth, kind`` (NaN where one does not know) and ``distance_m``. Proposals come first, the best first.
    only, only_other
        Positions of rows without a candidate worth proposing.
    equal_ids, equal_ids_near
        How many ids are in both, and how many of them lie near one another.
    uses_ids
        Whether ids took part: not where equal ones mostly lie apart, as running numbers do.
    crowded
        Rows of which not every neighbour was looked at.
    """

    pairs: pd.DataFrame
    only: np.ndarray
    only_other: np.ndarray
    equal_ids: int
    equal_ids_near: int
    uses_ids: bool
    crowded: int

    @property
    def proposals(self) -> pd.DataFrame:
        """The pairs proposed, one to one."""
        return self.pairs[self.pairs["group"] == 0]

    @property
    def ambiguous(self) -> pd.DataFrame:
        """The pairs of which one in each group is right, and which one cannot be told."""
        return self.pairs[self.pairs["group"] > 0]


def pair_cameras(
    cameras: gpd.GeoDataFrame,
    others: gpd.GeoDataFrame,
    *,
    within: float = DEFAULT_WITHIN_M,
    min_score: float = DEFAULT_SCORE,
) -> Pairing:
    """Propose pairs of rows of two registers of cameras.

    Candidates are rows whose places are near, or whose ids are equal; each is scored by the evidence of
    `geo.registers.evidence`, and the one-to-one choice of the greatest total log-odds is proposed.

    Parameters
    ----------
    cameras, others
        Two registers with points in EPSG:4326 and ``id``, ``name``, ``azimuth``, ``kind``, ``other_ids`` where known.
    within
        Metres that two places of one camera may be apart.
    min_score
        The probability that a pair needs to be proposed, above 0 and below 1.

    Raises
    ------
    BadValue
        For a distance or probability out of bounds.

    Examples
    --------
    >>> here = shapely.points([[103.0, 37.0], [103.0, 37.0], [103.1, 37.0]])
    >>> register = gpd.GeoDataFrame(
    ...     {"id": ["A1", "A2", "A3"], "name": ["北街口东南角1", "北街口西北角2", "车站"]}, geometry=here, crs=4326
    ... )
    >>> there = shapely.points([[103.0001, 37.0001], [103.0001, 37.0]])
    >>> names = ["北街口 西北角球机", "北街口 东南角球机"]
    >>> listed = gpd.GeoDataFrame({"id": ["7", "8"], "name": names}, geometry=there, crs=4326)
    >>> found = pair_cameras(listed, register)
    >>> sorted(found.proposals[["row", "other"]].values.tolist()), found.only_other.tolist()
    ([[0, 1], [1, 0]], [2])
    """
    if not 0 < within <= MAX_WITHIN_M:
        raise BadValue(
            f"距离应在 0 到 {MAX_WITHIN_M:g} 米之间", f"the distance must be above 0, at most {MAX_WITHIN_M:g} m"
        )
    if not 0 < min_score < 1:
        raise BadValue("得分应大于 0 小于 1", "the score must be above 0 and below 1")
    one, other = traits(cameras), traits(others)
    places, other_places = _lonlat(cameras), _lonlat(others)
    same = _rows_of_equal_ids(one, other)
    apart = _metres(places, other_places, same)
    near_ones = int((apart <= within * _IDS_NEAR).sum())
    uses_ids = len(same) > 0 and near_ones >= _IDS_AGREE * len(same)
    near, crowded = _near(places, other_places, one.stem, other.stem, within)
    candidates = np.unique(np.concatenate([near, same]) if uses_ids else near, axis=0)
    distance = _metres(places, other_places, candidates)
    rows, there = candidates[:, 0], candidates[:, 1]
    found = weigh(one, other, rows, there, distance, within=within, uses_ids=uses_ids)
    found = found.assign(row=rows, other=there, distance_m=distance)[np.isfinite(distance)]
    # How many rows have a twin at all is first supposed, then counted.
    least = max(min(len(one), len(other)), 1)
    have_twin = _HAVE_TWIN
    for _ in range(_PASSES):
        scored = with_score(found, have_twin)
        chosen = _chosen(scored[scored["score"] >= min_score].reset_index(drop=True), len(one), len(other), min_score)
        have_twin = float(np.clip(chosen["row"].nunique() / least, *_TWIN_BOUNDS))
    return Pairing(
        pairs=chosen[["row", "other", "group", "score", *WEIGHTS, "distance_m"]],
        only=np.setdiff1d(np.arange(len(one)), chosen["row"]),
        only_other=np.setdiff1d(np.arange(len(other)), chosen["other"]),
        equal_ids=len(same),
        equal_ids_near=near_ones,
        uses_ids=uses_ids,
        crowded=crowded,
    )


# --- candidates ------------------------------------------------------------------------------------------------------


def _lonlat(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return longitude and latitude of each row; NaN where it has no point."""
    lonlat = frame.geometry.to_crs(STORAGE_CRS) if frame.crs is not None else frame.geometry
    shapes = lonlat.to_numpy()
    points = np.where(shapely.get_type_id(shapes) == shapely.GeometryType.POINT, shapes, None)
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _metres(places: np.ndarray, other_places: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the ellipsoidal distance of each pair of rows: exact however far apart, whatever the CRS of the county."""
    if not len(pairs):
        return np.zeros(0)
    left, right = places[pairs[:, 0]], other_places[pairs[:, 1]]
    return _GEOD.inv(left[:, 0], left[:, 1], right[:, 0], right[:, 1])[2]


def _rows_of_equal_ids(one: Traits, other: Traits) -> np.ndarray:
    """Return pairs of rows with an id in common; an id that several rows of a register have names none of them."""
    left, right = _row_of_id(one.ids), _row_of_id(other.ids)
    both = {(row, right[key]) for key, row in left.items() if key in right}
    return np.array(sorted(both), dtype=np.int64).reshape(-1, 2)


def _row_of_id(ids: Iterable[tuple[str, ...]]) -> dict[str, int]:
    rows: dict[str, set[int]] = {}
    for row, keys in enumerate(ids):
        for key in keys:
            rows.setdefault(key, set()).add(row)
    return {key: next(iter(of)) for key, of in rows.items() if key and len(of) == 1}


def _near(
    places: np.ndarray, other_places: np.ndarray, stem: np.ndarray, other_stem: np.ndarray, within: float
) -> tuple[np.ndarray, int]:
    """Return pairs of rows at most that far apart, and how many rows had more than are looked at."""
    there = np.flatnonzero(np.isfinite(other_places).all(axis=1))
    tree = shapely.STRtree(shapely.points(other_places[there]))
    here = np.flatnonzero(np.isfinite(places).all(axis=1))
    kept, crowded = [np.zeros((0, 2), dtype=np.int64)], 0
    for start in range(0, len(here), _CHUNK):
        rows = here[start : start + _CHUNK]
        lon, lat = places[rows].T
        high = within * _DEGREES
        wide = high / np.maximum(np.cos(np.radians(lat)), 0.01)
        boxes = shapely.box(lon - wide, lat - high, lon + wide, lat + high)
        found = tree.query(boxes)
        pairs = np.column_stack([rows[found[0]], there[found[1]]])
        distance = _metres(places, other_places, pairs)
        pairs, distance = pairs[distance <= within], distance[distance <= within]
        # Of a row the same names first, then the nearest, so that a heap of rows at one place stays bounded.
        other_name = stem[pairs[:, 0]] != other_stem[pairs[:, 1]]
        order = np.lexsort((pairs[:, 1], distance, other_name, pairs[:, 0]))
        pairs = pairs[order]
        first = np.searchsorted(pairs[:, 0], pairs[:, 0])
        rank = np.arange(len(pairs)) - first
        crowded += int((rank == MAX_CANDIDATES).sum())
        kept.append(pairs[rank < MAX_CANDIDATES])
    return np.concatenate(kept), crowded


# --- the choice ------------------------------------------------------------------------------------------------------


def _chosen(worth: pd.DataFrame, count: int, other_count: int, min_score: float) -> pd.DataFrame:
    """Return the pairs chosen and, in groups, those that could be exchanged for them."""
    gains = worth["log_odds"].to_numpy() - np.log(min_score / (1 - min_score)) + 1e-6
    rows, others = worth["row"].tolist(), worth["other"].tolist()
    solved = assign(count, other_count, rows, others, gains.tolist())
    group_of_row, alternatives = _groups(solved)
    edge = {pair: k for k, pair in enumerate(zip(rows, others, strict=True))}
    taken = [(row, column) for row, column in enumerate(solved.column_of) if column != ALONE]
    picked = [edge[pair] for pair in (*taken, *alternatives)]
    out = worth.iloc[picked].copy()
    out.insert(2, "group", [group_of_row.get(int(row), 0) for row in out["row"]])
    order = np.lexsort((out["other"], out["row"], -out["score"], out["group"]))
    return out.iloc[order].reset_index(drop=True)


def _groups(solved: Assignment) -> tuple[dict[int, int], list[tuple[int, int]]]:
    """Return the group of each row that is ambiguous, from 1 in the order of rows, and the edges not taken."""
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def root(one: tuple[str, int]) -> tuple[str, int]:
        parent.setdefault(one, one)
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    edges = []
    for row, column, _ in solved.alternatives(MARGIN):
        edges.append((row, column))
        parent[root(("row", row))] = root(("column", column))
        for joined in (("column", solved.column_of[row]), ("row", solved.row_of[column])):
            if joined[1] != ALONE:
                parent[root(joined)] = root(("row", row))
    numbers: dict[tuple[str, int], int] = {}
    rows = sorted(one[1] for one in parent if one[0] == "row")
    return {row: numbers.setdefault(root(("row", row)), len(numbers) + 1) for row in rows}, edges
