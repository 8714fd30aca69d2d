"""Read what a write answers: no more than a read of the same tells the caller, in both stores."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
import shapely
from fastapi.testclient import TestClient

from api import dependencies
from api.jobs.lifecycle import Attempt, worker_of
from geo.storage.records import LOCAL, Caller
from geo.studies.analysis import compute_run
from geo.studies.analyze_options import AnalyzeOptions
from tests.api.conftest import T1, frames
from tests.api.server_fixtures import Door, door

#: A camera of nobody's township, which the notes of a run name to whoever may read all cameras.
STRAY = "zq-stray"
_EXECUTION = "/ogc/processes/analyze/execution"


@pytest.fixture(params=["embedded", pytest.param("county_server", marks=pytest.mark.server)])
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    layers = frames()
    cameras = layers["cameras"]
    stray = cameras.iloc[:1].assign(id=STRAY, site=STRAY, geometry=[shapely.Point(0, 0)])
    layers["cameras"] = pd.concat([cameras, stray], ignore_index=True)
    with door(request, layers, tmp_path_factory.mktemp("answers")) as opened:
        yield opened


def analysed(at: Door, planner: TestClient) -> list:
    """Return the answers to an analysis: of the write itself, and of its job where there is one."""
    if at.kind == "embedded":
        body = {"inputs": {"domain": "all"}, "response": "document"}
        written = [planner.post("/runs", json={"domain": "all"}), planner.post(_EXECUTION, json=body)]
        assert [one.status_code for one in written] == [201, 200]
        return written
    asked = planner.post("/runs", json={"domain": "all"})
    assert asked.status_code == 202
    store = at.app.state.store.acting(LOCAL)
    (job,) = store.jobs()
    attempt = Attempt.begin(store.acting(worker_of(job)), job.id)
    attempt.succeed(compute_run(attempt.store, AnalyzeOptions(domain="all"), actor=job.owner))
    return [asked, planner.get(f"/ogc/jobs/{job.id}"), planner.get(f"/ogc/jobs/{job.id}/results")]


def test_the_answer_to_an_analysis_names_no_camera_out_of_scope(at: Door) -> None:
    planner = at.client("planner", townships=(T1,) if at.kind == "county_server" else None)
    if at.kind == "embedded":  # a key of a workspace has no townships: the caller is given some here
        at.app.dependency_overrides[dependencies.caller] = lambda: Caller("anna", "planner", (T1,), key="k1")
    answers = analysed(at, planner)
    answers += [planner.get("/runs/latest"), planner.get("/runs")]
    for answer in answers:
        assert answer.is_success, answer.text
        assert STRAY not in answer.text
    at.app.dependency_overrides.clear()
    admin = at.client("admin")
    newest = admin.get("/runs").json()["runs"][0]["id"]
    assert STRAY in admin.get(f"/runs/{newest}").text, "there is something to keep back"
