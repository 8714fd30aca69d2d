"""Drafts over HTTP: saved, listed, changed with If-Match, handed on within townships, refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import Response

from tests.api.routes.test_runs_rights import CountyServer, county_server  # noqa: F401 (the fixture)

TURNED = {"changed": [{"id": "c3", "properties": {"azimuth": 200.0}}]}
NEW = {"added": [{"geometry": {"type": "Point", "coordinates": [102.0012, 37.001]}, "properties": {"azimuth": 5}}]}


def made(client: Any, **body: object) -> Response:
    answer = client.post("/drafts", json={"name": "north", "changes": {**TURNED, **NEW}, **body})
    assert answer.status_code == 201, answer.text
    return answer


def test_a_draft_is_saved_previewed_changed_and_deleted(writer: Any) -> None:
    first = made(writer, note="of March", run="latest")
    where, draft = first.headers["location"], first.json()
    assert (draft["name"], draft["note"], draft["author"], draft["version"]) == ("north", "of March", "local", 1)
    assert writer.get("/ogc/collections/cameras/items/c3").json()["properties"]["azimuth"] is None, "nothing is edited"
    [new] = draft["changes"]["added"]
    # The id of the new camera is given once, so that every preview of the draft has the same bits.
    previews = [writer.post("/preview", json=draft["changes"]).json() for _ in range(2)]
    assert previews[0] == previews[1]
    assert previews[0]["added"] == [new["id"]]
    [listed] = writer.get("/drafts").json()["drafts"]
    assert (listed["id"], listed["count"], listed["run_deleted"]) == (draft["id"], 2, False)
    assert writer.get(where).headers["etag"] == first.headers["etag"]
    body = {"name": "south", "changes": {"removed": ["c1"]}}
    changed = writer.put(where, json=body, headers={"If-Match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["version"], changed.json()["name"]) == (200, 2, "south")
    late = writer.put(where, json={**body, "name": "mine"}, headers={"If-Match": first.headers["etag"]})
    assert late.status_code == 412, late.text
    assert (late.json()["stored"]["name"], late.json()["sent"]["name"]) == ("south", "mine")
    assert late.json()["etag"] == changed.headers["etag"]
    assert writer.put(where, json=body).status_code == 428
    assert writer.delete(where, headers={"If-Match": first.headers["etag"]}).status_code == 412
    assert writer.delete(where, headers={"If-Match": changed.headers["etag"]}).status_code == 204
    assert writer.get(where).status_code == 404


def test_a_draft_tells_which_of_its_cameras_were_changed_since(writer: Any) -> None:
    where = made(writer).headers["location"]
    assert writer.get(where).json()["outdated"] == []
    edit = {"properties": {"name": "x"}}
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    assert writer.patch("/ogc/collections/cameras/items/c3", json=edit, headers=headers).status_code == 200
    draft = writer.get(where)
    assert draft.json()["outdated"] == ["c3"]
    # Saving it again, with another change beside, makes the first no newer.
    changes = {**draft.json()["changes"], "removed": ["c1"]}
    again = writer.put(where, json={"name": "n", "changes": changes}, headers={"If-Match": draft.headers["etag"]})
    assert (again.status_code, again.json()["outdated"]) == (200, ["c3"])
    assert writer.delete("/ogc/collections/cameras/items/c3", headers={"If-Match": "*"}).status_code == 204
    assert writer.get(where).json()["outdated"] == ["c3"]


def test_what_is_outdated_stays_so_under_another_name(writer: Any) -> None:
    where = made(writer).headers["location"]
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    edit = {"properties": {"name": "x"}}
    assert writer.patch("/ogc/collections/cameras/items/c3", json=edit, headers=headers).status_code == 200
    old = writer.get(where).json()
    body = {"name": "another", "changes": old["changes"], "outdated": old["outdated"]}
    copy = writer.post("/drafts", json=body)
    assert (copy.status_code, copy.json()["outdated"]) == (201, ["c3"])
    # A save of the copy, and one that names a camera which it has not, tell the same.
    again = writer.put(
        copy.headers["location"], json={**body, "outdated": ["c1"]}, headers={"If-Match": copy.headers["etag"]}
    )
    assert (again.status_code, again.json()["outdated"]) == (200, ["c3"])
    assert writer.post("/drafts", json={**body, "outdated": None}).json()["outdated"] == []
    for wrong in ("c3", [3], {"c3": 1}):
        answer = writer.post("/drafts", json={**body, "outdated": wrong})
        assert (answer.status_code, "list of ids" in answer.text) == (422, True), answer.text


def test_a_draft_says_what_its_changes_were_made_on(writer: Any) -> None:
    """Whoever saves has seen one version; somebody may have stored another between its being opened and the save."""
    item = "/ogc/collections/cameras/items/c3"
    opened = writer.get(item).headers["etag"]
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    assert writer.patch(item, json={"properties": {"name": "x"}}, headers=headers).status_code == 200
    draft = made(writer, seen={"c3": opened, "none": opened})
    assert draft.json()["outdated"] == ["c3"]
    # Saved again it is no newer, until its maker has seen what is stored now.
    body = {"name": "north", "changes": TURNED}
    where, tag = draft.headers["location"], draft.headers["etag"]
    again = writer.put(where, json=body, headers={"If-Match": tag})
    assert again.json()["outdated"] == ["c3"]
    kept = {**body, "seen": {"c3": writer.get(item).headers["etag"]}}
    again = writer.put(where, json=kept, headers={"If-Match": again.headers["etag"]})
    assert again.json()["outdated"] == []
    # What is said to be outdated is so, whatever else is said of it.
    again = writer.put(where, json={**kept, "outdated": ["c3"]}, headers={"If-Match": again.headers["etag"]})
    assert again.json()["outdated"] == ["c3"]
    for wrong in (["c3"], {"c3": 1}, {"c3": " "}, dict.fromkeys(map(str, range(501)), '"1"')):
        answer = writer.post("/drafts", json={**body, "seen": wrong})
        assert (answer.status_code, "seen" in answer.text) == (422, True), answer.text


def test_a_draft_outlives_its_run(writer: Any) -> None:
    run = writer.post("/runs", json={}).json()["id"]
    where = made(writer, run=run).headers["location"]
    assert writer.delete(f"/runs/{run}").status_code == 204
    draft = writer.get(where)
    assert (draft.json()["run"], draft.json()["run_deleted"]) == (run, True)
    kept = {"name": "kept", "run": run, "changes": draft.json()["changes"]}
    assert writer.put(where, json=kept, headers={"If-Match": draft.headers["etag"]}).status_code == 200
    assert writer.post("/preview", json={"run": run, **draft.json()["changes"]}).status_code == 404
    assert writer.post("/drafts", json={"name": "n", "run": run, "changes": TURNED}).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"changes": TURNED}, 422, "needs a name"),
        ({"name": "x" * 201, "changes": TURNED}, 422, ""),
        ({"name": 5, "changes": TURNED}, 422, "must be a text"),
        ({"name": "n", "note": [], "changes": TURNED}, 422, "note must be a text"),
        ({"name": "n", "run": 0, "changes": TURNED}, 422, "run must be a text"),
        ({"name": "n"}, 422, "changes must be"),
        ({"name": "n", "changes": {}}, 422, "no change in the draft"),
        ({"name": "n", "changes": TURNED, "colour": 1}, 422, "no member colour"),
        ({"name": "n", "changes": {"removed": ["nobody"]}}, 404, "no camera nobody"),
        ({"name": "n", "changes": {"changed": [{"id": "c1", "properties": {"azimuth": 400}}]}}, 422, "azimuth"),
        ({"name": "n", "changes": {"removed": [""] * 10_000}}, 422, "at most 500"),
    ],
)
def test_bad_drafts_are_refused_with_a_sentence(client: Any, body: dict[str, Any], status: int, said: str) -> None:
    answer = client.post("/drafts", json=body)
    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]
    assert client.get("/drafts").json()["drafts"] == []


# --- rights, in server mode ------------------------------------------------------------------------------------------


def ask(server: CountyServer, who: str, method: str, path: str, **more: Any) -> Response:
    headers = {**server.keys.get(who, {}), **more.pop("headers", {})}
    return server.client.request(method, path, headers=headers, **more)


def test_drafts_are_seen_by_whoever_may_see_all_their_cameras(county_server: CountyServer) -> None:  # noqa: F811
    assert ask(county_server, "", "GET", "/drafts").status_code == 401
    assert ask(county_server, "vera", "GET", "/drafts").status_code == 403
    own = ask(county_server, "anna", "POST", "/drafts", json={"name": "zq-own", "changes": TURNED})
    assert own.status_code == 201, own.text
    where, etag = own.headers["location"], own.headers["etag"]
    both = {"removed": ["c1", "c4"]}
    county = ask(county_server, "root", "POST", "/drafts", json={"name": "zq-both", "changes": both})
    assert county.status_code == 201, county.text
    seen = {
        who: [one["name"] for one in ask(county_server, who, "GET", "/drafts").json()["drafts"]]
        for who in ("anna", "bert", "root")
    }
    assert seen == {"anna": ["zq-own"], "bert": [], "root": ["zq-both", "zq-own"]}
    hidden = ask(county_server, "bert", "GET", where)
    nobody = ask(county_server, "bert", "GET", "/drafts/none")
    assert (hidden.status_code, nobody.status_code) == (404, 404)
    for method, more in (("PUT", {"json": {"name": "x", "changes": TURNED}}), ("DELETE", {})):
        answer = ask(county_server, "bert", method, where, headers={"If-Match": etag}, **more)
        assert answer.status_code == 404, answer.text
    # Whoever has the township goes on with it: the author stays.
    tag = ask(county_server, "root", "GET", where).headers["etag"]
    handed = ask(
        county_server, "root", "PUT", where, json={"name": "zq-on", "changes": TURNED}, headers={"If-Match": tag}
    )
    assert handed.status_code == 200, handed.text
    assert (handed.json()["author"], handed.json()["changed_by"]) == ("anna", "root")
    assert ask(county_server, "anna", "GET", where).json()["name"] == "zq-on"


def test_no_draft_puts_a_camera_out_of_ones_townships(county_server: CountyServer) -> None:  # noqa: F811
    north = {"type": "Point", "coordinates": [102.001, 37.003]}
    for changes in ({"added": [{"geometry": north}]}, {"changed": [{"id": "c1", "geometry": north}]}):
        answer = ask(county_server, "anna", "POST", "/drafts", json={"name": "n", "changes": changes})
        assert answer.status_code == 403, answer.text
    hidden = ask(county_server, "anna", "POST", "/drafts", json={"name": "n", "changes": {"removed": ["c4"]}})
    assert hidden.status_code == 404
