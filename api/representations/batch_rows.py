"""Read and write batches of `/locate`: CSV (UTF-8, byte-order mark allowed) and JSON arrays."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from api import problems
from api.json_bodies import parse_json
from api.language import in_language
from api.problems import sentence
from api.representations.json_text import dumps
from geo.files import escaped_formula
from geo.studies.locate_positions import LocatedRow

#: The columns of a result, in order (docs/contract.md section 3).
FIELDS = ("id", "status", "grid", "level", "score", "border_m", "candidates", "error")
#: Faults of an answer that its row tells in the column `error`, though it has one; those of a partial one always.
_TOLD = {"address-differs", "datum"}
_KNOWN = {"id", "address", "lon", "lat", "crs"}
_CHUNK = 500
#: Longest cell; with the csv module's default limit a long cell would end the whole batch.
_MAX_CELL = 1_000_000


def rows_of_csv(body: bytes, *, most: int | None = None) -> list[Mapping[str, Any]]:
    """Return the rows of a CSV text; raise BadBody where it is not UTF-8 or lacks the columns.

    Parameters
    ----------
    most
        Upper bound on rows; more raise BodyTooLarge and are not read: a row of two bytes takes 300 in memory.
    """
    csv.field_size_limit(_MAX_CELL)
    # Decoded line by line: one text would be a second copy, four bytes per character.
    text = io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", newline="")
    try:
        reader = csv.DictReader(text, restkey="", restval=None)
        names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        if not ({"address"} <= set(names) or {"lon", "lat"} <= set(names)):
            raise problems.BadBody(
                "CSV 需要列 address，或 lon、lat、crs", "the CSV needs a column address, or lon, lat, crs"
            )
        reader.fieldnames = names
        stop = None if most is None else most + 1
        return _within_limit([{name: row.get(name) for name in _KNOWN} for row in islice(reader, stop)], most)
    except UnicodeDecodeError:
        raise problems.BadBody("CSV 不是 UTF-8", "the CSV is not UTF-8") from None
    except csv.Error:
        raise problems.BadBody("CSV 无法读取", "the CSV cannot be read") from None


def rows_of_json(body: bytes, *, most: int | None = None) -> list[Mapping[str, Any]]:
    """Return the rows of a JSON array; a value that is not an object becomes an empty row, which is an error.

    Parameters
    ----------
    most
        Upper bound on rows; more raise BodyTooLarge.
    """
    value = parse_json(body, max_values=None) if most is None else parse_json(body)
    if not isinstance(value, list):
        raise problems.BadBody("JSON 须是数组", "the JSON must be an array")
    _within_limit(value, most)
    return [{name: _scalar_or_none(row.get(name)) for name in _KNOWN} if isinstance(row, dict) else {} for row in value]


def _within_limit(rows: list[Any], most: int | None) -> list[Any]:
    if most is not None and len(rows) > most:
        raise problems.BodyTooLarge(f"一批最多 {most:,} 行", f"a batch has at most {most:,} rows")
    return rows


def row_record(one: LocatedRow, lang: str) -> dict[str, Any]:
    """Return the record of one row: plain values, `candidates` a list of grid codes."""
    blank = dict.fromkeys(FIELDS)
    if one.match is None:
        error = sentence(one.error, lang) if one.error is not None else None
        return {**blank, "id": one.id, "status": "error", "candidates": [], "error": error}
    match = one.match
    codes = [candidate.grid["code"] for candidate in match.candidates if candidate.grid]
    out = {**blank, "id": one.id, "status": match.status, "candidates": codes}
    if match.candidates and match.status not in ("ambiguous", "not_found"):
        first = match.candidates[0]
        out |= {
            "grid": first.grid["code"] if first.grid else None,
            "level": first.level,
            "score": first.score,
            "border_m": first.border_m,
        }
    told = [
        fault["text"]
        for one in match.candidates
        for fault in one.faults
        if fault["code"] in _TOLD or match.status == "partial"
    ]
    if told:
        out["error"] = "; ".join(in_language(text, lang) for text in told)
    return out


def as_json(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield a JSON array, 500 records at a time."""
    waiting = iter(records)
    begin = b"["
    while chunk := list(islice(waiting, _CHUNK)):
        yield begin + b",\n".join(dumps(one) for one in chunk)
        begin = b",\n"
    yield b"]" if begin != b"[" else b"[]"


def as_csv(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield CSV with a byte-order mark, 500 records at a time; several codes are joined by `;`."""
    waiting = iter(records)
    yield b"\xef\xbb\xbf" + ",".join(FIELDS).encode() + b"\r\n"
    while chunk := list(islice(waiting, _CHUNK)):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        for one in chunk:
            cells = {**one, "candidates": ";".join(one["candidates"])}
            row = [cells[name] for name in FIELDS]
            writer.writerow([escaped_formula(cell) if isinstance(cell, str) else cell for cell in row])
        yield text.getvalue().encode("utf-8", "replace")


def _scalar_or_none(value: Any) -> Any:
    return value if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
