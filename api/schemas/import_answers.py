"""Describe the answers of /imports: the report of an import, and the list of those that wait."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.problem_answers import problem_responses


class LinkModel(BaseModel):
    """Name where to go on, and by which method."""

    rel: Literal["self", "accept", "changes", "rejects"]
    href: str
    type: str
    method: Literal["GET", "POST"]


class SheetModel(BaseModel):
    """Count the rows of one sheet of a workbook, and those that were kept."""

    name: str
    rows: int
    imported: int


class FindingModel(BaseModel):
    """Describe cells of one value that were lost or guessed; `rows` are the first ten."""

    field: str
    reason: str = Field(description="中文 / English")
    value: str
    count: int
    rows: list[str]
    is_value_told: bool = Field(description="whether `value` is 中文 / English too; else it is as in the file")


class RejectModel(BaseModel):
    """Describe one row that is not imported."""

    row: str
    field: str
    reason: str = Field(description="中文 / English")
    value: str


class ColumnModel(BaseModel):
    """Show one column of the file: the fields it is read for, and three values at most; of personal data none."""

    column: str
    fields: list[str]
    dropped: bool
    samples: list[str]


class CountedKeysModel(BaseModel):
    """Count rows and name the keys of the first twenty."""

    count: int
    keys: list[str]


class UpdatedRowModel(BaseModel):
    """Name the fields of one row that change."""

    key: str
    fields: list[str]


class UpdatedModel(BaseModel):
    """Count the rows that change, by field too, and name the first twenty."""

    count: int
    rows: list[UpdatedRowModel]
    fields: dict[str, int]


class CountModel(BaseModel):
    """Count rows."""

    count: int


class ChangesModel(BaseModel):
    """Say what comes, changes, stays and goes in the layer."""

    added: CountedKeysModel
    updated: UpdatedModel
    unchanged: CountModel
    removed: CountedKeysModel


class WaitingImportModel(BaseModel):
    """Name one import that waits to be accepted."""

    id: str
    state: Literal["waiting"]
    created: str = Field(json_schema_extra={"format": "date-time"})
    expires: str = Field(json_schema_extra={"format": "date-time"})
    file: str
    layer: str
    mode: str
    links: list[LinkModel]


class WaitingImportsModel(BaseModel):
    """List the caller's imports that wait, newest first; `waiting` counts those that `limit` leaves out too."""

    imports: list[WaitingImportModel]
    waiting: int
    links: list[LinkModel]


class ImportModel(BaseModel):
    """Tell what an import would do, or where `dry_run` is false what it did; counts are features of the file."""

    id: str
    state: Literal["waiting", "accepted", "expired"]
    created: str = Field(json_schema_extra={"format": "date-time"})
    expires: str = Field(json_schema_extra={"format": "date-time"})
    file: str
    mode: str
    layer: str
    source: str
    read: int
    imported: int = Field(description="new features")
    updated: int
    rejected: int
    rows_made: int = Field(description="rows of the layer; a camera of several directions is several")
    removed: int = Field(description="rows of the layer that go")
    unchanged: int = Field(description="rows of the layer that stay as they are")
    crs: str = Field(description="EPSG:n, gcj02 or bd09: as it was read")
    mapping: dict[str, str] = Field(description="field -> column")
    assumed: dict[str, int] = Field(description="sentence -> rows; 0 for one on the whole file")
    dropped_columns: list[str] = Field(description="personal and network data, never read")
    unused_columns: list[str]
    sheets: list[SheetModel]
    findings: list[FindingModel]
    findings_in_all: int
    unread: dict[str, int] = Field(description="word that was not understood -> rows")
    rejects: list[RejectModel]
    dry_run: bool
    columns: list[ColumnModel]
    changes: ChangesModel
    not_listed: dict[str, int] = Field(description="list of this report -> entries that it leaves out, being too many")
    links: list[LinkModel]


_IMPORT = {"$ref": "#/components/schemas/ImportModel"}
#: Errors of reading a file and of writing its rows.
_OF_A_FILE = (
    "unknown-crs", "crs-mismatch", "too-wide", "bad-geometry", "bad-value", "unknown-name", "unreadable-file",
    "unusable", "conflict", "store-read-only", "store-full", "store-busy", "store-down",
)  # fmt: skip
SENT = problem_responses(*_OF_A_FILE, "bad-body", "body-too-large", "too-slow", "unsupported-media")
SHOWN = problem_responses("not-found")
CSV = "text/csv; charset=utf-8"
CHANGES_SHOWN: dict[int | str, dict[str, Any]] = {
    **SHOWN,
    200: {"content": {"application/geo+json": {"schema": {"type": "object"}}}},
}
REJECTS_SHOWN: dict[int | str, dict[str, Any]] = {
    **SHOWN,
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
}
DROPPED = problem_responses("not-found", "conflict")
LISTED = problem_responses()
#: The 409 of an import whose rows have changed since has the new preview.
ACCEPTED = problem_responses("not-found", *_OF_A_FILE, more={409: {"import": _IMPORT}})
