"""Publish runs over HTTP, from a workspace and from a database: whose run is the latest, and who may delete which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from geo.storage.records import Caller
from geo.studies.analysis import compute_run
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.stored_runs import zones as zones_of
from tests.api.conftest import T1, T2, frames
from tests.api.server_fixtures import BASE, HEADERS, Door, door


@dataclass
class Office:
    """Hold a county with a published run and a planner's trial of it, newer and with other figures."""

    at: Door
    people: dict[str, TestClient]
    root: Caller
    official: str
    trial: str

    def latest(self) -> dict[str, str]:
        """Return which run is the latest to each."""
        return {name: client.get("/runs/latest").json()["id"] for name, client in self.people.items()}

    def figure(self, who: str) -> float:
        return self.people[who].get("/runs/latest/zones/all").json()["all"][0]["sure_share"]


def analysed(at: Door, maker: Caller, options: AnalyzeOptions) -> str:
    """Save a run as the worker saves it for whoever asked."""
    store = at.app.state.store.acting(Caller(maker.name, "worker", None, key=maker.key))
    run = compute_run(store, options, actor=maker.name)
    store.save_run(run.__class__(**{**vars(run), "maker": maker.id, "maker_role": maker.role}))
    return run.id


@pytest.fixture(params=["embedded", pytest.param("county_server", marks=pytest.mark.server)])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with door(request, frames(), tmp_path_factory.mktemp("published")) as at:
        people, keys = {}, {}
        for name, role, towns in (("anna", "planner", (T1,)), ("bert", "planner", (T2,)), ("root", "admin", None)):
            scope = towns if at.kind == "county_server" else None  # a workspace has no rights by township
            text, keys[name] = at.app.state.keys.create(name, role, townships=scope, by="test")
            people[name] = TestClient(at.app, base_url=BASE, headers={**HEADERS, "X-API-Key": text})
        people["nobody"] = TestClient(at.app, base_url=BASE, headers=HEADERS)
        root = Caller("root", "admin", None, key=keys["root"].id)
        anna = Caller("anna", "planner", (T1,), key=keys["anna"].id)
        official = analysed(at, root, AnalyzeOptions(domain="all"))
        trial = analysed(at, anna, AnalyzeOptions(level="identify", domain="all"))
        yield Office(at, people, root, official, trial)


def test_a_planners_trial_run_changes_nobodys_figures(office: Office) -> None:
    before = office.people["root"].get(f"/runs/{office.official}/zones/all").json()["all"][0]["sure_share"]
    assert office.latest() == {
        "anna": office.trial, "bert": office.official, "root": office.official, "nobody": office.official,
    }  # fmt: skip
    assert office.figure("nobody") == before > office.figure("anna")


def test_what_an_admin_publishes_is_what_everybody_sees(office: Office) -> None:
    root = office.people["root"]
    answer = root.post(f"/runs/{office.trial}/publish")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["id"], answer.json()["published_run"]) == (office.trial, office.trial)
    newer = analysed(office.at, office.root, AnalyzeOptions(domain="all"))
    assert office.latest() == {
        "anna": office.trial, "bert": office.trial, "root": newer, "nobody": office.trial,
    }  # fmt: skip
    listed = office.people["nobody"].get("/runs").json()
    assert (listed["published_run"], listed["stands_in"]) == (office.trial, False)
    sheet = office.people["bert"].get("/prints/sheet.pdf", params={"paper": "A4"})
    assert f"sheet-{office.trial}.pdf" in sheet.headers["content-disposition"]
    # The page follows the published run even for whoever has made a newer one.
    assert re.search(rf'"run": ?"{office.trial}"', root.get("/").text)


def test_without_a_key_no_trial_is_listed_before_it_is_published(office: Office) -> None:
    def listed(who: str) -> list[str]:
        return [one["id"] for one in office.people[who].get("/runs").json()["runs"]]

    assert listed("nobody") == [office.official]
    for who in ("anna", "bert", "root"):
        assert listed(who) == [office.trial, office.official]
    assert office.people["root"].post(f"/runs/{office.trial}/publish").status_code == 200
    assert listed("nobody") == [office.trial, office.official]


#: What anybody may ask of a run, and what needs a key, whichever run it is.
OPEN = ("", "/zones", "/zones/all", "/zones/grids", "/zones/grids?f=csv")
CLOSED = ("/tiles", "/tiles/grids/WebMercatorQuad/14/6377/12834", "/gaps", "/coverage", "/compare/latest")


def test_without_a_key_a_trial_does_not_exist_before_it_is_published(office: Office) -> None:
    def answer(who: str, run: str, path: str) -> tuple[int, str]:
        found = office.people[who].get(f"/runs/{run}{path}")
        return found.status_code, found.text.replace(run, "RUN") if found.status_code >= 400 else ""

    absent = "0199a5c0-0000-7000-8000-000000000000"
    for path in (*OPEN, *CLOSED):
        hidden = answer("nobody", office.trial, path)
        assert hidden == answer("nobody", absent, path)
        assert hidden[0] == (404 if path in OPEN else 401)
        assert answer("nobody", office.official, path)[0] == (200 if path in OPEN else 401)
    assert [answer("bert", office.trial, path)[0] for path in OPEN] == [200] * len(OPEN)
    assert office.people["root"].post(f"/runs/{office.trial}/publish").status_code == 200
    assert [answer("nobody", office.trial, path)[0] for path in OPEN] == [200] * len(OPEN)


def test_only_admins_publish(office: Office) -> None:
    assert [office.people[who].post(f"/runs/{office.trial}/publish").status_code for who in ("anna", "nobody")] == [
        403, 401,
    ]  # fmt: skip
    assert office.people["root"].post("/runs/0199-none/publish").status_code == 404


def test_planners_delete_their_own_runs_and_no_others(office: Office) -> None:
    people = office.people
    assert people["bert"].delete(f"/runs/{office.trial}").status_code == 403
    assert people["anna"].delete(f"/runs/{office.official}").status_code == 403
    assert people["nobody"].delete(f"/runs/{office.trial}").status_code == 401
    assert people["anna"].delete(f"/runs/{office.trial}").status_code == 204
    assert people["anna"].get(f"/runs/{office.trial}").status_code == 404


def test_a_deleted_published_run_falls_back_and_says_so(office: Office) -> None:
    root = office.people["root"]
    for run in (office.official, office.trial):
        assert root.post(f"/runs/{run}/publish").status_code == 200
    assert office.people["anna"].delete(f"/runs/{office.trial}").status_code == 403, "everybody sees it"
    assert root.delete(f"/runs/{office.trial}").status_code == 204
    found = office.people["nobody"].get("/runs/latest").json()
    assert (found["id"], found["published_run_deleted"], found["stands_in"]) == (office.official, office.trial, True)


def test_a_planners_trial_takes_the_place_of_no_deleted_run(office: Office) -> None:
    root, nobody, bert = (office.people[who] for who in ("root", "nobody", "bert"))
    assert root.post(f"/runs/{office.official}/publish").status_code == 200
    assert root.delete(f"/runs/{office.official}").status_code == 204
    for client in (nobody, bert, root):
        assert client.get("/runs/latest").status_code == 404
    assert nobody.get("/runs/latest/zones/all").status_code == 404
    assert office.people["anna"].get("/runs/latest").json()["id"] == office.trial
    listed = nobody.get("/runs").json()
    assert (listed["published_run"], listed["published_run_deleted"]) == (None, office.official)
    assert nobody.get("/").status_code == 200
    assert root.post("/runs/latest/publish").json()["id"] == office.trial
    assert nobody.get("/runs/latest").json()["id"] == office.trial


def test_the_list_of_zones_is_kept_and_stamped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The public asks as often as it likes: shapes are read once a run, and a new publication changes the stamp."""
    from api.routes import runs

    read = []
    monkeypatch.setattr(runs, "zones_of", lambda *words: read.append(words) or zones_of(*words))
    nobody = office.people["nobody"]
    first = nobody.get("/runs/latest/zones")
    assert first.json()["run"] == office.official
    again = nobody.get("/runs/latest/zones")
    assert (again.content, again.headers["etag"], len(read)) == (first.content, first.headers["etag"], 1)
    for tag in (first.headers["etag"], f'"x", W/{first.headers["etag"]}'):
        same = nobody.get("/runs/latest/zones", headers={"If-None-Match": tag})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    assert office.people["root"].post(f"/runs/{office.trial}/publish").status_code == 200
    other = nobody.get("/runs/latest/zones", headers={"If-None-Match": first.headers["etag"]})
    assert (other.status_code, other.json()["run"], len(read)) == (200, office.trial, 2)
