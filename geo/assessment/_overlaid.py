"""Put the polygons of zones and views in one array, overlay them with a domain, and pair cells with cameras (rule C3).

A whole analysis and the few tiles of a preview are overlaid by these functions, so that both have the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo.assessment import zones as zone_layers
from geo.assessment.zone_membership import Pairs, unique_pairs
from geo.row_keys import row_keys
from geo.types import Progress

if TYPE_CHECKING:
    from geo.assessment.area_of_interest import Domain
    from geo.assessment.camera_sites import Sites
    from geo.assessment.cells import OverlayCells


def polygons_of_zones_and_views(
    layers: zone_layers.Zones,
    sure: np.ndarray,
    possible: np.ndarray,
    online: np.ndarray,
    discs: np.ndarray | None = None,
) -> tuple[np.ndarray, dict[str, slice]]:
    """Return the polygons of zones and views as one array, and which of them are of each layer.

    ``online`` says which of the views are of online cameras: the others, of unknown status, have a possible view only
    (rule U1). ``discs`` stand for the zones where there are none (rule D4).
    """
    same = shapely.equals_identical(sure, possible) & online
    parts: dict[str, Any] = dict(layers.shapes)
    if discs is not None:
        parts["discs"] = discs
    parts["sure"] = where(online, sure)
    parts["possible"] = where(~same, possible)  # overlaid once where sure equals possible
    ends = np.cumsum([0, *(len(shapes) for shapes in parts.values())])
    spans = {name: slice(int(ends[i]), int(ends[i + 1])) for i, name in enumerate(parts)}
    return np.concatenate([np.asarray(shapes, object) for shapes in parts.values()]), spans


def cells_of(
    domain: Domain,
    layers: zone_layers.Zones,
    polygons: np.ndarray,
    spans: Mapping[str, slice],
    workers: int | None,
    progress: Progress,
) -> OverlayCells:
    """Return the cells of a domain in the computing CRS: areas, lines or points."""
    from geo.assessment.cells import area_cells, line_cells, point_cells  # noqa: PLC0415 (a loaded incidence needs no overlay)

    zone_spans = [span for name, span in spans.items() if name not in ("sure", "possible")]
    view_span = slice(spans["sure"].start, spans["possible"].stop)
    if domain.measure == "m2":
        order = _work_order(layers, spans, len(polygons))
        return area_cells(domain, polygons, view_span.start, order, workers, progress)
    if domain.measure == "m":
        return line_cells(domain, polygons, zone_spans, view_span)
    return point_cells(domain, polygons, zone_spans, view_span)


def _work_order(layers: zone_layers.Zones, spans: Mapping[str, slice], count: int) -> np.ndarray:
    """Return the order of work of rule C3: zones of a layer by key; views are in the order of their ids already."""
    position = np.arange(count)
    for name, frame in layers.frames.items():
        order = np.argsort(row_keys(frame, "code").astype(str), kind="stable")
        position[spans[name].start + order] = np.arange(spans[name].start, spans[name].stop)
    return position


def cell_camera_pairs(cells: OverlayCells, spans: Mapping[str, slice], rows: np.ndarray) -> tuple[Pairs, Pairs]:
    """Return pairs (cell, camera row): surely seen, and possibly seen; sure is inside possible."""
    out = []
    for name in ("sure", "possible"):
        of_views = (cells.polygon >= spans[name].start) & (cells.polygon < spans[name].stop)
        out.append((cells.cell[of_views], rows[cells.polygon[of_views] - spans[name].start]))
    sure, only_possible = out
    return sure, (np.concatenate([sure[0], only_possible[0]]), np.concatenate([sure[1], only_possible[1]]))


def pairs_of_sites(sites: Sites, sure: Pairs, possible: Pairs) -> tuple[Pairs, tuple[np.ndarray, ...], Pairs]:
    """Return pairs (cell, site) surely seen, triples (cell, site, class), and pairs (cell, site) possibly seen."""
    return (
        unique_pairs(sure[0], sites.site[sure[1]], sites.count),
        sites.class_pairs(*sure),
        unique_pairs(possible[0], sites.site[possible[1]], sites.count),
    )


def where(wanted: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Return the shapes with None in place of those that are not wanted, which keep their numbers."""
    out = np.full(len(shapes), None, object)
    out[wanted] = shapes[wanted]
    return out
