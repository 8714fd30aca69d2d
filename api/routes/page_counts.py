"""Count what lies in the view of the planner's page, by class, so that its legend tells of what is shown."""

from __future__ import annotations

import hashlib
import math
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request, Response

from api.dependencies import CallerDep, StoreDep
from api.representations import page_rows, responses
from api.representations.json_text import dumps
from api.representations.packed import packed_response
from api.roles import allows
from api.routes.ogc.common import not_modified
from api.security import requires
from api.tiles.drawn import layer_for, zone_layers
from geo.errors import BadValue
from maps.tiles.drawn_tiles import DrawnLayer
from maps.tiles.tile_grids import EXTENT, WEB_MERCATOR

router = APIRouter(prefix="/page", include_in_schema=False)


@router.get("/{run_id}/counts", dependencies=[requires("public")])
def counts(
    request: Request,
    run_id: str,
    store: StoreDep,
    caller: CallerDep,
    bbox: Annotated[str, Query(max_length=100, description="west,south,east,north in degrees")],
    zones: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Return of a zone layer, of gaps and of cameras how many are in a box, and how many of each class."""
    box = box_of(bbox)
    with store.snapshot():
        run = store.run(run_id, layers=[])
        names = [one for one in zone_layers(store, run) if one == zones]
        if allows(caller, "planner"):
            names += [one for one in ("gaps",) if one in run.summary.get("layers", {})] + ["cameras"]
        layers = {one: layer_for(request.app.state, store, caller, run, one) for one in names}
    found = {name: page_rows.summary_of(name, within(layer, box)) for name, layer in layers.items()}
    body = dumps({"run": run.id, "layers": found})
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag}
    if known := not_modified(request, tag):
        return known
    return packed_response(request, body, responses.JSON, headers=headers)


def box_of(text: str) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a text; raise BadValue where it is no box.

    Examples
    --------
    >>> box_of("102,36.5,103,37")
    (102.0, 36.5, 103.0, 37.0)
    """
    try:
        west, south, east, north = (float(one) for one in text.split(","))
    except ValueError:
        raise BadValue("bbox 须是四个数：西,南,东,北", "bbox must be four numbers: west,south,east,north") from None
    if not (all(map(math.isfinite, (west, south, east, north))) and west <= east and -90 <= south <= north <= 90):
        raise BadValue("bbox 须是西,南,东,北的度数", "bbox must be west,south,east,north in degrees")
    return west, south, east, north


def within(layer: DrawnLayer, box: tuple[float, float, float, float]) -> DrawnLayer:
    """Return the rows of a layer whose boxes meet a box in degrees."""
    west, south, east, north = box
    (x1, y2), (x2, y1) = WEB_MERCATOR.units(np.array([[west, south], [east, north]]), 0, 0, 0) / EXTENT
    boxes: Any = layer.boxes
    kept = (boxes[:, 0] <= x2) & (boxes[:, 2] >= x1) & (boxes[:, 1] <= y2) & (boxes[:, 3] >= y1)
    return DrawnLayer(layer.frame[kept], layer.shapes[kept], boxes[kept])
