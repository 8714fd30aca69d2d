"""Print as a job at both stores: what is drawn is what its owner may see, and nobody else has the file.

The county is that of tests/api/conftest.py: T1 its southern half, T2 its northern.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from fastapi.testclient import TestClient

from api.jobs import EmbeddedJobs, lifecycle, make_jobs
from api.jobs.execution import execute_job
from api.jobs.lifecycle import ENDED, Attempt, AttemptSuperseded, worker_of
from api.jobs.print_options import PrintOptions
from api.problems import NoSuchJob
from api.representations import printed_jobs
from api.representations.printed_jobs import drawing
from api.settings import Settings
from geo.errors import BadValue, NotFound, UnknownName
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller, Job
from tests import postgres
from tests.api.conftest import G1, G3, T1, T2
from tests.api.server_mode import CountyServer, county_server
from tests.postgres import wait_until

ANNA, BERT = Caller("anna", "planner", (T1,)), Caller("bert", "planner", None)
SMALL = PrintOptions(paper="A4", lang="en")


@pytest.fixture
def jobs(store: Store) -> Iterator[EmbeddedJobs]:
    made = make_jobs(store, Settings(), drawing(Settings()))
    assert isinstance(made, EmbeddedJobs)
    made.start()
    yield made
    made.close()


def ended(jobs: EmbeddedJobs, job: Job) -> Job:
    def look() -> Job | None:
        now = jobs.get(job.id, LOCAL)
        return now if now.status in ENDED else None

    return wait_until(look, seconds=60)


def said(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def is_of_one_township(content: bytes) -> bool:
    """Return whether an atlas has cover, guide, index, the sheet of T1 and the directory of its grids, and no more."""
    pages = said(content)
    assert "One sheet for each township: 1" in pages[0]
    assert T1 in pages[3]
    assert G1 in pages[-1]
    return len(pages) == 5 and G3 not in pages[-1]


# ------------------------------------------------------------------------------------------------ the workspace


def test_an_atlas_is_drawn_as_its_owner_may_see_it(jobs: EmbeddedJobs, store: Store) -> None:
    job = jobs.submit(SMALL, ANNA)
    done = ended(jobs, job)
    assert (done.status, done.progress, done.message) == ("successful", 100, "已排印 / printed")
    assert done.run == store.run("latest", layers=[]).id
    assert is_of_one_township(store.acting(ANNA).job_file(job.id).content)
    whole = ended(jobs, jobs.submit(SMALL, BERT))
    file = store.acting(BERT).job_file(whole.id)
    assert (file.name, file.media_type) == (f"atlas-{done.run}.pdf", "application/pdf")
    assert "One sheet for each township: 2" in said(file.content)[0]
    # Who did not ask for it has no job and no file.
    for ask in (lambda: jobs.get(job.id, BERT), lambda: jobs.dismiss(job.id, BERT)):
        with pytest.raises(NoSuchJob):
            ask()
    with pytest.raises(NotFound):
        store.acting(BERT).job_file(job.id)


def test_the_scope_is_that_of_the_caller_whatever_is_asked_for(jobs: EmbeddedJobs) -> None:
    with jobs.running:
        job = jobs.submit(SMALL, ANNA)
        assert job.inputs["townships"] == [T1]
        assert jobs.submit(SMALL, BERT).inputs["townships"] is None
    assert lifecycle.new_job(SMALL, Caller("carl", "planner", ())).inputs["townships"] == []


def test_a_dismissed_print_is_not_drawn_and_a_drawn_one_is_not_kept(
    jobs: EmbeddedJobs, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with jobs.running:
        job = jobs.submit(SMALL, ANNA)
        assert jobs.dismiss(job.id, ANNA).status == "dismissed"
    after = ended(jobs, jobs.submit(SMALL, ANNA))
    with pytest.raises(NotFound):
        store.job_file(job.id)
    store.job_file(after.id)
    assert jobs.dismiss(after.id, ANNA).status == "dismissed"
    with pytest.raises(NotFound):
        store.job_file(after.id)
    # Dismissed while it is drawn: the next page ends it.
    monkeypatch.setattr(printed_jobs, "_PAUSE", 0.0)
    job = lifecycle.accept(store.acting(ANNA), SMALL, ANNA)
    attempt = Attempt.begin(store.acting(worker_of(job)), job.id)

    def dismissed_meanwhile(*arguments: object) -> object:
        jobs.dismiss(job.id, ANNA)
        return drawing(Settings())(*arguments)

    with pytest.raises(AttemptSuperseded):
        execute_job(attempt, dismissed_meanwhile)
    with pytest.raises(NotFound):
        store.job_file(job.id)


def test_files_are_kept_for_a_week(jobs: EmbeddedJobs, store: Store) -> None:
    first = ended(jobs, jobs.submit(SMALL, ANNA))
    file = store.job_file(first.id)
    store.save_job_file(replace(file, created="2026-01-01T00:00:00.000Z"))
    second = ended(jobs, jobs.submit(SMALL, ANNA))
    with pytest.raises(NotFound, match="none any more"):
        store.job_file(first.id)
    assert jobs.get(first.id, ANNA).status == "successful"
    assert store.job_file(second.id).content == file.content, "the same input gives the same bytes"


def test_a_sheet_is_a_job_too_and_what_cannot_be_printed_fails_with_its_reason(
    jobs: EmbeddedJobs, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = PrintOptions(kind="sheet", paper="A4", lang="en", title="Spring", layers="gaps", orientation="portrait")
    done = ended(jobs, jobs.submit(sheet, ANNA))
    (page,) = said(store.job_file(done.id).content)
    assert "Spring" in page
    failed = ended(jobs, jobs.submit(replace(sheet, scale=2), ANNA))
    assert failed.status == "failed"
    assert "what is chosen does not fit at 1:2" in failed.message
    assert ended(jobs, jobs.submit(replace(SMALL, basemap="none"), ANNA)).message.startswith("没有底图 none")
    monkeypatch.setattr(printed_jobs, "MOST_BYTES", 1_000)
    assert "are kept; choose a smaller extent" in ended(jobs, jobs.submit(SMALL, ANNA)).message
    for bad in (replace(SMALL, paper="B5"), replace(SMALL, kind="stamp"), replace(SMALL, by="streets")):
        with pytest.raises(UnknownName):
            jobs.submit(bad, ANNA)
    with pytest.raises(BadValue, match="scale is for a sheet"):
        jobs.submit(replace(SMALL, scale=5_000), ANNA)


def test_it_is_asked_for_followed_and_fetched_by_the_standard(writer: TestClient) -> None:
    execution = "/ogc/processes/print/execution"
    described = writer.get("/ogc/processes/print").json()
    assert {"kind", "by", "paper", "zone", "lang", "basemap"} <= set(described["inputs"])
    assert "townships" not in described["inputs"]
    answer = writer.post(execution, json={"inputs": {"paper": "A4", "lang": "en", "zone": T1}})
    assert answer.status_code == 201
    job = answer.json()["jobID"]
    assert answer.headers["location"].endswith(f"/ogc/jobs/{job}")
    told = wait_until(lambda: now if (now := writer.get(f"/ogc/jobs/{job}").json())["status"] in ENDED else None)
    assert (told["status"], told["processID"], told["message"]) == ("successful", "print", "printed")
    found = {link["rel"].rsplit("/", 1)[-1]: link for link in told["links"]}
    assert found["results"]["type"] == "application/pdf"
    file = writer.get(f"/ogc/jobs/{job}/results")
    assert (file.status_code, file.headers["content-type"]) == (200, "application/pdf")
    assert file.headers["content-disposition"].startswith('attachment; filename="atlas-')
    assert "One sheet for each township: 1" in said(file.content)[0]
    assert [one["jobID"] for one in writer.get("/ogc/jobs?processID=print").json()["jobs"]] == [job]
    assert writer.delete(f"/ogc/jobs/{job}").json()["status"] == "dismissed"
    assert writer.get(f"/ogc/jobs/{job}/results").status_code == 400
    for inputs, status in (
        ({"paper": "B5"}, 400),
        ({"townships": [T2]}, 400),
        ({"zone": "nowhere"}, 404),
        ({"run": "none"}, 404),
        ({"scale": 5_000}, 400),
        ({"kind": 3}, 400),
    ):
        assert writer.post(execution, json={"inputs": inputs}).status_code in (status, 422), inputs


# ------------------------------------------------------------------------------------------------ the database


@pytest.fixture(scope="module")
def house(server: str, migrated: str) -> Iterator[CountyServer]:
    with postgres.fresh_database(server, template=migrated) as url, county_server(url) as found:
        yield found


def worked(house: CountyServer, job_id: str) -> None:
    """Do what a worker's child does with a job."""
    job = house.store.job(job_id)
    store = house.app.state.store.acting(worker_of(job))
    execute_job(Attempt.begin(store, job_id), drawing(Settings()))


def test_in_server_mode_the_database_holds_the_scope(house: CountyServer) -> None:
    answer = house["planner_a"].post("/ogc/processes/print/execution", json={"inputs": {"paper": "A4", "lang": "en"}})
    assert answer.status_code == 201, answer.text
    job = answer.json()["jobID"]
    assert house["planner_a"].get(f"/ogc/jobs/{job}/results").status_code == 404
    worked(house, job)
    file = house["planner_a"].get(f"/ogc/jobs/{job}/results")
    assert is_of_one_township(file.content)
    assert "zq-b" not in " ".join(said(file.content))
    for other in ("planner_b", "planner_none", "viewer", "public"):
        assert house[other].get(f"/ogc/jobs/{job}/results").status_code in (401, 403, 404), other
    assert house["planner_b"].get(f"/ogc/jobs/{job}/results").status_code == 404
    assert house["planner_b"].delete(f"/ogc/jobs/{job}").status_code == 404
    assert house["admin"].get(f"/ogc/jobs/{job}/results").content == file.content
    whole = house["admin"].post("/ogc/processes/print/execution", json={"inputs": {"paper": "A4", "lang": "en"}})
    worked(house, whole.json()["jobID"])
    pages = said(house["admin"].get(f"/ogc/jobs/{whole.json()['jobID']}/results").content)
    assert "One sheet for each township: 2" in pages[0]
    deeds = [deed for deed in house.store.audit() if deed["action"] == "print"]
    assert [deed["who"] for deed in deeds] == ["admin", "planner_a"]
    assert deeds[1]["detail"]["townships"] == [T1]
    assert house["planner_a"].delete(f"/ogc/jobs/{job}").status_code == 200
    with pytest.raises(NotFound):
        house.store.job_file(job)


def test_an_atlas_by_grids_has_the_owners_grids_only(house: CountyServer, tmp_path: Path) -> None:
    body = {"inputs": {"paper": "A4", "lang": "en", "by": "grids"}}
    for who, own in (("planner_a", G1), ("planner_b", G3)):
        job = house[who].post("/ogc/processes/print/execution", json=body).json()["jobID"]
        worked(house, job)
        pages = said(house[who].get(f"/ogc/jobs/{job}/results").content)
        assert "One sheet for each grid: 2" in pages[0]
        assert (own in pages[-1], {G1: G3, G3: G1}[own] in pages[-1]) == (True, False)


def test_a_zone_that_is_not_the_callers_is_refused_at_once(house: CountyServer) -> None:
    ask = house["planner_a"]
    for by, zone, found in (
        ("townships", T2, False),
        ("grids", T2, False),
        ("grids", G3, False),
        ("villages", T2, False),
        ("grids", T1, True),
        ("grids", G1, True),
        ("townships", "all", True),
    ):
        body = {"inputs": {"paper": "A4", "lang": "en", "by": by, "zone": zone}}
        answer = ask.post("/ogc/processes/print/execution", json=body)
        assert answer.status_code == (201 if found else 404), (by, zone, answer.text)
        if found:
            assert ask.delete(f"/ogc/jobs/{answer.json()['jobID']}").status_code == 200
        else:
            assert "in your townships" in answer.text
            assert ask.get("/prints/atlas.pdf", params=body["inputs"]).status_code == 404


def test_a_title_that_has_no_room_is_refused_before_it_is_queued(writer: TestClient) -> None:
    for wrong, status in (({"title": "长" * 300}, 422), ({"layers": "heat"}, 422)):
        answer = writer.post("/ogc/processes/print/execution", json={"inputs": wrong})
        assert answer.status_code == status, answer.text
