"""Write the report of a run: pages to sign and a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options

if TYPE_CHECKING:
    from api.representations.report_pack import ReportPack


#: Endings that name a file: no folder is made that is called so.
_FILES = (".pdf", ".xlsx", ".xls", ".csv", ".doc", ".docx", ".html", ".json", ".png", ".svg", ".txt", ".rar", ".7z")


@click.command("report")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="目录，或 .zip 文件 / a folder, or a ZIP file",
)
@click.option("--run", default="latest", show_default=True, help="批次 / the run")
@click.option(
    "--since",
    help="与哪个批次比较；默认已发布的，否则前一个 / compare with this run: the published one, else the one before",
)
@click.option("--settings", type=click.Path(path_type=Path, dir_okay=False), help="报告设置（TOML） / settings, TOML")
@click.option("--limit", type=click.IntRange(1), help="盲区与未知量各印几行（默认 300） / rows printed of each (300)")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="语言 / language")
@store_options
def report_command(
    console: Console,
    out: Path,
    run: str,
    since: str | None,
    settings: Path | None,
    limit: int | None,
    lang: str | None,
) -> int:
    """写报告：PDF（供签字盖章）与 XLSX。 / Write the report: a PDF to sign and seal, and a workbook.

    比率与名次、覆盖声明、盲区清单（位置描述）、设施、变化、未知量、网格编码目录。
    Rates with rank, claims, gaps in words, facilities, changes, what is unknown, the directory of grids.

    \b
    gridsight report --out 报告
    gridsight report --out 报告.zip --settings 报告.toml
    gridsight report --out report.zip --lang en --since 0199a5c0-0000-7000-8000-000000000000
    """  # noqa: D301
    from api.representations.map_data_of_run import stored_map_data
    from api.representations.report_pack import LISTED, report_pack
    from api.representations.report_settings import NO_SETTINGS, read_settings
    from geo.studies.report_contents import report_contents

    is_zip = out.suffix.lower() == ".zip"
    _require_place(console, out, is_zip=is_zip)
    if settings is not None:
        console.require_not_store(settings)
    chosen = NO_SETTINGS if settings is None else read_settings(settings)
    language = lang or console.lang
    with console.store() as store:
        found = report_contents(store, run, since=since, lang=language, progress=console.progress)
        data = stored_map_data(store, found.run.id)
        store_name = store.name
    console.progress("排版 / drawing", 0.95)
    pack = report_pack(found, data, chosen, language, most=limit or LISTED)
    written = _written(pack, out, is_zip=is_zip)
    console.print_json(
        {
            "store": store_name,
            "run": found.run.id,
            "data_date": found.day.isoformat(),
            "since": None if found.before is None else found.before.id,
            "out": [str(one) for one in written],
            "pages": pack.printed.pages,
            "tables": dict(pack.tables),
            "cut": [{"table": table, "row": row, "text": text} for table, row, text in pack.printed.cut],
            "missing": list(pack.printed.missing),
        }
    )
    listed = "、".join(str(one) for one in written), ", ".join(str(one) for one in written)
    console.print(f"{listed[0]}：{pack.printed.pages} 页", f"{listed[1]}: {pack.printed.pages} pages")
    _print_notes(console, pack)
    return 0


def _require_place(console: Console, out: Path, *, is_zip: bool) -> None:
    """Raise where the files cannot be written, before the run is read: a report is a folder or a ZIP file."""
    from geo.files import require_writable

    if is_zip:
        console.require_possible_file(out)
        return
    console.require_not_store(out)
    if out.suffix.lower() in _FILES and not out.is_dir():
        raise click.UsageError(
            f"报告是目录或 .zip 文件，不是 {out.suffix}：目录里有 PDF 与 XLSX"
            f" / a report is a folder or a .zip file, not {out.suffix}: the folder has the PDF and the XLSX"
        )
    if out.is_file():
        raise click.UsageError(
            f"{out} 是文件，报告写到目录或 .zip 文件 / {out} is a file: name a folder or a .zip file"
        )
    there = next(one for one in (out, *out.absolute().parents) if one.is_dir())
    require_writable(there / "report.pdf.new")


def _written(pack: ReportPack, out: Path, *, is_zip: bool) -> list[Path]:
    """Write the files, each whole or not at all, once all of them are made; return their paths."""
    from api.commands.export import write_file
    from api.representations.report_pack import zipped
    from geo.studies.run_files import make_directory

    if is_zip:
        write_file(out, zipped(pack))
        return [out]
    make_directory(out)
    for name, data in pack.files.items():
        write_file(out / name, data)
    return [out / name for name in pack.files]


def _print_notes(console: Console, pack: ReportPack) -> None:
    if pack.printed.cut:
        count = len(pack.printed.cut)
        console.print_note(
            f"注意：{count} 处文字放不下，已截断，全文在最后几页",
            f"note: {count} texts were cut; the last pages have them in full",
        )
    if pack.printed.missing:
        from maps.print.fonts import character_name

        names = "; ".join(character_name(one) for one in pack.printed.missing[:12])
        count = len(pack.printed.missing)
        console.print_note(f"注意：字体缺字 {count} 个：{names}", f"note: no glyph for {count}: {names}")


COMMANDS = {"report": report_command}
