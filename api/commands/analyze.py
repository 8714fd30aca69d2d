"""Analyse a store, or files without one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options
from geo.catalog.editions import DEFAULT_EDITION, DOMAIN_NAMES, DOMAINS, EDITIONS, LEVEL_NAMES
from geo.catalog.headings import assumed_text
from geo.catalog.layers import DRAWN, INPUTS
from geo.catalog.options import DEFAULT_TARGET_HEIGHT_M
from geo.catalog.results import ZONE_LAYERS
from geo.errors import BadValue
from geo.sentences import both

if TYPE_CHECKING:
    from geo.studies.analyze_options import AnalyzeOptions
    from geo.types import Run
    from maps.map_data import MapData

_LEVELS = "; ".join(f"{edition}: {', '.join(levels)}" for edition, levels in EDITIONS.items())
#: Files that an analysis with --out writes, or removes where it has none.
_WRITTEN = ("coverage.gpkg", "summary.json", "map.html", "sheet.pdf", "rejects.csv")
_OTHER_EDITIONS = ", ".join(name for name in EDITIONS if name != DEFAULT_EDITION)


def _files(function: Any) -> Any:
    for name in reversed(INPUTS):
        function = click.option(
            f"--{name}", type=click.Path(path_type=Path), help=f"{name} 文件 / file of the layer {name}"
        )(function)
    return function


@click.command("analyze", short_help="计算覆盖与盲区 / compute coverage and gaps")
@click.option("--level", help=f"级别 / level (default: the edition's). {_LEVELS}")
@click.option("--edition", help=f"标准版本 / {DEFAULT_EDITION} (default), {_OTHER_EDITIONS}")
@click.option(
    "--target-height", type=float, default=DEFAULT_TARGET_HEIGHT_M, show_default=True, help="目标高度，米 / metres"
)
@click.option("--zones", help=f"区域图层 / {','.join(ZONE_LAYERS)} (default: all there are)")
@click.option("--domain", default=DOMAINS[0], show_default=True, help=f"评价范围 / {', '.join(DOMAINS)}")
@click.option("--at", help="数据日期 / YYYY-MM-DD")
@_files
@click.option(
    "--crs",
    multiple=True,
    metavar="CRS|LAYER=CRS",
    help="未写明坐标系的文件用；或指明某一输入的 / CRS of files that name none; or that of one input",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="结果目录 / where to write the files")
@store_options
def analyze_command(
    console: Console,
    level: str | None,
    edition: str | None,
    target_height: float,
    zones: str | None,
    domain: str,
    at: str | None,
    crs: tuple[str, ...],
    out: Path | None,
    **files: Path | None,
) -> int:
    """分析工作区，或直接分析文件。 / Analyse the workspace, or files without one.

    \b
    gridsight analyze --level recognise --domain streets
    gridsight analyze --cameras c.gpkg --obstacles b.shp --grids g.geojson --out results
    gridsight analyze --cameras c.csv --grids g.shp --crs cameras=gcj02 --crs grids=cgcs2000 --out results
    """  # noqa: D301
    from geo.studies.analyze_options import AnalyzeOptions

    names = tuple(name.strip() for name in (zones or "").split(",") if name.strip())
    options = AnalyzeOptions(level, edition, target_height, names, domain, at)
    given = {name: path for name, path in files.items() if path is not None}
    if given:
        return _analyze_files(console, given, options, crs, out)
    if crs:
        raise BadValue("--crs 只用于文件分析", "--crs is for files only")
    _analyze_store(console, options, out)
    return 0


def _analyze_store(console: Console, options: AnalyzeOptions, out: Path | None) -> None:
    from api.jobs.lifecycle import worker_caller
    from api.representations.map_data_of_run import stored_map_data
    from geo.files import require_other_file
    from geo.readers.rows.rejects_file import require_own_list
    from geo.storage.records import LOCAL
    from geo.studies.analysis import analyze

    location = console.store_location()
    if out is not None:
        require_own_list(out / "rejects.csv")
    if out is not None and isinstance(location, Path):
        for name in _WRITTEN:
            require_other_file(out / name, location)
    with console.store() as store:
        # On a server the worker's role: a run is of the whole county, whoever asks (docs/contract.md section 5).
        run = analyze(store.acting(worker_caller(LOCAL.name)), options, progress=console.progress)
        written = _write(run, stored_map_data(store, run.id), out, console.lang) if out is not None else []
        _print_summary(console, run, {"store": store.name}, written)
        shown = store.published()
        if shown.is_published and shown.id != run.id:
            console.print_note(
                f"注意：已发布的仍是 {shown.id}；gridsight publish {run.id} 发布本次",
                f"note: {shown.id} is still the published run; gridsight publish {run.id} publishes this one",
            )


def _analyze_files(
    console: Console, files: dict[str, Path], options: AnalyzeOptions, crs: Sequence[str], out: Path | None
) -> int:
    from api.representations.map_data_of_run import map_data_of_run
    from geo.files import require_other_file
    from geo.readers.rows.rejects_file import require_own_list, write_rejects
    from geo.studies.analysis import analyze_files
    from geo.studies.input_crs import crs_lines

    if "cameras" not in files or out is None:
        raise BadValue("文件分析需要 --cameras 与 --out", "files need --cameras and --out")
    if options.at is not None:
        raise BadValue("--at 只用于工作区", "--at is for a workspace only")
    for name in _WRITTEN:
        require_other_file(out / name, *files.values())
    require_own_list(out / "rejects.csv")
    default_crs, crs_of = _crs_options(crs)
    run, frames, rejects = analyze_files(files, options, crs=default_crs, crs_of=crs_of, progress=console.progress)
    for text in crs_lines(run.summary["inputs_crs"]):
        console.print_note(*_both(text, "", ""))
    reference_layers = {name: frames[name] for name in DRAWN if name in frames}
    written = _write(run, map_data_of_run(run, frames["cameras"], reference_layers), out, console.lang)
    if rejects:
        write_rejects(rejects, out / "rejects.csv")
        written.append(out / "rejects.csv")
    _print_summary(console, run, {"store": None}, written)
    return 1 if rejects or run.summary["findings"] else 0


def _crs_options(texts: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """Return the CRS of files that name none, and those named for single inputs as ``layer=crs``."""
    plain: list[str] = []
    of_input: dict[str, str] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark:
            plain.append(text)
        elif not (name and value):
            raise BadValue(f"--crs {text} 应为 图层=坐标系", f"--crs {text} should be layer=crs")
        elif name in of_input:
            raise BadValue(f"--crs {name} 给了两次", f"--crs {name} is given twice")
        else:
            of_input[name] = value
    if len(plain) > 1:
        raise BadValue("不带图层名的 --crs 给了两次", "--crs without a layer is given twice")
    return (plain[0] if plain else None), of_input


def _write(run: Run, data: MapData, out: Path, lang: str) -> list[Path]:
    from geo.studies.run_files import make_directory, write_out
    from maps.print.sheet import write_sheet
    from maps.web.pages import write_map

    make_directory(out)
    # A list of an earlier run in the same place would be taken for this one's.
    (out / "rejects.csv").unlink(missing_ok=True)
    written = write_out(run, out)
    write_map(data, out / "map.html", lang=lang)
    write_sheet(data, out / "sheet.pdf", lang=lang)
    return [*written, out / "map.html", out / "sheet.pdf"]


def _print_summary(console: Console, run: Run, around: dict[str, Any], written: list[Path]) -> None:
    from api.representations.runs import run_description
    from geo.figure_text import percent_text

    console.print_json({**run_description(run), "run": run.id, **around, "out": [str(path) for path in written]})
    summary, totals = run.summary, run.summary["totals"]
    day = summary.get("data_date")  # files have none
    of_day = (f"，数据日期 {day}", f", data of {day}") if day else ("", "")
    console.print(
        f"批次 {run.id}（{summary['seconds']} 秒）{of_day[0]}", f"run {run.id} ({summary['seconds']} s){of_day[1]}"
    )
    domain, level = DOMAIN_NAMES[summary["domain"]], LEVEL_NAMES[summary["level"]]
    console.print(f"范围 {domain[0]}，级别 {level[0]}", f"domain {domain[1]}, level {level[1]}")
    console.print(f"计算坐标系 {summary['computing_crs']}", f"computed in {summary['computing_crs']}")
    sure, possible = totals.get("sure_share"), totals.get("possible_share")
    if sure is not None:
        console.print(
            f"确定覆盖 {percent_text(sure)}，可能覆盖 {percent_text(possible)}，盲区 {summary['layers']['gaps']} 处",
            f"surely seen {percent_text(sure)}, possibly {percent_text(possible)}, {summary['layers']['gaps']} gaps",
        )
    cameras, sites = summary["cameras"], (totals.get("cameras"), totals.get("offline"))
    # A status that was not understood is said wherever there is one (rule U1).
    unknown_zh = f"，状态未知 {cameras['unknown']} 台（只计入可能）" if cameras["unknown"] else ""
    unknown_en = f", {cameras['unknown']} of unknown status (possible only)" if cameras["unknown"] else ""
    console.print(
        f"摄像机：在线 {cameras['online']} 台，离线 {cameras['offline']} 台{unknown_zh}；"
        f"区域内点位：在线 {sites[0]} 个，全部摄像机离线 {sites[1]} 个",
        f"cameras: {cameras['online']} online, {cameras['offline']} offline{unknown_en};"
        f" sites in the area: {sites[0]} online, {sites[1]} with every camera offline",
    )
    for note in summary["notes"][:12]:
        console.print(*_both(note, "  注意：", "  note: "))
    for sentence, count in list(summary["assumptions"].items())[:12]:
        zh, en = assumed_text(sentence, "zh"), assumed_text(sentence, "en")
        console.print(f"  {count} 台按默认：{zh}", f"  {count} cameras assumed: {en}")
    for path in written:
        console.print(f"  {path}", f"  {path}")


def _both(text: str, zh_head: str, en_head: str) -> tuple[str, str]:
    """Return the halves of a text in two languages with a head each."""
    zh, en = both(text)
    return f"{zh_head}{zh}", f"{en_head}{en}"


COMMANDS = {"analyze": analyze_command}
