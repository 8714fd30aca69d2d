"""Cut roads into sectors to patrol, and order a closed round in each that walks all that no camera sees (rule P8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.figure_text import plain_figure
from geo.network.road_graph import (
    RoadGraph,
    crossings_note,
    crossings_without_node,
    edge_shapes,
    road_graph,
    road_lines,
)
from geo.network.rounds import MOST_ODD, Round, closed_round
from geo.network.sectors import TOLERANCE, sectors
from geo.network.unseen_pieces import unseen_pieces
from geo.row_keys import row_keys


@dataclass(frozen=True)
class Sector:
    """One sector of a patrol.

    Attributes
    ----------
    sector
        Its number, from 1.
    roads
        Ids of its roads.
    pieces
        MultiLineString of what is to be walked.
    round
        Closed LineString that walks every piece.
    pieces_m, length_m, bound_m
        Metres of pieces, of the round, and of the proven bound that no round within the sector is below.
    why
        Why the round is more than 1.5 times its bound, as ``中文 / English``; None where it is not.
    """

    sector: int
    roads: list[str]
    pieces: shapely.MultiLineString
    round: shapely.LineString
    pieces_m: float
    length_m: float
    bound_m: float
    why: str | None


@dataclass(frozen=True)
class Patrol:
    """The sectors of a road network.

    Attributes
    ----------
    sectors
        By number.
    left_out
        Ids of roads with pieces that are in no sector, as they are not connected with one.
    left_out_m
        Metres of their pieces.
    notes
        What a reader should know, as ``中文 / English``.
    """

    sectors: list[Sector]
    left_out: list[str]
    left_out_m: float
    notes: list[str]


def patrol(roads: gpd.GeoDataFrame, seen: np.ndarray, count: int) -> Patrol:
    """Return sectors of the roads, connected and balanced by length of pieces, and a round in each (rule P8).

    Parameters
    ----------
    roads
        Rows of layer ``roads`` in a metric CRS.
    seen
        Polygons that online cameras surely see, in the same CRS.
    count
        How many sectors.

    Examples
    --------
    Four sides of a square of 10 m, one of them seen:

    >>> corner = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]
    >>> sides = [shapely.LineString(pair) for pair in zip(corner, corner[1:])]
    >>> square = gpd.GeoDataFrame({"id": list("abcd")}, geometry=sides, crs=4547)
    >>> found = patrol(square, np.array([shapely.box(1, -1, 9, 1)]), 1).sectors[0]
    >>> found.pieces_m, found.length_m, found.bound_m, found.round.is_closed
    (32.0, 40.0, 40.0, True)
    """
    order = np.argsort(np.asarray(row_keys(roads, "id"), str), kind="stable")
    roads = roads.iloc[order]
    ids = np.asarray(row_keys(roads, "id"), object).astype(str)
    lines = road_lines(roads)
    # 1. pieces, and the graph cut at their ends
    of, begin, end = unseen_pieces(lines, seen)
    graph = road_graph(lines, np.concatenate([of, of]), np.concatenate([begin, end]))
    required = _edges_in_pieces(graph, of, begin, end)
    weight = np.bincount(graph.line[required], graph.length[required], len(lines.shape))
    # 2. sectors of whole roads
    sector = sectors(weight, _meeting_lines(graph), count)
    # 3. a round in each
    shapes = edge_shapes(lines, graph)
    made = []
    for number in range(int(sector.max(initial=-1)) + 1):
        edges = np.flatnonzero(sector[graph.line] == number)
        roads_of = sorted(set(ids[lines.row[graph.line[edges]]].tolist()))
        made.append(_sector(number + 1, roads_of, edges, shapes, graph, required))
    left = np.flatnonzero((sector < 0) & (weight > 0))
    names = sorted(set(ids[lines.row[left]].tolist()))
    left_m = float(weight[left].sum())
    # Of the roads alone: ends of pieces are no nodes of roads.
    notes = crossings_note(len(crossings_without_node(lines, road_graph(lines))))
    return Patrol(made, names, left_m, [*notes, *_notes(made, count, names, left_m)])


def _edges_in_pieces(graph: RoadGraph, of: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return which edges are pieces: those whose middle lies in one, as the graph is cut at the ends of each."""
    out = np.zeros(len(graph.line), bool)
    bounds = np.searchsorted(of, np.arange(int(graph.line.max(initial=-1)) + 2))
    middle = graph.begin + graph.length / 2
    for k, line in enumerate(graph.line.tolist()):
        mine = slice(int(bounds[line]), int(bounds[line + 1]))
        out[k] = bool(((begin[mine] <= middle[k]) & (middle[k] <= end[mine])).any())
    return out


def _meeting_lines(graph: RoadGraph) -> list[tuple[int, int]]:
    """Return pairs of lines that have a node in common."""
    node = np.concatenate([graph.start, graph.end])
    line = np.concatenate([graph.line, graph.line])
    at = np.unique(np.stack([node, line], axis=1), axis=0)
    pairs = set()
    ends = (np.flatnonzero(np.r_[at[1:, 0] != at[:-1, 0], True]) + 1).tolist() if len(at) else []
    first = 0
    for last in ends:
        group = at[first:last, 1].tolist()
        pairs |= {(a, b) for i, a in enumerate(group) for b in group[i + 1 :]}
        first = last
    return sorted(pairs)


def _sector(
    number: int, roads: list[str], edges: np.ndarray, shapes: np.ndarray, graph: RoadGraph, required: np.ndarray
) -> Sector:
    """Return a sector of these edges, numbered from 1, with its round; ``roads`` are the ids of its roads."""
    mine = required[edges]
    walk = closed_round(
        graph.start[edges].tolist(), graph.end[edges].tolist(), graph.length[edges].tolist(), mine.tolist()
    )
    drawn = [shapely.get_coordinates(one) for one in shapes[edges[walk.edges]]]
    path = np.concatenate([xy if forward else xy[::-1] for xy, forward in zip(drawn, walk.forward, strict=True)])
    path = path[np.r_[True, np.any(path[1:] != path[:-1], axis=1)]]
    path = path if np.array_equal(path[0], path[-1]) else np.concatenate([path, path[:1]])
    return Sector(
        sector=number,
        roads=roads,
        pieces=shapely.multilinestrings(shapes[edges[mine]]),
        round=shapely.LineString(path),
        pieces_m=float(graph.length[edges][mine].sum()),
        length_m=walk.length_m,
        bound_m=walk.bound_m,
        why=_why(walk),
    )


def _why(walk: Round) -> str | None:
    """Return why a round is more than 1.5 times its bound, as ``中文 / English``; None where it is not."""
    if not walk.is_long:
        return None
    if walk.parts > 1:
        metres = plain_figure(walk.joining_m)
        return (
            f"盲段分为互不相接的 {walk.parts} 处，相连的路长 {metres} m"
            f" / the pieces are in {walk.parts} parts that do not touch; the ways that join them are {metres} m long"
        )
    return (
        f"奇数端点多于 {MOST_ODD} 个，下限只按每个端点最近的一个估计"
        f" / there are more than {MOST_ODD} odd ends, and the bound only takes the nearest one of each"
    )


def _notes(made: Sequence[Sector], count: int, left_out: Sequence[str], left_m: float) -> list[str]:
    notes = []
    if not made and not left_out:
        notes.append("所有道路都确定看得见，没有要巡查的路段 / every road is surely seen: there is nothing to patrol")
    elif len(made) < count:
        notes.append(
            f"只分得出 {len(made)} 个巡查片，少于 {count} 个：相连的道路不够"
            f" / only {len(made)} sectors of {count}: there are too few connected roads"
        )
    if left_out:
        shown = ", ".join(left_out[:5]) + (" …" if len(left_out) > 5 else "")
        metres = plain_figure(left_m)
        notes.append(
            f"{len(left_out)} 条道路与各巡查片不相连，其中 {metres} m 盲段不在任何一圈之内：{shown}"
            f" / {len(left_out)} roads are connected with no sector, {metres} m of them are in no round: {shown}"
        )
    if made:
        mean = sum(one.pieces_m for one in made) / len(made)
        uneven = [str(one.sector) for one in made if abs(one.pieces_m - mean) > TOLERANCE * mean]
        if uneven:
            numbers = ", ".join(uneven)
            notes.append(
                f"巡查片 {numbers} 的盲段总长与平均相差 10% 以上：整条道路没有更均的分法"
                f" / sectors {numbers} differ from the mean by over 10 %: no more even cut of whole roads was found"
            )
    return notes
