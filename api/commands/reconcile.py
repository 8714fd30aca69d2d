"""Pair another list of cameras with the store, and apply what a planner confirmed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands import reading_report
from api.commands.console import Console, store_options
from api.commands.import_layer import listed_beside
from api.commands.reading_options import reading_options
from geo.errors import BadValue
from geo.sentences import both, in_language
from geo.types import NO_ROWS

if TYPE_CHECKING:
    from geo.readers.read_options import ReadOptions
    from geo.storage.protocol import Store
    from geo.studies.reconcile_cameras import Applied, Proposal

_SUFFIXES = (".csv", ".xlsx")
#: Refused rows named at the terminal; --json has all.
_MAX_REFUSED = 10


@click.command("reconcile", short_help="把另一份摄像机清单与库配对 / pair another list of cameras with the store")
@click.argument("file", type=click.Path(path_type=Path))
@reading_options
@click.option("--within", type=float, default=30.0, show_default=True, help="同一摄像机两处位置最多相距，米 / metres")
@click.option(
    "--min-score", type=float, default=0.5, show_default=True, help="提出配对的最低得分 / least score, 0 to 1"
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="配对表 .csv 或 .xlsx，旁边另写 .gpkg；默认在工作区旁边 / the table, and a .gpkg beside it",
)
@click.option(
    "--apply", "table", type=click.Path(path_type=Path), help="执行确认过的表 / apply a table that was confirmed"
)
@store_options
def reconcile_command(
    console: Console,
    file: Path,
    reading: ReadOptions,
    within: float,
    min_score: float,
    out: Path | None,
    table: Path | None,
) -> int:
    """同一批杆的几份清单：提出配对，确认后才合并。 / Pairs of two lists of the same poles, to be confirmed.

    \b
    gridsight reconcile 乡镇清单.xlsx --crs gcj02 --out 配对.xlsx
    gridsight reconcile 乡镇清单.xlsx --crs gcj02 --apply 配对.xlsx
    """  # noqa: D301
    if table is not None:
        if out is not None:
            raise BadValue("--out 与 --apply 不能同时给出", "--out and --apply do not go together")
        with console.store() as store:
            return _apply(console, store, file, table, reading)
    out = _out(console, file, out)
    with console.store() as store:
        from geo.studies.reconcile_cameras import propose_pairs

        found = propose_pairs(
            store, file, reading, within=within, min_score=min_score, lang=console.lang, progress=console.progress
        )
    _write(found, out)
    return _print_proposal(console, found, out)


def _out(console: Console, file: Path, out: Path | None) -> Path:
    """Return where the table goes; refuse a place that is none before anything is computed."""
    from geo.files import require_new_file, require_other_file

    path = out or listed_beside(console, file, "cameras", "pairs")
    if path is None:
        raise BadValue(
            "当前目录是源代码目录，请用 --out 指明配对表写到哪里",
            "this is a source checkout: say with --out where the table of pairs goes",
        )
    if path.suffix.lower() not in _SUFFIXES:
        raise BadValue(f"--out 应为 .csv 或 .xlsx：{path.name}", f"--out should be .csv or .xlsx, not {path.name}")
    files = path, path.with_suffix(".gpkg")
    for written in files:
        require_other_file(written, file)
        console.require_not_store(written)
    require_new_file(*files)  # a planner may be at work on the table
    return path


def _write(found: Proposal, out: Path) -> None:
    from api.representations.downloads import encode_frame
    from geo.files import write_atomically
    from geo.studies.reconcile_cameras import write_pairs_layer

    body = encode_frame(found.table, out.suffix.lower().removeprefix("."), layer="pairs")
    write_atomically(out, lambda temporary: temporary.write_bytes(body))
    write_pairs_layer(found, out.with_suffix(".gpkg"))


def _print_proposal(console: Console, found: Proposal, out: Path) -> int:
    reading, pairing = found.reading, found.pairing
    pairs, groups = len(pairing.proposals), int(pairing.ambiguous["group"].nunique())
    counts = {
        "read": reading.read, "rejected": len(reading.rejects), "stored": len(found.stored), "pairs": pairs,
        "ambiguous_groups": groups, "ambiguous_pairs": len(pairing.ambiguous), "only_file": len(pairing.only),
        "only_store": len(pairing.only_other), "equal_ids": pairing.equal_ids,
        "equal_ids_near": pairing.equal_ids_near, "uses_ids": pairing.uses_ids, "crowded": pairing.crowded,
    }  # fmt: skip
    layers = out.with_suffix(".gpkg").name
    console.print_json({"source": reading.source, **counts, "out": str(out), "layers": str(out.with_suffix(".gpkg"))})
    console.print(
        f"{reading.source} 与库里 {len(found.stored)} 台摄像机：配对 {pairs}，不唯一 {groups} 组，"
        f"只在文件 {len(pairing.only)}，只在库 {len(pairing.only_other)}",
        f"{reading.source} and {len(found.stored)} stored cameras: {pairs} pairs, {groups} ambiguous groups, "
        f"{len(pairing.only)} only in the file, {len(pairing.only_other)} only in the store",
    )
    reading_report.print_columns(console.print, reading.mapping, reading.unused_columns, reading.dropped_columns)
    if not reading.read:
        console.print(*(f"  {one}" for one in both(NO_ROWS)))
    if pairing.equal_ids and not pairing.uses_ids:
        console.print(
            f"  编号没有用：相同的 {pairing.equal_ids} 个里只有 {pairing.equal_ids_near} 个位置相近，是各编各的",
            f"  ids took no part: of {pairing.equal_ids} equal ones only {pairing.equal_ids_near} lie near one another",
        )
    if reading.read and len(found.stored) and not pairs and not groups:
        console.print(
            "  一行也没有配上：多半是坐标系不对（--crs），或两份清单相距超过 --within 米；先查清，不要就此确认新增",
            "  no row has a pair: most likely the coordinate system (--crs) is not that of the list, or the lists lie "
            "apart by more than --within metres; find out before you confirm rows as new",
        )
    if pairing.crowded:
        console.print(
            f"  {pairing.crowded} 行周围的摄像机太多，只比较了最像的",
            f"  {pairing.crowded} rows have too many cameras around them: only the likeliest were compared",
        )
    if reading.rejects:
        reason = in_language(reading.rejects[0].reason, console.lang)
        console.print(
            f"  拒绝 {len(reading.rejects)} 行，第一行：{reason}；导入时逐行列出",
            f"  {len(reading.rejects)} rows rejected, the first: {reason}; an import lists each",
        )
    named = f'"{out}"' if " " in str(out) else str(out)
    console.print(
        f"  {out}（图：{layers}）：在“确认”栏填 是，再用 --apply {named} 执行；没有确认的不合并",
        f"  {out} (map: {layers}): fill in yes under confirm, then --apply {named}; nothing unconfirmed is merged",
    )
    return 1 if reading.rejects or pairing.crowded or not reading.read else 0


def _apply(console: Console, store: Store, file: Path, table: Path, reading: ReadOptions) -> int:
    from geo.studies.reconcile_cameras import apply_pairs

    done: Applied = apply_pairs(store, file, table, reading, progress=console.progress)
    refused = [{"row": one.row, "value": one.value, "reason": one.reason} for one in done.refused]
    counts = {name: getattr(done, name) for name in ("merged", "added", "already", "unconfirmed")}
    console.print_json({"source": file.name, "table": str(table), **counts, "refused": refused})
    console.print(
        f"合并 {done.merged} 对，新增 {done.added} 台，先前已执行 {done.already}，未确认 {done.unconfirmed}，"
        f"拒绝 {len(refused)}",
        f"{done.merged} pairs merged, {done.added} cameras added, {done.already} applied before, "
        f"{done.unconfirmed} not confirmed, {len(refused)} refused",
    )
    for one in refused[:_MAX_REFUSED]:
        zh, en = (in_language(one["reason"], lang) for lang in ("zh", "en"))
        console.print(f"  第 {one['row']} 行 {one['value']}：{zh}", f"  row {one['row']} {one['value']}: {en}")
    if len(refused) > _MAX_REFUSED:
        more = len(refused) - _MAX_REFUSED
        console.print(f"  另有 {more} 行，见 --json", f"  {more} more, see --json")
    return 1 if refused else 0


COMMANDS = {"reconcile": reconcile_command}
