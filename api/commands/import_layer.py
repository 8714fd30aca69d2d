"""Import a file into a layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options
from geo.catalog.layers import LAYERS
from geo.catalog.options import IMPORT_MODES, MAX_SHEET_ROWS
from geo.errors import BadValue

if TYPE_CHECKING:
    from geo.storage.protocol import Store, WriteMode
    from geo.types import ImportReport

#: What a source checkout has at its top.
_SOURCE_MARKS = (".git", "pyproject.toml")
#: Findings named at the terminal; all are in the findings file.
_MAX_FINDINGS = 4
#: Sentences on how the file was read that are printed; all are in --json.
_MAX_ASSUMED = 6
#: Why rows of the layer are gone, by mode.
_REMOVED_BY = {
    "replace": ("文件里没有", "the file does not bring them"),
    "upsert": ("这些摄像机换了方向", "their cameras now look in other directions"),
}


@click.command("import", short_help="导入一个文件到一个图层 / import a file into a layer")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", required=True, help=f"图层 / the layer: {', '.join(LAYERS)}")
@click.option("--source-layer", help="文件里的图层或工作表 / layer or sheet of the file")
@click.option("--sheet", "sheets", multiple=True, help="只读这些工作表 / read this sheet only (repeatable)")
@click.option(
    "--header-row",
    type=click.IntRange(1, MAX_SHEET_ROWS),
    help="表头在第几行 / row of the heading, as the program numbers it",
)
@click.option("--mode", type=click.Choice(IMPORT_MODES), default=IMPORT_MODES[0], show_default=True)
@click.option(
    "--crs",
    multiple=True,
    help="坐标系，也可按工作表、来源、承建单位 / EPSG:n, wgs84, cgcs2000, gcj02, bd09; NAME=CRS for a part",
)
@click.option("--encoding", help="文字编码 / text encoding, such as GBK")
@click.option("--profile", help="来源格式 / osm, gbt28181, gat1400, yjyd")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="字段对应 / which column is which field")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path),
    help="被拒行写到哪里，默认在工作区旁边 / where to list rejected rows (default: beside the workspace)",
)
@click.option(
    "--findings",
    type=click.Path(path_type=Path),
    help="读不出的单元格和没用到的列写到哪里，默认在工作区旁边 / where to list lost cells and unused columns",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="只预览：每列的前三个值、会改什么，什么也不写 / preview only: first values of each column, what would change",
)
@store_options
def import_command(
    console: Console,
    file: Path,
    layer: str,
    source_layer: str | None,
    sheets: tuple[str, ...],
    header_row: int | None,
    mode: WriteMode,
    crs: tuple[str, ...],
    encoding: str | None,
    profile: str | None,
    mapping: tuple[str, ...],
    rejects: Path | None,
    findings: Path | None,
    dry_run: bool,
) -> int:
    """导入：保留各行，列出读不出的单元格与被拒的行。 / Import rows; list lost cells and rejected rows.

    \b
    gridsight import 摄像机.csv --layer cameras --crs gcj02
    gridsight import Helsinki.osm.pbf --layer obstacles --rejects rejects.csv
    gridsight import grids.shp --layer grids --encoding GBK --map code=网格编码
    gridsight import 摄像机.csv --layer cameras --crs gcj02 --dry-run
    """  # noqa: D301
    from geo.studies.import_files import import_file

    pairs = dict(column_pair(text) for text in mapping)
    # A dry run writes no file that it was not told to.
    beside = (None, None) if dry_run else tuple(listed_beside(console, file, layer, w) for w in ("rejects", "findings"))
    console.require_not_store(rejects, findings)
    with _store_of(console, dry_run=dry_run) as store:
        report = import_file(
            store, file, layer, mode=mode, source_layer=source_layer, crs=";".join(crs) or None, encoding=encoding,
            profile=profile, sheets=sheets, header_row=header_row, mapping=pairs or None,
            rejects=rejects or beside[0], findings=findings or beside[1], dry_run=dry_run,
            progress=console.progress,
        )  # fmt: skip
    console.print_json(report.as_dict())
    if dry_run:
        _print_changes(console, report)
    console.print(
        f"{report.source} -> {layer}：读 {report.read}，新增 {report.imported}，更新 {report.updated}，"
        f"拒绝 {report.rejected}；写入 {report.rows_made} 行（{report.crs}）",
        f"{report.source} -> {layer}: read {report.read}, imported {report.imported}, updated {report.updated}, "
        f"rejected {report.rejected}; {report.rows_made} rows written ({report.crs})",
    )
    if report.removed:
        why_zh, why_en = _REMOVED_BY[mode]
        console.print(
            f"  移除 {report.removed} 行：{why_zh}；历史中仍有",
            f"  {report.removed} rows removed: {why_en}; history keeps them",
        )
    _print_columns(console, report)
    _print_assumed(console, report)
    _print_findings(console, report)
    _print_rejects(console, report)
    return 1 if report.rejected or report.findings else 0


@contextmanager
def _store_of(console: Console, *, dry_run: bool) -> Iterator[Store]:
    """Open the store; a dry run makes no workspace: where there is none it looks at an empty one of its own."""
    location = console.store_location()
    if dry_run and isinstance(location, Path) and not location.exists():
        from geo.storage.geopackage.store import open_store

        with (
            TemporaryDirectory(prefix="gridsight-", ignore_cleanup_errors=True) as folder,
            open_store(Path(folder) / location.name) as store,
        ):
            yield store
        return
    with console.store(create=not dry_run) as store:
        yield store


def _print_changes(console: Console, report: ImportReport) -> None:
    """Print what would change, and the first values of each column that is read or could be."""
    found = report.changes
    if found is None:
        return
    console.print(
        f"预览，什么也没有写：会新增 {found.added} 行，更新 {found.updated} 行，不变 {found.unchanged} 行，"
        f"移除 {found.removed} 行",
        f"A preview, nothing was written: {found.added} rows would be added, {found.updated} updated, "
        f"{found.unchanged} left as they are, {found.removed} removed",
    )
    for one in report.columns:
        values = " | ".join(one.samples)
        if one.is_dropped:
            continue
        zh, en = (", ".join(one.fields), ", ".join(one.fields)) if one.fields else ("没有用到", "not read")
        console.print(f"  {one.column} -> {zh}：{values}", f"  {one.column} -> {en}: {values}")
    if found.fields:
        fields = ", ".join(f"{name} {count}" for name, count in found.fields.items())
        console.print(f"  会改的字段：{fields}", f"  fields that change: {fields}")


def _print_columns(console: Console, report: ImportReport) -> None:
    """Print which column became which field, and in the same line which ones were not read."""
    zh = [
        f"读了 {len(report.mapping)} 列：" + "，".join(f"{field} <- {name}" for field, name in report.mapping.items())
    ]
    en = [f"{len(report.mapping)} columns read: " + ", ".join(f"{f} <- {name}" for f, name in report.mapping.items())]
    if report.unused_columns:
        names = ", ".join(report.unused_columns)
        zh.append(f"没有用到 {len(report.unused_columns)} 列：{names}")
        en.append(f"{len(report.unused_columns)} not used: {names}")
    if report.dropped_columns:
        names = ", ".join(report.dropped_columns)
        zh.append(f"个人或网络信息列不读：{names}")
        en.append(f"personal or network data, never read: {names}")
    console.print("  " + "；".join(zh), "  " + "; ".join(en))


def _print_assumed(console: Console, report: ImportReport) -> None:
    """Print in one line how the file was read, the sentences of most rows first."""
    pairs = [(sentence.partition(" / "), count) for sentence, count in report.assumed.items()]
    if not pairs:
        return
    zh = [f"{one[0]} {count} 行" for one, count in pairs[:_MAX_ASSUMED]]
    en = [f"{one[2] or one[0]} ({count} rows)" for one, count in pairs[:_MAX_ASSUMED]]
    if len(pairs) > _MAX_ASSUMED:
        more = len(pairs) - _MAX_ASSUMED
        zh.append(f"另有 {more} 条（--json）")
        en.append(f"{more} more (--json)")
    console.print("  读法：" + "；".join(zh), "  read as: " + "; ".join(en))


def _print_findings(console: Console, report: ImportReport) -> None:
    """Print the most frequent findings in one line, and where all of them are."""
    if not report.findings:
        return
    zh, en = [], []
    for one in report.findings[:_MAX_FINDINGS]:
        reason_zh, _, reason_en = one.reason.partition(" / ")
        shown = f"「{one.value}」" if one.value else ""
        zh.append(f"{one.field}{shown} {one.count} 行 {reason_zh}")
        quoted = f" “{one.value}”" if one.value else ""
        en.append(f"{one.field}{quoted} in {one.count} rows: {reason_en or reason_zh}")
    if len(report.findings) > _MAX_FINDINGS:
        more = len(report.findings) - _MAX_FINDINGS
        zh.append(f"另有 {more} 种")
        en.append(f"{more} kinds more")
    where_zh = f"（逐行见 {report.findings_file}）" if report.findings_file else ""
    where_en = f" (row by row: {report.findings_file})" if report.findings_file else ""
    console.print(f"  要看的：{'；'.join(zh)}{where_zh}", f"  to look at: {'; '.join(en)}{where_en}")


def _print_rejects(console: Console, report: ImportReport) -> None:
    if report.rejects_file:
        console.print(f"  被拒的行：{report.rejects_file}", f"  rejected rows: {report.rejects_file}")
    elif report.is_dry_run and report.rejects:
        reasons: dict[str, list[str]] = {}
        for one in report.rejects:
            reasons.setdefault(one.reason, []).append(one.row)
        shown = [(reason.partition(" / "), rows) for reason, rows in list(reasons.items())[:_MAX_FINDINGS]]
        zh = "；".join(f"{reason[0]}：第 {_first(rows)} 行" for reason, rows in shown)
        en = "; ".join(f"{reason[2] or reason[0]}: row {_first(rows)}" for reason, rows in shown)
        console.print(f"  会被拒的行：{zh}", f"  rows that would be rejected: {en}")
    elif report.rejected:
        console.print(
            "  被拒的行没有写出：当前目录是源代码目录；再次导入时用 --rejects 指明文件",
            "  rejected rows were not listed, as this is a source checkout; import again with --rejects FILE",
        )


def _first(rows: list[str]) -> str:
    """Return the first rows of a list, and how many there are where that is not all."""
    named = ", ".join(rows[:3])
    return named if len(rows) <= 3 else f"{named}…（{len(rows)}）"


def listed_beside(console: Console, file: Path, layer: str, what: str) -> Path | None:
    """Return where rejected rows or findings are listed when nobody says: beside the workspace.

    A database has no place on this machine: there it is the working directory, unless that is a source checkout,
    which is no place for data; then nowhere.
    """
    name = f"{file.stem}.{layer}.{what}.csv"
    location = console.store_location()
    if isinstance(location, Path):
        return location.parent / name
    here = Path.cwd()
    is_source = any((folder / mark).exists() for folder in (here, *here.parents) for mark in _SOURCE_MARKS)
    return None if is_source else Path(name)


def column_pair(text: str) -> tuple[str, str]:
    """Return field and column of one ``--map FIELD=COLUMN``; raise BadValue where it is none."""
    field, mark, column = text.partition("=")
    if not (field and mark and column):
        raise BadValue(f"--map {text} 应为 字段=列名", f"--map {text} should be field=column")
    return field, column


COMMANDS = {"import": import_command}
