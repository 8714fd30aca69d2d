"""Import a file into a layer."""

from __future__ import annotations

from pathlib import Path

import click

from api.commands.console import Console, desk
from geo.errors import BadValue
from geo.storage.protocol import WriteMode
from geo.studies.import_files import import_file
from geo.types import ImportReport


@click.command("import", short_help="导入一个文件到一个图层 / import a file into a layer")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", required=True, help="图层 / the layer: cameras, grids, obstacles, roads, ...")
@click.option("--source-layer", help="文件里的图层或工作表 / layer or sheet of the file")
@click.option("--mode", type=click.Choice(["upsert", "replace", "append"]), default="upsert", show_default=True)
@click.option("--crs", help="坐标系 / EPSG:n, wgs84, cgcs2000, gcj02, bd09")
@click.option("--encoding", help="文字编码 / text encoding, such as GBK")
@click.option("--profile", help="来源格式 / osm, gbt28181, gat1400")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="字段对应 / which column is which field")
@click.option("--rejects", type=click.Path(path_type=Path), help="被拒行写到哪里 / where to list rejected rows")
@desk
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
) -> int:
    """导入：好的行入库，坏的行写进被拒文件。 / Import good rows, list rejected ones in a file.

    \b
    gridsight import 摄像机.csv --layer cameras --crs gcj02
    gridsight import Helsinki.osm.pbf --layer obstacles --rejects rejects.csv
    gridsight import grids.shp --layer grids --encoding GBK --map code=网格编码
    """  # noqa: D301
    pairs = dict(_pair(text) for text in mapping)
    with console.store(create=True) as store:
        report = import_file(
            store, file, layer, mode=mode, source_layer=source_layer, crs=crs, encoding=encoding, profile=profile,
            mapping=pairs or None, rejects=rejects, progress=console.progress,
        )  # fmt: skip
    console.result({name: value for name, value in vars(report).items() if name != "rejects"})
    console.say(
        f"{report.source} -> {layer}：读 {report.read}，新增 {report.imported}，更新 {report.updated}，"
        f"拒绝 {report.rejected}；写入 {report.rows_made} 行（{report.crs}）",
        f"{report.source} -> {layer}: read {report.read}, imported {report.imported}, updated {report.updated}, "
        f"rejected {report.rejected}; {report.rows_made} rows written ({report.crs})",
    )
    for field, column in report.mapping.items():
        console.say(f"  {field} <- {column}", f"  {field} <- {column}")
    _tell_rest(console, report)
    return 1 if report.rejected else 0


def _tell_rest(console: Console, report: ImportReport) -> None:
    for sentence, count in report.assumed.items():
        zh, _, en = sentence.partition(" / ")
        console.say(f"  {count} 行：{zh}", f"  {count} rows: {en or zh}")
    if report.dropped_columns:
        names = ", ".join(report.dropped_columns)
        console.say(
            f"  未读入的个人或网络信息列：{names}", f"  columns with personal or network data, not read: {names}"
        )
    if report.rejects_file:
        console.say(f"  被拒的行：{report.rejects_file}", f"  rejected rows: {report.rejects_file}")


def _pair(text: str) -> tuple[str, str]:
    field, mark, column = text.partition("=")
    if not (field and mark and column):
        raise BadValue(f"--map {text} 应为 字段=列名", f"--map {text} should be field=column")
    return field, column


COMMANDS = {"import": import_command}
