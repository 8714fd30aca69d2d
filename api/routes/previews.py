"""Answer what changes of cameras would do; nothing is stored (docs/contract.md section 6)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import Body, CallerDep, StoreDep, audit_export, county_store
from api.json_bodies import json_object
from api.representations import responses
from api.representations.previews import preview_answer
from api.schemas.previews import PREVIEW_BODY, PreviewModel, run_and_layers
from api.security import requires
from geo.catalog.layers import SCOPED
from geo.studies.camera_changes import CameraChanges
from geo.studies.preview_changes import options_of, preview_changes
from geo.studies.run_age import changed_layers

router = APIRouter(tags=["previews"], dependencies=[requires("planner")])


@router.post("/preview", response_model=PreviewModel, openapi_extra=PREVIEW_BODY)
def preview(request: Request, body: Body, store: StoreDep, caller: CallerDep) -> Response:
    """Return the views of changed, new and failing cameras, and the figures of the zones in reach before and after.

    Figures are those of an analysis of the store as it is now, with the options of the run, to the bit; the changes are
    not stored. A camera of another township answers as one that does not exist.
    """
    value = json_object(request, body)
    run_id, layers = run_and_layers(value)
    changes = CameraChanges.of({name: one for name, one in value.items() if name not in ("run", "layers")})
    with store.snapshot():
        run = store.run(run_id, layers=[])
        changed = [one for one in changed_layers(store, run) if caller.townships is None or one not in SCOPED]
    kept = request.app.state.previews.get(county_store(request, caller), options_of(run))
    found = preview_changes(store, kept, changes, townships=caller.townships if caller.role == "planner" else None)
    seen = found.preview.views
    if changes.count:  # without any no view leaves: the page prepares the analysis so, before the first change
        audit_export(store, "json", layer="views", run=run.id, rows=0 if seen is None else len(seen.cameras))
    heading = {
        "run": run.id,
        "day": kept.at.isoformat(),
        "level": kept.options.level,
        "edition": kept.options.edition,
        "changed_since": changed,
    }
    return responses.json_response({**heading, **preview_answer(found, layers)})
