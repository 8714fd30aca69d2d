"""Tell which claims of a run hold, which of its places are covered, and its rates (docs/contract.md section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.dependencies import CallerDep, StoreDep, Tables, county_store, snapshot_of
from api.kept_answers import KeptAnswers
from api.long_work import LONG_ANSWERS
from api.representations import responses
from api.representations.claim_rights import place_members, visible_claims, visible_places
from api.representations.downloads import DOWNLOAD_FORMATS
from api.representations.frame_records import records
from api.representations.tables import with_names
from api.roles import allows
from api.security import requires
from geo.assessment.drawn_zone import MOST_LETTERS
from geo.catalog.layers import SCOPED
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies import place_claims
from geo.studies.run_age import age_notes
from geo.studies.run_rates import SOURCES
from geo.studies.run_rates import rates as rates_of
from geo.studies.stored_runs import data_day
from geo.types import Run

if TYPE_CHECKING:
    import pandas as pd

router = APIRouter(tags=["runs"])
#: Of a county they take seconds; they stay the same until one of its layers changes.
_rates: KeptAnswers[tuple[Run, pd.DataFrame]] = KeptAnswers(8)
Zone = Annotated[
    str | None,
    Query(max_length=MOST_LETTERS, description="code or name of a zone of any layer, or a drawn one: its places only"),
]
#: Claims are no shapes.
_TABLE_FORMATS = ("json", "csv", "xlsx")
#: Formats that have shapes.
_SHAPED = tuple(name for name, one in DOWNLOAD_FORMATS.items() if one.geometry)


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
        age = _age(store, run, caller)
    visible = visible_claims(frame, caller)
    if places is not None:
        rows = place_members(records(visible_places(places, caller)))
        age["notes"] += place_claims.undefined_claims(run, frame["claim"])
        return responses.json_response({"run": run.id, **age, "claims": records(visible), "places": rows})
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
    """Return the verdict on each place of a run, once for each claim of it; formats with shapes have its shape."""
    with snapshot_of(store):
        run, frame = place_claims.places(store, run_id, zone=zone)
        if form in _SHAPED:
            run, frame = place_claims.drawn_places(store, run.id, at=data_day(store, run), zone=zone)
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
    run, frame = _rates.made(named, LONG_ANSWERS, lambda: rates_of(county, known.id))
    with snapshot_of(store):
        options = with_names(tables, form, store, of_run=True, may_read=True)
        members = {"run": run.id, **_age(store, run, caller)}
    return responses.frame_response(
        frame, form, layer="rates", name=f"rates-{run.id}", extra_members=members, options=options
    )


def _age(store: Store, run: Run, caller: Caller) -> dict[str, Any]:
    """Return the day of a run's data, and notes on what changed since; without a key none on cameras."""
    hidden = () if allows(caller, "viewer") else SCOPED
    notes = age_notes(store, run, hidden=hidden)
    return {"data_date": data_day(store, run).isoformat(), "notes": list(notes)}
