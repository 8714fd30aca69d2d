"""Read and write batches of `/locate`: tables, as imports read them and as people or programs read them, and JSON."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from api import problems
from api.problems import sentence
from api.representations.json_text import dumps
from api.representations.match_words import STATUSES, not_found_reason
from geo.catalog.headings import TableLanguage
from geo.catalog.layers import LAYERS
from geo.catalog.match_statuses import SCORE
from geo.errors import UnreadableFile
from geo.files import escaped_formula
from geo.places.address.answerer import MAX_CANDIDATES
from geo.readers.place_lists import PlaceList, read_places
from geo.readers.source import FileLimits, TooManyFeatures
from geo.sentences import in_language
from geo.storage.protocol import Bbox
from geo.studies.locate_rows import LocatedRow
from geo.types import Match

#: The columns of a result, in order (docs/contract.md section 3).
FIELDS = ("id", "status", "grid", "level", "score", "border_m", "candidates", "error")
#: Faults of an answer that its row tells in the column `error`, though it has one; those of a partial one always, and
#: those of several grids but where they take nothing from what is said.
_TOLD = {
    "address_differs", "datum", "future_code", "old_code", "other_crs", "unknown_code", "unused_column", "unused_point",
}  # fmt: skip
_UNTOLD = {"alias", "misspelt", "more", "old_name", "sound_or_shape"}
#: What a list with codes of grids is answered with besides: the codes of today.
TODAY = ("今网格编码", "Grid code today")
#: The columns of a result as people read it: heading in Chinese and English; `today` only of lists with codes of grids.
PEOPLE_COLUMNS = {
    "id": ("编号", "Id"), "today": TODAY, "status": ("结果", "Result"), "grid": ("所属网格", "Grid"),
    "grid_name": ("所属网格名称", "Grid name"), "village": ("所属村社区名称", "Village name"),
    "township": ("所属乡镇名称", "Township name"), "level": ("层级", "Level"), "score": SCORE,
    "border_m": ("距边界（米）", "To the border (m)"), "candidates": ("可能的网格", "Possible grids"),
    "reason": ("说明", "Reason"),
}  # fmt: skip
_LEVELS = {
    **{one.name: (one.zh, one.name) for one in LAYERS["divisions"].field("level").values},
    "grid": ("网格", "grid"), "microgrid": ("微网格", "microgrid"), "address": ("地址", "address"),
}  # fmt: skip
_CHUNK = 500
#: Of a workbook that was sent: bytes unpacked, and cells.
_UNPACKED_BYTES, _CELLS = 256 << 20, 2_000_000


def places_of(
    body: bytes,
    *,
    suffix: str = ".csv",
    most: int | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    sheets: Sequence[str] = (),
    header_row: int | None = None,
    near: Bbox | None = None,
) -> PlaceList:
    """Return the rows of a table that was sent, as the command line reads one; raise BadBody where it is none.

    Parameters
    ----------
    crs, encoding, sheets, header_row, near
        As of `geo.readers.place_lists.read_places`.
    suffix
        That of its format, with the dot; the content decides all the same.
    most
        Upper bound on rows; more raise BodyTooLarge and are not read: a row of two bytes takes 300 in memory.
    """
    limits = FileLimits()
    if most is not None:
        limits = replace(limits, features=most, xlsx_bytes=_UNPACKED_BYTES, xlsx_cells=_CELLS)
    with tempfile.TemporaryDirectory(prefix="gridsight-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / f"batch{suffix}"
        path.write_bytes(body)
        try:
            found = read_places(
                path, crs=crs, encoding=encoding, sheets=sheets, header_row=header_row, near=near, limits=limits
            )
        except TooManyFeatures:
            raise too_many_rows(most or 0) from None
        except UnreadableFile as error:
            raise problems.BadBody(error.zh, error.en) from None
    if most is not None and len(found.rows) > most:
        raise too_many_rows(most)
    return found


def too_many_rows(most: int) -> problems.BodyTooLarge:
    """Return the error of a batch of more rows than so many."""
    return problems.BodyTooLarge(f"一批最多 {most:,} 行", f"a batch has at most {most:,} rows")


def row_record(one: LocatedRow, lang: str) -> dict[str, Any]:
    """Return the record of one row: plain values, `candidates` a list of grid codes."""
    blank = dict.fromkeys(FIELDS)
    if one.match is None:
        error = sentence(one.error, lang) if one.error is not None else None
        return {**blank, "id": one.id, "status": "error", "candidates": [], "error": error}
    match = one.match
    codes = [candidate.grid["code"] for candidate in match.candidates if candidate.grid]
    out = {**blank, "id": one.id, "status": match.status, "candidates": codes}
    if match.candidates and match.status in ("matched", "partial"):
        first = match.candidates[0]
        out |= {"level": first.level, "score": first.score}
        if match.status == "matched":  # what is only possible is among the candidates
            out |= {"grid": first.grid["code"] if first.grid else None, "border_m": first.border_m}
    told = {
        in_language(fault["text"], lang): None
        for one in match.candidates
        for fault in one.faults
        if fault["code"] in _TOLD
        or match.status == "partial"
        or (match.status == "ambiguous" and fault["code"] not in _UNTOLD)
    }
    if told:
        out["error"] = "; ".join(told)  # what several candidates share is said once
    return out


def records(located: Iterable[LocatedRow], lang: TableLanguage, language: str) -> Iterator[dict[str, Any]]:
    """Yield the records of rows: of people in their language, or of programs with errors in the language given."""
    for one in located:
        yield row_record(one, language) if lang == "fields" else people_record(one, lang)


def codes_today(one: LocatedRow) -> str | None:
    """Return the grids that are today what the code of a row was; None for a row without one.

    Examples
    --------
    >>> codes_today(LocatedRow("1", None, None, ("g1", "g2"))), codes_today(LocatedRow("1", None, None))
    ('g1;g2', None)
    """
    return None if one.today is None else ";".join(one.today)


def people_record(one: LocatedRow, lang: str) -> dict[str, Any]:
    """Return the record of one row by PEOPLE_COLUMNS: names beside codes, words for the result and why it is so."""
    record, match, k = row_record(one, lang), one.match, int(lang == "en")
    out: dict[str, Any] = dict.fromkeys(PEOPLE_COLUMNS)
    out |= {name: record[name] for name in ("id", "grid", "score", "border_m")}
    out |= {"status": STATUSES[record["status"]][k], "reason": record["error"], "today": codes_today(one)}
    if match is None:
        return out
    found = match.candidates
    for level in ("village", "township"):
        # Several candidates may share one; two villages of one name are two.
        steps = [next((step for step in each.chain if step["level"] == level), None) for each in found]
        is_one = len({step["code"] if step is not None else None for step in steps}) == 1
        out[level] = steps[0]["name"] if is_one and steps[0] is not None else None
    if record["level"] is not None:
        out["level"] = _LEVELS.get(record["level"], (record["level"],) * 2)[k]
    if record["grid"] is not None and found[0].grid is not None:
        out["grid_name"] = found[0].grid["name"]
    if match.status in ("ambiguous", "partial"):
        grids = [each.grid for each in found if each.grid is not None]
        out["candidates"] = "; ".join(" ".join(filter(None, (each["code"], each["name"]))) for each in grids)
    out["reason"] = out["reason"] or _reason(match, lang)
    return out


def _reason(match: Match, lang: str) -> str | None:
    """Return why a row has no one grid; None for one that has."""
    told = dict.fromkeys(in_language(fault["text"], lang) for each in match.candidates for fault in each.faults)
    if match.status == "matched" or told:
        return "; ".join(told) or None
    if match.status == "not_found":
        return in_language(not_found_reason(match), lang)
    count = len(match.candidates)
    if match.status == "ambiguous":
        zh, en = f" {count} 个可能的网格", f"{count} grids are possible"
        if count >= MAX_CANDIDATES:  # no more are looked for
            zh, en = f"至少{zh}", f"at least {en}"
        return en if lang == "en" else f"有{zh}"
    last = match.candidates[0].chain[-1] if count and match.candidates[0].chain else None
    place = None if last is None else last["name"] or last["code"]
    return None if place is None else (f"只确定到{place}", f"known as far as {place} only")[lang == "en"]


def as_json(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield a JSON array, 500 records at a time."""
    waiting = iter(records)
    begin = b"["
    while chunk := list(islice(waiting, _CHUNK)):
        yield begin + b",\n".join(dumps(one) for one in chunk)
        begin = b",\n"
    yield b"]" if begin != b"[" else b"[]"


def table_of(
    records: Iterable[Mapping[str, Any]], lang: TableLanguage = "fields", *, has_grid_codes: bool = False
) -> tuple[list[str], Iterator[list[Any]]]:
    """Return headings and rows of the records as a table; several codes are joined by `;`."""
    headings = _headings(lang, has_grid_codes=has_grid_codes)
    return list(headings.values()), ([cells[name] for name in headings] for cells in map(_cells, records))


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, harmless: str = "") -> Iterator[bytes]:
    """Yield CSV with a byte-order mark, 500 rows at a time; `harmless` as of `geo.files.escaped_formula`."""
    waiting = chain([headings], rows)
    begin = b"\xef\xbb\xbf"
    while chunk := list(islice(waiting, _CHUNK)):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        for row in chunk:
            writer.writerow(
                [escaped_formula(cell, harmless=harmless) if isinstance(cell, str) else cell for cell in row]
            )
        yield begin + text.getvalue().encode("utf-8", "replace")
        begin = b""


def _headings(lang: TableLanguage, *, has_grid_codes: bool) -> dict[str, str]:
    """Return the columns of a table by name, each with its heading."""
    if lang == "fields":
        return {name: name for name in FIELDS}
    names = [name for name in PEOPLE_COLUMNS if name != "today" or has_grid_codes]
    return {name: PEOPLE_COLUMNS[name][lang == "en"] for name in names}


def _cells(record: Mapping[str, Any]) -> dict[str, Any]:
    codes = record["candidates"]
    return {**record, "candidates": ";".join(codes) if isinstance(codes, list) else codes}
