"""Cut the roads into sectors to patrol, with a round in each."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options, suffix_among
from geo.catalog.papers import PAPERS
from geo.figure_text import plain_figure
from geo.sentences import both

if TYPE_CHECKING:
    from geo.studies.patrols import RunPatrol
    from maps.map_data import MapData

_SUFFIXES = (".html", ".pdf", ".gpx", ".geojson")


@click.command("patrol")
@click.option("--sectors", type=click.IntRange(1, 200), required=True, help="巡查片数 / how many sectors")
@click.option("--length", type=click.FloatRange(0, min_open=True), help="一圈最多几公里 / longest round, km")
@click.option(
    "--without", multiple=True, help="若这些点位或摄像机停用，可重复 / sites or cameras that fail; repeatable"
)
@click.option("--run", default="latest", show_default=True, help="批次 / the run")
@click.option(
    "--gpx", type=click.Path(path_type=Path), help="每个巡查片写一个 GPX 的目录 / folder for a GPX per sector"
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="文件：.html 地图、.pdf 每片一张图、.gpx、.geojson / map, a sheet per sector, tracks, shapes",
)
@click.option("--paper", default="A3", show_default=True, help=f"PDF 的纸张 / paper of the PDF: {', '.join(PAPERS)}")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="地图与图纸的语言 / language of map and sheets")
@store_options
def patrol_command(
    console: Console,
    sectors: int,
    length: float | None,
    without: tuple[str, ...],
    run: str,
    gpx: Path | None,
    out: Path | None,
    paper: str,
    lang: str | None,
) -> int:
    """把没有摄像机确定看得见的路段分成巡查片，每片闭合的一圈。

    Cut the roads into sectors of equal length of what no camera surely sees, with a closed round in each.

    \b
    gridsight patrol --sectors 6 --gpx 巡查
    gridsight patrol --sectors 6 --out 巡查.pdf
    gridsight patrol --sectors 6 --out 巡查.html
    gridsight patrol --sectors 6 --length 20 --without 990001-0012
    """  # noqa: D301, D400
    from api.representations.along_roads import gpx as gpx_text
    from api.representations.along_roads import patrol_values, with_patrol
    from api.representations.map_data_of_run import stored_map_data
    from geo.files import write_atomically
    from geo.studies.patrols import patrol_of_run
    from geo.studies.run_files import make_directory

    form = None if out is None else suffix_among(out, _SUFFIXES)
    console.require_not_store(out)
    with console.store() as store:
        metres = None if length is None else 1000 * length
        found = patrol_of_run(store, sectors, run, length_m=metres, without=without)
        name = store.name
        data = None
        if form in (".html", ".pdf"):
            console.progress("读取批次 / reading the run", 0.5)
            data = with_patrol(stored_map_data(store, found.run.id), found)
    written = []
    if out is not None and form is not None:
        console.progress("写文件 / writing", 0.7)
        _write_patrol(found, data, out, form, paper, lang or console.lang)
        written.append(str(out))
    if gpx is not None:
        make_directory(gpx)
        for one in found.patrol.sectors:
            path = gpx / f"patrol-{one.sector}.gpx"
            write_atomically(path, partial(_write_text, gpx_text([one], found.run.id, found.without)))
            written.append(str(path))
    console.print_json({"store": name, **patrol_values(found), "files": written})
    for note in found.patrol.notes:
        console.print_note(*both(note))
    _print_sectors(console, found)
    if out is not None:
        console.print(f"已写 {out}", f"wrote {out}")
    if gpx is not None:
        written = [one for one in written if one != str(out)]
        console.print(f"已写 {len(written)} 个 GPX 到 {gpx}", f"wrote {len(written)} GPX files to {gpx}")
    return 0


def _print_sectors(console: Console, found: RunPatrol) -> None:
    """Print a line for each sector, and why a round is long; metres are whole."""
    rows = [
        {
            "sector": one.sector,
            "roads": len(one.roads),
            "pieces": plain_figure(one.pieces_m / 1000, 1),
            "length": plain_figure(one.length_m / 1000, 1),
            "bound": plain_figure(one.bound_m / 1000, 1),
            "parts": found.longer.get(one.sector),
        }
        for one in found.patrol.sectors
    ]
    columns = {
        "sector": ("巡查片", "sector"), "roads": ("道路", "roads"), "pieces": ("盲段（公里）", "unseen (km)"),
        "length": ("一圈（公里）", "round (km)"), "bound": ("下限（公里）", "bound (km)"),
    }  # fmt: skip
    if found.longer:
        columns["parts"] = ("须分几次", "parts")
    console.print_table(rows, columns)
    for one in found.patrol.sectors:
        if one.why is not None:
            zh, en = both(one.why)
            console.print(f"巡查片 {one.sector}：{zh}", f"sector {one.sector}: {en}")


def _write_patrol(found: RunPatrol, data: MapData | None, out: Path, form: str, paper: str, lang: str) -> None:
    """Write a patrol as tracks, shapes, sheets or a map; ``data`` is what sheets and map are drawn from."""
    from api.representations.along_roads import gpx as gpx_text
    from api.representations.along_roads import patrol_features
    from geo.files import write_atomically

    if form == ".gpx":
        write_atomically(out, partial(_write_text, gpx_text(found.patrol.sectors, found.run.id, found.without)))
    elif form == ".geojson":
        import orjson

        write_atomically(out, partial(_write_text, orjson.dumps(patrol_features(found)).decode("utf-8")))
    elif data is not None and form == ".pdf":
        from maps.print.patrol_sheets import write_patrol

        write_patrol(data, out, paper=paper, lang=lang)
    elif data is not None:
        from maps.web.pages import write_map

        write_map(data, out, lang=lang)


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")


COMMANDS = {"patrol": patrol_command}
