"""Mark each test by what it needs, as its fixtures tell, and refuse what a test opens without its mark.

A test asks for what it needs through fixtures, and its marks follow from them: nobody writes them by hand, so none can
be forgotten. Whoever opens one of these things calls ``require``: a test that gets at it by another way fails.
"""

from __future__ import annotations

import functools
import multiprocessing.process
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

#: Which fixture gives a test which mark; a fixture that asks for one of these hands the mark on.
BY_FIXTURE = {
    "clusters": "server",
    "chromium": "browser",
    "processes": "process",
    "program": "clients",
    "shared_data": "realdata",
    "gulang": "slow",
    "yangxian": "slow",
}
#: Folders, or files, all of whose tests have a mark.
BY_PLACE = {
    "tests/clients": "clients",
    "tests/api/jobs/test_jobs_embedded.py": "slow",
    "tests/api/routes/test_processes.py": "slow",
    "tests/geo/check/test_datum_shift.py": "slow",
    "tests/geo/storage/geopackage/test_old_workspaces.py": "slow",
    "tests/maps/web/test_payload.py": "slow",
}
#: The mark that a program needs, by a part of its path; any other needs ``process``, or ``clients`` as theirs is one.
BY_PROGRAM = {"/lib/postgresql/": "server", "/pg_": "server", "/playwright/": "browser"}
#: The marks of what takes longest, the longest first.
SLOWEST = ("process", "browser", "clients", "slow", "server")
#: How many examples a property is tried with under the profile ``light``, whatever its own settings say.
LIGHT_EXAMPLES = 5

_running: pytest.Item | None = None


def absent(reason: str) -> NoReturn:
    """Skip a test for what this machine lacks, saying so; in CI nothing may lack."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def mark(items: Iterable[pytest.Item], root: Path) -> None:
    """Give collected tests their marks."""
    for item in items:
        place = item.path.relative_to(root).as_posix()
        named = {BY_FIXTURE[name] for name in getattr(item, "fixturenames", ()) if name in BY_FIXTURE}
        named |= {name for where, name in BY_PLACE.items() if f"{place}/".startswith(f"{where}/")}
        for name in sorted(named):
            item.add_marker(name)


def slow_first(items: list[pytest.Item]) -> None:
    """Put whole files first whose tests take long, so that no worker begins with one when the others are done.

    Run with ``--dist loadfile``: what the tests of a file share is made once, by one worker, and used in order.
    """
    rank: dict[Path, int] = {}
    for item in items:
        own = [place for place, name in enumerate(SLOWEST) if item.get_closest_marker(name)]
        rank[item.path] = min([*own, rank.get(item.path, len(SLOWEST))])
    items.sort(key=lambda item: rank[item.path])


def lighten(items: Iterable[pytest.Item]) -> None:
    """Try each property with a few examples: its own settings would be stronger than those of a profile."""
    for item in items:
        test = getattr(item, "obj", None)
        test = getattr(test, "__func__", test)
        own = getattr(test, "_hypothesis_internal_use_settings", None)
        if own is not None and own.max_examples > LIGHT_EXAMPLES:
            test._hypothesis_internal_use_settings = settings(own, max_examples=LIGHT_EXAMPLES)


@contextmanager
def running(item: pytest.Item) -> Iterator[None]:
    """Say which test is set up or runs now; what is taken down after one may be what others have shared."""
    global _running  # noqa: PLW0603 (the one test of this process)
    _running = item
    try:
        yield
    finally:
        _running = None


def require(*names: str) -> None:
    """Fail the running test unless it has one of these marks."""
    if _running is not None and not any(_running.get_closest_marker(name) for name in names):
        fixtures = sorted(fixture for fixture, name in BY_FIXTURE.items() if name in names)
        pytest.fail(f"{_running.nodeid} needs the mark {' or '.join(names)}: ask for {' or '.join(fixtures)}")


def watch_processes() -> None:
    """Let whoever starts a process of any kind be asked for the mark it needs."""
    start, begin = subprocess.Popen.__init__, multiprocessing.process.BaseProcess.start

    @functools.wraps(start)
    def started(self: subprocess.Popen, args: object, *rest: object, **more: object) -> None:
        require(*marks_of(args))
        start(self, args, *rest, **more)

    @functools.wraps(begin)
    def begun(self: multiprocessing.process.BaseProcess) -> None:
        require("process")
        begin(self)

    subprocess.Popen.__init__ = started
    multiprocessing.process.BaseProcess.start = begun


def marks_of(command: object) -> tuple[str, ...]:
    """Return the marks one of which a test needs to start a program."""
    words = [command] if isinstance(command, str | bytes | Path) else list(command)
    for part, name in BY_PROGRAM.items():
        # Another program may run it: runuser -u postgres -- /usr/lib/postgresql/15/bin/initdb.
        if any(part in str(word) for word in words):
            return (name,)
    return ("process", "clients")
