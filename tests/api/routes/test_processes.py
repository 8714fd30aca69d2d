"""Read, execute, watch and dismiss by OGC API Processes Part 1, at the embedded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from owslib.ogcapi.processes import Processes

from api.jobs.lifecycle import ENDED
from api.main import create_app
from api.schemas import ogc_document, ogc_processes
from api.schemas.runs import AnalyzeModel
from api.settings import Settings
from tests.owslib_clients import own_client
from tests.postgres import wait_until
from tests.serving import serving

EXECUTION = "/ogc/processes/analyze/execution"
ASYNC = {"Prefer": "respond-async"}
TYPES = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
NOBODY = "0199a5c0-0000-7000-8000-000000000000"


def ended(client: TestClient, job: str) -> dict:
    """Wait until a job has ended and return its status."""

    def look() -> dict | None:
        now = client.get(f"/ogc/jobs/{job}").json()
        return now if now["status"] in ENDED else None

    return wait_until(look, seconds=60)


def test_the_landing_page_leads_to_processes_and_jobs(client: TestClient) -> None:
    links = {one["rel"]: one["href"] for one in client.get("/ogc/").json()["links"]}
    rel = "http://www.opengis.net/def/rel/ogc/1.0"
    assert links[f"{rel}/processes"] == "http://127.0.0.1:8000/ogc/processes"
    assert links[f"{rel}/job-list"] == "http://127.0.0.1:8000/ogc/jobs"
    claimed = client.get("/ogc/conformance").json()["conformsTo"]
    assert set(ogc_processes.CONFORMANCE) <= set(claimed)


def test_the_list_of_processes(client: TestClient) -> None:
    found = client.get("/ogc/processes").json()
    one, other = found["processes"]
    assert (one["id"], one["version"], one["outputTransmission"]) == ("analyze", "1.0.0", ["value"])
    assert one["jobControlOptions"] == ["sync-execute", "async-execute", "dismiss"]
    assert one["links"][0]["href"].endswith("/ogc/processes/analyze")
    assert [link["rel"] for link in found["links"]] == ["self"]
    assert (other["id"], other["jobControlOptions"]) == ("print", ["async-execute", "dismiss"])
    assert [one["id"] for one in client.get("/ogc/processes?limit=1").json()["processes"]] == ["analyze"]
    assert client.get("/ogc/processes?limit=0").status_code == 400
    assert client.get("/ogc/processes?colour=1").status_code == 400


def test_the_description_has_an_input_for_every_option(client: TestClient) -> None:
    found = client.get("/ogc/processes/analyze").json()
    assert set(found["inputs"]) == set(AnalyzeModel.model_fields)
    for name, one in found["inputs"].items():
        assert {"title", "schema", "minOccurs", "maxOccurs"} <= set(one), name
    assert found["inputs"]["target_height"]["schema"] == {
        "type": "number", "default": 1.6, "minimum": 0, "exclusiveMinimum": True, "maximum": 100,
    }  # fmt: skip
    assert "detect" in found["inputs"]["level"]["schema"]["enum"]
    assert found["inputs"]["zones"]["schema"]["items"]["anyOf"] == [
        {"type": "string", "enum": ["grids", "microgrids", "villages", "townships", "counties"]},
        {"type": "string", "pattern": "^areas:.+$"},
    ]
    assert list(found["outputs"]) == ["run"]
    rels = {one["rel"]: one["href"] for one in found["links"]}
    assert rels["http://www.opengis.net/def/rel/ogc/1.0/execute"].endswith(EXECUTION)


def test_an_unknown_process_is_named_by_the_type_of_the_standard(client: TestClient) -> None:
    for answer in (client.get("/ogc/processes/none"), client.post("/ogc/processes/none/execution", json={})):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == f"{TYPES}/no-such-process"
        assert answer.json()["code"] == "no-such-process"


def test_executed_in_the_request_where_nothing_else_is_preferred(writer: TestClient) -> None:
    answer = writer.post(EXECUTION, json={"inputs": {"level": "identify", "zones": ["grids"], "domain": "all"}})
    assert answer.status_code == 200
    run = answer.json()
    assert run["options"]["level"] == "identify"
    assert writer.get(f"/runs/{run['id']}").json() == run, "the very same run as by its other door"
    asked = {"inputs": {"level": {"value": "identify"}}, "response": "document", "outputs": {"run": {}}}
    document = writer.post(EXECUTION, json=asked)
    assert list(document.json()) == ["run"]
    assert document.json()["run"]["options"]["level"] == "identify"
    jobs = writer.get("/ogc/jobs").json()["jobs"]
    assert [one["status"] for one in jobs] == ["successful", "successful"]


def test_executed_as_a_job_where_that_is_preferred(writer: TestClient) -> None:
    answer = writer.post(EXECUTION, json={"inputs": {"at": "2026-01-05"}}, headers={"Prefer": "wait=1, respond-async"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (201, "respond-async")
    told = answer.json()
    job = told["jobID"]
    assert answer.headers["location"] == f"http://127.0.0.1:8000/ogc/jobs/{job}"
    assert (told["processID"], told["type"]) == ("analyze", "process")
    assert told["status"] in ("accepted", "running")
    done = ended(writer, job)
    assert (done["status"], done["progress"], done["message"]) == ("successful", 100, "analysed")
    links = {one["rel"]: one["href"] for one in done["links"]}
    result = writer.get(links["http://www.opengis.net/def/rel/ogc/1.0/results"])
    assert result.status_code == 200
    assert result.json()["run"] == writer.get(links["related"]).json()
    assert result.json()["run"]["options"]["at"] == "2026-01-05"
    zh = writer.get(f"/ogc/jobs/{job}", headers={"Accept-Language": "zh"}).json()
    assert zh["message"] == "分析完成"


def test_runs_are_jobs_by_the_same_preference(writer: TestClient) -> None:
    answer = writer.post("/runs", json={"zones": ["grids"]}, headers=ASYNC)
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "respond-async")
    job = answer.json()["jobID"]
    assert answer.headers["location"] == f"/ogc/jobs/{job}"
    done = ended(writer, job)
    run = writer.get(f"/ogc/jobs/{job}/results").json()["run"]["id"]
    assert writer.get("/runs/latest").json()["id"] == run
    assert done["links"][-1]["href"].endswith(f"/runs/{run}")
    assert writer.delete(f"/runs/{run}").status_code == 204
    gone = writer.get(f"/ogc/jobs/{job}/results")
    assert (gone.status_code, gone.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ([], 400, "bad-body"),
        ({"inputs": []}, 400, "bad-body"),
        ({"inputs": {}, "outputs": []}, 400, "bad-body"),
        ({"inputs": {"colour": 1}}, 422, "bad-value"),
        ({"inputs": {"level": "none"}}, 422, "unknown-name"),
        ({"inputs": {"target_height": 0}}, 422, "bad-value"),
        ({"inputs": {"at": "soon"}}, 422, "bad-value"),
        ({"inputs": {"level": {"href": "http://169.254.169.254/"}}}, 422, "bad-value"),
        ({"inputs": {"level": {"value": "detect", "href": "file:///etc/passwd"}}}, 422, "bad-value"),
        ({"inputs": {}, "subscriber": {"successUri": "http://127.0.0.1:1/"}}, 422, "bad-value"),
        ({"inputs": {}, "outputs": {"views": {}}}, 422, "unknown-name"),
        ({"inputs": {}, "outputs": {"run": {"transmissionMode": "reference"}}}, 422, "bad-value"),
        ({"inputs": {}, "response": "loud"}, 422, "bad-value"),
        ({"inputs": {}, "mode": "async"}, 422, "unknown-name"),
    ],
)
def test_what_is_not_executed(writer: TestClient, body: object, status: int, code: str) -> None:
    answer = writer.post(EXECUTION, json=body, headers=ASYNC)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert writer.get("/ogc/jobs").json()["jobs"] == []


def test_a_body_of_another_media_type_is_415(writer: TestClient) -> None:
    assert writer.post(EXECUTION, content=b"{}", headers={"Content-Type": "text/xml"}).status_code == 415


def test_a_result_before_its_time_and_one_that_will_never_be(writer: TestClient) -> None:
    with writer.app.state.jobs.running:
        job = writer.post(EXECUTION, json={}, headers=ASYNC).json()["jobID"]
        early = writer.get(f"/ogc/jobs/{job}/results")
        assert (early.status_code, early.json()["type"]) == (404, f"{TYPES}/result-not-ready")
        gone = writer.delete(f"/ogc/jobs/{job}")
        assert (gone.status_code, gone.json()["status"]) == (200, "dismissed")
    never = writer.get(f"/ogc/jobs/{job}/results")
    assert (never.status_code, never.json()["code"], never.json()["detail"]) == (400, "job-failed", "dismissed")
    for one in ("c1", "c2", "c3", "c4"):
        writer.app.state.store.delete("cameras", one, if_version=None, actor="test")
    failed = writer.post(EXECUTION, json={}, headers=ASYNC).json()["jobID"]
    assert ended(writer, failed)["status"] == "failed"
    never = writer.get(f"/ogc/jobs/{failed}/results")
    assert (never.status_code, never.json()["code"]) == (400, "job-failed")
    assert never.json()["detail"] == "the store has no cameras on that day; import some first"


@pytest.mark.parametrize("job", [NOBODY, "none", "x" * 200])
def test_an_unknown_job_is_named_by_the_type_of_the_standard(client: TestClient, job: str) -> None:
    for answer in (
        client.get(f"/ogc/jobs/{job}"), client.delete(f"/ogc/jobs/{job}"), client.get(f"/ogc/jobs/{job}/results"),
    ):  # fmt: skip
        assert (answer.status_code, answer.json()["type"]) == (404, f"{TYPES}/no-such-job")


def test_the_list_of_jobs_is_filtered_as_the_standard_says(writer: TestClient) -> None:
    with writer.app.state.jobs.running:
        waits, gone = (writer.post(EXECUTION, json={}, headers=ASYNC).json()["jobID"] for _ in range(2))
        writer.delete(f"/ogc/jobs/{gone}")

        def ids(query: str) -> list[str]:
            answer = writer.get(f"/ogc/jobs?{query}")
            assert answer.status_code == 200, answer.text
            return [one["jobID"] for one in answer.json()["jobs"]]

        created = writer.get(f"/ogc/jobs/{waits}").json()["created"]
        assert ids("") == [gone, waits], "newest first"
        assert ids("limit=1") == [gone]
        assert ids("status=accepted") == [waits]
        assert ids("status=dismissed,accepted") == [gone, waits]
        assert ids("processID=analyze&type=process") == [gone, waits]
        assert ids("processID=other") == ids("type=other") == []
        assert ids(f"datetime={created[:10]}") == ids(f"datetime={created[:10]}/..") == [gone, waits]
        assert ids("datetime=../2020-01-01T00:00:00Z") == []
        assert ids("datetime=2020-01-01T00:00:00%2B08:00/..") == [gone, waits]
        assert ids("minDuration=0") == [], "neither has begun"
    ended(writer, waits)
    assert ids("minDuration=0&maxDuration=60") == [waits]
    assert ids("minDuration=60") == []
    for bad in ("status=late", "limit=0", "datetime=soon", "datetime=a/b/c", "minDuration=-1", "maxDuration=x", "q=1"):
        assert writer.get(f"/ogc/jobs?{bad}").status_code == 400, bad


@pytest.mark.parametrize("bad", ["status=bad", "status=late,accepted", "datetime=soon", "datetime=a/b/c", "q=1"])
def test_a_list_without_jobs_checks_what_is_asked_for(client: TestClient, bad: str) -> None:
    assert client.get("/ogc/jobs").json()["jobs"] == []
    assert client.get(f"/ogc/jobs?{bad}").status_code == 400


def test_too_many_jobs_are_told_when_to_come_again(workspace: Path) -> None:
    app = create_app(Settings(workspace=workspace, jobs_per_caller=1))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client, app.state.jobs.running:
        assert client.post("/runs", json={}, headers=ASYNC).status_code == 202
        answer = client.post("/runs", json={}, headers=ASYNC)
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-requests")
    assert int(answer.headers["retry-after"]) > 0


def test_the_definition_describes_every_path(client: TestClient) -> None:
    document = client.get("/ogc/api").json()
    known = {
        path.removeprefix("/ogc").replace("process_id", "processId").replace("job_id", "jobId"): set(one)
        for path, one in client.get("/openapi.json").json()["paths"].items()
        if path.startswith(("/ogc/processes", "/ogc/jobs"))
    }
    assert len(known) == 6
    for path, methods in known.items():
        assert methods <= set(document["paths"][path]), path
    assert ogc_processes in ogc_document.STANDARDS
    refs = set(_refs(document))
    assert {ref for ref in refs if ref.startswith("#/components/schemas/")} <= {
        f"#/components/schemas/{name}" for name in document["components"]["schemas"]
    }


@pytest.fixture
def served(workspace: Path) -> Iterator[str]:
    """Serve a workspace over a real socket and return its URL."""
    with serving(create_app(Settings(workspace=workspace))) as url:
        yield url


def test_owslib_lists_describes_and_executes(served: str) -> None:
    client = own_client(Processes, f"{served}/ogc", {"Accept-Language": "en"})
    assert [one["id"] for one in client.processes()] == ["analyze", "print"]
    assert set(client.process("analyze")["inputs"]) == set(AnalyzeModel.model_fields)
    found = client.execute("analyze", {"level": "identify"}, outputs={"run": {}})
    assert found["run"]["options"]["level"] == "identify"
    job = client.execute("analyze", {"domain": "all"}, async_=True)
    assert job["processID"] == "analyze"
    deadline = time.monotonic() + 60
    while client._request(path=f"jobs/{job['jobID']}")["status"] != "successful":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert client._request(path=f"jobs/{job['jobID']}/results")["run"]["domain"] == "all"


def _refs(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "$ref":
                yield one
            else:
                yield from _refs(one)
    elif isinstance(value, list):
        for one in value:
            yield from _refs(one)
