"""Share what every test may need: real data, a database server, a browser, processes; and mark tests by their needs."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import settings

from tests import browser, needs, postgres
from tests.processes import Processes

# Outside CI every run tries new examples; in CI the same ones, so that a change is judged by itself and not by luck.
# `pytest --hypothesis-profile light` tries few, the same ones: for a quick look (make check).
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("light", settings.get_profile("ci"), max_examples=needs.LIGHT_EXAMPLES)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("GRIDSIGHT_DATA", ROOT.parent / "shared" / "data"))


def pytest_configure() -> None:
    needs.watch_processes()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Started by `&` in a script: processes under test would inherit that they ignore Ctrl+C.
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    needs.mark(items, ROOT)
    needs.slow_first(items)
    if settings.get_current_profile_name() == "light":
        needs.lighten(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    with needs.running(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with needs.running(item):
        return (yield)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data."""
    if not SHARED.is_dir():
        needs.absent(f"real data folder {SHARED} is absent (set GRIDSIGHT_DATA)")
    return SHARED


@pytest.fixture(scope="session")
def processes() -> Iterator[Processes]:
    """Return what starts processes; none outlives the tests."""
    made = Processes()
    yield made
    made.close()


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Return what finds a program of this machine."""

    def find(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            needs.absent(f"no {name} here (make test installs it if root)")
        return found

    return find


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    """Return a running browser. Its driver keeps an event loop in this thread, so it lasts for one module."""
    if not browser.CHROMIUM.exists():
        needs.absent("chromium is absent (apt-get install chromium)")
    with browser.launched() as running:
        yield running


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Be in an empty directory, in English, with no setting from outside."""
    for name in ("WORKSPACE", "DATABASE_URL", "DATABASE_PASSWORD_FILE", "DEBUG"):
        monkeypatch.delenv(f"GRIDSIGHT_{name}", raising=False)
    monkeypatch.setenv("GRIDSIGHT_LANG", "en")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    """Return what runs a command within this process, as another takes seconds to load, and tells what it says."""
    from api.cli import main

    def call(*words: object, code: int = 0) -> tuple[str, str]:
        capfd.readouterr()
        got = main([str(word) for word in words])
        out, err = capfd.readouterr()
        assert got == code, out + err
        assert "Traceback" not in out + err
        return out, err

    return call


@pytest.fixture(scope="session")
def clusters() -> Callable[..., AbstractContextManager[postgres.Cluster]]:
    """Return what gives a cluster of one's own, to stop, start and change as one likes."""
    return postgres.own_cluster


@pytest.fixture(scope="session")
def server(clusters: Callable[..., AbstractContextManager[postgres.Cluster]]) -> Iterator[str]:
    """Return the superuser's URL of a PostGIS server: the one named, else a private one."""
    if named := os.environ.get("GRIDSIGHT_TEST_DATABASE_URL"):
        yield named
        return
    with clusters() as cluster:
        yield cluster.url


@pytest.fixture(scope="session")
def migrated(server: str) -> Iterator[str]:
    """Return the name of a database built by the migrations, to copy with ``TEMPLATE``; nobody connects to it."""
    from geo.storage.postgis.maintenance import upgrade

    with postgres.fresh_database(server) as url:
        upgrade(url)
        yield url.rpartition("/")[2].partition("?")[0]


@pytest.fixture
def database(server: str, migrated: str) -> Iterator[str]:
    """Return the superuser's URL of an empty migrated database of one's own."""
    with postgres.fresh_database(server, template=migrated) as url:
        yield url
