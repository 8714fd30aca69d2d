"""Give workspaces a folder that accounts without rights may enter."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that other accounts may enter; pytest closes tmp_path to them."""
    made = Path(tempfile.mkdtemp(prefix="gridsight-read-only-"))
    made.chmod(0o755)
    yield made
    for one in (made, *made.iterdir()):
        if one.is_dir():
            one.chmod(0o755)
    shutil.rmtree(made)
