"""Tell which claims of a run hold, which of its places are covered, and its rates (docs/contract.md section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.dependencies import CallerDep, StoreDep, Tables, county_store, snapshot_of
from api.kept_answers import KeptAnswers
from api.long_work import LONG_ANSWERS
from api.representations import responses
from api.representations.claim_rights import place_members, visible_claims, visible_places
from api.representations.frame_records import records
from api.representations.tables import with_names
from api.roles import allows
from api.security import requires
from geo.studies import place_claims
from geo.studies.run_rates import SOURCES
from geo.studies.run_rates import rates as rates_of
from geo.types import Run

if TYPE_CHECKING:
    import pandas as pd

router = APIRouter(tags=["runs"])
#: Of a county they take seconds; they stay the same until one of its layers changes.
_rates: KeptAnswers[tuple[Run, pd.DataFrame]] = KeptAnswers(8)
Zone = Annotated[str | None, Query(max_length=64, description="code or name of a zone of any layer: its places only")]
#: Claims are no shapes.
_TABLE_FORMATS = ("json", "csv", "xlsx")


def _form(
    request: Request, f: Annotated[str | None, Query(description=", ".join(responses.MEDIA_TYPES))] = None
) -> str:
    return responses.negotiated_format(request, requested=f)


def _table_form(request: Request, f: Annotated[str | None, Query(description=", ".join(_TABLE_FORMATS))] = None) -> str:
    return responses.negotiated_format(request, _TABLE_FORMATS, requested=f)


@router.get("/runs/{run_id}/claims", dependencies=[requires("public")])
def claims(
    run_id: str,
    store: StoreDep,
    caller: CallerDep,
    tables: Tables,
    form: Annotated[str, Depends(_table_form)],
    zone: Zone = None,
) -> Response:
    """Return which claims hold, with their counts and shares, and in JSON the verdict on each of their places."""
    with snapshot_of(store):
        run, frame, _ = place_claims.claims(store, run_id, zone=zone)
        places = place_claims.places(store, run.id, zone=zone)[1] if form == "json" else None
        options = with_names(tables, form, store, of_run=True, may_read=False)
    visible = visible_claims(frame, caller)
    if places is not None:
        rows = place_members(records(visible_places(places, caller)))
        return responses.json_response({"run": run.id, "claims": records(visible), "places": rows})
    return responses.frame_response(
        visible, form, layer="claims", name=f"claims-{run.id}", extra_members={}, options=options
    )


@router.get("/runs/{run_id}/places", dependencies=[requires("public")])
def places(
    run_id: str,
    store: StoreDep,
    caller: CallerDep,
    tables: Tables,
    form: Annotated[str, Depends(_form)],
    zone: Zone = None,
) -> Response:
    """Return the verdict on each place of a run, once for each claim of it, as a point in it."""
    with snapshot_of(store):
        run, frame = place_claims.places(store, run_id, zone=zone)
        options = with_names(tables, form, store, of_run=True, may_read=allows(caller, "viewer"))
    visible = visible_places(frame, caller)
    return responses.frame_response(
        visible, form, layer="places", name=f"places-{run.id}", extra_members={"run": run.id}, options=options
    )


@router.get("/runs/{run_id}/rates", dependencies=[requires("viewer")])
def rates(
    request: Request,
    run_id: str,
    store: StoreDep,
    caller: CallerDep,
    tables: Tables,
    form: Annotated[str, Depends(_table_form)],
) -> Response:
    """Return the rates of the county and of each township, each with its numerator and denominator.

    They are sums over the whole county, the same for every caller.
    """
    known = store.run(run_id, layers=[])  # of those that the caller may know of
    county = county_store(request, caller)
    named = "\n".join((store.name, known.id, county.state(*SOURCES)))
    found = _rates.get(named)
    if found is None:
        with LONG_ANSWERS.turn():
            found = _rates.get(named) or _rates.put(named, rates_of(county, known.id))
    run, frame = found
    with snapshot_of(store):
        options = with_names(tables, form, store, of_run=True, may_read=True)
    return responses.frame_response(
        frame, form, layer="rates", name=f"rates-{run.id}", extra_members={"run": run.id}, options=options
    )
