"""Show or set the time zone of a store: what day it is, for everybody who uses it."""

from __future__ import annotations

import click

from api.commands.console import Console, store_options


@click.command("time-zone")
@click.argument("zone", required=False)
@store_options
def time_zone_command(console: Console, zone: str | None) -> int:
    """显示或设定库的时区：它决定“今天”是哪一天。 / Show or set the time zone, which decides what day today is.

    \b
    gridsight time-zone
    gridsight time-zone Asia/Shanghai --workspace workspace.gpkg
    """  # noqa: D301
    with console.store() as store:
        if zone is not None:
            store.set_time_zone(zone)
        now, today, name = store.time_zone(), store.today().isoformat(), store.name
    console.print_json({"store": name, "time_zone": now, "today": today})
    console.print(f"{name}：{now}，今天是 {today}", f"{name}: {now}, today is {today}")
    return 0


COMMANDS = {"time-zone": time_zone_command}
