"""Tell whether all cameras are shifted against roads and buildings, as by mixing up GCJ-02, BD-09 and WGS-84."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely

from geo import crs as systems
from geo.assessment.area_of_interest import road_widths
from geo.check.camera_rows import in_the_sea
from geo.check.metric_frames import Ground, column, keys
from geo.check.ranking import Draft

#: Fewer distinct spots than this prove nothing.
FEWEST_SPOTS = 20
#: Spots that are looked at; more would not change the answer.
_MOST_SPOTS = 1_500
#: Metres to a road edge or wall at which the fit of a spot has fallen by half, and beyond which all are alike.
_HALF_M, _FAR_M = 5.0, 200.0
#: A camera this near a road edge or outside a wall stands where cameras stand.
_AT_EDGE_M = 10.0
#: How sure the answer must be: standard errors, and mean gain of the fit.
_SURE, _GAIN = 5.0, 0.10
#: Share of spots that must stand at an edge once the shift is undone, for the shift to be believed.
_BELIEVABLE = 0.55
_CONTROLS = 12

_Convert = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

# Name -> what brings the cameras right, what must have happened (Chinese, English).
_HYPOTHESES: Mapping[str, tuple[_Convert, str, str]] = {
    "gcj02->wgs84": (
        lambda x, y: systems.to_wgs84(x, y, systems.GCJ02),
        "坐标是 GCJ-02，被当作 WGS-84",
        "they are GCJ-02 taken for WGS-84",
    ),
    "bd09->wgs84": (
        lambda x, y: systems.to_wgs84(x, y, systems.BD09),
        "坐标是 BD-09，被当作 WGS-84",
        "they are BD-09 taken for WGS-84",
    ),
    "wgs84->gcj02": (
        lambda x, y: systems.from_wgs84(x, y, systems.GCJ02),
        "坐标多纠偏了一次，或道路建筑是 GCJ-02",
        "they were corrected once too often, or roads and buildings are GCJ-02",
    ),
    "wgs84->bd09": (
        lambda x, y: systems.from_wgs84(x, y, systems.BD09),
        "坐标按 BD-09 多纠偏了一次，或道路建筑是 BD-09",
        "they were corrected from BD-09 once too often, or roads and buildings are BD-09",
    ),
    "bd09->gcj02": (
        lambda x, y: systems.to_wgs84(*systems.from_wgs84(x, y, systems.GCJ02), systems.BD09),
        "坐标是 BD-09，却按 GCJ-02 纠偏",
        "they are BD-09 but were corrected as GCJ-02",
    ),
    "gcj02->bd09": (
        lambda x, y: systems.to_wgs84(*systems.from_wgs84(x, y, systems.BD09), systems.GCJ02),
        "坐标是 GCJ-02，却按 BD-09 纠偏",
        "they are GCJ-02 but were corrected as BD-09",
    ),
}


@dataclass(frozen=True)
class Evidence:
    """Tell how well the cameras fit roads and buildings as they are, and under each conversion.

    Attributes
    ----------
    verdict
        ``unshifted``, ``shifted``, or ``unknown`` where there is too little to tell.
    conversion
        What brings the cameras right, such as ``gcj02->wgs84``; empty unless shifted.
    spots
        Distinct places looked at.
    as_is, converted
        Shares of spots within 10 m of a road edge or of the outside of a wall.
    shift_m
        Mean length of the shift, metres; 0 unless shifted.
    shares
        The same share under each conversion.
    """

    verdict: str
    conversion: str = ""
    spots: int = 0
    as_is: float = 0.0
    converted: float = 0.0
    shift_m: float = 0.0
    shares: Mapping[str, float] = field(default_factory=dict)


def find(ground: Ground) -> Iterator[Draft]:
    """Yield an error where one conversion explains a shift of all cameras, or of all of one source.

    A warning says where nothing can be told.
    """
    cameras = ground.frame("cameras")
    if cameras is None or not _in_china(cameras.geometry.to_numpy()):
        return
    measure = _Fit(ground)
    groups = _sources(cameras)
    found = [_evidence(ground, group, measure) for _, group in groups] if len(groups) > 1 else []
    odd = [k for k, one in enumerate(found) if one.verdict == "shifted"]
    if odd and len({one.conversion for one in found}) > 1:
        for k in odd:
            name, group = groups[k]
            yield _shifted(found[k], group, f"来源 {name} 的摄像机", f"all cameras of source {name}")
        return
    whole = _evidence(ground, cameras, measure)
    if whole.verdict == "shifted":
        yield _shifted(whole, cameras, "全部摄像机", "all cameras")
    elif whole.verdict == "unknown":
        lon, lat = np.median(shapely.get_coordinates(cameras.geometry.to_numpy()), axis=0).tolist()
        yield Draft(
            "warning", "camera-shift-unknown", "cameras", [],
            f"无法判断摄像机是否有 GCJ-02/BD-09 偏移：{whole.spots} 个点位可与道路或建筑比较"
            " / too little to tell whether"
            f" cameras are shifted as by GCJ-02 or BD-09: {whole.spots} spots to compare with roads or obstacles",
            float(whole.spots), lon, lat,
        )  # fmt: skip


def _shifted(found: Evidence, cameras: gpd.GeoDataFrame, who_zh: str, who_en: str) -> Draft:
    _, zh, en = _HYPOTHESES[found.conversion]
    lon, lat = np.median(shapely.get_coordinates(cameras.geometry.to_numpy()), axis=0).tolist()
    return Draft(
        "error", "camera-shifted", "cameras", keys(cameras, "cameras"),
        f"{who_zh}整体偏移约 {found.shift_m:,.0f} m：{zh}（转换 {found.conversion} 后 {found.converted:.0%} 在"
        f"道路或建筑边 10 m 内，现在 {found.as_is:.0%}）"
        f" / {who_en} are shifted by about {found.shift_m:,.0f} m: {en} (after"
        f" {found.conversion} {found.converted:.0%} are within 10 m of a road edge or wall, now {found.as_is:.0%})",
        found.shift_m, lon, lat,
    )  # fmt: skip


def _sources(cameras: gpd.GeoDataFrame) -> list[tuple[str, gpd.GeoDataFrame]]:
    """Return the cameras of each source that has enough of them to tell: files are shifted as a whole."""
    source = column(cameras, "source")
    names, count = np.unique(source[source != None].astype(str), return_counts=True)  # noqa: E711  elementwise
    return [(str(name), cameras[source == name]) for name in names[count >= FEWEST_SPOTS]]


def evidence(ground: Ground) -> Evidence:
    """Compare the cameras with roads and obstacles as they are and under each conversion.

    The fit of a spot falls with its distance to the nearest road edge or wall, so that right places fit far better than
    places a few hundred metres off. A conversion is believed when it fits better than the cameras as they are by more
    than chance (five standard errors of the paired difference), better than every one of twelve shifts of the same
    length in other directions, and brings most cameras to an edge.
    """
    cameras = ground.frame("cameras")
    return Evidence("unknown") if cameras is None else _evidence(ground, cameras, _Fit(ground))


def _evidence(ground: Ground, cameras: gpd.GeoDataFrame, measure: _Fit) -> Evidence:
    lonlat = _spots(cameras)
    if len(lonlat) < FEWEST_SPOTS or not measure.usable:
        return Evidence("unknown", spots=len(lonlat) if measure.usable else 0)
    here = ground.metres(shapely.points(lonlat))
    away = measure.distance(here)
    fit, as_is = _fit(away), float((away <= _AT_EDGE_M).mean())
    shares, best = {}, ("", -np.inf, 0.0)
    for name, (convert, _, _) in _HYPOTHESES.items():
        moved = ground.metres(shapely.points(np.column_stack(convert(lonlat[:, 0], lonlat[:, 1]))))
        there = measure.distance(moved)
        shares[name] = float((there <= _AT_EDGE_M).mean())
        gain = _fit(there) - fit
        if _surely(gain) and float(gain.mean()) > best[1]:
            best = (name, float(gain.mean()), float(shapely.distance(here, moved).mean()))
    name, gain_, shift = best
    if name and shares[name] >= _BELIEVABLE and gain_ > _best_control(measure, here, fit, name, lonlat, ground):
        return Evidence("shifted", name, len(lonlat), as_is, shares[name], shift, shares)
    # Cameras that fit nothing, as they are or otherwise, stand away from what is drawn: that proves nothing either.
    verdict = "unshifted" if as_is >= max(0.25, max(shares.values()) * 0.8) else "unknown"
    return Evidence(verdict, "", len(lonlat), as_is, as_is, 0.0, shares)


def _in_china(points: np.ndarray) -> bool:
    """Return whether the shifts apply here at all."""
    lon, lat = np.median(shapely.get_coordinates(points), axis=0).tolist()
    moved_lon, moved_lat = systems.from_wgs84([lon], [lat], systems.GCJ02)
    return bool(moved_lon[0] != lon or moved_lat[0] != lat)


def _spots(cameras: gpd.GeoDataFrame) -> np.ndarray:
    lonlat = shapely.get_coordinates(cameras.geometry.to_numpy())
    lonlat = np.unique(np.round(lonlat[~in_the_sea(lonlat)], 6), axis=0)
    # Every n-th in order of longitude: the same ones each time, and from all over.
    return lonlat[:: max(1, -(-len(lonlat) // _MOST_SPOTS))]


class _Fit:
    """Measure distances to road edges and to the outside of walls."""

    def __init__(self, ground: Ground) -> None:
        roads, obstacles = ground.frame("roads"), ground.frame("obstacles")
        self._roads = self._walls = None
        if roads is not None:
            lines = ground.metres(roads.geometry.to_numpy())
            width = road_widths(roads)
            self._half = np.where(np.isnan(width), 0.0, width) / 2
            self._roads = shapely.STRtree(lines)
        if obstacles is not None:
            shapes = ground.metres(obstacles.geometry.to_numpy())
            self._outline = shapely.boundary(shapes)
            self._walls = shapely.STRtree(shapes)
        self.usable = self._roads is not None or self._walls is not None

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Return metres from each point to the nearest road edge or wall; inside a wall it counts as far."""
        best = np.full(len(points), np.inf)
        if self._roads is not None:
            (who, road), away = self._roads.query_nearest(points, all_matches=False, return_distance=True)
            best[who] = np.maximum(away - self._half[road], 0.0)
        if self._walls is not None:
            (who, wall), away = self._walls.query_nearest(points, all_matches=False, return_distance=True)
            depth = shapely.distance(self._outline[wall], points[who])
            # Deeper in a building than a drawing's error, a camera stands nowhere.
            inside = away == 0
            best[who] = np.where(inside & (depth > 1.0), _AT_EDGE_M + depth, np.minimum(best[who], away))
        return best


def _fit(away: np.ndarray) -> np.ndarray:
    return _HALF_M / (_HALF_M + np.minimum(away, _FAR_M))


def _surely(gain: np.ndarray) -> bool:
    error = float(gain.std(ddof=1)) / np.sqrt(len(gain))
    return float(gain.mean()) > max(_GAIN, _SURE * error)


def _best_control(
    measure: _Fit, here: np.ndarray, fit: np.ndarray, name: str, lonlat: np.ndarray, ground: Ground
) -> float:
    """Return the best mean gain of shifts as long as the conversion's, in other directions."""
    convert = _HYPOTHESES[name][0]
    moved = ground.metres(shapely.points(np.column_stack(convert(lonlat[:, 0], lonlat[:, 1]))))
    xy, off = shapely.get_coordinates(here), shapely.get_coordinates(moved) - shapely.get_coordinates(here)
    best = -np.inf
    for k in range(1, _CONTROLS + 1):
        turn = 2 * np.pi * k / (_CONTROLS + 1)
        turned = off @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        best = max(best, float((_fit(measure.distance(shapely.points(xy + turned))) - fit).mean()))
    return best
