"""Add, list, check and remove base maps of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options
from geo.catalog.base_maps import KIND_NAMES, KINDS

if TYPE_CHECKING:
    from geo.catalog.base_maps import BaseMap
    from geo.studies.basemap_shift import BaseMapShift

_COLUMNS = {
    "name": ("名称", "name"),
    "kind": ("类型", "kind"),
    "crs": ("坐标系", "crs"),
    "levels": ("级别", "levels"),
    "source": ("来源", "source"),
    "attribution": ("署名", "attribution"),
    "review_number": ("审图号", "review number"),
    "data_date": ("数据日期", "data date"),
    "secret_class": ("密级", "secret class"),
    "opacity": ("不透明度", "opacity"),
}
_LOOKS = {
    "gcj02": (
        "这正是 GCJ-02 的偏移：底图是加偏坐标，请删除后用 --crs gcj02 重新添加",
        "this is the shift of GCJ-02: remove the base map and add it again with --crs gcj02",
    ),
    "bd09": (
        "这正是 BD-09（百度）的偏移：这种底图不能使用",
        "this is the shift of BD-09 (Baidu): such a base map cannot be used",
    ),
    "wgs84": (
        "不移动它反而吻合：它不是 GCJ-02，请删除后按它自己的坐标系重新添加",
        "it would fit without being moved: it is not in GCJ-02; remove it and add it again in its own CRS",
    ),
}


@click.group("basemap", short_help="添加、列出、核对、删除自有底图 / base maps of your own")
def basemap_command() -> None:
    """添加、列出、核对、删除自有底图。 / Add, list, check and remove base maps of your own.

    \b
    gridsight basemap add 影像.mbtiles --name 影像 --crs 3857 --attribution 县自然资源局
    gridsight basemap add "http://10.1.2.3/{z}/{x}/{y}.png" --name 地图 --crs gcj02
    gridsight basemap add "http://10.1.2.3/wmts?tk=KEY" --name 天地图 --crs 4490
    gridsight basemap check 影像
    """  # noqa: D301


@basemap_command.command("add")
@click.argument("source")
@click.option("--name", required=True, help="名称，也用在网址里 / its name, also in addresses")
@click.option("--crs", required=True, help="3857、4490、4326、gcj02 或 EPSG:n / or EPSG:n")
@click.option("--kind", type=click.Choice(KINDS), help="类型；不写则看来源 / its kind; told by the source otherwise")
@click.option("--levels", metavar="A-B", help="只用这些级别（Web 墨卡托） / only these zooms, of Web Mercator")
@click.option("--layer", default="", help="WMTS 的图层；不写则第一个 / layer of a WMTS; the first otherwise")
@click.option("--attribution", default="", help="署名，总在图上显示 / whose it is; always shown")
@click.option("--review-number", default="", help="底图的审图号 / review number of the base map")
@click.option("--data-date", default="", help="数据日期 / date of its data: 2025, 2025-06, 2025-06-30")
@click.option("--secret-class", default="", help="密级 / secret class")
@click.option("--opacity", type=click.FloatRange(0, 1), default=1.0, show_default=True, help="不透明度 / opacity")
@store_options
def add_command(
    console: Console, source: str, *, kind: str | None, crs: str, levels: str | None, **settings: Any
) -> int:
    """添加一个底图：文件、文件夹、{z}/{x}/{y} 网址或 WMTS 能力文档的网址。 / Add a base map from a SOURCE.

    SOURCE 是 .mbtiles、.pmtiles、.tif 文件，z/x/y 文件夹，ArcGIS 缓存文件夹，或网址。
    / SOURCE is a file, a folder of tiles or of an ArcGIS cache, or a URL.

    \b
    gridsight basemap add tiles/ --name 影像 --crs gcj02
    gridsight basemap add "http://10.1.2.3/wmts" --name 天地图 --crs 4490 --review-number "GS(2024)0650号"
    """  # noqa: D301
    from dataclasses import replace

    from api.open_store import basemap_folder, is_server_mode
    from geo.basemaps.opening import BaseMapTiles, extent_of, kind_of, levels_of, stored_path
    from geo.catalog.base_maps import BaseMap
    from geo.storage.records import AuditEntry

    wanted = BaseMap(
        kind=kind or kind_of(source), source=source, crs=_crs_code(crs), levels=_levels(levels), **settings
    )
    with console.store(create=True) as store:
        home, is_bounded = basemap_folder(console.settings, store), is_server_mode(store)
        if not wanted.is_url:
            wanted = replace(wanted, source=stored_path(source, home, is_bounded=is_bounded))
        tiles = BaseMapTiles(wanted, home, is_bounded=is_bounded)
        try:
            inner = tiles.source.source
            added = replace(
                wanted,
                levels=wanted.levels or (levels_of(inner) if _tells_levels(wanted) else None),
                extent=extent_of(inner, is_shifted=wanted.is_shifted),
                first_level=getattr(inner, "first_level", None),
                layer=getattr(inner, "layer", wanted.layer),
            )
        finally:
            tiles.close()
        with store.transaction():
            store.save_base_map(added)
            store.record(AuditEntry("basemap-add", detail={"name": added.name, "source": added.shown_source()}))
    console.print_json({"basemap": added.as_record()})
    zh, en = KIND_NAMES[added.kind]
    levels_zh, levels_en = (_levels_text(added),) * 2 if added.levels else ("来源没有写明", "not told by its source")
    console.print(
        f"已添加底图 {added.name}：{zh}，坐标系 {added.crs}，级别 {levels_zh}",
        f"added the base map {added.name}: {en}, CRS {added.crs}, levels {levels_en}",
    )
    if added.is_shifted:
        console.print_note(
            "底图是 GCJ-02，瓦片按公布的公式逐点移到数据上",
            "the base map is in GCJ-02; its tiles are moved onto the data point by point, by the published formula",
        )
    return 0


@basemap_command.command("list")
@store_options
def list_command(console: Console) -> int:
    """列出底图；网址里的密钥不显示。 / List the base maps; keys in URLs are not shown.

    \b
    gridsight basemap list --json
    """  # noqa: D301
    with console.store() as store:
        found = store.base_maps()
    console.print_json({"basemaps": [one.as_record() for one in found]})
    rows = [
        one.as_record() | {"source": one.shown_source(), "levels": _levels_text(one)}
        | {key: getattr(one, key) or None for key in ("attribution", "review_number", "data_date", "secret_class")}
        for one in found
    ]  # fmt: skip
    console.print_table(rows, _COLUMNS)
    return 0


@basemap_command.command("check")
@click.argument("name")
@store_options
def check_command(console: Console, name: str) -> int:
    """量出底图与库中道路相差多少，并说明是否像 GCJ-02。 / Measure how far a base map is off our roads.

    吻合时退出码 0；有偏移或量不出时为 1。 / Exit code 0 where it fits, 1 where it is off or nothing could be measured.

    \b
    gridsight basemap check 影像 --json
    """  # noqa: D301
    from dataclasses import asdict

    from api.representations.base_map_of_store import opened_base_map
    from geo.studies.basemap_shift import basemap_shift

    with console.store() as store, opened_base_map(console.settings, store, name) as tiles:
        base = tiles.base
        found = basemap_shift(store, tiles, progress=console.progress)
    zh, en = _verdict(base, found)
    console.print_json({"name": base.name, "crs": base.crs, **asdict(found), "verdict": f"{zh} / {en}"})
    console.print(zh, en)
    return 0 if found.is_near else 1


@basemap_command.command("remove")
@click.argument("name")
@store_options
def remove_command(console: Console, name: str) -> int:
    """删除一个底图的设置；文件不动。 / Remove the settings of a base map; its files stay.

    \b
    gridsight basemap remove 影像
    """  # noqa: D301
    from geo.storage.records import AuditEntry

    with console.store() as store, store.transaction():
        store.remove_base_map(name)
        store.record(AuditEntry("basemap-remove", detail={"name": name}))
    console.print_json({"removed": name})
    console.print(f"已删除底图 {name}（文件未动）", f"removed the base map {name}; its files are where they were")
    return 0


def _crs_code(text: str) -> str:
    """Return a CRS as base maps write it; raise BadValue for BD-09, whose tiles have another origin and scale."""
    from geo.catalog.base_maps import DEGREES, GCJ02, WEB_MERCATOR
    from geo.crs import BD09, crs_name, shift_name
    from geo.errors import BadValue

    shift = shift_name(text)
    if shift == BD09:
        raise BadValue(
            "不支持 BD-09（百度）底图：它的瓦片另有原点、比例和行号，无法对准",
            "base maps in BD-09 (Baidu) cannot be used: their tiles have another origin, other scales and rows",
        )
    if shift == GCJ02:
        return GCJ02
    code = crs_name(text)
    number = code.removeprefix("EPSG:")
    return number if number in (WEB_MERCATOR, *DEGREES) else code


def _levels(text: str | None) -> tuple[int, int] | None:
    from geo.errors import BadValue

    if text is None:
        return None
    first, dash, last = text.partition("-")
    if not (first.strip().isdecimal() and (not dash or last.strip().isdecimal())):
        raise BadValue(f"--levels 写作 8-16，不是 {text[:20]}", f"--levels is written 8-16, not {text[:20]}")
    return int(first), int(last if dash else first)


def _tells_levels(base: BaseMap) -> bool:
    """Return whether a source says which levels it has; a URL of tiles does not, nor does a template of paths."""
    return base.kind != "xyz" or not (base.is_url or "{" in base.source)


def _levels_text(base: BaseMap) -> str | None:
    return None if base.levels is None else f"{base.levels[0]}-{base.levels[1]}"


def _verdict(base: BaseMap, found: BaseMapShift) -> tuple[str, str]:
    if found.tiles == 0:
        return (
            f"底图 {base.name} 在有道路的地方没有瓦片，量不出偏移",
            f"the base map {base.name} has no tiles where the roads are; no shift could be measured",
        )
    if found.shift_m is None or found.bearing is None:
        how = f"{found.peak:g}", f"{found.least_peak:g}"
        return (
            f"底图 {base.name} 上认不出库中的道路，量不出偏移（突出程度 {how[0]}，须 {how[1]}）",
            f"no shift could be measured: our roads stand out on the base map {base.name} by {how[0]}, not {how[1]}",
        )
    if found.is_near:
        return (
            f"底图 {base.name} 与道路吻合，相差 {found.shift_m:g} 米",
            f"the base map {base.name} fits the roads, {found.shift_m:g} m off",
        )
    zh, en = _LOOKS.get(found.looks_like or "", ("", ""))
    return (
        f"底图 {base.name} 偏在道路的 {found.bearing:g}° 方向 {found.shift_m:g} 米处{f'；{zh}' if zh else ''}",
        f"the base map {base.name} is {found.shift_m:g} m off the roads, in direction {found.bearing:g}°"
        + (f"; {en}" if en else ""),
    )


COMMANDS = {"basemap": basemap_command}
