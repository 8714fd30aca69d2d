"""Drafts of changes of grids over HTTP: made, checked, changed with If-Match, approved by admins, withdrawn."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from httpx import Response

from tests.api.conftest import G1, G2, G3, M1, M2, T1, V1
from tests.api.routes.test_runs_rights import CountyServer, county_server  # noqa: F401 (the fixture)

NEXT = (date.today() + timedelta(days=40)).isoformat()  # noqa: DTZ011 (any later day will do)
ITEM = "/ogc/collections/grids/items"
RENAME = {"change": "rename", "grid": G1, "name": "zq-new"}
MERGE = {"change": "merge", "grids": [G1, G2], "name": "zq-both"}


def made(client: Any, *operations: dict[str, Any], **more: object) -> Response:
    answer = client.post("/grids/drafts", json={"name": "zq", "operations": list(operations) or [MERGE], **more})
    assert answer.status_code == 201, answer.text
    return answer


def test_a_draft_goes_from_proposal_to_approval_and_back(writer: Any) -> None:
    first = made(writer, RENAME, note="of March", size=[1, 2])
    where, draft = first.headers["location"], first.json()
    assert (draft["state"], draft["author"], draft["version"], draft["closed"]) == ("draft", "local", 1, [])
    changed = writer.put(where, json={"name": "zq", "operations": [MERGE]}, headers={"If-Match": first.headers["etag"]})
    assert changed.status_code == 200, changed.text
    draft = changed.json()
    assert (draft["version"], draft["closed"], draft["succession"][0]["share"]) == (2, [G1, G2], 1.0)
    assert [(one["id"], one["change"]) for one in draft["after"]] == [
        (M1, "parent"), (M2, "parent"), (f"{V1}003", "merge"),
    ]  # fmt: skip
    late = writer.post(f"{where}/withdraw", headers={"If-Match": first.headers["etag"]})
    assert (late.status_code, late.json()["stored"]["version"]) == (412, 2)
    assert writer.post(f"{where}/withdraw").status_code == 428
    assert writer.get(f"{where}/check").json()["changed"] == []
    tag = {"If-Match": changed.headers["etag"]}
    approved = writer.post(f"{where}/approve", json={"effective": NEXT}, headers=tag)
    assert approved.status_code == 200, approved.text
    assert (approved.json()["state"], approved.json()["effective"], approved.json()["decided_role"]) == (
        "approved", NEXT, "admin",
    )  # fmt: skip
    new = approved.json()["grids"][0]
    assert new not in [one["id"] for one in writer.get(ITEM).json()["features"]], "not yet"
    assert writer.get(f"{ITEM}/{new}?datetime={NEXT}").json()["properties"]["name"] == "zq-both"
    assert writer.get(f"{ITEM}/{G1}?datetime={NEXT}").status_code == 404
    place = "lon=102.001&lat=37.001&crs=wgs84"
    chains = [writer.get(f"/locate?{place}{at}").json()["candidates"][0]["chain"] for at in ("", f"&at={NEXT}")]
    named = [{one["code"] for one in chain} & {G1, new} for chain in chains]
    assert named == [{G1}, {new}]
    printed = writer.get(f"/prints/grid-draft.pdf?draft={approved.json()['id']}")
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf"), printed.text
    assert {one["new"] for one in writer.get("/grids/successions").json()["successions"]} == {new}
    [listed] = writer.get("/grids/drafts").json()["drafts"]
    assert (listed["state"], listed["changes"], listed["closed"]) == ("approved", ["merge"], [G1, G2])
    back = writer.post(f"{where}/withdraw", headers={"If-Match": approved.headers["etag"]})
    assert (back.status_code, back.json()["state"]) == (200, "withdrawn")
    assert writer.get(f"{ITEM}/{G1}?datetime={NEXT}").status_code == 200
    assert writer.get("/grids/successions").json()["successions"] == []


def test_grids_that_changed_meanwhile_are_a_conflict_with_both(writer: Any) -> None:
    first = made(writer, RENAME)
    where, tag = first.headers["location"], {"If-Match": first.headers["etag"]}
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    assert writer.patch(f"{ITEM}/{G1}", json={"properties": {"name": "zq-b"}}, headers=headers).status_code == 200
    [both] = writer.get(f"{where}/check").json()["changed"]
    answer = writer.post(f"{where}/approve", json={"effective": NEXT}, headers=tag)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed-since"), answer.text
    assert answer.json()["changed"] == [both]
    assert (both["grid"], both["stored"]["properties"]["name"]) == (G1, "zq-b")
    assert both["seen"]["properties"]["name"] != "zq-b"


_LINE = [[102, 37], [103, 37]]
_RING, _HOLE = (
    [[102, 37], [103, 37], [103, 38], [102, 37]],
    [[102.8, 37.4], [102.9, 37.4], [102.9, 37.5], [102.8, 37.4]],
)
#: Drawings that are no lines and no areas to cut with.
ODD = (
    {"type": "MultiLineString", "coordinates": [_LINE, []]},
    {"type": "GeometryCollection", "geometries": [{"type": "LineString", "coordinates": _LINE}]},
    {"type": "Polygon", "coordinates": [_RING, _HOLE]},
)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"operations": [RENAME]}, 422, "needs a name"),
        ({"name": "n", "operations": [{**RENAME, "grid": "none"}]}, 404, "no grid none"),
        ({"name": "n", "operations": [{"change": "merge", "grids": [G1, G3, "none"]}]}, 404, "no grid none"),
        ({"name": "n", "operations": [{"change": "split", "grid": G1, "by": {"type": "Point"}}]}, 422, ""),
        *[
            ({"name": "n", "operations": [{"change": "split", "grid": G1, "by": shape}]}, 422, "change 1")
            for shape in ODD
        ],
        ({"name": "n", "operations": [RENAME], "colour": 1}, 422, "no member colour"),
        ({"name": "n", "operations": [RENAME] * 101}, 422, "at most 100"),
        ({"name": "n", "operations": [RENAME], "profile": "x"}, 422, "no profile x"),
    ],
)  # fmt: skip
def test_bad_drafts_are_refused_with_a_sentence(client: Any, body: dict[str, Any], status: int, said: str) -> None:
    answer = client.post("/grids/drafts", json=body)
    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]
    assert client.get("/grids/drafts").json()["drafts"] == []


def test_a_day_is_needed_and_is_not_past(writer: Any) -> None:
    first = made(writer, RENAME)
    where, tag = first.headers["location"], {"If-Match": first.headers["etag"]}
    for body in ({}, {"effective": 5}, {"effective": "soon"}, {"effective": "2020-01-01"}, {"day": NEXT}):
        assert writer.post(f"{where}/approve", json=body, headers=tag).status_code == 422, body


# --- rights, in server mode ------------------------------------------------------------------------------------------


def ask(server: CountyServer, who: str, method: str, path: str, **more: Any) -> Response:
    headers = {**server.keys.get(who, {}), **more.pop("headers", {})}
    return server.client.request(method, path, headers=headers, **more)


def test_planners_draft_in_their_townships_and_admins_approve(county_server: CountyServer) -> None:  # noqa: F811
    assert ask(county_server, "", "GET", "/grids/drafts").status_code == 401
    assert ask(county_server, "vera", "GET", "/grids/drafts").status_code == 403
    body = {"name": "zq-own", "operations": [RENAME]}
    foreign = ask(county_server, "bert", "POST", "/grids/drafts", json=body)
    assert (foreign.status_code, G1[:9] == T1, V1[:9] == T1) == (403, True, True)
    own = ask(county_server, "anna", "POST", "/grids/drafts", json=body)
    assert own.status_code == 201, own.text
    where, tag = own.headers["location"], {"If-Match": own.headers["etag"]}
    seen = {
        who: len(ask(county_server, who, "GET", "/grids/drafts").json()["drafts"]) for who in ("anna", "bert", "root")
    }
    assert seen == {"anna": 1, "bert": 0, "root": 1}
    for path in (where, f"{where}/check", f"/prints/grid-draft.pdf?draft={own.json()['id']}"):
        assert ask(county_server, "bert", "GET", path).status_code == 404
    assert ask(county_server, "bert", "POST", f"{where}/withdraw", headers=tag).status_code == 404
    refused = ask(county_server, "anna", "POST", f"{where}/approve", json={"effective": NEXT}, headers=tag)
    assert refused.status_code == 403
    etag = {"If-Match": ask(county_server, "root", "GET", where).headers["etag"]}
    approved = ask(county_server, "root", "POST", f"{where}/approve", json={"effective": NEXT}, headers=etag)
    assert approved.status_code == 200, approved.text
    assert (approved.json()["author"], approved.json()["decided_by"]) == ("anna", "root")
    mine = {"If-Match": ask(county_server, "anna", "GET", where).headers["etag"]}
    assert ask(county_server, "anna", "POST", f"{where}/withdraw", headers=mine).status_code == 403
    again = ask(county_server, "anna", "POST", "/grids/drafts", json=body)
    assert (again.status_code, "already" in again.json()["detail"]) == (409, True)
    back = ask(county_server, "root", "POST", f"{where}/withdraw", headers={"If-Match": approved.headers["etag"]})
    assert back.status_code == 200, back.text
