"""Detect a shift of all cameras against roads and buildings, as a mix-up of GCJ-02, BD-09 and WGS-84 makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely

from geo import crs as systems
from geo.assessment.carriageways import road_widths
from geo.check.metric_frames import MetricFrames, column, keys
from geo.check.ranking import UnrankedFinding
from geo.outliers import at_origin
from geo.sentences import sentence

#: Minimum number of distinct positions for a conclusion.
MIN_POSITIONS = 20
#: Maximum number of positions sampled.
_MAX_POSITIONS = 1_500
#: Distance (m) beyond which the fit of a position is constant.
_FAR_M = 200.0
#: Half of the widest road (m): its edge is nearer than its line.
_REACH_M = 50.0
#: Distance (m) to a road edge or wall at which the fit of a position is one half, and at which it is plausible.
_HALF_EDGE_M, _AT_EDGE_M = 5.0, 10.0
#: The same for the distance to another camera: lists are off by more than drawings are.
_HALF_POINT_M, _AT_POINT_M = 15.0, 30.0
#: What a shift needs to be significant: mean gain of the fit in standard errors, and at least.
_STANDARD_ERRORS, _MIN_GAIN = 5.0, 0.10
#: Minimum share of positions at an edge after the conversion, for the shift to be reported.
_MIN_EDGE_SHARE = 0.55
#: The same for positions at another camera: two lists need not be of the same cameras throughout.
_MIN_POINT_SHARE = 0.3
_CONTROLS = 12
_WITHOUT_SOURCE = ("没有来源或来源很小的摄像机", "all cameras without a source, or of small ones,")

_Conversion = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

# Name -> conversion that moves the cameras to where roads and buildings are; what must have happened to the cameras, or
# else to roads and buildings: each Chinese, English. Positions alone do not tell which of the two moved.
_HYPOTHESES: Mapping[str, tuple[_Conversion, tuple[str, str], tuple[str, str]]] = {
    "gcj02->wgs84": (
        lambda x, y: systems.to_wgs84(x, y, systems.GCJ02),
        ("摄像机坐标是 GCJ-02，被当作 WGS-84", "the cameras are GCJ-02 taken for WGS-84"),
        ("道路建筑多纠偏了一次", "roads and buildings were corrected once too often"),
    ),
    "bd09->wgs84": (
        lambda x, y: systems.to_wgs84(x, y, systems.BD09),
        ("摄像机坐标是 BD-09，被当作 WGS-84", "the cameras are BD-09 taken for WGS-84"),
        ("道路建筑按 BD-09 多纠偏了一次", "roads and buildings were corrected from BD-09 once too often"),
    ),
    "wgs84->gcj02": (
        lambda x, y: systems.from_wgs84(x, y, systems.GCJ02),
        ("摄像机坐标多纠偏了一次", "the cameras were corrected once too often"),
        ("道路建筑是 GCJ-02，被当作 WGS-84", "roads and buildings are GCJ-02 taken for WGS-84"),
    ),
    "wgs84->bd09": (
        lambda x, y: systems.from_wgs84(x, y, systems.BD09),
        ("摄像机坐标按 BD-09 多纠偏了一次", "the cameras were corrected from BD-09 once too often"),
        ("道路建筑是 BD-09，被当作 WGS-84", "roads and buildings are BD-09 taken for WGS-84"),
    ),
    "bd09->gcj02": (
        lambda x, y: systems.to_wgs84(*systems.from_wgs84(x, y, systems.GCJ02), systems.BD09),
        ("摄像机坐标是 BD-09，却按 GCJ-02 纠偏", "the cameras are BD-09 but were corrected as GCJ-02"),
        ("道路建筑是 GCJ-02，却按 BD-09 纠偏", "roads and buildings are GCJ-02 but were corrected as BD-09"),
    ),
    "gcj02->bd09": (
        lambda x, y: systems.to_wgs84(*systems.from_wgs84(x, y, systems.BD09), systems.GCJ02),
        ("摄像机坐标是 GCJ-02，却按 BD-09 纠偏", "the cameras are GCJ-02 but were corrected as BD-09"),
        ("道路建筑是 BD-09，却按 GCJ-02 纠偏", "roads and buildings are BD-09 but were corrected as GCJ-02"),
    ),
}


@dataclass(frozen=True)
class ShiftEvidence:
    """How well the cameras fit roads and buildings unconverted, and under each conversion.

    Attributes
    ----------
    verdict
        ``unshifted``, ``shifted``, or ``unknown`` where the data allow no conclusion.
    conversion
        What moves the cameras to where roads and buildings are, such as ``gcj02->wgs84``; empty unless shifted.
    positions
        Number of distinct positions used.
    share_unconverted, share_converted
        Shares of positions within 10 m of a road edge or of the outside of a wall.
    shift_m
        Mean length of the shift, metres; 0 unless shifted.
    shares
        The same share under each conversion.
    """

    verdict: str
    conversion: str = ""
    positions: int = 0
    share_unconverted: float = 0.0
    share_converted: float = 0.0
    shift_m: float = 0.0
    shares: Mapping[str, float] = field(default_factory=dict)


def find(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield an error where one conversion explains how all cameras, or all of one source, lie off roads and buildings.

    A warning where the data allow no conclusion.
    """
    cameras = data.frame("cameras")
    if cameras is None or not shifts_apply(_lonlat(cameras)):
        return
    measure = EdgeDistance(data)
    # Files are shifted as a whole.
    groups = [(name, cameras[rows]) for name, rows in groups_of(column(cameras, "source"))]
    found = [evidence_at(data, _lonlat(group), measure) for _, group in groups] if len(groups) > 1 else []
    odd = [k for k, one in enumerate(found) if one.verdict == "shifted"]
    if odd and len({one.conversion for one in found}) > 1:
        for k in odd:
            name, group = groups[k]
            who = (f"来源 {name} 的摄像机", f"all cameras of source {name}") if name else _WITHOUT_SOURCE
            # The other sources fit roads and buildings, so that it is this one that moved.
            yield _shifted(found[k], group, *who, either=False)
        return
    whole = evidence_at(data, _lonlat(cameras), measure)
    if whole.verdict == "shifted":
        yield _shifted(whole, cameras, "全部摄像机", "all cameras", either=True)
    elif whole.verdict == "unknown":
        lon, lat = np.median(shapely.get_coordinates(cameras.geometry.to_numpy()), axis=0).tolist()
        yield UnrankedFinding(
            "warning", "camera-shift-unknown", "cameras", [],
            sentence(f"无法判断摄像机是否有 GCJ-02/BD-09 偏移：{whole.positions} 个点位可与道路或建筑比较",
            f"too little to tell whether cameras are shifted as by GCJ-02 or BD-09:"
            f" {whole.positions} positions to compare with roads or obstacles"),
            float(whole.positions), lon, lat,
        )  # fmt: skip


def _shifted(
    found: ShiftEvidence, cameras: gpd.GeoDataFrame, who_zh: str, who_en: str, *, either: bool
) -> UnrankedFinding:
    """Return the finding; ``either`` says that roads and buildings may be what moved."""
    _, (zh, en), (other_zh, other_en) = _HYPOTHESES[found.conversion]
    if either:
        zh, en = f"{zh}，或{other_zh}", f"{en}, or {other_en}"
    lon, lat = np.median(shapely.get_coordinates(cameras.geometry.to_numpy()), axis=0).tolist()
    return UnrankedFinding(
        "error", "camera-shifted", "cameras", keys(cameras, "cameras"),
        sentence(f"{who_zh}与道路、建筑整体相差约 {found.shift_m:,.0f} m：{zh}（摄像机经 {found.conversion} 转换后"
        f" {found.share_converted:.0%} 在道路或建筑边 10 m 内，现在 {found.share_unconverted:.0%}）",
        f"{who_en} disagree with roads and buildings by a shift of about {found.shift_m:,.0f} m: {en} (with the"
        f" cameras converted {found.conversion}, {found.share_converted:.0%} are within 10 m of a road edge or wall,"
        f" now {found.share_unconverted:.0%})"),
        found.shift_m, lon, lat,
    )  # fmt: skip


def groups_of(names: np.ndarray, *, most: int | None = None) -> list[tuple[str, np.ndarray]]:
    """Return the names that have rows enough for a conclusion, each with a mask of its rows.

    Rows of no name and of others are one more group, of no name.

    Parameters
    ----------
    names
        Of each row; None for none.
    most
        Number of names that are taken, the largest first; None for all, in their order.

    Examples
    --------
    >>> found = groups_of(np.array(["A"] * 20 + ["B"] * 3 + [None] * 30 + ["C"] * 40, dtype=object), most=1)
    >>> [(name, int(rows.sum())) for name, rows in found]
    [('C', 40), ('', 53)]
    """
    words, counts = np.unique(names[names != None].astype(str), return_counts=True)  # noqa: E711  elementwise
    order = np.arange(len(words)) if most is None else np.lexsort((words, -counts))
    chosen = [str(words[k]) for k in order if counts[k] >= MIN_POSITIONS][:most]
    groups = [(name, names == name) for name in chosen]
    if not groups:
        return []
    rest = ~np.logical_or.reduce([rows for _, rows in groups])
    return [*groups, ("", rest)] if rest.sum() >= MIN_POSITIONS else groups


def evidence(data: MetricFrames) -> ShiftEvidence:
    """Compare the cameras with roads and obstacles, unconverted and under each conversion.

    The fit of a position falls with its distance to the nearest road edge or wall, so that correct positions fit far
    better than positions a few hundred metres away. A shift is reported when the conversion fits better than no
    conversion by more than chance (five standard errors of the paired difference), better than every one of twelve
    shifts of the same length in other directions, and brings most cameras to an edge.
    """
    cameras = data.frame("cameras")
    return ShiftEvidence("unknown") if cameras is None else evidence_at(data, _lonlat(cameras), EdgeDistance(data))


def evidence_at(
    data: MetricFrames,
    lonlat: np.ndarray,
    measure: EdgeDistance | PointDistance,
    *,
    most: int = _MAX_POSITIONS,
) -> ShiftEvidence:
    """Compare positions with what the measure knows of, as ``evidence`` does.

    Parameters
    ----------
    data
        Whose metric CRS is used.
    lonlat
        Degrees (n, 2), as stored.
    measure
        Distances to where the positions should be.
    most
        Number of positions that are looked at.
    """
    lonlat = _distinct_positions(lonlat, most)
    if len(lonlat) < MIN_POSITIONS or not measure.usable:
        return ShiftEvidence("unknown", positions=len(lonlat) if measure.usable else 0)
    here = data.to_metres(shapely.points(lonlat))
    away = measure.distance(here)
    fit, share_unconverted = _fit_score(away, measure), float((away <= measure.at_m).mean())
    shares, best = {}, ("", -np.inf, 0.0)
    for name, (convert, _, _) in _HYPOTHESES.items():
        moved = data.to_metres(shapely.points(np.column_stack(convert(lonlat[:, 0], lonlat[:, 1]))))
        there = measure.distance(moved)
        shares[name] = float((there <= measure.at_m).mean())
        gain = _fit_score(there, measure) - fit
        if _significant(gain) and float(gain.mean()) > best[1]:
            best = (name, float(gain.mean()), float(shapely.distance(here, moved).mean()))
    name, gain_, shift = best
    is_plausible = bool(name) and shares[name] >= measure.least_share
    if is_plausible and gain_ > _best_random_shift(measure, here, fit, name, lonlat, data):
        return ShiftEvidence("shifted", name, len(lonlat), share_unconverted, shares[name], shift, shares)
    # Cameras that fit neither unconverted nor converted are far from any drawn feature: no conclusion.
    verdict = "unshifted" if share_unconverted >= max(0.25, max(shares.values()) * 0.8) else "unknown"
    return ShiftEvidence(verdict, "", len(lonlat), share_unconverted, share_unconverted, 0.0, shares)


def shifts_apply(lonlat: np.ndarray) -> bool:
    """Return whether GCJ-02 and BD-09 differ from WGS-84 at the median position, as they do in China.

    Examples
    --------
    >>> shifts_apply(np.array([[103.1, 37.6]])), shifts_apply(np.array([[24.9, 60.2]]))
    (True, False)
    """
    lon, lat = np.median(lonlat, axis=0).tolist()
    moved_lon, moved_lat = systems.from_wgs84([lon], [lat], systems.GCJ02)
    return bool(moved_lon[0] != lon or moved_lat[0] != lat)


def _lonlat(cameras: gpd.GeoDataFrame) -> np.ndarray:
    return shapely.get_coordinates(cameras.geometry.to_numpy())


def _distinct_positions(lonlat: np.ndarray, most: int) -> np.ndarray:
    lonlat = np.unique(np.round(lonlat[~at_origin(lonlat)], 6), axis=0)
    # Every n-th in order of longitude: reproducible and spread over the whole area.
    return lonlat[:: max(1, -(-len(lonlat) // most))]


class EdgeDistance:
    """Distances to road edges and to the outside of buildings."""

    half_m, at_m, least_share = _HALF_EDGE_M, _AT_EDGE_M, _MIN_EDGE_SHARE

    def __init__(self, data: MetricFrames) -> None:
        roads, obstacles = data.frame("roads"), data.frame("obstacles")
        self._roads = self._walls = None
        if roads is not None:
            lines = data.to_metres(roads.geometry.to_numpy())
            width = road_widths(roads)
            self._half = np.where(np.isnan(width), 0.0, width) / 2
            self._roads = shapely.STRtree(lines)
        if obstacles is not None:
            shapes = data.to_metres(obstacles.geometry.to_numpy())
            self._outline = shapely.boundary(shapes)
            self._walls = shapely.STRtree(shapes)
        self.usable = self._roads is not None or self._walls is not None

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Return metres from each point to the nearest road edge or wall; deep inside a building counts as far."""
        best = np.full(len(points), np.inf)
        if self._roads is not None:
            (who, road), away = _nearest(self._roads, points)
            best[who] = np.maximum(away - self._half[road], 0.0)
        if self._walls is not None:
            (who, wall), away = _nearest(self._walls, points)
            depth = shapely.distance(self._outline[wall], points[who])
            # A camera deeper inside a building than the drawing error counts as far.
            inside = away == 0
            best[who] = np.where(inside & (depth > 1.0), _AT_EDGE_M + depth, np.minimum(best[who], away))
        return best


class PointDistance:
    """Distances to the nearest of other positions, degrees (n, 2)."""

    half_m, at_m, least_share = _HALF_POINT_M, _AT_POINT_M, _MIN_POINT_SHARE

    def __init__(self, data: MetricFrames, lonlat: np.ndarray) -> None:
        self._tree = shapely.STRtree(data.to_metres(shapely.points(lonlat)))
        self.usable = len(lonlat) > 0

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Return metres from each point to the nearest position."""
        best = np.full(len(points), np.inf)
        (who, _), away = _nearest(self._tree, points)
        best[who] = away
        return best


def _nearest(tree: shapely.STRtree, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each point with what is nearest to it, and how far that is; farther than matters is not looked for."""
    pairs, away = tree.query_nearest(points, max_distance=_FAR_M + _REACH_M, all_matches=False, return_distance=True)
    return np.asarray(pairs), np.asarray(away)


def _fit_score(away: np.ndarray, measure: EdgeDistance | PointDistance) -> np.ndarray:
    return measure.half_m / (measure.half_m + np.minimum(away, _FAR_M))


def _significant(gain: np.ndarray) -> bool:
    error = float(gain.std(ddof=1)) / np.sqrt(len(gain))
    return float(gain.mean()) > max(_MIN_GAIN, _STANDARD_ERRORS * error)


def _best_random_shift(
    measure: EdgeDistance | PointDistance,
    here: np.ndarray,
    fit: np.ndarray,
    name: str,
    lonlat: np.ndarray,
    data: MetricFrames,
) -> float:
    """Return the best mean gain of shifts of the conversion's length in other directions."""
    convert = _HYPOTHESES[name][0]
    moved = data.to_metres(shapely.points(np.column_stack(convert(lonlat[:, 0], lonlat[:, 1]))))
    xy, off = shapely.get_coordinates(here), shapely.get_coordinates(moved) - shapely.get_coordinates(here)
    best = -np.inf
    for k in range(1, _CONTROLS + 1):
        turn = 2 * np.pi * k / (_CONTROLS + 1)
        turned = off @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        best = max(best, float((_fit_score(measure.distance(shapely.points(xy + turned)), measure) - fit).mean()))
    return best
