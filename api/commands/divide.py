"""Divide villages into grids of a band of households, or grids into microgrids."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options, suffix_among
from geo.catalog.options import CARRIERS, DIVIDED
from geo.errors import BadValue
from geo.figure_text import plain_figure
from geo.sentences import both

if TYPE_CHECKING:
    from geo.studies.draw_grids import DrawnGrids

_SUFFIXES = (".gpkg", ".geojson", ".xlsx", ".csv")
#: Grids outside their band that are listed; --json has all.
_LISTED = 20
_WHY = {
    "total": ("总数放不进任何个数的网格", "no number of grids fits the figure of the unit"),
    "building": ("有一处基元已超过上限", "one block that cannot be cut is above the band"),
    "found": ("没有找到更好的划法", "no better division was found"),
}


def band(ctx: click.Context, option: click.Parameter, text: str | None) -> tuple[float, float] | None:  # noqa: ARG001
    """Return a band ``300:500``."""
    if text is None:
        return None
    try:
        low, high = (float(one) for one in text.replace("：", ":").replace("-", ":").split(":"))
    except ValueError:
        raise BadValue(f"{option.opts[0]} 应写成 300:500", f"{option.opts[0]} is written as 300:500") from None
    if not 0 <= low <= high < float("inf") or high <= 0:
        raise BadValue(f"{option.opts[0]} 的区间无效：{text}", f"{option.opts[0]} is no band: {text}")
    return low, high


@click.command("divide", short_help="把村（社区）划成网格 / divide villages into grids")
@click.option(
    "--by",
    type=click.Choice(["households", "population"]),
    default="households",
    show_default=True,
    help="按什么划 / what the band counts",
)
@click.option("--size", default="300:500", show_default=True, callback=band, help="每个网格的区间 / band of a grid")
@click.option("--rural", callback=band, help="乡村单元的区间 / band of grids of rural units")
@click.option(
    "--level", type=click.IntRange(1, 2), default=1, show_default=True, help="1 网格，2 微网格 / 1 grids, 2 microgrids"
)
@click.option(
    "--within", type=click.Choice(DIVIDED), help="划分哪个图层；默认 villages，微网格为 grids / layer that is divided"
)
@click.option(
    "--zone", "zones", multiple=True, help="只划这个代码之下的单元，可重复 / only units below this code; repeatable"
)
@click.option(
    "--buildings",
    "carriers",
    type=click.Choice(CARRIERS),
    default="obstacles",
    show_default=True,
    help="户数落在哪个图层上 / layer that carries the households",
)
@click.option(
    "--roads",
    type=click.Path(path_type=Path, dir_okay=False),
    help="道路文件，代替库里的道路 / roads of a file instead of the store's",
)
@click.option("--crs", help="道路文件的坐标系 / CRS of that file")
@click.option(
    "--keep", is_flag=True, help="从今天的网格开始，尽量少动建筑 / start from the grids of today, move few buildings"
)
@click.option("--lock", "locked", multiple=True, help="保持不变的网格，可重复 / a grid that stays as it is; repeatable")
@click.option("--count", type=click.IntRange(1), help="每个单元划成几个 / how many grids each unit is cut into")
@click.option("--profile", help="编码规则：12+3、12+3-kinds、15+2、15+3、cj349 或自己的 / how codes are made")
@click.option(
    "--profiles",
    type=click.Path(path_type=Path, dir_okay=False),
    help="自己的编码规则：.toml 或 .json / a file of profiles of your own",
)
@click.option("--prefix", default="", help="编码规则要的前缀 / digits that the profile puts in front")
@click.option("--at", help="日期 / YYYY-MM-DD")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="写到文件：.gpkg .geojson .xlsx .csv / file to write"
)
@store_options
def divide_command(
    console: Console,
    by: str,
    size: tuple[float, float],
    rural: tuple[float, float] | None,
    level: int,
    within: str | None,
    zones: tuple[str, ...],
    carriers: str,
    roads: Path | None,
    crs: str | None,
    *,
    keep: bool,
    locked: tuple[str, ...],
    count: int | None,
    profile: str | None,
    profiles: Path | None,
    prefix: str,
    at: str | None,
    out: Path | None,
) -> int:
    """把村（社区）划成户数在区间之内的网格，边界沿道路，不切建筑；不改动库。

    Divide villages and communities into grids in a band of households, along roads, cutting no building. The store is
    not changed.

    \b
    gridsight divide --by households --size 300:500 --rural 100:300 --out 网格.gpkg
    gridsight divide --keep --lock 990121100001001 --out 调整.gpkg
    gridsight divide --level 2 --size 80:120 --zone 990121100 --out 微网格.gpkg
    """  # noqa: D301, D400
    from geo.catalog.code_profiles import profile_named
    from geo.readers.profile_files import read_profiles
    from geo.studies.analyze_options import day
    from geo.studies.draw_grids import GridOptions, draw_grids

    form = None if out is None else suffix_among(out, _SUFFIXES)
    console.require_not_store(out)
    if out is not None:
        console.require_possible_file(out)
    if within == "grids" and level == 1:
        raise BadValue("在网格之内划的是微网格：加上 --level 2", "within grids are microgrids: add --level 2")
    layer = within or ("grids" if level == 2 else "villages")
    if level == 2 and layer != "grids":
        raise BadValue("微网格只在网格之内划分", "microgrids are drawn within grids only")
    rule = profile if profile is None or profiles is None else profile_named(profile, read_profiles(profiles))
    options = GridOptions(
        by=by, size=size, rural=rural, within=layer, zones=zones, carriers=carriers, keep=keep or bool(locked),
        locked=locked, count=count, profile=rule, prefix=prefix, at=day(at),
    )  # fmt: skip
    ways = None
    if roads is not None:
        from geo.readers.reading import read_layer

        ways = read_layer(roads, "roads", crs=crs).frame
    with console.store() as store:
        found = draw_grids(store, options, roads=ways, progress=console.progress)
        name = store.name
    if out is not None and form is not None:
        console.progress("写文件 / writing", 0.95)
        _write(found, out, form)
    _print(console, found, name, by, out)
    return 1 if len(found.division.unmet) else 0


def _write(found: DrawnGrids, out: Path, form: str) -> None:
    from api.representations.downloads import encode_frame
    from geo.files import write_atomically

    body = encode_frame(found.division.grids, form.removeprefix("."), layer="grids")
    write_atomically(out, lambda temporary: temporary.write_bytes(body))


def _print(console: Console, found: DrawnGrids, name: str, by: str, out: Path | None) -> None:
    division = found.division
    console.print_json(_values(found, name, out))
    for note in found.notes:
        console.print_note(*both(note))
    general = division.grids[division.grids["kind"] == "general"]
    word = ("户", "households") if by == "households" else ("人", "persons")
    units, grids, outside = found.units, len(division.grids), len(division.unmet)
    least, most = general[by].min(), general[by].max()
    console.print(
        f"{units} 个单元划成 {grids} 个网格；每个 {least}–{most} {word[0]}，{outside} 个在区间之外",
        f"{units} units divided into {grids} grids of {least} to {most} {word[1]}; {outside} outside their band",
    )
    value, bound = plain_figure(division.value, 2), plain_figure(division.bound, 2)
    band, barrier, shape, move = (plain_figure(one, 2) for one in division.terms.values())
    console.print(
        f"目标值 {value}（不低于 {bound}）：区间 {band}，跨越屏障 {barrier}，形状 {shape}，变动 {move}",
        f"objective {value} (none is below {bound}): band {band}, barriers {barrier}, shape {shape}, moved {move}",
    )
    rows = [
        {
            "name": row.name, "grid": division.grids["name"].iloc[row.grid], "figure": plain_figure(row.figure),
            "band": f"{row.low:g}:{row.high:g}", "why": _WHY[row.why][int(console.lang == "en")],
        }
        for row in division.unmet.head(_LISTED).itertuples(index=False)
    ]  # fmt: skip
    columns = {
        "name": ("单元", "unit"), "grid": ("网格", "grid"), "figure": word, "band": ("区间", "band"),
        "why": ("原因", "why"),
    }  # fmt: skip
    if rows:
        console.print_table(rows, columns)
    if out is not None:
        console.print(f"已写 {out}", f"wrote {out}")


def _values(found: DrawnGrids, name: str, out: Path | None) -> dict[str, Any]:
    """Return the division as ``--json`` prints it."""
    division = found.division
    return {
        "store": name, "units": found.units, "grids": len(division.grids), "value": division.value,
        "bound": division.bound, "terms": dict(division.terms), "cut_buildings": len(division.cut),
        "spread_by_area": division.spread, "unmet": division.unmet.to_dict("records"), "notes": found.notes,
        "out": None if out is None else str(out),
    }  # fmt: skip


COMMANDS = {"divide": divide_command}
