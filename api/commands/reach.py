"""Answer how far facilities are by road, and who has a video link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options, suffix_among
from geo.catalog.kinds import LINKED_LAYERS, UNIT_LAYERS
from geo.catalog.layers import LAYERS
from geo.catalog.papers import PAPERS
from geo.figure_text import plain_figure
from geo.sentences import both

if TYPE_CHECKING:
    from geo.storage.protocol import Store
    from geo.studies.facility_reach import Reach

#: Units that are listed, the farthest.
_LISTED = 20
#: So many names of a list are printed where no layer is chosen.
_NAMED = 10
_COLUMNS = {
    "layer": ("图层", "layer"), "code": ("代码", "code"), "name": ("名称", "name"),
    "facility": ("最近设施", "nearest facility"), "facility_name": ("设施名称", "facility name"),
    "metres": ("米", "metres"), "how": ("沿", "by"), "has": ("自有", "own"),
}  # fmt: skip
_MEASURED_ZH = (
    "距离：从单元的点（面取离边界最远的内点）到最近的设施，不一定是自己的。"
    "自有：有这类设施服务它或在它里面；最近的不是自己的，括号里写自己的"
)
_MEASURED_EN = (
    "metres: from the point of a unit (of an area the inner point farthest from its border) to the nearest facility, "
    "which need not be its own; own: one serves it or lies in it, named where it is not the nearest"
)
#: What is known of a unit that is not linked -> its words.
_NOT_LINKED = {
    "no": ("未联通", "not linked"), "unknown": ("未填是否联通", "not told whether linked"),
    "none": ("没有设施", "without a facility"),
}  # fmt: skip
_SUFFIXES = (".html", ".pdf", ".csv", ".xlsx", ".geojson", ".gpkg")


@click.command("reach")
@click.option("--kind", required=True, help="设施类型，如 综治中心 / kind of facility, such as governance_centre")
@click.option("--limit", type=float, help="超过多少米的列出 / metres beyond which a unit is listed")
@click.option(
    "--layer",
    type=click.Choice(UNIT_LAYERS),
    help="只看一种单元，名单列全 / units of one layer only, all of them named",
)
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
    console: Console,
    kind: str,
    limit: float | None,
    layer: str | None,
    at: str | None,
    out: Path | None,
    paper: str,
    lang: str | None,
) -> int:
    """每个镇街、村、网格、重点部位沿道路到最近设施多远，哪些没有自己的。

    How far the nearest facility is by road from every township, village, grid and place, and who has none of its own.

    \b
    gridsight reach --kind 综治中心 --limit 5000
    gridsight reach --kind 综治中心 --layer villages
    gridsight reach --kind 综治中心 --out 可达.pdf
    gridsight reach --kind video_link --json
    """  # noqa: D301, D400
    from api.representations.along_roads import reach_values
    from geo.studies.analyze_options import day
    from geo.studies.facility_reach import reach, reach_of_layer

    form = None if out is None else suffix_among(out, _SUFFIXES)
    console.require_not_store(out)
    with console.store() as store:
        found = reach(store, kind, limit_m=limit, at=day(at))
        if layer is not None:
            found = reach_of_layer(found, layer)
        name = store.name
        if out is not None and form is not None:
            console.progress("写文件 / writing", 0.7)
            _write(store, found, out, form, paper, lang or console.lang)
    console.print_json({"store": name, **reach_values(found), "files": [] if out is None else [str(out)]})
    for note in found.notes:
        console.print_note(*both(note))
    rows = [row for row in found.units if row["distance_m"] is not None]
    rows.sort(key=lambda row: -row["distance_m"])
    console.print_table([_shown(row, int(console.lang == "en")) for row in rows[:_LISTED]], _COLUMNS)
    if len(rows) > _LISTED:
        zh, en = ("全部见 --json 或 --out 表.xlsx", "all of them: --json, or --out table.xlsx")
        console.print(
            f"共 {len(rows)} 个单元，列出最远的 {_LISTED} 个；{zh}",
            f"{len(rows)} units, the farthest {_LISTED} are listed; {en}",
        )
    console.print(_MEASURED_ZH, _MEASURED_EN)
    derived = Counter(row["layer"] for row, one in zip(found.units, found.ways["derived"], strict=True) if one)
    most = None if layer is not None else _NAMED
    for unit_layer in found.without_own:
        _print_own(console, found, unit_layer, derived[unit_layer], most)
    if limit is not None:
        metres = plain_figure(limit)
        console.print(f"{len(found.beyond)} 个超过 {metres} 米", f"{len(found.beyond)} beyond {metres} m")
    for unit_layer, link in found.links.items():
        _print_links(console, unit_layer, link, most)
    if out is not None:
        console.print(f"已写 {out}", f"wrote {out}")
    return 0


def _shown(row: Mapping[str, Any], language: int) -> dict[str, Any]:
    """Return a unit for people; of one with a facility of its own that is not the nearest, also which that is."""
    has = ("无", "no")
    if row["own"]:
        others = "" if row["facility"] in row["own_facilities"] else ", ".join(row["own_facilities"][:3])
        has = (f"有（{others}）", f"yes ({others})") if others else ("有", "yes")
    return {
        **row,
        "layer": _words(row["layer"])[language],
        "metres": plain_figure(row["distance_m"]),
        "how": (("道路", "road"), ("直线", "air"))[row["air"]][language],
        "has": has[language],
    }


def _print_own(console: Console, found: Reach, layer: str, derived: int, most: int | None) -> None:
    """Print how many units have no facility of their own and, of those that planners know by name, which."""
    units = [row for row in found.units if row["layer"] == layer]
    without = [row for row in units if not row["own"]]
    zh, en = _words(layer)
    of_zh, of_en = (f"（其中派生部位 {derived} 个）", f" ({derived} of them derived)") if derived else ("", "")
    named_zh, named_en = ("", "")
    if without and (layer in LINKED_LAYERS or most is None):
        names_zh, names_en = listed(without, most)
        named_zh, named_en = f"：{names_zh}", f": {names_en}"
    console.print(
        f"{zh}：{len(units)} 个{of_zh}，其中 {len(without)} 个没有自己的{named_zh}",
        f"{en}: {len(units)}{of_en}, {len(without)} without one of their own{named_en}",
    )


def _print_links(console: Console, layer: str, link: Mapping[str, Any], most: int | None) -> None:
    """Print how many units are linked, and by what is known of them those that are not."""
    zh, en = _words(layer)
    console.print(
        f"视联网：{zh} {link['linked']}/{link['units']} 已联通",
        f"video link: {en} {link['linked']}/{link['units']} linked",
    )
    for said, (said_zh, said_en) in _NOT_LINKED.items():
        mine = [row for row in link["exceptions"] if row["link"] == said]
        if mine:
            names_zh, names_en = listed(mine, most)
            console.print(f"  {said_zh} {len(mine)} 个：{names_zh}", f"  {said_en} {len(mine)}: {names_en}")


def listed(rows: Sequence[Mapping[str, Any]], most: int | None) -> tuple[str, str]:
    """Return the names of rows, in Chinese and English; where some are left out it says how many there are."""
    names = [row["name"] or row["code"] for row in rows]
    shown = names[:most]
    if len(shown) == len(names):
        return "、".join(names), ", ".join(names)
    return f"{'、'.join(shown)} 等 {len(names)} 个", f"{', '.join(shown)} and {len(names) - len(shown)} more"


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
