"""Do in a process of its own what a test kills: an import and a run."""

from __future__ import annotations

import dataclasses
import os
import signal
import sqlite3
import threading
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geo.storage.geopackage import connections
from geo.storage.geopackage.store import open_store
from geo.types import Run
from tests.geo.storage import sample_layers

#: What the store holds before, and how many rows the import brings: half of the old ones go, the others change.
OLD, NEW = 1_000, 50_000


def addresses(first: int, count: int, text: str) -> gpd.GeoDataFrame:
    """Return addresses on a lattice, keys numbered from first."""
    numbers = np.arange(first, first + count)
    points = shapely.points(103 + numbers % 300 / 1000, 37 + numbers // 300 / 1000)
    return gpd.GeoDataFrame({"id": [f"{i:06d}" for i in numbers], "text": text}, geometry=points, crs="EPSG:4326")


def large_run() -> Run:
    """Return a run with a few thousand shapes and a few megabytes of incidence."""
    run = sample_layers.run("0199-k", count=3_000)
    return dataclasses.replace(run, incidence=b"x" * 3_000_000)


def work(path: Path, what: str, die_in_commit: float | None, told: Connection) -> None:
    """Import or save a run, telling when it begins and when it is done.

    ``die_in_commit`` is the time in seconds from the beginning of COMMIT to a SIGKILL of this very process.
    """
    if die_in_commit is not None:
        _arm(die_in_commit)
    store = open_store(path, today=lambda: date(2026, 5, 1))
    frame, run = addresses(OLD // 2, NEW, "new"), large_run()
    told.send("begin")
    if what == "import":
        store.write("addresses", frame, "replace", actor="victim")
    else:
        store.save_run(run)
    told.send("done")


def _arm(delay: float) -> None:
    plain = connections.configure_connection

    def trace(sql: str) -> None:
        if sql == "COMMIT":
            threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL)).start()

    def configure_and_trace(conn: sqlite3.Connection, **options: bool) -> None:
        plain(conn, **options)
        conn.set_trace_callback(trace)

    connections.configure_connection = configure_and_trace
