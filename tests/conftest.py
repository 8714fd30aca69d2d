"""Share what every test may need: the real data folder and quiet hypothesis settings."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import postgres

# At a desk every run tries new examples; in CI the same ones, so that a change is judged by itself and not by luck.
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("GRIDSIGHT_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data; skip, saying so, where it is absent, and fail in CI."""
    if not SHARED.is_dir():
        reason = f"real data folder {SHARED} is absent (set GRIDSIGHT_DATA)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return SHARED


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the superuser's URL of a PostGIS server: the one named, else a private one; skip, never in CI."""
    if named := os.environ.get("GRIDSIGHT_TEST_DATABASE_URL"):
        yield named
        return
    if postgres.programs() is None:
        reason = "no PostGIS here (make test installs it if root; or set GRIDSIGHT_TEST_DATABASE_URL)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    # Not below pytest's own folder: another session closes that to all but its own account, the server's included.
    folder = Path(tempfile.mkdtemp(prefix="gridsight-pg-"))
    cluster = postgres.Cluster(folder / "cluster")
    yield cluster.url
    cluster.close()
    folder.rmdir()


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
