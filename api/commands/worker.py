"""Work through the queue of the office until stopped."""

from __future__ import annotations

import asyncio
import os

import click

from api.commands.console import Console, operator
from api.logs import configure
from api.open_store import database_url, open_configured_store, server_packages
from api.telemetry import make_tracing
from geo.storage.protocol import Store
from geo.storage.records import Caller

#: Whoever works: over the whole county, in nobody's name until a job gives one.
_WORKER = Caller("worker", "worker", None)


@click.command("worker", short_help="在服务器上逐个执行排队的分析 / work through the queue of analyses")
@click.option("--check", is_flag=True, help="只看有没有工作进程在报到 / only tell whether a worker gives heartbeats")
@operator
def worker_command(console: Console, check: bool) -> int:
    """逐个执行排队的分析，直到停止；进行中的会完成或交还。 / Work through the queue of analyses until stopped.

    \b
    gridsight worker --database postgresql://gridsight@db/gridsight
    gridsight worker --check
    """  # noqa: D301
    settings = console.settings
    url = database_url(settings, console.database)
    with server_packages():
        from api.jobs import worker  # noqa: PLC0415 (the desk has no such packages)
    if check:
        seconds = worker.seconds_since_heartbeat(url, settings)
        console.result({"seconds": seconds})
        console.say(f"最近一次报到在 {seconds:.0f} 秒前", f"last heartbeat {seconds:.0f} s ago")
        return 0
    configure(settings)
    make_tracing(settings, "gridsight-worker").close()  # says now, and not at the first job, that it cannot trace
    store: Store = open_configured_store(settings, database=url, caller=_WORKER)

    def ready() -> None:
        console.result({"store": store.name, "pid": os.getpid()})
        console.say(f"工作进程已就绪：{store.name}（Ctrl+C 停止）", f"working for {store.name} (Ctrl+C stops it)")

    try:
        asyncio.run(worker.run_worker(worker.make_worker_context(url, store, settings), ready=ready))
    finally:
        store.close()
    return 0


COMMANDS = {"worker": worker_command}
