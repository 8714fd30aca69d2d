"""Answer how far facilities are by road, and who has a video link."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options
from geo.catalog.layers import LAYERS
from geo.catalog.papers import PAPERS
from geo.errors import BadValue
from geo.figure_text import plain_figure
from geo.sentences import both

if TYPE_CHECKING:
    from geo.storage.protocol import Store
    from geo.studies.facility_reach import Reach

_SUFFIXES = (".html", ".pdf", ".csv", ".xlsx", ".geojson", ".gpkg")


@click.command("reach")
@click.option("--kind", required=True, help="设施类型，如 综治中心 / kind of facility, such as governance_centre")
@click.option("--limit", type=float, help="超过多少米的列出 / metres beyond which a unit is listed")
@click.option("--at", help="日期 / YYYY-MM-DD")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="文件：.html 地图、.pdf 图纸、.csv .xlsx 表、.geojson .gpkg 连线 / map, sheet, table, lines",
)
@click.option("--paper", default="A3", show_default=True, help=f"PDF 的纸张 / paper of the PDF: {', '.join(PAPERS)}")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="文件的语言 / language of the file")
@store_options
def reach_command(
    console: Console, kind: str, limit: float | None, at: str | None, out: Path | None, paper: str, lang: str | None
) -> int:
    """每个镇街、村、网格、重点部位沿道路到最近设施多远，哪些没有自己的。

    How far the nearest facility is by road from every township, village, grid and place, and who has none of its own.

    \b
    gridsight reach --kind 综治中心 --limit 5000
    gridsight reach --kind 综治中心 --out 可达.pdf
    gridsight reach --kind video_link --json
    """  # noqa: D301, D400
    from api.representations.along_roads import reach_values
    from geo.studies.analyze_options import day
    from geo.studies.facility_reach import reach

    form = None if out is None else form_of(out)
    console.require_not_store(out)
    with console.store() as store:
        found = reach(store, kind, limit_m=limit, at=day(at))
        name = store.name
        if out is not None and form is not None:
            console.progress("写文件 / writing", 0.7)
            _write(store, found, out, form, paper, lang or console.lang)
    console.print_json({"store": name, **reach_values(found), "files": [] if out is None else [str(out)]})
    for note in found.notes:
        console.print_note(*both(note))
    rows = [row for row in found.units if row["distance_m"] is not None]
    rows.sort(key=lambda row: -row["distance_m"])
    columns = {
        "layer": ("图层", "layer"), "code": ("代码", "code"), "name": ("名称", "name"),
        "facility": ("设施", "facility"),
        "metres": ("米", "metres"), "how": ("沿", "by"), "has": ("自有", "own"),
    }  # fmt: skip
    is_en = int(console.lang == "en")
    shown = [
        {
            **row,
            "metres": plain_figure(row["distance_m"]),
            "how": (("道路", "road"), ("直线", "air"))[row["air"]][is_en],
            "has": (("无", "no"), ("有", "yes"))[row["own"]][is_en],
        }
        for row in rows[:20]
    ]
    console.print_table(shown, columns)
    for layer, codes in found.without_own.items():
        count = sum(row["layer"] == layer for row in found.units)
        zh, en = _words(layer)
        console.print(
            f"{zh}：{count} 个，其中 {len(codes)} 个没有自己的",
            f"{en}: {count}, {len(codes)} without one of their own",
        )
    if limit is not None:
        metres = plain_figure(limit)
        console.print(f"{len(found.beyond)} 个超过 {metres} 米", f"{len(found.beyond)} beyond {metres} m")
    for layer, link in found.links.items():
        zh, en = _words(layer)
        names = ", ".join(row["name"] or row["code"] for row in link["exceptions"][:10])
        others_zh, others_en = (f"，未联通：{names}", f"; not linked: {names}") if names else ("", "")
        console.print(
            f"视联网：{zh} {link['linked']}/{link['units']}{others_zh}",
            f"video link: {en} {link['linked']}/{link['units']}{others_en}",
        )
    if out is not None:
        console.print(f"已写 {out}", f"wrote {out}")
    return 0


def form_of(out: Path) -> str:
    """Return the suffix of a file that reach is written to; raise BadValue for another."""
    suffix = out.suffix.lower()
    if suffix not in _SUFFIXES:
        listed = " ".join(_SUFFIXES)
        raise BadValue(f"{out} 的后缀应是 {listed} 之一", f"the suffix of {out} should be one of {listed}")
    return suffix


def _write(store: Store, found: Reach, out: Path, form: str, paper: str, lang: str) -> None:
    """Write reach as a map, a sheet, a table or lines."""
    from api.commands.export import write_file
    from api.representations.along_roads import reach_frame, reach_table, with_reach
    from api.representations.downloads import encode_frame
    from api.representations.map_data_of_run import stored_map_data

    if form in (".html", ".pdf"):
        from maps.print.reach_sheet import write_reach
        from maps.web.pages import write_map

        data = with_reach(stored_map_data(store), found)
        if form == ".pdf":
            write_reach(data, out, paper=paper, lang=lang, limit_m=found.limit_m)
        else:
            write_map(data, out, lang=lang)
        return
    frame = reach_table(found, lang) if form in (".csv", ".xlsx") else reach_frame(found)
    write_file(out, encode_frame(frame, form.removeprefix("."), layer="reach"))


def _words(layer: str) -> tuple[str, str]:
    if layer == "townships":
        return "镇街", "townships"
    return LAYERS[layer].zh, LAYERS[layer].en.lower()


COMMANDS = {"reach": reach_command}
