"""Files of jobs are kept alike by both stores: whoever sees a job sees its file, and nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo.errors import NotFound
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller, Job, JobFile

WORKER, LI, WANG = Caller("worker", "worker", None), Caller("li", "planner", ("620622100",)), Caller("wang", "planner")
FILE = JobFile("0199-1", "atlas.pdf", "application/pdf", bytes(range(256)) * 40, "2026-03-01T08:00:00.000Z")


@pytest.fixture
def jobs(store: Store) -> Store:
    """Return a store with a job of li and one of wang."""
    for number, owner in (("0199-1", "li"), ("0199-2", "wang")):
        store.acting(WORKER).save_job(
            Job(number, "print", "running", {"kind": "atlas"}, owner, "planner", "2026-03-01")
        )
    return store


def test_a_file_comes_back_as_it_was_saved_and_is_replaced(jobs: Store) -> None:
    worker = jobs.acting(WORKER)
    with pytest.raises(NotFound, match="has no file"):
        worker.job_file("0199-1")
    worker.delete_job_file("0199-1")  # there is none
    worker.save_job_file(FILE)
    assert worker.job_file("0199-1") == FILE
    worker.save_job_file(replace(FILE, content=b"%PDF", name="b.pdf"))
    assert jobs.acting(LI).job_file("0199-1").content == b"%PDF"
    assert jobs.acting(LOCAL).job_file("0199-1").name == "b.pdf"


def test_a_file_of_another_is_as_if_it_were_not(jobs: Store) -> None:
    jobs.acting(WORKER).save_job_file(FILE)
    for what in (jobs.acting(WANG).job_file, jobs.acting(WANG).delete_job_file):
        with pytest.raises(NotFound) as other:
            what("0199-1")
        with pytest.raises(NotFound) as none:
            what("0199-9")
        assert str(other.value).replace("0199-1", "X") == str(none.value).replace("0199-9", "X")
    jobs.acting(LI).delete_job_file("0199-1")
    with pytest.raises(NotFound):
        jobs.acting(LI).job_file("0199-1")


def test_a_file_needs_its_job_and_ends_with_what_is_not_committed(jobs: Store) -> None:
    worker = jobs.acting(WORKER)
    with pytest.raises(NotFound):
        worker.save_job_file(replace(FILE, job="0199-9"))

    def breaks() -> None:
        with worker.transaction():
            worker.save_job_file(FILE)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        breaks()
    with pytest.raises(NotFound):
        worker.job_file("0199-1")


def test_old_files_go_and_new_ones_stay(jobs: Store) -> None:
    worker = jobs.acting(WORKER)
    assert worker.delete_job_files(before="2026-04-01") == 0
    worker.save_job_file(FILE)
    worker.save_job_file(replace(FILE, job="0199-2", created="2026-03-08T08:00:00.000Z"))
    assert worker.delete_job_files(before="2026-03-08T08:00:00.000Z") == 1
    assert worker.job_file("0199-2").content == FILE.content
    assert [one.id for one in worker.jobs()] == ["0199-2", "0199-1"]
