"""Derive places: crossings and sections of roads, rings round places, gates of places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options
from geo.sentences import in_language

if TYPE_CHECKING:
    from geo.studies.derive_places import DerivedKind

_KINDS = {
    "crossings": ("路口", "crossings"), "sections": ("路段", "sections"), "rings": ("周边", "rings"),
    "gates": ("大门", "gates"),
}  # fmt: skip
_COLUMNS = {
    "kind": ("派生", "derived"),
    "derived": ("个", "places"),
    "added": ("新增", "added"),
    "updated": ("更新", "updated"),
    "unchanged": ("不变", "unchanged"),
    "removed": ("移除", "removed"),
    "kept": ("含手工改过", "with edits kept"),
    "deleted": ("手工删除，不再派生", "deleted by hand"),
}


@click.group("places", short_help="由道路和部位派生路口、路段、周边、大门 / derive places from roads and places")
def places_command() -> None:
    """由道路和部位派生路口、路段、周边、大门。 / Derive crossings, sections, rings and gates.

    \b
    gridsight places derive --dry-run
    gridsight places derive --kinds crossings,sections
    """  # noqa: D301


@places_command.command("derive", short_help="派生，或按现在的道路更新 / derive, or renew")
@click.option(
    "--kinds",
    default=",".join(_KINDS),
    show_default=True,
    help="派生哪几种，逗号分隔 / which, with commas between them",
)
@click.option(
    "--classes",
    help="路口与路段取哪些道路等级，逗号分隔；默认全部行车道路，service 除外 / classes of roads (default: all driven "
    "ones but service)",
)
@click.option("--rings-of", default="school", show_default=True, help="哪几类部位有周边 / kinds of places with rings")
@click.option(
    "--radius",
    type=click.FloatRange(0, 10_000, min_open=True),
    default=200.0,
    show_default=True,
    help="周边的宽度，米 / width of the rings, metres",
)
@click.option("--gates-of", default="estate", show_default=True, help="哪几类部位有大门 / kinds of places with gates")
@click.option("--restore", is_flag=True, help="手工删除的也重新派生 / make again what was deleted by hand")
@click.option("--dry-run", is_flag=True, help="只说会怎样，不写入 / say what would happen and write nothing")
@store_options
def derive_command(
    console: Console,
    kinds: str,
    classes: str | None,
    rings_of: str,
    radius: float,
    gates_of: str,
    restore: bool,
    dry_run: bool,
) -> int:
    """由道路派生路口与路段，围绕部位派生周边，在道路穿过部位边界处派生大门。 / Derive places, or renew them.

    再次执行即按现在的道路与部位更新：代码不变，手工改过的各项保留，其余更新；道路已不在的移除（历史中仍有），
    有人改过的除外。 / Run again to renew them: codes and what was edited by hand stay, all else is renewed. What is
    there no more is removed, unless somebody edited it; its history stays.

    \b
    gridsight places derive --dry-run
    gridsight places derive --kinds crossings,sections --classes 国道,省道,县道
    gridsight places derive --kinds rings --rings-of 学校,幼儿园 --radius 200
    """  # noqa: D301
    from geo.studies.derive_places import DeriveOptions, derive_places

    options = DeriveOptions(
        _listed(kinds), None if classes is None else _listed(classes), _listed(rings_of), _listed(gates_of), radius,
        restore,
    )  # fmt: skip
    with console.store() as store:
        done = derive_places(store, options, dry_run=dry_run, progress=console.progress)
    console.print_json(
        {"dry_run": dry_run, "kinds": {name: asdict(one) for name, one in done.kinds.items()}, "notes": done.notes}
    )
    if dry_run:
        console.print("预览，什么也没有写：", "A preview, nothing was written:")
    rows = [{**asdict(one), "kind": _KINDS[name][console.lang == "en"]} for name, one in done.kinds.items()]
    console.print_table(rows, _COLUMNS)
    for name, one in done.kinds.items():
        _print_kept(console, name, one)
    for note in done.notes:
        zh, en = (in_language(note, lang) for lang in ("zh", "en"))
        console.print(f"  说明：{zh}", f"  note: {en}")
    return 0


def _print_kept(console: Console, name: str, found: DerivedKind) -> None:
    """Print which rows somebody had edited or deleted."""
    zh, en = _KINDS[name]
    if found.kept_alone:
        codes = _few(found.kept_alone_codes, found.kept_alone)
        console.print(
            f"  {zh}：{found.kept_alone} 个手工改过的已不再由道路或部位得出，仍保留：{codes}",
            f"  {en}: {found.kept_alone} edited by hand are derived no more, and kept: {codes}",
        )
    if found.deleted:
        codes = _few(found.deleted_codes, found.deleted)
        console.print(
            f"  {zh}：{found.deleted} 个曾被手工删除，没有再派生（--restore 重新派生）：{codes}",
            f"  {en}: {found.deleted} deleted by hand were not made again (--restore makes them): {codes}",
        )


def _few(codes: Sequence[str], count: int) -> str:
    shown = codes[:3]
    return ", ".join(shown) + (f" +{count - len(shown)}" if count > len(shown) else "")


def _listed(text: str) -> list[str]:
    """Return the words of an option that may hold several."""
    for mark in ("，", "、", ";", "；"):
        text = text.replace(mark, ",")
    return [one.strip() for one in text.split(",") if one.strip()]


COMMANDS = {"places": places_command}
