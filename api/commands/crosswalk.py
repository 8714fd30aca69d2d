"""Map codes of grids from one day to another, and answer a table of old codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options, suffix_among
from geo.catalog.options import MAX_SHEET_ROWS
from geo.errors import BadValue
from geo.sentences import both, in_language

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from geo.planning.crosswalk import By
    from geo.storage.protocol import Store
    from geo.studies.code_crosswalk import AnsweredCodes, Crosswalk

_SUFFIXES = (".csv", ".xlsx")
#: Rows that are listed; --json and --out have all.
_LISTED = 20
_COLUMNS = {
    "old": ("旧代码", "old code"),
    "old_name": ("旧名称", "old name"),
    "new": ("新代码", "new code"),
    "new_name": ("新名称", "new name"),
    "share": ("份额", "share"),
}
_ADDED = {
    "now": ("今代码", "Code now"),
    "name": ("今名称", "Name now"),
    "share": ("份额", "Share"),
    "parts": ("几处", "Parts"),
    "note": ("说明", "Note"),
}


@click.command("crosswalk", short_help="旧代码对今代码 / old codes of grids and those of today")
@click.option("--from", "start", help="旧代码的日期 / the day of the old codes, YYYY-MM-DD")
@click.option("--to", "end", help="新代码的日期，默认今天 / the day of the new codes; today unless given")
@click.option(
    "--by",
    type=click.Choice(["area", "buildings", "households"]),
    default="area",
    show_default=True,
    help="份额按什么算 / what is shared",
)
@click.option(
    "--table", type=click.Path(path_type=Path, dir_okay=False), help="带旧代码的任何表格 / any table that has old codes"
)
@click.option("--code-column", "column", help="表格里代码所在的列 / its column of codes")
@click.option(
    "--share", "shared", multiple=True, help="按份额分摊的数字列，可重复 / a column of numbers to share out; repeatable"
)
@click.option("--encoding", help="表格的文字编码 / text encoding of the table, such as GBK")
@click.option("--sheet", "sheets", multiple=True, help="只读这个工作表 / this sheet only")
@click.option("--header-row", type=click.IntRange(1, MAX_SHEET_ROWS), help="表头在第几行 / row of the heading")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写到 .csv .xlsx / file to write")
@store_options
def crosswalk_command(
    console: Console,
    start: str | None,
    end: str | None,
    by: By,
    table: Path | None,
    column: str | None,
    shared: tuple[str, ...],
    encoding: str | None,
    sheets: tuple[str, ...],
    header_row: int | None,
    out: Path | None,
) -> int:
    """两天之间网格代码的对照：每个旧代码的份额合计为 1；带旧代码的表格换成今天的代码。

    Old and new codes of grids: the shares of each old code sum to 1; any table with old codes is answered with today's.

    \b
    gridsight crosswalk --from 2025-01-01 --by households --out 对照.xlsx
    gridsight crosswalk --table 台账.xlsx --code-column 网格编码 --share 件数 --out 台账今码.xlsx
    """  # noqa: D301, D400
    from geo.studies.analyze_options import day
    from geo.studies.code_crosswalk import crosswalk_of_days

    form = None if out is None else suffix_among(out, _SUFFIXES)
    console.require_not_store(out)
    if out is not None:
        console.require_possible_file(out)
    first, last = day(start), day(end)
    if table is None:
        if column is not None or shared or encoding is not None or sheets or header_row is not None:
            raise BadValue(
                "--code-column、--share、--encoding、--sheet、--header-row 只用于 --table",
                "--code-column, --share, --encoding, --sheet and --header-row are for --table only",
            )
        if first is None:
            raise BadValue("请给出 --from 日期，或 --table 文件", "give a day by --from, or a file by --table")
        with console.store() as store:
            found = crosswalk_of_days(store, first, last, by)
            name = store.name
        return _print_days(console, found, name, out, form)
    if out is None and not console.as_json:
        raise BadValue("请用 --out 指明结果写到哪里", "say by --out where the answer goes")
    reading = {"encoding": encoding, "sheets": sheets, "header_row": header_row}
    with console.store() as store:
        answered = _answered(store, table, column, reading, first, last, by, shared, out)
        name = store.name
    return _print_answered(console, answered, name, out, form)


def _answered(
    store: Store, table: Path, column: str | None, reading: dict[str, Any], first: date | None, last: date | None,
    by: By, shared: tuple[str, ...], out: Path | None,
) -> AnsweredCodes:  # fmt: skip
    from geo.files import require_other_file
    from geo.readers.code_lists import read_code_list
    from geo.studies.code_crosswalk import answer_codes

    if out is not None:
        require_other_file(out, table)
    codes = read_code_list(table, column, **reading)
    return answer_codes(store, codes, start=first, end=last, by=by, shared=shared)


def _print_days(console: Console, found: Crosswalk, name: str, out: Path | None, form: str | None) -> int:
    table = found.table
    if out is not None and form is not None:
        from api.representations.downloads import encode_frame
        from geo.files import write_atomically

        body = encode_frame(table, form.removeprefix("."), layer="crosswalk")
        write_atomically(out, lambda temporary: temporary.write_bytes(body))
    changed = table[(table["parts"] > 1) | (table["old"] != table["new"])]
    old = table["old"].nunique()
    console.print_json(
        {
            "store": name, "from": found.start.isoformat(), "to": found.end.isoformat(), "grids": old,
            "rows": table.to_dict("records"), "notes": found.notes, "out": None if out is None else str(out),
        }
    )  # fmt: skip
    if len(changed):
        console.print_table(changed.head(_LISTED).to_dict("records"), _COLUMNS)
    if len(changed) > _LISTED:
        rest = len(changed) - _LISTED
        console.print(f"……另有 {rest} 行", f"... and {rest} more rows")
    for note in found.notes:
        console.print_note(*both(note))
    count, renamed = changed["old"].nunique(), _renamed(table)
    console.print(
        f"{found.start} 的 {old} 个网格到 {found.end}：{old - count} 个不变，"
        f"{renamed} 个只换了代码，{count - renamed} 个有变",
        f"of {old} grids of {found.start}, {old - count} are the same on {found.end}, {renamed} have another code only,"
        f" {count - renamed} were changed",
    )
    if out is not None:
        console.print(f"已写 {out}", f"wrote {out}")
    return 0


def _renamed(table: pd.DataFrame) -> int:
    """Return how many grids are one other grid, which is nothing else."""
    whole = table[(table["parts"] == 1) & (table["old"] != table["new"]) & table["new"].notna()]
    return int((whole["new"].map(table["new"].value_counts()) == 1).sum())


def _print_answered(console: Console, found: AnsweredCodes, name: str, out: Path | None, form: str | None) -> int:
    if out is not None and form is not None:
        _write(found.table, out, form, console.lang)
    counts = {"rows": found.rows, "rows_out": len(found.table), "split": found.split, "unknown": found.unknown}
    answers = {} if out is not None else {"answers": _cells(found.table, "fields")}
    console.print_json(
        {"store": name, **counts, **answers, "notes": found.notes, "out": None if out is None else str(out)}
    )
    for note in found.notes:
        console.print_note(*both(note))
    console.print(
        f"{found.rows} 行，{found.split} 行的代码已分成几处，{found.unknown} 行的代码没有对应的网格；"
        f"写成 {len(found.table)} 行",
        f"{found.rows} rows: the codes of {found.split} were split, those of {found.unknown} answer to no grid;"
        f" {len(found.table)} rows written",
    )
    if out is not None:
        console.print(f"已写 {out}", f"wrote {out}")
    return 1 if found.unknown else 0


def _cells(table: pd.DataFrame, lang: str) -> list[dict[str, Any]]:
    names, rows = _sheet(table, lang)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _sheet(table: pd.DataFrame, lang: str) -> tuple[list[str], list[list[Any]]]:
    """Return headings, each once, and plain cells; notes in the language."""
    from api.representations.batch_sheets import sheet_of_table
    from geo.readers.columns.column_mapping import unique_names

    sheet = sheet_of_table(table, has_grid_codes=False)
    names = list(sheet.names)
    for place, (name, words) in enumerate(_ADDED.items(), len(names) - len(_ADDED)):
        names[place] = name if lang == "fields" else words[lang == "en"]
    rows = [list(row) for row in sheet.rows]
    for row in rows:
        row[-1] = in_language(row[-1], lang) if row[-1] else None
    return unique_names(names), rows


def _write(table: pd.DataFrame, out: Path, form: str, lang: str) -> None:
    from api.representations.batch_rows import as_csv
    from api.representations.batch_sheets import NUMBERS
    from api.representations.workbook_files import require_sheet_rows, write_rows
    from geo.files import write_atomically

    names, rows = _sheet(table, lang)
    if form == ".xlsx":
        require_sheet_rows(len(rows))
        write_atomically(out, lambda temporary: write_rows(temporary, "crosswalk", names, rows))
        return
    body = b"".join(as_csv(names, iter(rows), harmless=NUMBERS))
    write_atomically(out, lambda temporary: temporary.write_bytes(body))


COMMANDS = {"crosswalk": crosswalk_command}
