"""Describe the responses of /locate and /suggest."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel


class GridModel(BaseModel):
    """Name a grid."""

    code: str
    name: str | None
    kind: str | None
    level: int | None


class StepModel(BaseModel):
    """Name one place of the chain, county first."""

    level: str
    code: str
    name: str | None


class FaultModel(BaseModel):
    """Say what is doubtful about a candidate."""

    code: str
    text: str


class CandidateModel(BaseModel):
    """Describe one grid that may own the place; metres where a name ends in `_m`."""

    grid: GridModel | None
    chain: list[StepModel]
    level: str
    score: float
    method: Literal["point", "exact", "prefix", "match"]
    precision_m: float | None
    border_m: float | None
    neighbours: list[str]
    faults: list[FaultModel]
    spans: list[tuple[int, int]]


class MatchModel(BaseModel):
    """Answer which grid owns a place; `point` is WGS-84 longitude and latitude."""

    status: Literal["matched", "ambiguous", "partial", "not_found"]
    query: str | list[float]
    crs: str | None
    point: tuple[float, float] | None
    candidates: list[CandidateModel]
    revision: int
    at: str


class SuggestionModel(BaseModel):
    """Name a place, a road or what stored addresses begin with; `lon`, `lat` are WGS-84 degrees, null where unknown."""

    text: str
    level: str
    code: str | None
    why: Literal["prefix", "alias", "pinyin", "initials"]
    lon: float | None
    lat: float | None


_ROW: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": ["string", "integer"]},
        "address": {"type": "string"},
        "lon": {"type": "number"},
        "lat": {"type": "number"},
        "crs": {"type": "string"},
        "grid_code": {"type": "string"},
        "county": {"type": "string"},
        "township": {"type": "string"},
        "village": {"type": "string"},
    },
}
#: Media types of tables that POST /locate takes, with the suffix of their format.
BATCH_TABLES = {
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}
_FILE = {"schema": {"type": "string", "format": "binary"}}
#: The request body of POST /locate, for the API documentation.
BATCH_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": _ROW}},
            "text/csv": {"schema": {"type": "string"}},
            **{media: _FILE for media in BATCH_TABLES if media != "text/csv"},
        },
    }
}
