"""Check the layers of a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options, suffix_among
from api.commands.divide import band
from api.language import Language
from geo.catalog.headings import title
from geo.check.remedies import remedy
from geo.errors import BadValue
from geo.figure_text import plain_figure
from geo.sentences import in_language

if TYPE_CHECKING:
    from geo.studies.fix_borders import FixedBorders
    from geo.types import Finding

_SEVERITIES = {"error": "错误", "warning": "警告"}
_COLUMNS = {
    "rank": ("序", "rank"),
    "severity": ("轻重", "severity"),
    "code": ("代码", "code"),
    "layer": ("图层", "layer"),
    "count": ("处", "count"),
    "keys": ("编号", "keys"),
    "text": ("说明", "finding"),
    "remedy": ("怎样改", "repair"),
}


#: Mended grids that are listed; --json has all.
_LISTED = 20
_FIXED = {
    "code": ("代码", "code"),
    "name": ("名称", "name"),
    "before_m2": ("之前（m²）", "before (m2)"),
    "after_m2": ("之后（m²）", "after (m2)"),
}


@click.command("check", short_help="检查数据 / check the layers")
@click.argument("layers", nargs=-1)
@click.option("--size", callback=band, help="网格的区间 300:500：另查屏障 / band of a grid: looks at barriers too")
@click.option("--rural", callback=band, help="乡村网格的区间 / band of rural grids")
@click.option(
    "--by",
    type=click.Choice(["households", "population"]),
    default="households",
    show_default=True,
    help="区间按什么算 / what the band counts",
)
@click.option("--fix", is_flag=True, help="修补网格之间 1 m 以内的细缝 / mend slivers of up to 1 m between grids")
@click.option("--undo", is_flag=True, help="撤销上一次 --fix / take the last --fix back")
@click.option("--dry-run", is_flag=True, help="只列出 --fix 会改的，不写库 / list what --fix would change")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="--fix、--undo 之前与之后的网格：.gpkg .geojson / grids before and after --fix or --undo",
)
@store_options
def check_command(
    console: Console,
    layers: tuple[str, ...],
    size: tuple[float, float] | None,
    rural: tuple[float, float] | None,
    by: str,
    *,
    fix: bool,
    undo: bool,
    dry_run: bool,
    out: Path | None,
) -> int:
    """检查：墙里的摄像机、网格重叠与缝隙、编码、坐标偏移。 / Check topology, codes, cameras in walls, CRS mistakes.

    \b
    gridsight check
    gridsight check cameras grids --json
    gridsight check grids --size 300:500 --rural 100:300
    gridsight check grids --fix --out 修补.gpkg
    gridsight check grids --undo
    """  # noqa: D301
    if fix or undo:
        if (fix and undo) or set(layers) - {"grids"} or size is not None or rural is not None:
            raise BadValue(
                "--fix 与 --undo 只用于网格，不能同用，也不和 --size、--rural 同用",
                "--fix and --undo are for grids, not for both at once, and not with --size or --rural",
            )
        return _mend(console, is_undo=undo, dry_run=dry_run, out=out)
    if dry_run or out is not None:
        raise BadValue("--dry-run 与 --out 只用于 --fix、--undo", "--dry-run and --out are for --fix and --undo only")
    if rural is not None and size is None:
        raise BadValue("--rural 须与 --size 同用", "--rural goes with --size")
    from geo.check.grid_rows import Principles
    from geo.studies.check_layers import check

    principles = None if size is None else Principles(size, rural, by)
    with console.store() as store:
        found = check(store, layers, principles=principles, progress=console.progress)
        name = store.name
    errors = sum(one.severity == "error" for one in found)
    warnings = len(found) - errors
    remedies = {one.code: remedy(one.code) for one in found}
    console.print_json({"store": name, "errors": errors, "warnings": warnings, "findings": found, "remedies": remedies})
    if found:
        console.print_table(list(_kinds(found, console.lang)), _COLUMNS)
    console.print(f"{errors} 个错误，{warnings} 个警告", f"{errors} errors, {warnings} warnings")
    return 1 if found else 0


def _mend(console: Console, *, is_undo: bool, dry_run: bool, out: Path | None) -> int:
    from geo.studies.fix_borders import fix_borders, undo_fix

    if is_undo and dry_run:
        raise BadValue("--dry-run 只用于 --fix", "--dry-run is for --fix only")
    form = None if out is None else suffix_among(out, (".gpkg", ".geojson"))
    console.require_not_store(out)
    if out is not None:
        console.require_possible_file(out)
    with console.store() as store:
        found = undo_fix(store) if is_undo else fix_borders(store, dry_run=dry_run)
        name = store.name
    if out is not None and form is not None and len(found.before):
        from api.representations.downloads import encode_frame
        from geo.files import write_atomically

        body = encode_frame(found.both(), form.removeprefix("."), layer="grids")
        write_atomically(out, lambda temporary: temporary.write_bytes(body))
    rows = found.table.to_dict("records")
    console.print_json(
        {
            "store": name, "dry_run": dry_run, "undone": is_undo, "moved_m": found.moved_m, "grids": rows,
            "left": list(found.left), "out": None if out is None or not len(found.before) else str(out),
        }
    )  # fmt: skip
    if rows:
        console.print_table(rows[:_LISTED], _FIXED)
    if len(rows) > _LISTED:
        console.print(f"……另有 {len(rows) - _LISTED} 个", f"... and {len(rows) - _LISTED} more")
    _say(console, found, is_undo=is_undo, dry_run=dry_run)
    if out is not None and rows:
        console.print(f"已写 {out}", f"wrote {out}")
    return 1 if found.left else 0


def _say(console: Console, found: FixedBorders, *, is_undo: bool, dry_run: bool) -> None:
    count, moved = len(found.table), plain_figure(found.moved_m, 3)
    if is_undo:
        console.print(f"{count} 个网格恢复了原来的边界", f"{count} grids have their borders of before again")
        return
    done = ("会修补", "would be mended") if dry_run else ("已修补", "were mended")
    console.print(
        f"{done[0]} {count} 个网格的边界，最多移动 {moved} m",
        f"the borders of {count} grids {done[1]}; the most that one moves is {moved} m",
    )
    if found.left:
        zh, en = "、".join(found.left[:5]), ", ".join(found.left[:5])
        console.print(
            f"{len(found.left)} 个没有修补：{zh}；缝隙或重叠更宽，或修补后不完好",
            f"{len(found.left)} were left: {en}; they miss each other by more, or would not be sound",
        )
    if found.is_written:
        console.print("撤销：gridsight check grids --undo", "to take it back: gridsight check grids --undo")


def _kinds(found: Sequence[Finding], lang: Language) -> Iterator[dict[str, object]]:
    """Yield one line per kind of finding, in order: how many, the rows concerned, and the first of them in words."""
    kinds: dict[tuple[str, str, str], list[Finding]] = {}
    for one in found:
        kinds.setdefault((one.severity, one.code, one.layer), []).append(one)
    for place, group in enumerate(kinds.values(), 1):  # ranks in JSON are of single findings
        first = group[0]
        text = in_language(first.text, lang)
        if len(group) > 1:
            text = f"例如：{text}" if lang == "zh" else f"such as: {text}"
        keys = [key for one in group for key in one.keys]
        shown = {"layer": title(first.layer, lang, of_run=False)}
        if lang == "zh":
            shown["severity"] = _SEVERITIES[first.severity]
        shown |= {"keys": _few(keys), "text": text, "remedy": in_language(remedy(first.code), lang)}
        yield {**vars(first), **shown, "rank": place, "count": len(group)}


def _few(keys: Iterable[object]) -> str:
    listed = [str(key) for key in keys]
    return ", ".join(listed[:3]) + (f" +{len(listed) - 3}" if len(listed) > 3 else "")


COMMANDS = {"check": check_command}
