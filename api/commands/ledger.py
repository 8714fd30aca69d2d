"""Tell the ledger of an own zone: before it was listed, while it was, after it was struck off."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options
from geo.catalog.editions import LEVEL_NAMES
from geo.catalog.ledger_fields import LEDGER, LEDGER_CHANGES, LEDGER_FIGURES, PHASES
from geo.figure_text import percent_text, plain_figure
from geo.sentences import in_language

if TYPE_CHECKING:
    from geo.studies.zone_ledger import ZoneLedger

_DIGITS = 4


@click.command("ledger")
@click.argument("area")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="写成文件：.pdf 一页，.xlsx 或 .csv 表格 / write a page (.pdf) or a table (.xlsx, .csv)",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), help="文件的语言 / language of the file")
@store_options
def ledger_command(console: Console, area: str, out: Path | None, lang: str | None) -> int:
    """一个自有区域的台账：列入之前、列入期间、撤销之后。 / An own zone before, during and after its listing.

    AREA 写代码、名称或 areas:代码；每个时段取数据日期在其中的最后一个批次。 / AREA is a code, a name or areas:CODE; of
    each phase the last run counts, by the day of its data.

    \b
    gridsight ledger K1
    gridsight ledger areas:key_area:K1 --out ledger.pdf
    """  # noqa: D301
    from api.representations.zone_ledgers import LEDGER_FORMS, ledger_values
    from geo.errors import BadValue
    from geo.studies.zone_ledger import ledger

    form = out.suffix.lower().removeprefix(".") if out is not None else ""
    if out is not None and form not in LEDGER_FORMS:
        known = ", ".join(f".{one}" for one in LEDGER_FORMS)
        raise BadValue(f"台账写成 {known}", f"a ledger is written as {known}")
    if out is not None:
        console.require_not_store(out)
    with console.store() as store:
        found = ledger(store, area)
        name = store.name
    if out is not None:
        _write(found, out, form, lang or console.lang)
    console.print_json({"store": name, **ledger_values(found), "out": None if out is None else str(out)})
    _print(console, found)
    if out is not None:
        console.print(f"已写 {out}", f"wrote {out}")
    return 0


def _write(found: ZoneLedger, out: Path, form: str, lang: str) -> None:
    from api.commands.export import write_file

    if form == "pdf":
        from maps.print.ledger_page import write_ledger

        write_ledger(found, out, lang=lang)
        return
    from api.representations.downloads import encode_frame
    from api.representations.tables import TableOptions

    options = TableOptions("en" if lang == "en" else "zh", of_run=True)
    write_file(out, encode_frame(found.table(), form, layer="ledger", options=options))


def _print(console: Console, found: ZoneLedger) -> None:
    listed, struck = (None if day is None else day.isoformat() for day in (found.listed, found.struck))
    begun = ("一直有效", "always in force") if listed is None else (f"{listed} 列入", f"listed {listed}")
    ended = ("尚未撤销", "not struck off") if struck is None else (f"{struck} 撤销", f"struck off {struck}")
    name = found.name or found.code
    console.print(f"{name}：{begun[0]}，{ended[0]}", f"{name}: {begun[1]}, {ended[1]}")
    is_english = console.lang == "en"
    rows = [
        {**row, "phase": PHASES[row["phase"]][is_english], "level": LEVEL_NAMES[row["level"]][is_english]}
        | {one: round(row[one], _DIGITS) for one in LEDGER_FIGURES if row[one] is not None}
        for row in found.rows
    ]
    changes = {one.name for one in LEDGER_CHANGES.values()}
    console.print_table(rows, {one.name: one.column_heading for one in LEDGER.fields if one.name not in changes})
    _print_changes(console, found)
    missing = [words for phase, words in PHASES.items() if phase not in {row["phase"] for row in found.rows}]
    for zh, en in missing:
        console.print(f"  {zh}没有批次", f"  no run {en}")
    for note in found.notes:
        zh, en = (in_language(note, lang) for lang in ("zh", "en"))
        console.print(f"  说明：{zh}", f"  note: {en}")


def _print_changes(console: Console, found: ZoneLedger) -> None:
    """Print what each figure is more or less than in the phase before, as the page has it in parentheses."""
    for phase, changes in found.changes.items():
        told = {name: _signed(name, value) for name, value in changes.items() if value}
        zh = "，".join(f"{LEDGER.field(name).zh} {text}" for name, text in told.items())
        en = ", ".join(f"{LEDGER.field(name).en.lower()} {text}" for name, text in told.items())
        console.print(
            f"  {PHASES[phase][0]}与前一时段相比：{zh or '没有变化'}",
            f"  {PHASES[phase][1]}, against the phase before: {en or 'no change'}",
        )


def _signed(name: str, value: float) -> str:
    size = percent_text(abs(value)) if name.endswith("_share") else plain_figure(abs(value))
    unit = " m²" if name.endswith("_m2") else ""
    return f"{'+' if value > 0 else '−'}{size}{unit}"


COMMANDS = {"ledger": ledger_command}
