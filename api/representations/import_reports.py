"""Represent imports that were sent over HTTP: their reports, bounded, and the list of those that wait."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import Request

from api import problems
from api.imports.import_record import Record
from api.representations import responses
from geo.readers.reading import ReadResult
from geo.studies.import_files import report_of
from geo.studies.import_writes import WrittenRows

#: Where files are sent and imports are listed.
PATH = "/imports"
#: Of a report, what is of the machine of the service and not for its callers.
_NOT_TOLD = ("store", "rejects_file", "findings_file", "seconds")
#: Rows and findings, sheets, columns, sentences and words of a report that an answer names.
_MOST = {
    "findings": 100, "sheets": 1_000, "columns": 2_000, "unused_columns": 2_000, "dropped_columns": 2_000,
    "assumed": 1_000, "unread": 1_000, "mapping": 1_000,
}  # fmt: skip
_MOST_REJECTS = 100


def bounded_report(reading: ReadResult, done: WrittenRows, layer: str) -> dict[str, Any]:
    """Return the report of ``import --json`` without places of the service, and of long lists the first entries.

    ``not_listed`` has for each list that was cut how many entries it leaves out.
    """
    whole = report_of(reading, done, layer, "").as_dict()
    told = {name: value for name, value in whole.items() if name not in _NOT_TOLD}
    rejects = [*reading.rejects, *done.rejects]
    told["rejects"] = [
        {"row": one.row, "field": one.field, "reason": one.reason, "value": one.value}
        for one in rejects[:_MOST_REJECTS]
    ]
    left = {"rejects": len(rejects) - len(told["rejects"])}
    told["findings_in_all"] = len(told["findings"])
    for name, most in _MOST.items():
        if name in told:
            left[name] = max(0, len(told[name]) - most)
            told[name] = _first(told[name], most)
    told["not_listed"] = {name: count for name, count in left.items() if count}
    for one in (*told["findings"], *told["rejects"]):
        one["reason"] = problems.with_parameters(one["reason"])
    for at, one in enumerate(told["findings"]):
        # Shifts come first, and their value ends with how to read the rows. All other values are cells of the file.
        one["is_value_told"] = at < len(done.shifts)
        if one["is_value_told"]:
            one["value"] = problems.with_parameters(one["value"])
    told["assumed"] = {problems.with_parameters(text): count for text, count in told["assumed"].items()}
    # Half a surrogate pair in a cell is no text that JSON could carry.
    plain: dict[str, Any] = json.loads(json.dumps(told, ensure_ascii=False, default=str).encode("utf-8", "replace"))
    return plain


def report_when_done(shown: Mapping[str, Any], done: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report of an import that was accepted: what it did, and the columns and changes as they were shown."""
    not_listed = {**shown.get("not_listed", {}), **done["not_listed"]}
    return {**shown, **done, "not_listed": not_listed, "dry_run": False}


def _first(listed: Any, most: int) -> Any:
    return dict(list(listed.items())[:most]) if isinstance(listed, dict) else listed[:most]


def import_description(request: Request, record: Record) -> dict[str, Any]:
    """Return an import with its report, its state and where to go on."""
    return {
        **_head(record),
        "file": record.name,
        "mode": record.mode,
        **record.report,
        "links": _links(request, record),
    }


def waiting_list(request: Request, waiting: Sequence[Record], limit: int) -> dict[str, Any]:
    """Return the first of the imports that wait, without their reports, and how many there are."""
    listed = [
        {**_head(one), "file": one.name, "layer": one.layer, "mode": one.mode, "links": _links(request, one)}
        for one in waiting[:limit]
    ]
    links = [{"rel": "self", "href": str(request.url), "type": responses.JSON, "method": "GET"}]
    return {"imports": listed, "waiting": len(waiting), "links": links}


def _head(record: Record) -> dict[str, Any]:
    return {"id": record.id, "state": record.state, "created": _time(record.created), "expires": _time(record.expires)}


def _links(request: Request, record: Record) -> list[dict[str, str]]:
    base = f"{request.url.scheme}://{request.url.netloc}{PATH}/{record.id}"
    links = [{"rel": "self", "href": base, "type": responses.JSON, "method": "GET"}]
    if record.state == "waiting":
        links.append({"rel": "accept", "href": f"{base}/accept", "type": responses.JSON, "method": "POST"})
        links.append({"rel": "changes", "href": f"{base}/changes", "type": responses.GEOJSON, "method": "GET"})
        if record.report.get("rejected"):
            links.append({"rel": "rejects", "href": f"{base}/rejects", "type": "text/csv", "method": "GET"})
    return links


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
