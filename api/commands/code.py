"""Give the stored grids codes by profiles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options, suffix_among
from geo.sentences import both, in_language

if TYPE_CHECKING:
    import pandas as pd

    from geo.studies.code_layer import CodedGrids

_SUFFIXES = (".csv", ".xlsx")
#: Grids that are listed after they were coded; --dry-run lists all that change, --json has all.
_LISTED = 20
_COLUMNS = {
    "old": ("旧代码", "old code"),
    "new": ("新代码", "new code"),
    "name": ("名称", "name"),
    "village": ("村", "village"),
    "why": ("原因", "why not"),
}


@click.command("code", short_help="给网格编代码 / give grids their codes")
@click.option(
    "--profile",
    "names",
    multiple=True,
    default=("12+3",),
    show_default=True,
    help="编码规则：12+3、12+3-kinds、15+2、15+3、cj349 或自己的；可重复（网格、微网格各一） / how codes are made",
)
@click.option(
    "--profiles",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="自己的编码规则：.toml 或 .json / a file of profiles of your own",
)
@click.option("--prefix", default="", help="编码规则要的前缀 / digits that the profile has you give")
@click.option(
    "--zone", "zones", multiple=True, help="只编这个代码之下的网格，可重复 / only grids below this code; repeatable"
)
@click.option("--dry-run", is_flag=True, help="只列出旧代码与新代码，不写库 / list old and new codes, write nothing")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="对照表：.csv .xlsx / file of old and new")
@store_options
def code_command(
    console: Console,
    names: tuple[str, ...],
    file: Path | None,
    prefix: str,
    zones: tuple[str, ...],
    *,
    dry_run: bool,
    out: Path | None,
) -> int:
    """按编码规则给网格编代码：已有合乎规则的代码不变，停用的代码不再使用。

    Give grids codes by a profile: a grid that has one keeps it, an abolished code never comes back.

    \b
    gridsight code --profile 12+3 --dry-run
    gridsight code --profile 12+3 --profile 15+2 --out 对照表.xlsx
    gridsight code --profile 本县 --profiles 编码规则.toml
    """  # noqa: D301, D400
    from geo.catalog.code_profiles import profile_named
    from geo.readers.profile_files import read_profiles
    from geo.studies.code_layer import CodeOptions, code_grids

    form = None if out is None else suffix_among(out, _SUFFIXES)
    console.require_not_store(out)
    if out is not None:
        console.require_possible_file(out)
    own = {} if file is None else read_profiles(file)
    profiles = tuple(profile_named(one, own) for one in names)
    with console.store() as store:
        found = code_grids(store, CodeOptions(profiles, prefix, zones), dry_run=dry_run)
        name = store.name
    if out is not None and form is not None:
        _write(found, out, form)
    _print(console, found, name, out, dry_run=dry_run)
    return 1 if found.count("none") else 0


def _write(found: CodedGrids, out: Path, form: str) -> None:
    from api.representations.downloads import encode_frame
    from geo.files import write_atomically

    body = encode_frame(found.table, form.removeprefix("."), layer="codes")
    write_atomically(out, lambda temporary: temporary.write_bytes(body))


def _print(console: Console, found: CodedGrids, name: str, out: Path | None, *, dry_run: bool) -> None:
    kept, new, none = (found.count(one) for one in ("kept", "new", "none"))
    console.print_json(
        {
            "store": name, "dry_run": dry_run, "kept": kept, "new": new, "none": none, "notes": found.notes,
            "codes": found.table.to_dict("records"), "out": None if out is None else str(out),
        }
    )  # fmt: skip
    table = found.table
    _list(console, table[table["result"] == "new"], None if dry_run else _LISTED)
    _list(console, table[table["result"] == "none"], None if dry_run else _LISTED)
    for note in found.notes:
        console.print_note(*both(note))
    done = ("将有", "would get") if dry_run else ("有", "got")
    console.print(
        f"{new} 个网格{done[0]}新代码，{kept} 个不变，{none} 个没有编上",
        f"{new} grids {done[1]} a new code, {kept} keep theirs, {none} could not be coded",
    )
    if out is not None:
        console.print(f"已写 {out}", f"wrote {out}")


def _list(console: Console, table: pd.DataFrame, most: int | None) -> None:
    if not len(table):
        return
    rows = [
        {**row, "why": in_language(row["why"], console.lang) if row["why"] else None}
        for row in table.head(len(table) if most is None else most).to_dict("records")
    ]
    needed = [name for name in _COLUMNS if name != "why" or any(one["why"] for one in rows)]
    console.print_table(rows, {name: _COLUMNS[name] for name in needed})
    if most is not None and len(table) > most:
        rest = len(table) - most
        console.print(f"……另有 {rest} 个", f"... and {rest} more")


COMMANDS = {"code": code_command}
