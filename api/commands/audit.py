"""Show who did what: the audit of a server store."""

from __future__ import annotations

import click

from api.commands.console import Console, local_time, store_options

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
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--before", type=click.IntRange(1), metavar="ID", help="只看此编号之前的 / only those before this id")
@store_options
def audit_command(console: Console, limit: int, before: int | None) -> int:
    """列出审计记录，最新的在前：写入、导出、打印、登录、密钥变更。 / List the audit, newest first.

    \b
    gridsight audit --limit 20
    gridsight audit --json --before 1200
    """  # noqa: D301
    with console.store() as store:
        entries = store.audit(before=before, limit=limit)
    console.print_json({"deeds": entries})
    console.print_table([{**entry, "at": local_time(entry["at"])} for entry in entries], _COLUMNS)
    return 0


COMMANDS = {"audit": audit_command}
