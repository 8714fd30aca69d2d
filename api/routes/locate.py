"""Answer which grid owns an address or a point, one at a time or a batch (CONTRACT section 3, rules L)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api import problems
from api.dependencies import Body, Language, ThePlaces, TheSettings, TheStore, media_type, query_day
from api.representations import batch_rows, responses
from api.schemas.locate import BATCH_BODY, MatchModel
from api.security import needs
from geo.catalog.options import DEFAULT_ACCURACY_M
from geo.errors import GeoError
from geo.places.gazetteer import Gazetteer
from geo.studies.locate_positions import locate_address, locate_point, locate_rows

#: Beyond these a question may take long: many grids near, or many words.
_ORDINARY_M, _ORDINARY_TEXT = 1_000, 200

router = APIRouter(tags=["locate"], dependencies=[needs("viewer")])

Accuracy = Annotated[float, Query(ge=0, le=100_000, allow_inf_nan=False, description="metres")]
At = Annotated[str | None, Query(description="YYYY-MM-DD")]


@router.get("/locate", response_model=MatchModel)
async def locate(
    store: TheStore,
    places: ThePlaces,
    address: Annotated[str | None, Query()] = None,
    lon: Annotated[float | None, Query(allow_inf_nan=False)] = None,
    lat: Annotated[float | None, Query(allow_inf_nan=False)] = None,
    crs: Annotated[str | None, Query(max_length=200, description="wgs84, cgcs2000, gcj02, bd09, EPSG:n")] = None,
    at: At = None,
    accuracy: Accuracy = DEFAULT_ACCURACY_M,
) -> Response:
    """Return the grids that own an address, or a point whose CRS is named."""
    day = query_day("at", at)
    if (address is None) == (lon is None and lat is None):
        raise problems.BadQuery("请给出 address，或 lon、lat 与 crs", "give address, or lon, lat and crs")
    if address is not None and crs is not None:
        raise problems.BadQuery("地址不带坐标系", "an address has no crs")
    if address is None and (lon is None or lat is None):
        raise problems.BadQuery("lon 与 lat 须同时给出", "lon and lat go together")

    def answer(where: Gazetteer) -> Response:
        if address is not None:
            found = locate_address(store, address, accuracy=accuracy, at=day, gazetteer=where)
        else:
            found = locate_point(store, lon, lat, crs, accuracy=accuracy, at=day, gazetteer=where)
        return responses.json_answer(found)

    # An ordinary question takes less than handing it to a thread and back, and threads make each other wait.
    where = places.at_hand(day) if accuracy <= _ORDINARY_M and len(address or "") <= _ORDINARY_TEXT else None
    return await to_thread.run_sync(lambda: answer(places.on(day))) if where is None else answer(where)


@router.post("/locate", openapi_extra=BATCH_BODY)
def locate_batch(
    request: Request,
    body: Body,
    places: ThePlaces,
    settings: TheSettings,
    language: Language,
    at: At = None,
    accuracy: Accuracy = DEFAULT_ACCURACY_M,
) -> StreamingResponse:
    """Answer a batch: CSV or a JSON array in, one record a row out, in order; a bad row has `status=error`."""
    media = media_type(request)
    if media not in ("text/csv", "application/json"):
        raise problems.UnsupportedMedia("请用 text/csv 或 application/json", "send text/csv or application/json")
    form = responses.format_of(request, ("csv", "json") if media == "text/csv" else ("json", "csv"))
    where = places.on(query_day("at", at))
    read = batch_rows.rows_of_csv if media == "text/csv" else batch_rows.rows_of_json
    rows = read(body, most=settings.max_batch_rows)
    found = locate_rows(where, rows, accuracy=accuracy)
    records = (batch_rows.record(one, language) for one in found)
    return StreamingResponse(_streamed(records, form), media_type=responses.MEDIA[form])


def _streamed(records: Iterator[dict[str, Any]], form: str) -> Iterator[bytes]:
    write = batch_rows.as_csv if form == "csv" else batch_rows.as_json
    try:
        yield from write(records)
    except GeoError as error:  # the answer has begun: what is left can only be said in it
        yield f"\n{error}\n".encode()
