"""Find pieces of the road network from which no road leads to its largest one (rules P7, P8)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import rustworkx as rx
import shapely

from geo import crs as systems
from geo.check.metric_frames import MetricFrames, keys
from geo.check.ranking import UnrankedFinding
from geo.network.road_graph import RoadLines, road_graph, road_lines
from geo.sentences import sentence


def find(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield a finding for each piece but the longest; its position is the place nearest to the longest.

    A piece may be as it should be, such as paths in a park: nothing here tells.
    """
    roads = data.frame("roads")
    if roads is None or data.crs is None:
        return
    metric = roads.set_geometry(data.to_metres(roads.geometry.to_numpy()), crs=data.crs)
    lines = road_lines(metric)
    piece, length = _pieces(lines)
    if len(length) < 2:
        return
    ids = keys(roads, "roads")
    main = int(np.argmax(length))
    on_main = piece == main
    tree = shapely.STRtree(lines.shape[on_main])
    total = float(length.sum())
    for number in np.flatnonzero(np.arange(len(length)) != main).tolist():
        mine = np.flatnonzero(piece == number)
        place, distance = _nearest(lines.shape[mine], tree)
        lon, lat = systems.to_wgs84(place[:1], place[1:], data.crs)
        names = [ids[row] for row in dict.fromkeys(lines.row[mine].tolist())]
        yield UnrankedFinding(
            "warning", "roads-in-pieces", "roads", names, _text(len(names), float(length[number]), total, distance),
            float(length[number]), float(lon[0]), float(lat[0]), is_doubtful=True,
        )  # fmt: skip


def _pieces(lines: RoadLines) -> tuple[np.ndarray, np.ndarray]:
    """Return the piece that each line belongs to, in the order of their first lines, and the length of each (m)."""
    graph = road_graph(lines)
    of_node = np.zeros(len(graph.xy), np.int64)
    for number, nodes in enumerate(rx.connected_components(graph.rustworkx())):
        of_node[list(nodes)] = number
    of_line = np.zeros(len(lines.shape), np.int64)
    of_line[graph.line] = of_node[graph.start]
    _, first, piece = np.unique(of_line, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    piece = rank[piece]
    return piece, np.bincount(piece, shapely.length(lines.shape)) if len(piece) else np.empty(0)


def _nearest(shapes: np.ndarray, tree: shapely.STRtree) -> tuple[np.ndarray, float]:
    """Return the place (x, y) of some lines that is nearest to those of a tree, and how near it is (m)."""
    (own, other), distance = tree.query_nearest(shapes, return_distance=True, all_matches=False)
    best = int(np.argmin(distance))
    between = shapely.shortest_line(shapes[own[best]], tree.geometries[other[best]])
    return shapely.get_coordinates(between)[0], float(distance[best])


def _text(roads: int, length: float, total: float, distance: float) -> str:
    share = length / total
    zh = f"{roads} 条道路共 {length:,.0f} m（全部的 {share:.1%}）与路网最大的一片不连通"
    en = (
        f"{roads} road(s) of {length:,.0f} m ({share:.1%} of all) are not connected to the largest piece of the network"
    )
    if distance > 0:
        return sentence(f"{zh}，最近处相距 {distance:,.1f} m", f"{en}, nearest {distance:,.1f} m away")
    return sentence(
        f"{zh}：相交而没有公共顶点，按立交计", f"{en}: they cross it without a common vertex, which counts as a bridge"
    )
