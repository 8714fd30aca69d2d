"""Respond with the grid that owns an address or a point, or suggest one (docs/contract.md section 3, rules L)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Annotated, Any, BinaryIO, Literal, cast

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api import problems
from api.dependencies import (
    Body,
    GazetteersDep,
    HeaderRow,
    Language,
    SettingsDep,
    SheetNames,
    StoreDep,
    media_type,
    query_day,
)
from api.representations import batch_json, batch_rows, batch_sheets, responses
from api.representations.json_text import dumps
from api.representations.workbook_files import require_sheet_rows
from api.routes.ogc.common import content_etag, not_modified
from api.schemas.locate import BATCH_BODY, BATCH_TABLES, MatchModel, SuggestionModel
from api.security import requires
from geo.catalog.headings import TableLanguage
from geo.catalog.options import DEFAULT_ACCURACY_M, MAX_ACCURACY_M
from geo.errors import GeoError
from geo.places.address.suggest import MAX_LENGTH, MAX_SUGGESTIONS
from geo.places.gazetteer import Gazetteer
from geo.sentences import both
from geo.studies.import_files import expected_box
from geo.studies.locate_positions import locate_address, locate_point
from geo.studies.locate_rows import locate_rows, says_words
from geo.studies.today_of_code import code_alone, later_code, today_of_code

#: Beyond these a lookup may take long: many neighbouring grids, or many words.
_SIMPLE_ACCURACY_M, _SIMPLE_LENGTH = 1_000, 200

_PIECE_BYTES = 1 << 16

router = APIRouter(tags=["locate"], dependencies=[requires("viewer")])

Accuracy = Annotated[float, Query(ge=0, le=MAX_ACCURACY_M, allow_inf_nan=False, description="metres")]
At = Annotated[str | None, Query(description="YYYY-MM-DD")]


@router.get("/locate", response_model=MatchModel)
async def locate(
    store: StoreDep,
    gazetteers: GazetteersDep,
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

    def respond(gazetteer: Gazetteer) -> Response:
        if lon is None or lat is None:
            found = locate_address(store, address or "", accuracy=accuracy, at=day, gazetteer=gazetteer)
        else:
            found = locate_point(store, lon, lat, crs, accuracy=accuracy, at=day, gazetteer=gazetteer)
        return responses.json_response(found)

    # Simple lookups are answered in the event loop: faster than a thread switch.
    is_simple = accuracy <= _SIMPLE_ACCURACY_M and len(address or "") <= _SIMPLE_LENGTH
    # A code may be one of before, of which the store is asked.
    cached = gazetteers.get_cached(day) if is_simple and code_alone(address or "") is None else None
    if cached is not None:
        return respond(cached)
    get = gazetteers.get if address is None else gazetteers.get_with_addresses
    return await to_thread.run_sync(lambda: respond(get(day)))


@router.post("/locate", openapi_extra=BATCH_BODY)
def locate_batch(
    request: Request,
    body: Body,
    store: StoreDep,
    gazetteers: GazetteersDep,
    settings: SettingsDep,
    language: Language,
    at: At = None,
    accuracy: Accuracy = DEFAULT_ACCURACY_M,
    crs: Annotated[str | None, Query(max_length=200, description="of points whose row names none")] = None,
    sheet: SheetNames = None,
    header_row: HeaderRow = None,
    columns: Annotated[Literal["keep"] | None, Query(description="keep: those of the table sent come back")] = None,
    lang: Annotated[TableLanguage, Query(description="headings and words of csv and xlsx")] = "fields",
    f: Annotated[str | None, Query(description="csv, json, xlsx")] = None,
) -> StreamingResponse:
    """Answer a batch: a table or a JSON array in, one record a row out, in order; a faulty row has `status=error`.

    With `columns=keep` each record is the row as it was sent, and behind it what was found.
    """
    media = media_type(request)
    if media not in BATCH_TABLES and media != "application/json":
        raise problems.UnsupportedMedia(
            "请用 text/csv、工作簿（xlsx、xls、ods）或 application/json",
            "send text/csv, a workbook (xlsx, xls, ods) or application/json",
        )
    forms = ("csv", "json", "xlsx") if media in BATCH_TABLES else ("json", "csv", "xlsx")
    if columns is not None and media in BATCH_TABLES and media != "text/csv":
        forms = ("xlsx", "csv", "json")  # a workbook comes back as one
    form = responses.negotiated_format(request, forms, requested=f)
    if form == "json" and lang != "fields":
        raise problems.BadQuery("lang 用于表格", "lang is for tables: the names of JSON stay as they are")
    rows: Sequence[Mapping[str, Any]]
    table: batch_sheets.Sheet | None = None
    if media in BATCH_TABLES:
        found = batch_rows.places_of(
            body, suffix=BATCH_TABLES[media], most=settings.max_batch_rows, crs=crs, sheets=sheet or (),
            header_row=header_row, near=expected_box(store),
        )  # fmt: skip
        for one in found.findings:  # an answer has a record for each row, and no place for rows that it leaves out
            zh, en = both(one.reason)
            raise problems.BadBody(f"「{one.value}」{zh}", f"{one.value}: {en}")
        rows, has_codes = found.rows, found.has_grid_codes
        table = batch_sheets.sheet_of_table(found.sheet, has_grid_codes=has_codes) if columns is not None else None
    else:
        values = batch_json.objects_of_json(body, most=settings.max_batch_rows)
        rows = batch_json.rows_of_objects(values, crs, expected_box(store))
        has_codes = batch_json.have_grid_codes(rows)
        if columns is not None:
            table = batch_sheets.sheet_of_objects(values, has_grid_codes=has_codes)
    if form == "xlsx":
        require_sheet_rows(len(rows))
    # Once it has begun, an answer cannot say any more that the addresses are not indexed yet.
    get = gazetteers.get_with_addresses if any(map(says_words, rows)) else gazetteers.get
    gazetteer = get(query_day("at", at))
    codes_today = partial(today_of_code, store, at=gazetteer.at)
    codes_later = partial(later_code, store, at=gazetteer.at)
    located = locate_rows(gazetteer, rows, accuracy=accuracy, codes_today=codes_today, codes_later=codes_later)
    answers = batch_sheets.Answers(located, table, lang, language, has_grid_codes=has_codes)
    pieces = _workbook(answers) if form == "xlsx" else _streamed(answers.csv() if form == "csv" else answers.json())
    # The first piece is made before the status is sent, so that what fails at once is no 200.
    return StreamingResponse(chain(list(islice(pieces, 1)), pieces), media_type=responses.MEDIA_TYPES[form])


@router.get("/suggest", response_model=list[SuggestionModel])
def suggest(
    request: Request,
    gazetteers: GazetteersDep,
    q: Annotated[str, Query(max_length=MAX_LENGTH, description="a name's beginning, its pinyin or initials")],
    lon: Annotated[float | None, Query(ge=-180, le=180, description="of the view, WGS-84 degrees")] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90, description="of the view, WGS-84 degrees")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_SUGGESTIONS, description="at most so many")] = 10,
    at: At = None,
) -> Response:
    """Return the places, roads and stored addresses that a text may be the beginning of, those near the view first.

    Counties come before townships, villages, grids, roads and stored texts; `why` is prefix, alias, pinyin or initials.
    """
    if (lon is None) != (lat is None):
        raise problems.BadQuery("lon 与 lat 须同时给出", "lon and lat go together")
    near = None if lon is None or lat is None else (lon, lat)
    body = dumps(gazetteers.get_with_addresses(query_day("at", at)).suggest(q, near=near, most=limit))
    # Of the content: what is typed again while nothing has changed is not sent again.
    etag = content_etag(body)
    return not_modified(request, etag) or Response(body, headers={"ETag": etag}, media_type=responses.JSON)


def _streamed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except GeoError as error:  # the response has started: the error can only be reported in it
        yield f"\n{error}\n".encode()


def _workbook(answers: batch_sheets.Answers) -> Iterator[bytes]:
    """Return the pieces of a workbook, which is written whole before: its end tells where its parts are."""
    file = tempfile.TemporaryFile(prefix="gridsight-")  # noqa: SIM115 (closed when it is sent)
    try:
        answers.write_workbook(cast("BinaryIO", file))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return _pieces(cast("BinaryIO", file))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
