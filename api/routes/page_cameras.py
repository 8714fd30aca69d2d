"""Answer what the page asks of one chosen camera: the buildings that cut its view."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from fastapi import APIRouter, Request, Response

from api.dependencies import CallerDep, StoreDep, audit_export, snapshot_of
from api.representations.json_text import dumps
from api.representations.packed import packed_response
from api.representations.responses import GEOJSON
from api.security import requires
from api.security.authorization import require_layer
from api.tiles.drawn import layer_for
from geo.errors import NotFound
from geo.studies.stored_runs import data_day
from geo.visibility.view_cuts import obstacles_at_edge
from maps.tiles.drawn_tiles import DrawnLayer
from maps.tiles.tile_grids import WEB_MERCATOR

router = APIRouter(prefix="/page", include_in_schema=False)
#: Degrees around a view in which buildings are read.
_AROUND = 1e-5


@router.get("/{run_id}/cuts/{key:path}", dependencies=[requires("planner")])
def cuts(request: Request, run_id: str, key: str, store: StoreDep, caller: CallerDep) -> Response:
    """Return the buildings at which the sure view of a camera ends, or its possible one where nothing is sure."""
    require_layer(caller, "obstacles")
    with snapshot_of(store):
        run = store.run(run_id, layers=[])
        layers = (layer_for(request.app.state, store, caller, run, one) for one in ("views", "possible"))
        view = next((found for one in layers if (found := _shape_of(one, key)) is not None), None)
        if view is None:
            raise NotFound(f"没有摄像机 {key[:60]} 的视域", f"there is no view of camera {key[:60]}")
        west, south, east, north = view.bounds
        around = (west - _AROUND, south - _AROUND, east + _AROUND, north + _AROUND)
        near = store.read("obstacles", bbox=around, at=data_day(store, run))
        found = near[obstacles_at_edge(view, near.geometry)]
        audit_export(store, "json", layer="views", run=run.id, rows=1)
    features = [
        {"type": "Feature", "id": str(one), "properties": {"id": str(one)}, "geometry": shapely.geometry.mapping(shape)}
        for one, shape in zip(found["id"], found.geometry, strict=True)
    ]
    body: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    return packed_response(request, dumps(body), GEOJSON, headers={"Cache-Control": "no-store"})


def _shape_of(layer: DrawnLayer, key: str) -> shapely.Geometry | None:
    """Return the view of a camera in degrees; None where it has none."""
    rows = np.flatnonzero((layer.frame["id"].astype(str) == key).to_numpy(bool))
    if not len(rows):
        return None

    def degrees(at: np.ndarray) -> np.ndarray:
        return np.array([WEB_MERCATOR.corner(0, x, y) for x, y in at])

    return shapely.transform(layer.shapes[rows[0]], degrees)
