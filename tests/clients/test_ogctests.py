"""Run the OGC's abstract tests of Features Core, and check our OpenAPI against every class that we claim."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import httpx
import pytest
from ogcapi_registry import parse_conformance_classes, validate_ogc_api

from tests import needs
from tests.clients.conftest import Served

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv-ogc"
#: Run in that environment: the suite has no option for a key, but takes a client.
_RUN = """
import os, sys, httpx
from ogctests.main import run_ogctests
client = httpx.Client(base_url=os.environ["OGC_URL"], headers={"X-API-Key": os.environ["OGC_KEY"]})
options = ["-q", "-c", os.devnull, "--rootdir", os.getcwd(), "-W", "ignore", "-p", "no:cacheprovider"]
sys.exit(run_ogctests("features/core", os.environ["OGC_URL"], options, client))
"""


@pytest.fixture(scope="session")
def suite() -> Path:
    """Return the Python of ogctests' own environment, built from its lock; skip where it cannot be, never in CI."""
    built = subprocess.run(["sh", "scripts/ogc_tools.sh"], cwd=ROOT, capture_output=True, text=True, check=False)
    if built.returncode:
        needs.absent(f"ogctests cannot be installed here: {built.stderr[-1000:]}")
    return VENV / "bin" / "python"


def test_the_abstract_tests_of_features_core_pass(served: Served, suite: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "OGC_URL": f"{served.ogc}/", "OGC_KEY": served.key}
    done = subprocess.run(
        [suite, "-c", _RUN], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().splitlines()[-1].startswith("29 passed"), done.stdout


def test_our_openapi_has_what_our_classes_ask_for(served: Served) -> None:
    with httpx.Client(headers=served.headers) as client:
        document = client.get(f"{served.ogc}/api").json()
        claimed = client.get(f"{served.ogc}/conformance").json()["conformsTo"]
    found = validate_ogc_api(document, parse_conformance_classes(claimed))
    assert found.is_valid
    assert not found.errors
    # The validator takes paths of one feature for paths of items, where a filter would have its place.
    told = [one for one in found.warnings if one["severity"] != "info" or "{featureId}" not in one["path"]]
    assert not told, told
