"""Say which unknown values are most worth measuring, and write the form to take along."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options
from geo.catalog.claims import UNKNOWN_COLUMNS, UNKNOWNS_OF_RUN
from geo.errors import BadValue
from geo.figure_text import plain_figure
from geo.sentences import both

if TYPE_CHECKING:
    from geo.catalog.headings import TableLanguage
    from geo.storage.protocol import Store
    from geo.studies.run_unknowns import RunUnknowns

_TO_FILE = click.Path(path_type=Path, dir_okay=False)
#: Lines listed without --limit.
_LISTED = 20


@click.command("unknowns")
@click.argument("run", default="latest")
@click.option(
    "--limit", type=click.IntRange(1), help="最多几行，核实表最多几个点位 / at most so many rows, or sites of a form"
)
@click.option("--out", type=_TO_FILE, help="把整张表写成文件，后缀定格式 / write the table; its suffix is the format")
@click.option("--form", type=_TO_FILE, help="核实表：.xlsx 填好可导入，.pdf 打印 / the survey form, XLSX or PDF")
@click.option("--layer", type=click.Choice(["cameras", "obstacles"]), default="cameras", show_default=True,
              help="核实表的图层 / layer of the form")  # fmt: skip
@click.option("--lang", type=click.Choice(["zh", "en"]), help="表头与词的语言 / language of headings and words")
@store_options
def unknowns_command(
    console: Console,
    run: str,
    limit: int | None,
    out: Path | None,
    form: Path | None,
    layer: str,
    lang: TableLanguage | None,
) -> int:
    """哪些未知的方位角、状态、高度最值得去现场核实；写核实表。

    Which unknown azimuths, statuses and heights are most worth measuring; write the form for it.

    权重是这一个值知道后最多能从可能变为确定的，其他未知量不动。
    The weight is the most that this one value turns from possibly to surely seen.

    \b
    gridsight unknowns
    gridsight unknowns latest --form 核实表.xlsx --limit 30
    gridsight unknowns --form 核实表.pdf
    """  # noqa: D301, D400
    from api.representations.unknown_values import unknown_values
    from geo.studies.run_unknowns import unknowns

    language: TableLanguage = lang or ("en" if console.lang == "en" else "zh")
    if form is not None and form.suffix.lower() not in (".xlsx", ".pdf"):
        raise BadValue(f"核实表以 .xlsx 或 .pdf 结尾：{form}", f"a survey form ends in .xlsx or .pdf: {form}")
    console.require_not_store(out, form)
    with console.store() as store:
        found = unknowns(store, run, progress=console.progress)
        written = {}
        if out is not None:
            written["out"] = _write_table(store, found, out, language)
        if form is not None:
            written["form"] = _write_form(store, found, form, layer, language, limit)
        name = store.name
    told = unknown_values(found)
    console.print_json({"store": name, **told, "files": written})
    rows = told["unknowns"]
    shown = rows[: limit or _LISTED]
    for note in found.notes:
        console.print_note(*both(note))
    console.print(
        f"未知的值 {len(rows)} 个，列出 {len(shown)} 个；另有 {found.without_effect} 个未知高度不改变任何结果",
        f"{len(rows)} unknown values, {len(shown)} listed; {found.without_effect} more unknown heights turn nothing",
    )
    fields = {one: UNKNOWNS_OF_RUN.field(one) for one in UNKNOWN_COLUMNS}
    columns = {name: field.column_heading for name, field in fields.items()}
    words = {
        name: {one.name: one.en if console.lang == "en" else one.zh for one in field.values}
        for name, field in fields.items()
    }
    table = [
        {
            **{key: words[key].get(str(row[key]), row[key]) for key in UNKNOWN_COLUMNS},
            "weight": plain_figure(row["weight"], 1),
            **{key: ";".join(row[key]) or None for key in ("claims", "places")},
        }
        for row in shown
    ]
    console.print_table(table, columns)
    for told_file in written.values():
        console.print(f"已写 {told_file['file']}", f"wrote {told_file['file']}")
    return 0


def _write_table(store: Store, found: RunUnknowns, path: Path, lang: TableLanguage) -> dict[str, object]:
    from api.commands.export import download_form, write_file
    from api.representations.downloads import encode_frame
    from api.representations.tables import TableOptions, with_names
    from geo.studies.run_unknowns import as_table

    form = download_form(path)
    options = with_names(TableOptions(lang), form, store, of_run=True)
    write_file(path, encode_frame(as_table(found.rows), form, layer="unknowns", options=options))
    return {"file": str(path), "rows": len(found.rows)}


def _write_form(
    store: Store, found: RunUnknowns, path: Path, layer: str, lang: TableLanguage, limit: int | None
) -> dict[str, object]:
    from api.commands.export import write_file
    from geo.studies.survey_rows import survey_rows

    sites = survey_rows(store, found, layer, limit=limit)
    told: dict[str, object] = {"file": str(path), "layer": layer, "sites": len(sites), "rows": sum(map(len, sites))}
    if path.suffix.lower() == ".xlsx":
        from api.representations.survey_workbook import survey_workbook

        write_file(path, survey_workbook(sites, layer, lang))
        return told
    from api.representations.survey_pages import survey_pdf
    from geo.studies.survey_maps import site_maps

    data, pages = survey_pdf(sites, site_maps(store, found, sites), layer, lang, found.run)
    write_file(path, data)
    return {**told, "pages": pages}


COMMANDS = {"unknowns": unknowns_command}
