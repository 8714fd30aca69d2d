"""Show who did what, the audit of a server store, and move its closed months into files."""

from __future__ import annotations

from pathlib import Path

import click

from api.commands.console import Console, store_options, time_in_zone
from geo.errors import BadValue

_COLUMNS = {
    "at": ("时间", "at"),
    "who": ("谁", "who"),
    "key": ("密钥", "key"),
    "action": ("动作", "action"),
    "layer": ("图层", "layer"),
    "feature": ("要素", "feature"),
    "run": ("批次", "run"),
    "address": ("来自", "address"),
}


@click.command("audit", short_help="谁做过什么（服务器库） / who did what, on a server store")
@click.argument("action", type=click.Choice(["archive"]), required=False)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option(
    "--before",
    metavar="ID|YYYY-MM",
    help="只看此编号之前的；archive：从此月起留在库里（按库的时区） / only those before this id; "
    "archive: the first month that stays, in the store's time zone",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="archive：写到哪个文件夹 / archive: the folder for the files",
)
@store_options
def audit_command(console: Console, action: str | None, limit: int, before: str | None, out: Path | None) -> int:
    """列出审计记录，最新的在前；archive 把已结束的月份移入文件。 / List the audit, newest first; archive closed months.

    \b
    gridsight audit --limit 20
    gridsight audit --json --before 1200
    gridsight audit archive --before 2026-01 --out . --database postgresql://postgres@db/gridsight
    """  # noqa: D301
    if action == "archive":
        return _archive(console, before, out)
    if out is not None:
        raise click.UsageError("--out 只用于 archive / --out is for archive")
    if before is not None and not (before.isascii() and before.isdigit() and 0 < int(before[:19]) < 2**63):
        raise click.BadParameter("须是编号 / must be an id", param_hint="--before")
    with console.store() as store:
        entries, zone = store.audit(before=None if before is None else int(before), limit=limit), store.time_zone()
    console.print_json({"deeds": entries})
    console.print_table([{**entry, "at": time_in_zone(entry["at"], zone)} for entry in entries], _COLUMNS)
    return 0


def _archive(console: Console, before: str | None, out: Path | None) -> int:
    """Write each closed month of the audit into a file and remove it from the database; needs an operator's login."""
    from api.open_store import database_url, server_packages

    if before is None or out is None:
        raise click.UsageError("archive 需要 --before YYYY-MM 与 --out DIR / archive needs --before and --out")
    if console.workspace is not None:
        raise BadValue("工作区不保存审计记录", "a workspace keeps no audit")
    url = database_url(console.settings, console.database)
    with server_packages():
        from geo.storage.postgis import audit_archive
    months = audit_archive.archive(url, before=before, folder=out, progress=console.progress)
    rows = [{"month": one.month, "rows": one.rows, "file": str(one.path), "sha256": one.sha256} for one in months]
    console.print_json({"months": rows})
    console.print_table(rows, {"month": ("月份", "month"), "rows": ("条数", "rows"), "file": ("文件", "file")})
    return 0


COMMANDS = {"audit": audit_command}
