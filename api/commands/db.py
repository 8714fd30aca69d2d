"""Maintain the server database: upgrade, back up, restore, transfer a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, database_options, opened_store
from geo.errors import BadValue, NotFound
from geo.sentences import both

if TYPE_CHECKING:
    from types import ModuleType


@click.group("db", short_help="升级、备份、恢复、搬移服务器库 / upgrade, back up, restore, move the server database")
def db() -> None:
    """照管服务器库。 / Look after the server database.

    \b
    gridsight db upgrade --database postgresql://postgres@db/gridsight
    gridsight db backup --out county.dump
    gridsight db move --from workspace.gpkg --to postgresql://gridsight@db/gridsight
    """  # noqa: D301


@db.command("upgrade", short_help="建立或升级数据库 / make the tables, or bring them up to date")
@database_options
def upgrade_command(console: Console) -> int:
    """建立或升级数据库的表与角色；须用可建角色的账号。 / Make or update tables and roles.

    \b
    gridsight db upgrade --database postgresql://postgres@db/gridsight
    """  # noqa: D301
    url, name, maintenance = _server(console)
    before = maintenance.current(url)
    steps = maintenance.upgrade(url, time_zone=console.settings.time_zone, progress=console.progress)
    after = maintenance.current(url)
    warnings = maintenance.maintenance_warnings(url)
    console.print_json({"store": name, "from": before, "to": after, "steps": steps, "warnings": warnings})
    for step in steps:
        console.print(f"  {step}", f"  {step}")
    if steps:
        console.print(f"{name}：{before or '空'} -> {after}", f"{name}: {before or 'empty'} -> {after}")
    else:
        console.print(f"{name} 已是最新（{after}）", f"{name} is up to date ({after})")
    for sentence in warnings:
        zh, en = both(sentence)
        console.print_note(f"注意：{zh}", f"note: {en}")
    return 0


@db.command("backup", short_help="备份为一个文件与其角色 / back up into a file, its roles beside it")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="写到哪里 / the file to write"
)
@database_options
def backup_command(console: Console, out: Path) -> int:
    """备份整个数据库，角色（不含口令）写在旁边。 / Back up the whole database, roles (no passwords) beside it.

    \b
    gridsight db backup --out county.dump
    """  # noqa: D301
    url, name, maintenance = _server(console)
    maintenance.backup(url, out, progress=console.progress)
    roles = Path(f"{out}.roles.sql")
    console.print_json({"store": name, "out": str(out), "roles": str(roles), "bytes": out.stat().st_size})
    console.print(f"{name} -> {out}、{roles}", f"{name} -> {out}, {roles}")
    return 0


@db.command("restore", short_help="恢复到空数据库 / restore a backup into an empty database")
@click.argument("file", type=click.Path(path_type=Path))
@database_options
def restore_command(console: Console, file: Path) -> int:
    """把备份恢复到一个空数据库：先建角色，遇错即停。 / Restore into an empty database: roles first, stop at an error.

    \b
    createdb county && gridsight db restore county.dump --database postgresql://postgres@db/county
    """  # noqa: D301
    url, name, maintenance = _server(console)
    maintenance.restore(url, file, progress=console.progress)
    after = maintenance.current(url)
    console.print_json({"store": name, "file": str(file), "to": after})
    console.print(f"{file} -> {name}（{after}）", f"{file} -> {name} ({after})")
    if after != (newest := maintenance.newest()):
        console.print_note(
            f"注意：备份的版本是 {after}，程序需要 {newest}；请再运行 gridsight db upgrade",
            f"note: the backup is of {after}, the program needs {newest}; run gridsight db upgrade next",
        )
    return 0


@db.command("move", short_help="在工作区文件与服务器库之间搬移全部数据 / carry everything between file and server")
@click.option("--from", "source", required=True, metavar="STORE", help="来源：文件或 URL / a workspace file or a URL")
@click.option("--to", "target", required=True, metavar="STORE", help="去处，须为空 / a workspace file or a URL, empty")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象 / write one JSON object")
def move_command(source: str, target: str, as_json: bool) -> int:
    """把图层、历史与运行结果完整搬到另一个空的库；来源不变。 / Carry layers, history and runs; the source stays.

    \b
    gridsight db move --from workspace.gpkg --to postgresql://gridsight@db/gridsight
    gridsight db move --from postgresql://gridsight@db/gridsight --to workspace.gpkg
    """  # noqa: D301
    from api.open_store import server_packages

    console = Console(as_json=as_json)
    origin, goal = _location(source), _location(target)
    if origin == goal:
        raise BadValue("来源与去处是同一个库", "source and target are the same store")
    if isinstance(origin, Path) and not origin.exists():
        raise NotFound(f"没有工作区 {origin}", f"there is no workspace {origin}")
    with server_packages():
        from geo.storage.transfer import transfer_store
    with opened_store(console.settings, origin) as one, opened_store(console.settings, goal, create=True) as other:
        for store in (one, other):
            console.print_upgrades(store)
        counts = transfer_store(one, other, progress=console.progress)
        console.print_json({"from": one.name, "store": other.name, "counts": counts})
        console.print(f"{one.name} -> {other.name}", f"{one.name} -> {other.name}")
        for name, count in counts.items():
            console.print(f"  {name}: {count}", f"  {name}: {count}")
    return 0


def _server(console: Console) -> tuple[str, str, ModuleType]:
    """Return the URL of this command, how it is shown, and the module that does the work."""
    from api.open_store import database_url, server_packages

    url = database_url(console.settings, console.database)
    with server_packages():
        from geo.storage.postgis import maintenance, urls
    return url, urls.url_without_password(url), maintenance


def _location(text: str) -> Path | str:
    return text if "://" in text else Path(text)


COMMANDS = {"db": db}
