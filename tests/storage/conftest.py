"""Give every contract test each kind of store, with a calendar the test turns by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from geo.storage import Store, open_store


class Clock:
    """Tell the day the test says it is."""

    def __init__(self) -> None:
        self.day = date(2026, 3, 1)

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty workspace to copy: a tenth of the time of making one."""
    path = tmp_path_factory.mktemp("empty") / "workspace.gpkg"
    open_store(path).close()
    return path


@pytest.fixture(params=["geopackage"])
def make_store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock, empty_workspace: Path
) -> Iterator[Callable[[], Store]]:
    """Return a function that makes an empty store of each kind."""
    made: list[Store] = []

    def make() -> Store:
        path = tmp_path / f"workspace{len(made)}.gpkg"
        shutil.copyfile(empty_workspace, path)
        made.append(open_store(path, today=clock))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    return make_store()
