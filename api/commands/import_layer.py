"""Import a file into a layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from api.commands import reading_report
from api.commands.console import Console, store_options
from api.commands.reading_options import reading_options
from geo.catalog.layers import LAYERS
from geo.catalog.options import IMPORT_MODES
from geo.sentences import in_language

if TYPE_CHECKING:
    from geo.readers.read_options import ReadOptions
    from geo.storage.protocol import Store, WriteMode
    from geo.types import ImportReport

#: What a source checkout has at its top.
_SOURCE_MARKS = (".git", "pyproject.toml")
#: Why rows of the layer are gone, by mode.
_REMOVED_BY = {
    "replace": ("文件里没有", "the file does not bring them"),
    "upsert": ("这些摄像机换了方向", "their cameras now look in other directions"),
}


@click.command("import", short_help="导入一个文件到一个图层 / import a file into a layer")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", required=True, help=f"图层 / the layer: {', '.join(LAYERS)}")
@reading_options
@click.option("--mode", type=click.Choice(IMPORT_MODES), default=IMPORT_MODES[0], show_default=True)
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
    reading: ReadOptions,
    mode: WriteMode,
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

    # A dry run writes no file that it was not told to.
    beside = (None, None) if dry_run else tuple(listed_beside(console, file, layer, w) for w in ("rejects", "findings"))
    console.require_not_store(rejects, findings)
    with _store_of(console, dry_run=dry_run) as store:
        report = import_file(
            store, file, layer, reading, mode=mode, rejects=rejects or beside[0], findings=findings or beside[1],
            dry_run=dry_run, progress=console.progress,
        )  # fmt: skip
    if dry_run and isinstance(location := console.store_location(), Path):
        report = replace(report, store=str(location))  # not the empty one that stood for it
    console.print_json(report.as_dict())
    if dry_run:
        _print_changes(console, report)
    _print_counts(console, report, mode)
    reading_report.print_sheets(console.print, report.sheets)
    reading_report.print_columns(console.print, report.mapping, report.unused_columns, report.dropped_columns)
    reading_report.print_assumed(console.print, report.assumed)
    found = [one.as_dict() for one in report.findings]
    reading_report.print_findings(console.print, layer, found, report.findings_file, is_dry_run=dry_run)
    reading_report.print_rejects(console.print, layer, report.rejects, report.rejects_file, is_dry_run=dry_run)
    if report.read and report.rejected == report.read:
        console.print(
            f"  一行也不能接收：先看 --layer {layer} 与 --crs 是不是这个文件的",
            f"  no row can be kept: see first whether --layer {layer} and --crs are those of this file",
        )
    if report.rejected and not (report.rejects_file or dry_run):
        console.print(
            "  被拒的行没有写出：当前目录是源代码目录；再次导入时用 --rejects 指明文件",
            "  rejected rows were not listed, as this is a source checkout; import again with --rejects FILE",
        )
    if layer == "addresses" and not dry_run:
        _keep_index(console)
    return 1 if report.rejected or report.findings else 0


def _keep_index(console: Console) -> None:
    """Index very many addresses beside the workspace, so that the service that starts next need not."""
    from geo.places.address.book_file import LEAST_KEPT
    from geo.studies.locate_positions import gazetteer_of

    with console.store() as store:
        folder, count = console.index_folder(store), store.count("addresses")
        if folder is None or count < LEAST_KEPT:
            return
        console.print_note(
            f"正在为 {count} 条地址建索引，服务启动时直接读取；可以中断，不影响已导入的数据",
            f"indexing {count} addresses for the service to read when it starts; you may stop it: the import is done",
        )
        gazetteer_of(store, index_folder=folder).book  # noqa: B018 (made and kept on first use)


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


def _print_counts(console: Console, report: ImportReport, mode: WriteMode) -> None:
    """Print how many rows were read, imported, updated, rejected and removed; of a dry run what would be."""
    head, made = f"{report.source} -> {report.layer}", report.rows_made
    rows = "1 row" if made == 1 else f"{made} rows"
    crs = (f"（{report.crs}）", f" ({report.crs})") if LAYERS[report.layer].is_placed else ("", "")
    if report.is_dry_run:  # what would be added and updated is told of the rows of the store, above
        kept = report.read - report.rejected
        # A row of several directions makes several rows of the store.
        made_zh, made_en = ("", "") if made == kept else (f"（成为库里 {made} 行）", f" (as {rows} of the store)")
        console.print(
            f"{head}：读 {report.read}，会接收 {kept}{made_zh}，会拒绝 {report.rejected}{crs[0]}",
            f"{head}: read {report.read}, would keep {kept}{made_en}, reject {report.rejected}{crs[1]}",
        )
    else:
        same = report.unchanged
        same_zh, same_en = (f"，其中 {same} 行与原来相同", f", {same} of them as they were") if same else ("", "")
        console.print(
            f"{head}：读 {report.read}，新增 {report.imported}，更新 {report.updated}，"
            f"拒绝 {report.rejected}；写入 {made} 行{same_zh}{crs[0]}",
            f"{head}: read {report.read}, imported {report.imported}, updated {report.updated}, "
            f"rejected {report.rejected}; {rows} written{same_en}{crs[1]}",
        )
    if report.removed:
        gone = "1 row" if report.removed == 1 else f"{report.removed} rows"
        why_zh, why_en = _REMOVED_BY[mode]
        if report.is_dry_run:
            console.print(f"  会移除 {report.removed} 行：{why_zh}", f"  {gone} would be removed: {why_en}")
        else:
            console.print(
                f"  移除 {report.removed} 行：{why_zh}；历史中仍有", f"  {gone} removed: {why_en}; history keeps them"
            )


def _print_changes(console: Console, report: ImportReport) -> None:
    """Print what would change, and the first values of each column that is read or could be."""
    found = report.changes
    if found is None:
        return
    console.print(
        f"预览，什么也没有写：库里会新增 {found.added} 行，更新 {found.updated} 行，不变 {found.unchanged} 行，"
        f"移除 {found.removed} 行",
        f"A preview, nothing was written: {found.added} rows of the store would be added, {found.updated} updated, "
        f"{found.unchanged} left as they are, {found.removed} removed",
    )
    for one in report.columns:
        if one.is_dropped:
            continue
        values = " | ".join(one.samples) or in_language("（空） / (blank)", console.lang)
        # Ids and tags of OpenStreetMap and what continues a long WKT are used, and no field has them to itself.
        zh, en = ("没有用到", "not read") if one.column in report.unused_columns else ("读时用到", "used in reading")
        if one.fields:
            zh = en = ", ".join(one.fields)
        console.print(f"  {one.column} -> {zh}：{values}", f"  {one.column} -> {en}: {values}")
    if found.fields:
        fields = ", ".join(f"{name} {count}" for name, count in found.fields.items())
        console.print(f"  会改的字段：{fields}", f"  fields that change: {fields}")


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


COMMANDS = {"import": import_command}
