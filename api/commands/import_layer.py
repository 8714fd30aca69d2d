"""Import a file into a layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options
from geo.catalog.layers import LAYERS
from geo.catalog.options import IMPORT_MODES
from geo.errors import BadValue

if TYPE_CHECKING:
    from geo.storage.protocol import WriteMode
    from geo.types import ImportReport

#: What a source checkout has at its top.
_SOURCE_MARKS = (".git", "pyproject.toml")
#: Findings named at the terminal; all are in the findings file.
_MAX_FINDINGS = 4
#: Why rows of the layer are gone, by mode.
_REMOVED_BY = {
    "replace": ("文件里没有", "the file does not bring them"),
    "upsert": ("这些摄像机换了方向", "their cameras now look in other directions"),
}


@click.command("import", short_help="导入一个文件到一个图层 / import a file into a layer")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", required=True, help=f"图层 / the layer: {', '.join(LAYERS)}")
@click.option("--source-layer", help="文件里的图层或工作表 / layer or sheet of the file")
@click.option("--mode", type=click.Choice(IMPORT_MODES), default=IMPORT_MODES[0], show_default=True)
@click.option("--crs", help="坐标系 / EPSG:n, wgs84, cgcs2000, gcj02, bd09")
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
@store_options
def import_command(
    console: Console,
    file: Path,
    layer: str,
    source_layer: str | None,
    mode: WriteMode,
    crs: str | None,
    encoding: str | None,
    profile: str | None,
    mapping: tuple[str, ...],
    rejects: Path | None,
    findings: Path | None,
) -> int:
    """导入：保留各行，列出读不出的单元格与被拒的行。 / Import rows; list lost cells and rejected rows.

    \b
    gridsight import 摄像机.csv --layer cameras --crs gcj02
    gridsight import Helsinki.osm.pbf --layer obstacles --rejects rejects.csv
    gridsight import grids.shp --layer grids --encoding GBK --map code=网格编码
    """  # noqa: D301
    from geo.studies.import_files import import_file

    pairs = dict(_pair(text) for text in mapping)
    with console.store(create=True) as store:
        report = import_file(
            store, file, layer, mode=mode, source_layer=source_layer, crs=crs, encoding=encoding, profile=profile,
            mapping=pairs or None, rejects=rejects or listed_beside(console, file, layer, "rejects"),
            findings=findings or listed_beside(console, file, layer, "findings"), progress=console.progress,
        )  # fmt: skip
    console.print_json(_as_json(report))
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
    for sentence, count in report.assumed.items():
        zh, _, en = sentence.partition(" / ")
        console.print(f"  {count} 行：{zh}", f"  {count} rows: {en or zh}")
    _print_findings(console, report)
    _print_rejects(console, report)
    return 1 if report.rejected or report.findings else 0


def _as_json(report: ImportReport) -> dict[str, Any]:
    """Return the report as JSON has it: no rejected rows, and of each finding the first rows."""
    rest = {name: value for name, value in vars(report).items() if name != "rejects"}
    found, sheets = [one.as_dict() for one in report.findings], [vars(one) for one in report.sheets]
    return {**rest, "findings": found, "sheets": sheets}


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
    elif report.rejected:
        console.print(
            "  被拒的行没有写出：当前目录是源代码目录；再次导入时用 --rejects 指明文件",
            "  rejected rows were not listed, as this is a source checkout; import again with --rejects FILE",
        )


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


def _pair(text: str) -> tuple[str, str]:
    field, mark, column = text.partition("=")
    if not (field and mark and column):
        raise BadValue(f"--map {text} 应为 字段=列名", f"--map {text} should be field=column")
    return field, column


COMMANDS = {"import": import_command}
