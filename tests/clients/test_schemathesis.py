"""Send what our OpenAPI allows, and much that it does not: no answer is 5xx, and every answer is as described."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.conftest import Served, served_from

#: Left out: whether what fits a schema is taken (a text may be no CQL2, a ring may cross itself) and what does not is
#: refused (a limit above the maximum is none, says Part 1), and that a missing If-Match be 400 (428, says RFC 6585).
_NOT_CHECKED = "positive_data_acceptance,negative_data_rejection,missing_required_header,allow_header_conformance"


@pytest.fixture(scope="module")
def fuzzed(request: pytest.FixtureRequest) -> Iterator[Served]:
    """Return a county of its own: what is sent creates and deletes."""
    with served_from(request.param, request) as found:
        yield found


def run(served: Served, document: str, folder: Path, *options: str) -> str:
    words = [
        Path(sys.executable).with_name("st"), "run", f"{served.url}{document}", "--header", f"X-API-Key: {served.key}",
        "--generation-deterministic", "--workers=1", "--warnings=off", "--no-color",
        *options,
    ]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize(
    ("fuzzed", "phases"),
    [("embedded", "fuzzing"), pytest.param("county_server", "coverage,fuzzing", marks=pytest.mark.server)],
    indirect=["fuzzed"],
)
def test_the_ogc_part_answers_as_its_openapi_says(fuzzed: Served, phases: str, tmp_path: Path) -> None:
    # One layer stands for all: a scoped one of every kind of shape.
    only = r"^/($|conformance|api|collections$|collections/demand($|/items|/queryables)|processes|jobs|tile)"
    run(
        fuzzed,
        "/ogc/api",
        tmp_path,
        f"--phases={phases}",
        "--max-examples=3",
        f"--include-path-regex={only}",
        "--checks=all",
        f"--exclude-checks={_NOT_CHECKED}",
    )


@pytest.mark.parametrize("fuzzed", [pytest.param("county_server", marks=pytest.mark.server)], indirect=True)
def test_no_route_fails_whatever_is_sent(fuzzed: Served, tmp_path: Path) -> None:
    # FastAPI describes 200 and 422 alone; what else is answered is told in docs/api.md.
    run(
        fuzzed,
        "/openapi.json",
        tmp_path,
        "--phases=coverage,fuzzing",
        "--max-examples=2",
        "--exclude-path-regex=^/ogc/",
        "--checks=not_a_server_error",
    )
