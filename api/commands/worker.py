"""Process queued jobs until stopped."""

from __future__ import annotations

import click

from api.commands.console import Console, database_options


@click.command("worker", short_help="在服务器上逐个执行排队的分析 / work through the queue of analyses")
@click.option("--check", is_flag=True, help="只看有没有工作进程在报到 / only tell whether a worker gives heartbeats")
@database_options
def worker_command(console: Console, check: bool) -> int:
    """逐个执行排队的分析，直到停止；进行中的会完成或交还。 / Work through the queue of analyses until stopped.

    \b
    gridsight worker --database postgresql://gridsight@db/gridsight
    gridsight worker --check
    """  # noqa: D301
    from api.open_store import database_url, server_packages

    settings = console.settings
    url = database_url(settings, console.database)
    with server_packages():
        from api.jobs import worker
    if check:
        seconds = worker.seconds_since_heartbeat(url, settings)
        console.print_json({"seconds": seconds})
        console.print(f"最近一次报到在 {seconds:.0f} 秒前", f"last heartbeat {seconds:.0f} s ago")
        return 0
    _work(console, url)
    return 0


def _work(console: Console, url: str) -> None:
    """Process jobs of the database until the worker is told to stop."""
    import asyncio
    import os

    from api.jobs import worker
    from api.logs import configure
    from api.open_store import open_configured_store
    from api.telemetry import make_tracing
    from geo.storage.records import Caller

    settings = console.settings
    configure(settings)
    make_tracing(settings, "gridsight-worker").close()  # fail at startup, not at the first job, if it cannot trace
    # The worker acts for the whole county, in nobody's name until a job gives one.
    store = open_configured_store(settings, database=url, caller=Caller("worker", "worker", None))

    def ready() -> None:
        console.print_json({"store": store.name, "pid": os.getpid()})
        console.print(f"工作进程已就绪：{store.name}（Ctrl+C 停止）", f"working for {store.name} (Ctrl+C stops it)")

    try:
        asyncio.run(worker.run_worker(worker.make_worker_context(url, store, settings), ready=ready))
    finally:
        store.close()


COMMANDS = {"worker": worker_command}
