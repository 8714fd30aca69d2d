"""Answer which grid owns an address or a point, or a file of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from api.commands import reading_report
from api.commands.console import Console, store_options, suffix_among
from geo.catalog.options import DEFAULT_ACCURACY_M, MAX_ACCURACY_M, MAX_SHEET_ROWS
from geo.errors import BadValue, GeoError, UnreadableFile
from geo.sentences import both, in_language
from geo.studies.analyze_options import day

if TYPE_CHECKING:
    from datetime import date

    from api.representations.batch_sheets import Answers, Sheet
    from geo.catalog.headings import TableLanguage
    from geo.storage.protocol import Store
    from geo.studies.locate_rows import LocatedRow
    from geo.types import Match

_SUFFIXES = (".csv", ".xlsx", ".json")


@click.command("locate")
@click.argument("address", required=False)
@click.option("--lon", type=float, help="经度或横坐标 / longitude or x")
@click.option("--lat", type=float, help="纬度或纵坐标 / latitude or y")
@click.option("--crs", help="点的坐标系 / CRS of the point: wgs84, cgcs2000, gcj02, bd09, EPSG:n")
@click.option("--accuracy", type=float, default=DEFAULT_ACCURACY_M, show_default=True, help="点的精度，米 / metres")
@click.option("--at", help="日期 / YYYY-MM-DD")
@click.option(
    "--batch",
    type=click.Path(path_type=Path),
    help="批量文件：编号与地址，或经度、纬度、坐标系 / a table, or JSON, of id and address, or lon, lat, crs",
)
@click.option("--encoding", help="批量文件的文字编码 / text encoding of the batch, such as GBK")
@click.option(
    "--sheet", "sheets", multiple=True, help="批量：只读这些工作表 / of a batch: this sheet only (repeatable)"
)
@click.option(
    "--header-row", type=click.IntRange(1, MAX_SHEET_ROWS), help="批量：表头在第几行 / of a batch: row of the heading"
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="批量结果 / where the answers of a batch go (.csv, .xlsx, .json)"
)
@click.option(
    "--lang",
    type=click.Choice(["zh", "en", "fields"]),
    help="批量结果的表头与词，.csv 默认 fields / headings and words of a batch; .csv has names of fields unless asked",
)
@click.option(
    "--keep-columns/--no-keep-columns",
    "keeps",
    default=None,
    help="批量结果保留原表的列，其后加查得的列；.xlsx 默认保留 / the columns of the batch, then the answers; so .xlsx",
)
@store_options
def locate_command(
    console: Console,
    address: str | None,
    lon: float | None,
    lat: float | None,
    crs: str | None,
    accuracy: float,
    at: str | None,
    batch: Path | None,
    encoding: str | None,
    sheets: tuple[str, ...],
    header_row: int | None,
    out: Path | None,
    lang: TableLanguage | None,
    keeps: bool | None,
) -> int:
    """地址或点归哪个网格，有多大把握。 / Which grid owns an address or a point, and how sure that is.

    \b
    gridsight locate "青石镇杨柳沟村三组12号"
    gridsight locate --lon 103.02 --lat 37.51 --crs gcj02 --accuracy 50
    gridsight locate --batch 地址.xlsx --crs gcj02 --out 结果.xlsx
    """  # noqa: D301
    point = lon is not None or lat is not None
    if (address is not None) + point + (batch is not None) != 1:
        raise BadValue("请给出地址、点或 --batch 之一", "give one of an address, a point, or --batch")
    if point and (lon is None or lat is None):
        raise BadValue("--lon 与 --lat 须同时给出", "--lon and --lat go together")
    if not 0.0 <= accuracy <= MAX_ACCURACY_M:
        limit = f"{MAX_ACCURACY_M:,.0f}"
        raise BadValue(f"--accuracy 须在 0 到 {limit} 米之间", f"--accuracy must be between 0 and {limit} metres")
    if out is not None and batch is None:
        raise BadValue("--out 只用于 --batch", "--out is for --batch only")
    if out is not None:
        suffix_among(out, _SUFFIXES)
    how = {"crs": crs, "encoding": encoding, "sheets": sheets, "header_row": header_row}
    if batch is None and (encoding is not None or sheets or header_row is not None or lang is not None):
        raise BadValue(
            "--encoding、--sheet、--header-row、--lang 只用于 --batch",
            "--encoding, --sheet, --header-row and --lang are for --batch only",
        )
    if batch is None and keeps is not None:
        raise BadValue("--keep-columns 只用于 --batch", "--keep-columns is for --batch only")
    is_json = console.as_json if out is None else out.suffix.lower() == ".json"
    if lang is not None and is_json:
        raise BadValue("--lang 用于表格，JSON 的字段名不变", "--lang is for tables: the names of JSON stay as they are")
    moment = day(at)
    with console.store() as store:
        if batch is not None:
            return _batch(console, store, batch, how, accuracy, moment, out=out, lang=lang, keeps=keeps)
        from geo.studies.locate_positions import gazetteer_of, locate_address, locate_point

        if address is not None:
            gazetteer = gazetteer_of(store, moment, index_folder=console.index_folder(store))
            found = locate_address(store, address, accuracy=accuracy, gazetteer=gazetteer)
        else:
            found = locate_point(store, cast("float", lon), cast("float", lat), crs, accuracy=accuracy, at=moment)
        console.print_json({**vars(found), "store": store.name})
    _print_match(console, found)
    return 0


def _batch(
    console: Console,
    store: Store,
    path: Path,
    how: Mapping[str, Any],
    accuracy: float,
    moment: date | None,
    *,
    out: Path | None,
    lang: TableLanguage | None,
    keeps: bool | None,
) -> int:
    from api.representations import batch_sheets
    from api.representations.match_words import STATUSES
    from api.representations.workbook_files import require_sheet_rows
    from geo.files import require_other_file
    from geo.studies.import_files import expected_box
    from geo.studies.locate_positions import gazetteer_of
    from geo.studies.locate_rows import locate_rows
    from geo.studies.today_of_code import later_code, today_of_code

    if out is not None:
        require_other_file(out, path)
        console.require_not_store(out)
    rows, sheet, told = _rows(path, {**how, "near": expected_box(store)})
    form = "" if out is None else out.suffix.lower()
    if form == ".xlsx":
        require_sheet_rows(len(rows))
    used = lang or (console.lang if form == ".xlsx" else "fields")  # a workbook is for people
    counts: Counter[str] = Counter()
    gazetteer = gazetteer_of(store, moment, index_folder=console.index_folder(store))
    codes_today = partial(today_of_code, store, at=gazetteer.at)
    codes_later = partial(later_code, store, at=gazetteer.at)
    found = locate_rows(gazetteer, rows, accuracy=accuracy, codes_today=codes_today, codes_later=codes_later)
    located = _counted(found, counts, console, len(rows))
    is_kept = keeps if keeps is not None else form == ".xlsx" and used != "fields"
    answers = batch_sheets.Answers(
        located, sheet if is_kept else None, used, console.lang, has_grid_codes=sheet.has_grid_codes
    )
    if out is not None:
        _write(answers, out)
        console.print_json({"store": store.name, "rows": len(rows), "counts": dict(counts), "out": str(out), **told})
        zh, en = (", ".join(f"{STATUSES[name][k]} {count}" for name, count in counts.items()) for k in (0, 1))
        zh, en = (f"（{zh}）", f" ({en})") if counts else ("", "")
        console.print(f"{len(rows)} 行 -> {out}{zh}", f"{len(rows)} rows -> {out}{en}")
    elif console.as_json:
        records = list(answers.records())
        console.print_json({"store": store.name, "rows": len(rows), "counts": dict(counts), "answers": records, **told})
    else:
        for piece in answers.csv():
            click.echo(piece.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n"), nl=False)
    _print_told(console, told)
    return 1 if counts["error"] or told.get("findings") else 0


def _write(answers: Answers, out: Path) -> None:
    """Write the answers of a batch in the form of the suffix."""
    from geo.files import write_atomically

    form = out.suffix.lower()
    if form == ".xlsx":
        write_atomically(out, answers.write_workbook)
        return
    pieces = answers.json() if form == ".json" else answers.csv()
    write_atomically(out, lambda temporary: _write_stream(temporary, pieces))


def _print_told(console: Console, told: Mapping[str, Any]) -> None:
    """Print what became of columns and sheets, apart from the answers."""
    if console.as_json or not told:
        return
    say = console.print_note
    reading_report.print_columns(say, None, told["unused_columns"], told["dropped_columns"])
    reading_report.print_assumed(say, told["assumed"])
    reading_report.print_findings(say, "addresses", told["findings"])


def _counted(located: Iterable[LocatedRow], counts: Counter[str], console: Console, total: int) -> Iterator[LocatedRow]:
    for done, one in enumerate(located):
        counts["error" if one.match is None else one.match.status] += 1
        if done % 1000 == 0:
            console.progress("查询 / locating", done / max(total, 1))
        yield one


def _rows(path: Path, how: Mapping[str, Any]) -> tuple[Sequence[Any], Sheet, dict[str, Any]]:
    """Return the rows of a batch, its cells, and for a table what became of its columns and sheets."""
    import sys

    from api.json_bodies import as_utf8
    from api.representations import batch_json, batch_rows, batch_sheets
    from geo.readers.place_lists import read_places

    body = b""
    if str(path) == "-":
        body = sys.stdin.buffer.read()
    elif path.suffix.lower() == ".json":
        try:
            body = path.read_bytes()
        except OSError as error:
            reason = error.strerror or "?"
            raise UnreadableFile(f"不能读 {path}：{reason}", f"cannot read {path}: {reason}") from None
    if path.suffix.lower() == ".json" or body.lstrip()[:1] == b"[":
        try:
            values = batch_json.objects_of_json(as_utf8(body, how["encoding"]))
        except GeoError as error:
            raise UnreadableFile(f"无法读取 {path.name}：{error.zh}", f"cannot read {path.name}: {error.en}") from None
        rows = batch_json.rows_of_objects(values, how["crs"], how["near"])
        has_codes = batch_json.have_grid_codes(rows)
        return rows, batch_sheets.sheet_of_objects(values, has_grid_codes=has_codes), {}
    found = batch_rows.places_of(body, **how) if str(path) == "-" else read_places(path, **how)
    told = {
        "assumed": dict(found.notes), "unused_columns": list(found.unused_columns),
        "dropped_columns": list(found.dropped_columns), "findings": [one.as_dict() for one in found.findings],
    }  # fmt: skip
    sheet = batch_sheets.sheet_of_table(found.sheet, has_grid_codes=found.has_grid_codes)
    return found.rows, sheet, told


def _write_stream(path: Path, pieces: Any) -> None:
    with path.open("wb") as file:
        file.writelines(pieces)


def _print_match(console: Console, found: Match) -> None:
    """Print the status and its reason, then each candidate: where, how sure, how exact, and what is doubtful."""
    from api.representations.match_words import METHODS, STATUSES, not_found_reason
    from geo.places.coarse_points import MAX_LOOKED_AT_M

    head = STATUSES[found.status]
    if found.status == "not_found":
        why = both(not_found_reason(found))
        head = f"{head[0]}：{why[0]}", f"{head[1]}: {why[1]}"
    elif found.status == "ambiguous":
        count = len(found.candidates)
        head = f"{head[0]}：{count} 个候选", f"{head[1]}: {count} candidates"
    console.print(*head)
    if found.point is not None:
        lon, lat = found.point
        console.print(f"  位置 {lon:.6f}, {lat:.6f}（WGS-84）", f"  at {lon:.6f}, {lat:.6f} (WGS-84)")
    for one in found.candidates:
        chain = " > ".join(str(step["name"] or step["code"]) for step in one.chain) or "-"
        code = one.grid["code"] if one.grid else "-"
        zh, en = METHODS[one.method]
        far = [(f"精度 {one.precision_m:.0f} m", f"within {one.precision_m:.0f} m")] if one.precision_m else []
        if one.border_m is not None:
            far.append((f"距边界 {one.border_m:.1f} m", f"{one.border_m:.1f} m from the border"))
        console.print(
            "，".join([f"  {code}  {chain}  [{zh}，把握 {one.score:.2f}]", *(pair[0] for pair in far)]),
            ", ".join([f"  {code}  {chain}  [{en}, score {one.score:.2f}]", *(pair[1] for pair in far)]),
        )
        for fault in one.faults:
            zh, en = (in_language(fault["text"], lang) for lang in ("zh", "en"))
            console.print(f"    存疑：{zh}（{fault['code']}）", f"    doubtful: {en} ({fault['code']})")
        if one.neighbours:
            listed = ", ".join(one.neighbours)
            zh, en = ("精度之内", "the accuracy")
            if (one.precision_m or 0.0) > MAX_LOOKED_AT_M:
                zh, en = f"{MAX_LOOKED_AT_M:.0f} m 之内", f"{MAX_LOOKED_AT_M:.0f} m"
            console.print(f"    {zh}的邻近网格：{listed}", f"    grids within {en}: {listed}")


COMMANDS = {"locate": locate_command}
