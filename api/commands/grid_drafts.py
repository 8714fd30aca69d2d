"""Draft changes of grids, list, show and check drafts, approve and withdraw them, tell which grid became which."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options, suffix_among, time_in_zone
from geo.catalog.options import CARRIERS
from geo.errors import BadValue, UnreadableFile
from geo.figure_text import plain_figure
from geo.sentences import both

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from geo.storage.records import GridDraft

_STATES = {
    "draft": ("草案", "draft"), "approved": ("已批准", "approved"), "carried_out": ("已生效", "in force"),
    "withdrawn": ("已撤回", "withdrawn"),
}  # fmt: skip
_CHANGES = {
    "split": ("拆分", "split"), "merge": ("合并", "merge"), "redraw": ("另画界线", "redraw"),
    "rename": ("改名", "rename"), "hand_over": ("划出", "hand over"), "border": ("添顶点", "vertices"),
    "parent": ("改上级", "parent"),
}  # fmt: skip
_FLAGS = {
    "split": "--split", "merge": "--merge", "redraw": "--redraw", "piece": "--hand-over", "by": "--by",
}  # fmt: skip
#: Options that are read only beside one of others.
_ONLY_WITH = (
    ("by", "--by", ("split", "redraw")), ("giver", "--from", ("piece",)), ("taker", "--to", ("piece",)),
    ("names", "--new-name", ("split", "merge")), ("crs", "--crs", ("by", "piece")),
)  # fmt: skip
_SUFFIXES = (".csv", ".xlsx")
_MOST_BYTES = 20_000_000


@click.group("grids", short_help="拟定、批准、撤回网格的变动 / draft, approve and withdraw changes of grids")
def grids_command() -> None:
    """拟定、核对、批准、撤回网格的变动：拆分、合并、另画界线、划出、改名。 / Changes of grids as drafts.

    \b
    gridsight grids draft --name 北街拆分 --split 990121100001001 --by 线.geojson
    gridsight grids approve 北街拆分 --from 2026-04-01
    gridsight grids list
    """  # noqa: D301


@grids_command.command("draft", short_help="拟定一份草案，网格不改动 / make a draft; no grid is changed")
@click.option("--name", required=True, help="草案的名称 / name of the draft")
@click.option("--note", default="", help="说明 / a note")
@click.option("--split", help="拆分这个网格，配 --by / the grid to split, with --by")
@click.option("--merge", multiple=True, help="合并的网格，写两次以上 / a grid to merge; repeat")
@click.option(
    "--redraw", nargs=2, help="另画这两个网格之间的界线，配 --by / two grids whose border is drawn anew, with --by"
)
@click.option("--rename", nargs=2, multiple=True, metavar="CODE NAME", help="改名，可重复 / rename; repeatable")
@click.option(
    "--hand-over",
    "piece",
    type=click.Path(path_type=Path, dir_okay=False),
    help="划出的一块，配 --from、--to / file of the piece",
)
@click.option("--from", "giver", help="划出的网格 / the grid that hands over")
@click.option("--to", "taker", help="接收的网格 / the grid that takes")
@click.option("--by", type=click.Path(path_type=Path, dir_okay=False), help="线或面的文件 / file of lines or areas")
@click.option(
    "--changes",
    type=click.Path(path_type=Path, dir_okay=False),
    help="多项变动的 JSON 或 GeoJSON 文件 / JSON or GeoJSON file of several changes",
)
@click.option("--crs", help="--by、--hand-over 文件的坐标系 / CRS of these files")
@click.option(
    "--new-name", "names", multiple=True, help="新网格的名称，自西向东，可重复 / names of new grids, from the west"
)
@click.option("--size", help="每个网格的户数区间，如 300:500 / band of a grid")
@click.option("--rural", help="乡村网格的区间 / band of rural grids")
@click.option("--profile", help="编码规则 / how new codes are made")
@click.option(
    "--buildings", type=click.Choice(CARRIERS), default="obstacles", show_default=True,
    help="户数落在哪个图层上 / layer that carries the households",
)  # fmt: skip
@store_options
def draft_command(console: Console, **given: Any) -> int:
    """拟定一份草案：写明得到哪些网格、户数多少、有什么问题；网格不改动。

    Make a draft and say which grids come of it, with how many households, and what is wrong. No grid is changed.
    Exit code 1 where the checks have findings.

    \b
    gridsight grids draft --name 北街拆分 --split 990121100001001 --by 线.geojson --size 300:500
    gridsight grids draft --name 并 --merge 990121100001001 --merge 990121100001002 --new-name 全村网格
    gridsight grids draft --name 移界 --redraw 990121100001001 990121100001002 --by 新界.geojson
    gridsight grids draft --name 划出 --hand-over 块.gpkg --from 990121100001001 --to 990121100001002
    gridsight grids draft --name 三月 --changes 变动.json
    """  # noqa: D301, D400
    from geo.storage.records import LOCAL
    from geo.studies.grid_drafts import made_grid_draft

    value = {
        "name": given["name"], "note": given["note"], "operations": _operations(given),
        "size": _band(given["size"], "--size"), "rural": _band(given["rural"], "--rural"),
        "profile": given["profile"], "buildings": given["buildings"],
    }  # fmt: skip
    with console.store() as store:
        draft = made_grid_draft(store, value, LOCAL)
        store.save_grid_draft(draft, if_version=0)
        _print_draft(console, draft, store.today(), store.time_zone())
    return 1 if draft.content["findings"] else 0


@grids_command.command("list", short_help="列出草案 / list the drafts")
@store_options
def list_command(console: Console) -> int:
    """列出草案，最新的在前。 / List the drafts, newest first.

    \b
    gridsight grids list
    """  # noqa: D301
    from api.representations.grid_draft_values import draft_heading

    with console.store() as store:
        found = [draft_heading(one, store.today()) for one in store.grid_drafts()]
    console.print_json({"drafts": found})
    at = int(console.lang == "en")
    rows = [
        {
            "name": one["name"], "state": _STATES[one["state"]][at], "effective": one["effective"],
            "changes": ", ".join(_CHANGES[kind][at] for kind in one["changes"]), "author": one["author"],
            "findings": one["errors"] + one["warnings"], "id": one["id"],
        }
        for one in found
    ]  # fmt: skip
    columns = {
        "name": ("草案", "draft"), "state": ("状态", "state"), "effective": ("生效", "from"),
        "changes": ("变动", "changes"), "author": ("拟定", "by"), "findings": ("发现", "findings"),
        "id": ("编号", "id"),
    }  # fmt: skip
    if rows:
        console.print_table(rows, columns)
    else:
        console.print("没有草案", "there are no drafts")
    return 0


@grids_command.command("show", short_help="一份草案的前后网格 / the grids of a draft before and after")
@click.argument("draft")
@store_options
def show_command(console: Console, draft: str) -> int:
    """显示一份草案：前后的网格、户数、承继、发现。DRAFT 是名称或编号。

    Show a draft: its grids before and after, households, succession, findings. DRAFT is a name or an id.

    \b
    gridsight grids show 北街拆分
    """  # noqa: D301, D400
    from geo.studies.grid_drafts import named_grid_draft

    with console.store() as store:
        _print_draft(console, named_grid_draft(store, draft), store.today(), store.time_zone())
    return 0


@grids_command.command("check", short_help="现在能否批准 / whether a draft may be approved now")
@click.argument("draft")
@store_options
def check_command(console: Console, draft: str) -> int:
    """按今天的网格核对一份草案：区间、边界、上级、代码，网格是否在拟定之后改过。有发现的退出码是 1。

    Check a draft against the grids of today: band, borders, parents, codes, and whether a grid was changed since. Exit
    code 1 where there are findings.

    \b
    gridsight grids check 北街拆分
    """  # noqa: D301, D400
    from api.representations.grid_draft_values import finding_values
    from geo.studies.grid_drafts import checked_draft, named_grid_draft

    with console.store() as store:
        found = checked_draft(store, named_grid_draft(store, draft))
    findings = finding_values(found.findings, console.lang)
    console.print_json({"may_be_approved": found.may_be_approved, "findings": findings, "changed": list(found.changed)})
    _print_findings(console, findings)
    for one in found.changed:
        code, was, now = one["grid"], one["seen_version"], one["stored_version"]
        console.print(
            f"网格 {code} 改过：草案所见版本 {was}，现在 {now}",
            f"grid {code} was changed: the draft saw version {was}, now it is {now}",
        )
    if found.may_be_approved:
        console.print("可以批准", "it may be approved")
    else:
        console.print("不能批准", "it cannot be approved")
    return 1 if findings or found.changed else 0


@grids_command.command("approve", short_help="批准，写明生效日期 / approve for a day")
@click.argument("draft")
@click.option("--from", "effective", required=True, help="生效日期 / the day from which it holds, YYYY-MM-DD")
@store_options
def approve_command(console: Console, draft: str, effective: str) -> int:
    """批准一份草案：旧网格到那天为止，新网格从那天开始。 / Approve a draft: old grids end on the day, new ones begin.

    \b
    gridsight grids approve 北街拆分 --from 2026-04-01
    """  # noqa: D301
    from geo.storage.records import LOCAL
    from geo.studies.analyze_options import day
    from geo.studies.grid_approvals import approve_draft
    from geo.studies.grid_drafts import named_grid_draft

    wanted = day(effective)
    if wanted is None:
        raise BadValue("须写生效日期 --from", "the day --from is needed")
    with console.store() as store, store.transaction():
        found = approve_draft(store, named_grid_draft(store, draft), wanted, LOCAL)
        today = store.today()
    _print_decided(console, found, today)
    return 0


@grids_command.command("withdraw", short_help="撤回 / withdraw a draft, or an approved change before its day")
@click.argument("draft")
@store_options
def withdraw_command(console: Console, draft: str) -> int:
    """撤回一份草案；已批准的在生效之前撤回，网格恢复原样。 / Withdraw a draft, or an approved change before its day.

    \b
    gridsight grids withdraw 北街拆分
    """  # noqa: D301
    from geo.storage.records import LOCAL
    from geo.studies.grid_approvals import withdraw_draft
    from geo.studies.grid_drafts import named_grid_draft

    with console.store() as store, store.transaction():
        found = withdraw_draft(store, named_grid_draft(store, draft), LOCAL)
        today = store.today()
    _print_decided(console, found, today)
    return 0


@grids_command.command("succession", short_help="承继表：旧网格成了哪些新网格 / which grid became which")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写到 .csv 或 .xlsx / file to write")
@store_options
def succession_command(console: Console, out: Path | None) -> int:
    """已批准的变动：旧网格 → 新网格、变动、日期、份额。 / Approved changes: old grid, new grid, change, day, shares.

    \b
    gridsight grids succession --out 承继.xlsx
    """  # noqa: D301
    from geo.studies.grid_approvals import successions

    form = None if out is None else suffix_among(out, _SUFFIXES)
    console.require_not_store(out)
    with console.store() as store:
        rows = successions(store)
    console.print_json({"successions": rows, "out": None if out is None else str(out)})
    _print_succession(console, rows, with_day=True)
    if not rows:
        console.print("没有已批准的变动", "there are no approved changes")
    if out is not None and form is not None:
        _write_succession(rows, out, form)
        console.print(f"已写 {out}", f"wrote {out}")
    return 0


# --- what is asked ---------------------------------------------------------------------------------------------------


def _operations(given: Mapping[str, Any]) -> Any:
    """Return the changes asked for: those of the file, then split, hand-over, redraw, merge and renames."""
    out: list[Any] = [] if given["changes"] is None else _changes_in(given["changes"])
    named = {"names": list(given["names"])} if given["names"] else {}
    _require_together(given)
    if given["split"] is not None:
        out.append(
            {"change": "split", "grid": given["split"], "by": _drawn(given["by"], given["crs"], "--split"), **named}
        )
    if given["piece"] is not None:
        if not given["giver"] or not given["taker"]:
            raise click.UsageError("--hand-over 须配 --from 与 --to / --hand-over is with --from and --to")
        piece = _drawn(given["piece"], given["crs"], "--hand-over")
        out.append({"change": "hand_over", "from": given["giver"], "to": given["taker"], "piece": piece})
    if given["redraw"]:
        border = _drawn(given["by"], given["crs"], "--redraw")
        out.append({"change": "redraw", "grids": list(given["redraw"]), "border": border})
    if given["merge"]:
        out.append({"change": "merge", "grids": list(given["merge"]), **named})
    out += [{"change": "rename", "grid": code, "name": name} for code, name in given["rename"]]
    if not out:
        raise click.UsageError(
            "须写一项变动：--split、--merge、--redraw、--rename、--hand-over 或 --changes / name a change: --split, "
            "--merge, --redraw, --rename, --hand-over or --changes"
        )
    return out


def _require_together(given: Mapping[str, Any]) -> None:
    """Refuse an option that none of the changes asked for reads."""
    for name, option, others in _ONLY_WITH:
        if given[name] and not any(given[one] for one in others):
            flags = [_FLAGS[one] for one in others]
            zh, en = f"{option} 须配 {' 或 '.join(flags)}", f"{option} is with {' or '.join(flags)}"
            raise click.UsageError(f"{zh} / {en}")


def _changes_in(path: Path) -> list[Any]:
    """Return the list of changes of a JSON file."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnreadableFile(f"{path} 太大", f"{path} is too large")
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(f"{path} 不是 JSON 文件", f"{path} is no JSON file") from None
    if isinstance(value, dict) and value.get("type") == "FeatureCollection":
        from geo.studies.grid_operations import operations_of_features

        return operations_of_features(value.get("features"))
    if not isinstance(value, list):
        raise UnreadableFile(f"{path} 须是变动的列表", f"{path} must hold a list of changes")
    return value


def _drawn(path: Path | None, crs: str | None, option: str) -> dict[str, Any]:
    """Return all that a file of shapes holds as one GeoJSON geometry, WGS-84."""
    import shapely

    from geo.crs import STORAGE_CRS
    from geo.readers.reading import read_layer
    from geo.studies.grid_operations import plain_shape

    if path is None:
        raise click.UsageError(f"{option} 须配所画的文件（--by） / {option} needs the file of what was drawn (--by)")
    found = read_layer(path, "places", crs=crs, default_crs=None)
    if found.rejects:  # what is left of a drawing is not what was drawn
        first = found.rejects[0]
        zh, en = both(first.reason)
        raise BadValue(f"{path} 第 {first.row} 行不能用：{zh}", f"row {first.row} of {path} is not usable: {en}")
    shapes = found.frame.to_crs(STORAGE_CRS).geometry
    parts = shapely.get_parts(shapes[shapes.notna()].to_numpy())
    for kind, whole in (("LineString", shapely.multilinestrings), ("Polygon", shapely.multipolygons)):
        fit = [one for one in parts if one.geom_type == kind]
        if fit and len(fit) == len(parts):
            return plain_shape(fit[0] if len(fit) == 1 else whole(fit))
    raise BadValue(f"{path} 须只有线或只有面", f"{path} must hold lines alone or areas alone")


def _band(text: str | None, option: str) -> list[float] | None:
    if text is None:
        return None
    try:
        low, high = (float(one) for one in text.replace("：", ":").replace("-", ":").split(":"))
    except ValueError:
        raise BadValue(f"{option} 应写成 300:500", f"{option} is written as 300:500") from None
    return [low, high]


# --- what is told ----------------------------------------------------------------------------------------------------


def _print_draft(console: Console, draft: GridDraft, today: date, zone: str) -> None:
    from api.representations.grid_draft_values import whole_draft

    whole = whole_draft(draft, today, console.lang)
    console.print_json(whole)
    at = int(console.lang == "en")
    state = _STATES[whole["state"]]
    day, made = whole["effective"], time_in_zone(draft.created, zone)
    console.print(
        f"草案 {draft.name}：{state[0]}{f'（{day}）' if day else ''}，{draft.author} 拟定于 {made}，编号 {draft.id}",
        f"draft {draft.name}: {state[1]}{f' ({day})' if day else ''}, by {draft.author} at {made}, id {draft.id}",
    )
    rows = [
        {
            "side": (("前", "before"), ("后", "after"))[side == "after"][at], "code": one["id"],
            "name": one["properties"].get("name"), "change": _CHANGES[one["change"]][at] if "change" in one else "",
            "households": one["properties"].get("households"), "area_m2": plain_figure(one["area_m2"]),
        }
        for side in ("before", "after")
        for one in whole[side]
    ]  # fmt: skip
    columns = {
        "side": ("", ""), "code": ("代码", "code"), "name": ("名称", "name"), "change": ("变动", "change"),
        "households": ("户数", "households"), "area_m2": ("面积 m²", "area m²"),
    }  # fmt: skip
    console.print_table(rows, columns)
    _print_succession(console, whole["succession"])
    moved = whole["buildings_moved"]
    console.print(f"{moved} 栋建筑换了网格", f"{moved} buildings have another grid")
    _print_findings(console, whole["findings"])


def _print_succession(console: Console, rows: Sequence[Mapping[str, Any]], *, with_day: bool = False) -> None:
    at = int(console.lang == "en")
    columns = {
        "old": ("旧网格", "old grid"), "new": ("新网格", "new grid"), "change": ("变动", "change"),
        **({"effective": ("生效", "from")} if with_day else {}), "area_share": ("面积份额", "of area"),
        "household_share": ("户数份额", "of households"), "buildings": ("建筑", "buildings"),
    }  # fmt: skip
    told = [{**one, "change": _CHANGES[one["change"]][at], "household_share": one["share"]} for one in rows]
    if told:
        console.print_table(told, columns)


def _print_findings(console: Console, findings: Sequence[Mapping[str, Any]]) -> None:
    for one in findings:
        zh, en = ("错误", "error") if one["severity"] == "error" else ("警告", "warning")
        console.print(f"{zh}：{one['text']}", f"{en}: {one['text']}")


def _print_decided(console: Console, draft: GridDraft, today: date) -> None:
    from api.representations.grid_draft_values import draft_heading

    console.print_json(draft_heading(draft, today))
    if draft.state == "approved":
        console.print(
            f"草案 {draft.name} 已批准，{draft.effective} 生效",
            f"the draft {draft.name} is approved from {draft.effective}",
        )
    else:
        console.print(f"草案 {draft.name} 已撤回", f"the draft {draft.name} is withdrawn")


def _write_succession(rows: Sequence[Mapping[str, Any]], out: Path, form: str) -> None:
    import pandas as pd

    from api.representations.downloads import encode_frame
    from geo.files import write_atomically

    columns = ["old", "new", "change", "effective", "area_share", "share", "buildings", "by", "draft"]
    body = encode_frame(pd.DataFrame(list(rows), columns=columns), form.removeprefix("."), layer="successions")
    write_atomically(out, lambda temporary: temporary.write_bytes(body))


COMMANDS = {"grids": grids_command}
