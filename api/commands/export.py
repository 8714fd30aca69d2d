"""Write templates to collect layers in, and files of stored layers and of results."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, json_option, store_options, suffix_among
from geo.catalog.layers import LAYERS
from geo.catalog.results import RUN_LAYERS, run_table
from geo.errors import BadValue, NotFound, UnknownName

if TYPE_CHECKING:
    from geo.catalog.headings import TableLanguage
    from geo.storage.protocol import Store

#: The run that is meant where none is named.
LATEST = "latest"
#: What a run says of places, written as layers are; ledgers and unknown values have commands of their own.
_OF_PLACES = ("places", "claims", "rates")
_TO_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("template")
@click.argument("layer", type=click.Choice(list(LAYERS)))
@click.option("--out", type=_TO_FILE, required=True, help="XLSX 文件 / the XLSX file")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="表头与词的语言 / language of headings and words")
@json_option
def template_command(console: Console, layer: str, out: Path, lang: TableLanguage | None) -> int:
    """写一个图层的填报模板。 / Write the workbook that a layer is collected in.

    \b
    gridsight template cameras --out 摄像机.xlsx
    gridsight template grids --out grids.xlsx --lang en
    """  # noqa: D301
    from api.representations.templates import template_bytes, template_fields
    from geo.files import require_new_file

    if out.suffix.lower() != ".xlsx":
        raise BadValue(f"模板是 XLSX：{out} 应以 .xlsx 结尾", f"a template is an XLSX file: {out} should end in .xlsx")
    require_new_file(out)
    found = LAYERS[layer]
    data = template_bytes(found, lang or console.lang)
    write_file(out, data)
    columns = len(template_fields(found))
    crs_zh, crs_en = (" --crs 坐标系", " --crs CRS") if found.needs_shape else ("", "")
    console.print_json({"layer": layer, "out": str(out), "columns": columns, "bytes": len(data)})
    console.print(
        f"{out}：{found.zh}，{columns} 列；填好后用 gridsight import {out} --layer {layer}{crs_zh} 导入",
        f"{out}: {found.en}, {columns} columns; import it with gridsight import {out} --layer {layer}{crs_en}",
    )
    return 0


@click.command("export")
@click.argument("layer", metavar="LAYER")
@click.option("--out", type=_TO_FILE, required=True, help="文件，后缀定格式 / the file; its suffix is the format")
@click.option(
    "--run",
    help="该批次的结果图层；只有结果才有的图层默认 latest / a layer of this run; `latest` for what only runs have",
)
@click.option("--zone", help="盲区只要一个区域的 / of gaps only those of one zone, by code or name")
@click.option(
    "--lang", type=click.Choice(["zh", "en", "fields"]), help="表头与词 / headings and words; fields: names of fields"
)
@click.option(
    "--encoding", type=click.Choice(["utf-8", "gbk"]), default="utf-8", show_default=True, help="CSV、Shapefile"
)
@store_options
def export_command(
    console: Console,
    layer: str,
    out: Path,
    run: str | None,
    zone: str | None,
    lang: TableLanguage | None,
    encoding: str,
) -> int:
    """把图层或结果写成文件：CSV、XLSX、GeoJSON、GeoPackage、KML、Shapefile。 / Write a layer or a result as a file.

    \b
    gridsight export cameras --out 摄像机.xlsx
    gridsight export gaps --out gaps.kml
    gridsight export places --run latest --out 部位结论.gpkg
    gridsight export claims --run latest --out 覆盖声明.xlsx
    gridsight export rates --out 比率.xlsx
    gridsight export grids --out 网格.zip --encoding gbk
    """  # noqa: D301
    from api.representations.downloads import encode_frame
    from api.representations.tables import TableOptions, with_names, with_where

    form = download_form(out)
    if zone is not None and layer != "gaps":
        raise BadValue("--zone 只用于 gaps", "--zone is for gaps only")
    if run is None and layer not in LAYERS and (run_table(layer) is not None or layer in _OF_PLACES):
        run = LATEST
    console.require_not_store(out)
    with console.store() as store:
        console.progress("读取 / reading", 0.2)
        with store.snapshot():
            frame, found = _frame(store, layer, run, zone)
            options = TableOptions(lang or console.lang, encoding)
            options = with_names(options, form, store, of_run=found is not None)
            if found is not None and layer == "gaps":
                options = with_where(options, form, store, store.run(found, layers=[]), frame)
        console.progress("写文件 / writing", 0.6)
        data = encode_frame(frame, form, layer=layer, options=options)
        write_file(out, data)
        told = {"layer": layer, "run": found, "out": str(out), "format": form, "rows": len(frame), "bytes": len(data)}
        console.print_json(told)
    of_zh, of_en = (f"（批次 {found}）", f" (run {found})") if found else ("", "")
    console.print(f"{out}：{len(frame):,} 行{of_zh}", f"{out}: {len(frame):,} rows{of_en}")
    if form in ("csv", "xlsx") and layer in LAYERS and run is None:
        named = f'"{out}"' if " " in str(out) else str(out)
        needs_crs = options.lang == "fields" and LAYERS[layer].is_placed
        again = f"gridsight import {named} --layer {layer}" + (" --crs wgs84" if needs_crs else "")
        crs = ("坐标是 WGS-84；", "places are in WGS-84; ") if LAYERS[layer].is_placed else ("", "")
        console.print(f"  {crs[0]}改好后用 {again} 导入", f"  {crs[1]}import it again with {again}")
    if layer in LAYERS and layer in _OF_PLACES and run is None:
        console.print(
            f"  这是图层 {layer} 本身，不是结论；批次的结论用 --run latest 写出",
            f"  this is layer {layer} itself, not its verdicts; those of a run are written with --run latest",
        )
    return 0


def download_form(out: Path) -> str:
    """Return the format of downloads that the suffix of a file names; raise BadValue where it is none."""
    from api.representations.downloads import DOWNLOAD_FORMATS

    forms = {one.suffix: one.name for one in DOWNLOAD_FORMATS.values()}
    return forms[suffix_among(out, list(forms))]


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    from geo.files import write_atomically

    write_atomically(path, partial(_write, data))


def _write(data: bytes, path: Path) -> None:
    path.write_bytes(data)


def _frame(store: Store, layer: str, run: str | None, zone: str | None) -> tuple[Any, str | None]:
    """Return the rows of a stored layer, or of a layer of a run and the run's id."""
    if run is None:
        if layer not in LAYERS:
            known = ", ".join(dict.fromkeys((*LAYERS, *RUN_LAYERS, *_OF_PLACES)))
            raise UnknownName(f"没有图层 {layer}，可用：{known}", f"no layer {layer}; there are: {known}")
        return store.read(layer), None
    if layer in _OF_PLACES:
        return _answer(store, layer, run)
    if layer == "gaps":
        from geo.studies.stored_runs import gaps

        found, frame = gaps(store, run, zone=zone)
        return frame, found.id
    head = store.run(run, layers=[])
    if layer not in head.summary.get("layers", {}) or run_table(layer) is None:
        raise NotFound(f"此批次没有图层 {layer}", f"this run has no layer {layer}")
    return store.run(head.id, layers=[layer]).layers[layer], head.id


def _answer(store: Store, layer: str, run: str) -> tuple[Any, str]:
    """Return what a run says of its places, claims or rates, and the run's id; places with their shapes."""
    from geo.studies import place_claims
    from geo.studies.run_rates import rates
    from geo.studies.stored_runs import data_day

    head = store.run(run, layers=[])
    if layer == "rates":
        return rates(store, head.id)[1], head.id
    if layer == "claims":
        return place_claims.claims(store, head.id)[1], head.id
    frame = place_claims.drawn_places(store, head.id, at=data_day(store, head))[1]
    return frame.drop(columns=[name for name in ("derived",) if name in frame]), head.id


COMMANDS = {"template": template_command, "export": export_command}
