"""Write the map and the sheet of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options
from api.commands.run_heading import run_heading
from api.commands.wanted_forms import WantedForm
from geo.catalog.papers import CLASS_SCHEMES, LAYERS_OF_SHEET, ORIENTATIONS, PAPERS, ZONES_OF_ATLAS, paper_lying

if TYPE_CHECKING:
    from maps.map_data import MapData
    from maps.print.drawn_file import DrawnFile
    from maps.print.sheet_options import SheetOptions


@click.command("map")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="HTML 文件 / the HTML file")
@click.option("--run", default="latest", show_default=True, help="批次 / the run")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="打开时的语言 / language it opens in")
@click.option("--basemap", help="带上一个底图的瓦片，写名称 / carry tiles of a base map, by name")
@store_options
def map_command(console: Console, out: Path, run: str, lang: str | None, basemap: str | None) -> int:
    """写一个不需要网络的单文件地图。 / Write one HTML file that needs no network.

    \b
    gridsight map --out map.html
    gridsight map --out map.html --basemap 影像
    """  # noqa: D301
    from dataclasses import replace

    from api.representations.base_map_of_store import base_map_if_named
    from api.representations.map_data_of_run import stored_map_data
    from maps.web.pages import write_map

    console.require_possible_file(out)
    with console.store() as store:
        console.progress("读取批次 / reading the run", 0.2)
        data = stored_map_data(store, run)
        run_heading(store, store.run(data.meta.run_id, layers=[])).print_notes(console)
        console.progress("写地图 / writing the map", 0.6)
        with base_map_if_named(console.settings, store, basemap) as base:
            data = replace(data, base=None if base is None else base.base)
            write_map(data, out, lang=lang or console.lang, base=base)
        size = out.stat().st_size
        console.print_json({"store": store.name, "run": data.meta.run_id, "out": str(out), "bytes": size})
    console.print(f"{out}（{size / 1e6:.1f} MB）", f"{out} ({size / 1e6:.1f} MB)")
    return 0


@click.command("print")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="PDF、PNG 或 SVG 文件 / the PDF, PNG or SVG file",
)
@click.option("--paper", help=f"纸张，缺省 A3 / {', '.join(PAPERS)}; A3 where none is given")
@click.option("--zone", help="只印一个区域，写代码、名称或 图层:代码 / one zone, by code, name or layer:code")
@click.option("--claim", help="只画一项声明的部位 / places of one claim only")
@click.option("--run", default="latest", show_default=True, help="批次 / the run")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="语言 / language")
@click.option("--basemap", help="垫在下面的底图，写名称 / the base map below it, by name")
@click.option("--orientation", type=click.Choice(ORIENTATIONS), help="横向或纵向 / how the paper lies")
@click.option("--scale", type=click.IntRange(1, 10**9), help="比例尺分母 / denominator of the scale")
@click.option("--title", help="图纸的标题，至多 100 字 / title of the sheet, at most 100 letters")
@click.option("--layers", help=f"图上画什么 / what the map draws: {','.join(LAYERS_OF_SHEET)}")
@click.option("--classes", type=click.Choice(CLASS_SCHEMES), help="分级方法 / how zones are sorted into classes")
@click.option("--atlas", is_flag=True, help="图册：每个区域一张图纸 / an atlas: a sheet for each zone")
@click.option("--camera", "cameras", multiple=True, help="点位表，写摄像机编号或点位，可多次 / forms of camera sites")
@click.option("--sector", is_flag=True, help="视域图，配 --zone 或 --camera / the views of a zone or of cameras")
@click.option("--draft", help="一份草案的改动前后，写名称或编号 / the sheets of a draft, by name or id")
@click.option("--grid-draft", help="网格变动表，写草案的名称或编号 / form of a change of grids, by name or id")
@click.option("--dpi", type=int, help="PNG 的分辨率 / resolution of a PNG")
@click.option("--by", type=click.Choice(ZONES_OF_ATLAS), help="图册按什么分图 / what each sheet of an atlas is of")
@store_options
def print_command(
    console: Console,
    out: Path,
    paper: str | None,
    zone: str | None,
    claim: str | None,
    run: str,
    lang: str | None,
    basemap: str | None,
    classes: str | None,
    atlas: bool,
    cameras: tuple[str, ...],
    sector: bool,
    draft: str | None,
    grid_draft: str | None,
    dpi: int | None,
    by: str | None,
    **chosen: Any,
) -> int:
    """写整比例尺的矢量图纸，或每个区域一张的图册。 / Write a vector sheet at a round true scale, or an atlas of sheets.

    \b
    gridsight print --paper A3 --out sheet.pdf
    gridsight print --paper A1 --zone 620622102 --out township.pdf
    gridsight print --claim 主要路段全覆盖 --out 路段.pdf
    gridsight print --basemap 影像 --out sheet.pdf
    gridsight print --scale 50000 --orientation portrait --layers gaps,roads --title 春季核查 --out sheet.pdf
    gridsight print --classes natural --out sheet.pdf
    gridsight print --atlas --out atlas.pdf
    gridsight print --atlas --by grids --zone 620622102 --out grids.pdf
    gridsight print --camera C-0012 --camera C-0013 --out forms.pdf
    gridsight print --sector --zone 620622102001001 --out views.pdf
    gridsight print --draft 城北加密 --out draft.pdf
    gridsight print --grid-draft 北街拆分 --out 变动表.pdf
    gridsight print --dpi 300 --out sheet.png
    """  # noqa: D301
    from dataclasses import replace

    from api.representations.base_map_of_store import base_map_if_named
    from api.representations.map_data_of_run import stored_map_data
    from geo.studies.stored_runs import require_zone
    from maps.map_data import of_claim
    from maps.print.page_picture import DEFAULT_DPI

    wanted = WantedForm(cameras, sector, draft, zone, paper, grid_draft)
    own = {f"--{name}": value for name, value in {**chosen, "classes": classes}.items()}
    wanted.require_fitting({"--claim": claim, "--basemap": basemap, "--atlas": atlas, **own})
    console.require_not_store(out)
    _require_format(out, dpi, by, atlas=atlas)
    _require_of_sheet({name: own[name] for name in ("--scale", "--classes")}, atlas=atlas)
    options = _sheet_options(**chosen)
    options.require_possible(paper or "A3")
    console.require_possible_file(out)
    if grid_draft is not None:
        return _print_grid_draft(console, grid_draft, out, lang or console.lang, dpi)
    with console.store() as store:
        console.progress("读取批次 / reading the run", 0.05 if atlas else 0.2)
        head = store.run(wanted.run_of(store, run), layers=[])
        if zone is not None:
            require_zone(store, head, zone)
        data = stored_map_data(store, head.id)
        run_heading(store, head).print_notes(console)
        if wanted.is_any:
            console.progress("排版 / drawing", 0.5)
            _save(console, store.name, data, wanted.drawn(store, data, head, lang or console.lang), out, dpi)
            return 0
        if claim is not None:
            data = of_claim(data, claim)
        with base_map_if_named(console.settings, store, basemap) as base:
            data = replace(data, base=None if base is None else base.base)
            common: dict[str, Any] = {"zone": zone, "lang": lang or console.lang, "base": base}
            if atlas:
                common["paper"] = paper_lying(paper or "A3", chosen["orientation"] or ORIENTATIONS[0])
                common |= {"title": options.title, "layers": options.layers}
                _print_atlas(console, store.name, data, out, by or ZONES_OF_ATLAS[0], **common)
            else:
                common |= {"paper": paper or "A3", "classes": classes or CLASS_SCHEMES[0], "options": options}
                _print_sheet(console, store.name, data, out, dpi=dpi or DEFAULT_DPI, **common)
    return 0


def _sheet_options(orientation: str | None, scale: int | None, title: str | None, layers: str | None) -> SheetOptions:
    from maps.print.sheet_options import SheetOptions, layers_named

    return SheetOptions(orientation or ORIENTATIONS[0], scale, title or "", layers_named(layers))


def _require_of_sheet(chosen: Mapping[str, object], *, atlas: bool) -> None:
    """Raise where a choice for one sheet is given for an atlas, whose sheets compare."""
    for name, value in chosen.items():
        if atlas and value is not None:
            raise click.UsageError(
                f"{name} 不用于 --atlas：图册各张须可比 / {name} is not for --atlas, whose sheets compare"
            )


def _require_format(out: Path, dpi: int | None, by: str | None, *, atlas: bool) -> None:
    """Raise where the ending of the file, or an option of another format, does not fit what is asked for."""
    from maps.print.drawn_file import format_of

    if by is not None and not atlas:
        raise click.UsageError("--by 只用于 --atlas / --by is for --atlas")
    form = format_of(out)
    if dpi is not None and form != "png":
        raise click.UsageError("--dpi 只用于 PNG / --dpi is for PNG")
    if atlas and form != "pdf":
        raise click.UsageError("图册只写 PDF / an atlas is a PDF")


def _save(console: Console, store: str, data: MapData, drawn: DrawnFile, out: Path, dpi: int | None) -> None:
    """Write drawn pages and tell how many there are."""
    from maps.print.drawn_file import save_drawn
    from maps.print.page_picture import DEFAULT_DPI

    save_drawn(drawn, out, dpi=dpi or DEFAULT_DPI)
    pages = len(drawn.pages)
    console.print_json({"store": store, "run": data.meta.run_id, "out": str(out), "pages": pages})
    console.print(f"{out}：{pages} 页", f"{out}: {pages} pages" if pages > 1 else f"{out}: 1 page")


def _print_grid_draft(console: Console, draft: str, out: Path, lang: str, dpi: int | None) -> int:
    """Write the form of a change of grids, which is of no run."""
    from api.representations.printed_grid_draft import printed_grid_draft
    from geo.studies.grid_drafts import named_grid_draft
    from maps.print.drawn_file import save_drawn
    from maps.print.page_picture import DEFAULT_DPI

    with console.store() as store:
        found = named_grid_draft(store, draft)
        save_drawn(printed_grid_draft(store, found, lang), out, dpi=dpi or DEFAULT_DPI)
    console.print_json({"draft": found.id, "out": str(out), "pages": 1})
    console.print(f"{out}：1 页", f"{out}: 1 page")
    return 0


def _print_sheet(console: Console, store: str, data: MapData, out: Path, **options: Any) -> None:
    """Write one sheet and tell what is on it."""
    from maps.print.fonts import character_name
    from maps.print.sheet import write_sheet
    from maps.style.words import word

    console.progress("排版 / drawing", 0.5)
    report = write_sheet(data, out, **options)
    console.print_json(
        {
            "store": store,
            "run": data.meta.run_id,
            "out": str(out),
            "paper": report.paper,
            "scale": report.scale,
            "crs": report.crs,
            "labels": len(report.labels),
            "left_out": list(report.left_out),
            "left_out_by_layer": dict(report.left_out_by_layer),
            "missing": list(report.missing),
            "missing_names": [character_name(one) for one in report.missing],
            "notes": list(report.notes),
        }
    )
    left = len(report.left_out)
    size, _, turned = report.paper.partition("-")
    paper_zh = size + {"landscape": " 横向", "portrait": " 纵向"}.get(turned, "")
    console.print(
        f"{out}：{paper_zh}，1:{report.scale:,}，标注 {len(report.labels)}，放不下 {left}",
        f"{out}: {report.paper}, 1:{report.scale:,}, {len(report.labels)} labels, {left} left out",
    )
    if report.left_out_by_layer:
        zh = "、".join(f"{word(name, 'zh')} {count} 个" for name, count in report.left_out_by_layer.items())
        en = ", ".join(f"{word(name, 'en').lower()} {count}" for name, count in report.left_out_by_layer.items())
        console.print_note(
            f"注意：因位置不足省略的标注：{zh}；纸张大些或用 --zone 可容纳更多",
            f"note: labels left out for want of room: {en}; larger paper or --zone has room for more",
        )
    _tell_missing(console, report.missing)


def _tell_missing(console: Console, missing: Sequence[str]) -> None:
    """Name the characters that the print font lacks."""
    from maps.print.fonts import character_name

    if missing:
        names = "; ".join(character_name(one) for one in missing[:12])
        console.print(f"字体缺字 {len(missing)} 个：{names}", f"no glyph for {len(missing)}: {names}")


def _print_atlas(console: Console, store: str, data: MapData, out: Path, by: str, **options: Any) -> None:
    """Write an atlas, page after page, and tell what is in it."""
    from dataclasses import asdict

    from maps.print.atlas.whole_atlas import write_atlas

    def told(done: int, of: int) -> None:
        console.progress(f"第 {done} 页，共 {of} 页 / page {done} of {of}", 0.1 + 0.9 * done / of)

    report = write_atlas(data, out, by=by, progress=told, **options)
    console.print_json({"store": store, "run": data.meta.run_id, "out": str(out), **asdict(report)})
    left = sum(one.left_out for one in report.sheets)
    console.print(
        f"{out}：{report.pages} 页，图纸 {len(report.sheets)} 张，名录有网格 {report.grids} 个，放不下的标注 {left}",
        f"{out}: {report.pages} pages, {len(report.sheets)} sheets, {report.grids} grids, {left} labels left out",
    )
    _tell_missing(console, report.missing)


COMMANDS = {"map": map_command, "print": print_command}
