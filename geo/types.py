"""Define the results that modules exchange: frozen, with unit and CRS of every field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from geo.errors import RowFault

if TYPE_CHECKING:
    import geopandas as gpd

#: Called with the step in work and the share done, 0 to 1; CLI or HTTP display it, analyses never print.
Progress = Callable[[str, float], None]


def no_progress(_what: str, _share: float) -> None:
    """Ignore progress reports.

    Examples
    --------
    >>> no_progress("gaps", 0.5)
    """


def part_of_progress(progress: Progress, begin: float, end: float) -> Progress:
    """Return the progress of a step that takes the whole from one share to another.

    Examples
    --------
    >>> part_of_progress(print, 0.5, 1.0)("reading", 0.5)
    reading 0.75
    """
    return lambda what, share: progress(what, begin + (end - begin) * share)


@dataclass(frozen=True)
class NamedCode:
    """A code of a file and the name that a column beside it gives it, which no import reads.

    Attributes
    ----------
    field
        The field that holds the code.
    code, name
        Texts of the two cells.
    rows
        Row number from 1, or key, of every such row in the source.

    Examples
    --------
    >>> NamedCode("village", "620622102201", "新街社区", rows=("3", "7")).name
    '新街社区'
    """

    field: str
    code: str
    name: str
    rows: tuple[str, ...]


#: Reason of the finding on a file that gave nothing: it may be the wrong sheet, or not filled in yet.
NO_ROWS = "没有读到一行：只有表头，或各行都跳过了 / not one row was read: headings only, or every row was skipped"


@dataclass(frozen=True)
class CellFinding:
    """Cells of one value that were lost or guessed while their rows were kept (rule U5).

    Attributes
    ----------
    field
        The field; empty for a finding on the file as a whole.
    reason
        What is wrong and what was done, as ``中文 / English``.
    value
        The text of the cell, cut to 200 characters; empty where there is none.
    rows
        Row number from 1, or key, of every such row in the source; empty for a finding on the file as a whole.
    count
        Number of rows that it applies to.
    is_word
        Whether the cell is a word that was not understood.

    Examples
    --------
    >>> CellFinding("status", "不认识，作未知 / not understood: unknown", "待修", ("3", "9"), 2, is_word=True).count
    2
    """

    field: str
    reason: str
    value: str
    rows: tuple[str, ...]
    count: int
    is_word: bool = False

    #: Rows that an answer names; a findings file has all of them.
    MAX_NAMED: ClassVar[int] = 10

    def as_dict(self) -> dict[str, Any]:
        """Return it as answers in JSON have it, with the first rows only."""
        named = list(self.rows[: self.MAX_NAMED])
        return {"field": self.field, "reason": self.reason, "value": self.value, "count": self.count, "rows": named}


@dataclass(frozen=True)
class SheetRows:
    """One sheet of a workbook: its name, the rows found in it, and how many of them were kept.

    Examples
    --------
    >>> SheetRows("土门镇", rows=40, imported=38).rows
    40
    """

    name: str
    rows: int
    imported: int


@dataclass(frozen=True)
class ColumnSample:
    """One column of a source: the fields that it was read for, and its first values.

    Attributes
    ----------
    fields
        Fields of the layer; empty for a column that nobody reads.
    samples
        Its first different values as texts, at most three.
    is_dropped
        Whether it holds personal or network data: then no value of it is shown.

    Examples
    --------
    >>> ColumnSample("编号", ("id",), ("c1", "c2")).as_dict()
    {'column': '编号', 'fields': ['id'], 'dropped': False, 'samples': ['c1', 'c2']}
    """

    column: str
    fields: Sequence[str]
    samples: Sequence[str]
    is_dropped: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as answers in JSON have it."""
        return {
            "column": self.column, "fields": list(self.fields), "dropped": self.is_dropped,
            "samples": list(self.samples),
        }  # fmt: skip


@dataclass(frozen=True)
class RowChanges:
    """What a write of a frame would do to the rows of a layer, by key, in key order.

    Attributes
    ----------
    added, removed
        Number of rows that come and that go.
    updated
        Number of rows with another value than the frame brings.
    unchanged
        Number of rows that the frame brings as they are.
    added_keys, removed_keys, updated_rows
        The first ``MAX_KEPT`` of each; with the key of a row to update the fields that change, ``geometry`` among them.
    fields
        Field -> number of rows in which it changes.
    state
        A text that is the same only while the same rows, in the same versions, come, change and go.

    Examples
    --------
    >>> found = RowChanges(1, 1, 7, 0, ["c9"], [("c1", ("height",))], [], {"height": 1}, state="")
    >>> found.as_dict()["updated"]
    {'count': 1, 'rows': [{'key': 'c1', 'fields': ['height']}], 'fields': {'height': 1}}
    """

    added: int
    updated: int
    unchanged: int
    removed: int
    added_keys: Sequence[str]
    updated_rows: Sequence[tuple[str, Sequence[str]]]
    removed_keys: Sequence[str]
    fields: Mapping[str, int]
    state: str

    #: Keys of each kind that an answer names, and that are kept, such as for a map of the changes.
    MAX_NAMED: ClassVar[int] = 20
    MAX_KEPT: ClassVar[int] = 1_000

    def as_dict(self) -> dict[str, Any]:
        """Return it as answers in JSON have it, with the first keys only and without the state."""
        most = self.MAX_NAMED
        updated = [{"key": key, "fields": list(fields)} for key, fields in self.updated_rows[:most]]
        return {
            "added": {"count": self.added, "keys": list(self.added_keys[:most])},
            "updated": {"count": self.updated, "rows": updated, "fields": dict(self.fields)},
            "unchanged": {"count": self.unchanged},
            "removed": {"count": self.removed, "keys": list(self.removed_keys[:most])},
        }


@dataclass(frozen=True)
class ImportReport:
    """Result of one import; counts are source features, ``read = imported + updated + rejected``.

    Attributes
    ----------
    crs
        The CRS of the coordinates read, as ``EPSG:n``, ``gcj02`` or ``bd09``.
    mapping
        Field of the layer -> column of the source.
    assumed
        Sentence -> number of rows that it is true of (units guessed, levels times 3 m, defaults); 0 for a sentence on
        the file as a whole.
    rows_made
        Rows written; more than features where a camera has several directions.
    removed
        Rows of the layer that are gone: with ``replace`` those that the file does not bring, with ``upsert`` those of
        a camera that now looks in other directions (``c1#1``, ``c1#2`` and ``c1``).
    rejects
        The rejected rows, in source order.
    unused_columns
        Columns that nobody read; ``mapping``, these and ``dropped_columns`` are all columns of the source.
    sheets
        The sheets of a workbook; empty for other files.
    findings
        Cells lost or guessed, the most frequent first.
    unread
        Word that was not understood -> number of rows.
    findings_file
        Where the findings are listed row by row; None where there are none, or nowhere to list them.
    unchanged
        Rows that were there with the same values: they got no new version.
    is_dry_run
        Whether nothing was written: the counts are what an import would do.
    columns
        Every column of the source with its fields and first values; of a dry run only.
    changes
        What would change in the layer, row by row; of a dry run only.

    Examples
    --------
    >>> counts = {"read": 3, "imported": 2, "updated": 0, "rejected": 1, "rows_made": 2, "removed": 0}
    >>> texts = {"layer": "grids", "source": "grids.shp", "store": "workspace.gpkg", "crs": "EPSG:4547"}
    >>> rest = {"mapping": {}, "assumed": {}, "dropped_columns": (), "rejects": (), "rejects_file": None}
    >>> report = ImportReport(**counts, **texts, **rest, seconds=0.1)
    >>> report.read == report.imported + report.updated + report.rejected
    True
    """

    layer: str
    source: str
    store: str
    read: int
    imported: int
    updated: int
    rejected: int
    rows_made: int
    removed: int
    crs: str
    mapping: Mapping[str, str]
    assumed: Mapping[str, int]
    dropped_columns: Sequence[str]
    rejects: Sequence[RowFault]
    rejects_file: str | None
    seconds: float
    unused_columns: Sequence[str] = ()
    sheets: Sequence[SheetRows] = ()
    findings: Sequence[CellFinding] = ()
    unread: Mapping[str, int] = field(default_factory=dict)
    findings_file: str | None = None
    unchanged: int = 0
    is_dry_run: bool = False
    columns: Sequence[ColumnSample] = ()
    changes: RowChanges | None = None

    #: Rejected rows that the answer of a dry run names.
    MAX_REJECTS: ClassVar[int] = 100

    def as_dict(self) -> dict[str, Any]:
        """Return it as answers in JSON have it: of each finding the first rows; rejected rows are in a file.

        That of a dry run has ``dry_run``, ``columns``, ``changes`` and the first ``rejects`` too.
        """
        apart = ("rejects", "is_dry_run", "columns", "changes")
        out = {name: value for name, value in vars(self).items() if name not in apart}
        out["findings"] = [one.as_dict() for one in self.findings]
        out["sheets"] = [vars(one) for one in self.sheets]
        if self.is_dry_run and self.changes is not None:
            out["dry_run"] = True
            out["columns"] = [one.as_dict() for one in self.columns]
            out["changes"] = self.changes.as_dict()
            out["rejects"] = [
                {"row": one.row, "field": one.field, "reason": one.reason, "value": one.value}
                for one in self.rejects[: self.MAX_REJECTS]
            ]
        return out


@dataclass(frozen=True)
class Finding:
    """One entry of the report of ``check``, with its position.

    Attributes
    ----------
    rank
        Position in the report, from 1; errors before warnings, then by size.
    severity
        ``error`` (results will be wrong) or ``warning``.
    code
        A stable slug, such as ``camera-in-wall``.
    layer, keys
        The rows it is about.
    text
        One sentence, ``中文 / English``.
    value
        Its size, in the unit that the text names; None where nothing is measured.
    lon, lat
        Its position, WGS-84 degrees; None where it has none.

    Examples
    --------
    >>> text = "摄像机在建筑内 / the camera is inside a building"
    >>> Finding(1, "warning", "camera-in-wall", "cameras", ("c7",), text, value=0.4).code
    'camera-in-wall'
    """

    rank: int
    severity: Literal["error", "warning"]
    code: str
    layer: str
    keys: Sequence[str]
    text: str
    value: float | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Candidate:
    """One grid that may own a point or an address (docs/contract.md section 3).

    Attributes
    ----------
    grid
        ``{code, name, kind, level}``, or None where no grid owns the position.
    chain
        ``{level, code, name}``, county first, the grid last.
    level
        Of the last link of the chain.
    score
        0 to 1.
    method
        How it was found.
    precision_m, border_m
        Precision of the position, and its distance to the border of the grid, metres.
    neighbours
        Codes of the grids within the stated accuracy (rule L2).
    faults
        ``{code, text}`` of what was not understood.
    spans
        Begin and end of the parts of the text that were read.

    Examples
    --------
    >>> grid = {"code": "g1", "name": "一", "kind": "general", "level": 1}
    >>> chain = ({"level": "grid", "code": "g1", "name": "一"},)
    >>> Candidate(grid, chain, "grid", 1.0, "point", precision_m=20.0, border_m=11.13).neighbours
    ()
    """

    grid: Mapping[str, Any] | None
    chain: Sequence[Mapping[str, Any]]
    level: str
    score: float
    method: Literal["point", "exact", "prefix", "match"]
    precision_m: float | None
    border_m: float | None
    neighbours: Sequence[str] = ()
    faults: Sequence[Mapping[str, str]] = ()
    spans: Sequence[Sequence[int]] = ()


@dataclass(frozen=True)
class Match:
    """Which grid owns a point or an address: the body of ``/locate``. ``point`` is WGS-84 lon, lat in degrees.

    Examples
    --------
    >>> Match("not_found", "解放路", None, None, (), revision=7, at="2026-01-02").status
    'not_found'
    """

    status: Literal["matched", "ambiguous", "partial", "not_found"]
    query: Any
    crs: str | None
    point: tuple[float, float] | None
    candidates: Sequence[Candidate]
    revision: int
    at: str


@dataclass(frozen=True)
class Run:
    """One analysis: its options and its results.

    Attributes
    ----------
    id
        UUIDv7 as text.
    created
        ISO 8601 in UTC.
    options
        As requested: level, edition, target_height, zones, domain, at.
    summary
        The keys of ``summary.json`` (docs/contract.md section 1).
    layers
        ``views``, ``possible``, ``coverage``, ``gaps`` and one per zone layer (``grids``, ``microgrids``, ``villages``,
        ``townships``, ``all``), all in the CRS of the run (``summary["crs"]``).
    incidence
        The incidence as bytes (``geo.assessment.incidence``), for outages; None where it was not kept.
    maker, maker_role
        Who made it, and in which role; empty until it is saved, unless it is saved by another.
    published
        When it was published, ISO 8601 in UTC; empty where it never was.

    Examples
    --------
    >>> run = Run("0199a2c4-0000-7000-8000-000000000000", "2026-01-02T03:04:05Z", {"level": "detect"}, {"cameras": 5})
    >>> run.options["level"], run.summary["cameras"], run.layers
    ('detect', 5, {})
    """

    id: str
    created: str
    options: Mapping[str, Any]
    summary: Mapping[str, Any]
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    incidence: bytes | None = None
    maker: str = ""
    maker_role: str = ""
    published: str = ""
