"""Share what every test may need: the real data folder and quiet hypothesis settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

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
