"""POST /preview says what an analysis of the changed cameras says, stores nothing, and tells of nobody's cameras."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from httpx import Response

from geo.catalog.results import FIGURES
from geo.storage.protocol import Store
from tests.api.conftest import T1
from tests.api.routes.test_runs_rights import CountyServer, county_server  # noqa: F401 (the fixture)

PATCH = {"Content-Type": "application/merge-patch+json"}


def preview(client: Any, **body: object) -> dict[str, Any]:
    answer = client.post("/preview", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@contextmanager
def saved(client: Any, camera: str, **properties: object) -> Iterator[None]:
    """Save an edit of a camera."""
    path = f"/ogc/collections/cameras/items/{camera}"
    answer = client.patch(path, json={"properties": properties}, headers={**PATCH, "If-Match": "*"})
    assert answer.status_code == 200, answer.text
    yield


def figures(client: Any, layer: str) -> dict[str, dict[str, Any]]:
    rows = client.get(f"/runs/latest/zones/{layer}").json()[layer]
    return {one["code"]: {name: one[name] for name in FIGURES} for one in rows}


def turned(**more: object) -> dict[str, Any]:
    return {"id": "c3", "properties": {"azimuth": 200.0, "height": 5.0, **more}}


@pytest.mark.parametrize(
    "changes",
    [
        {"changed": [turned()]},
        {"changed": [{"id": "c1", "geometry": {"type": "Point", "coordinates": [102.0021, 37.0019]}}]},
        {"changed": [turned(status="planned"), {"id": "c4", "properties": {"status": "online"}}]},
        {"removed": ["c2"]},
        {"outage": ["p1"]},
        # A camera whose time is over is none, and what begins later leaves today as it is.
        {"changed": [turned(valid_to="2020-01-01", valid_from="2019-01-01")]},
        {"changed": [turned(valid_from="2999-01-01")]},
        {"added": [{"geometry": {"type": "Point", "coordinates": [102.0012, 37.003]}, "properties": {"azimuth": 5}}]},
    ],
)
def test_figures_are_those_of_an_analysis_of_the_same_edits_to_the_bit(writer: Any, changes: dict[str, Any]) -> None:
    before = {layer: figures(writer, layer) for layer in ("grids", "microgrids", "villages", "townships", "all")}
    found = preview(writer, **changes)
    assert preview(writer)["zones"]["grids"] == [], "nothing was stored"
    save(writer, changes, found)
    assert writer.post("/runs", json={}).status_code == 201
    for layer, told in found["zones"].items():
        after = figures(writer, layer)
        zones = {one["code"]: one for one in told}
        for code, row in after.items():
            expected = zones[code]["after"] if code in zones else before[layer][code]
            assert expected == row, (layer, code)
            if code in zones:
                assert zones[code]["before"] == before[layer][code]
    # A base that was brought up to date after the edits has the figures of a new one.
    again = preview(writer, outage=["c1"])
    writer.app.state.previews._kept.clear()
    assert preview(writer, outage=["c1"]) == {**again, "run": again["run"]}


def save(client: Any, changes: dict[str, Any], found: dict[str, Any]) -> None:
    """Store the changes by the routes of the page."""
    base = "/ogc/collections/cameras/items"
    edits = [*changes.get("changed", [])]
    if "outage" in changes:
        edits += [{"id": one["id"], "properties": {"status": "offline"}} for one in found["views"]]
    for one in edits:
        answer = client.patch(f"{base}/{one['id']}", json=one, headers={**PATCH, "If-Match": "*"})
        assert answer.status_code == 200, answer.text
    for key in changes.get("removed", []):
        assert client.delete(f"{base}/{key}", headers={"If-Match": "*"}).status_code == 204
    for one, key in zip(changes.get("added", []), found["added"], strict=True):
        assert client.post(base, json={"type": "Feature", "id": key, **one}).status_code == 201


def test_the_view_is_that_of_the_run(writer: Any) -> None:
    found = preview(writer, changed=[turned()])
    [view] = found["views"]
    with saved(writer, "c3", azimuth=200.0, height=5.0):
        run = writer.post("/runs", json={}).json()["id"]
    rows = writer.get(f"/runs/{run}/views?f=geojson").json()["features"]
    stored = next(one for one in rows if one["properties"]["id"] == "c3")
    assert view["area_m2"] == stored["properties"]["area_m2"]
    assert view["range_m"] == stored["properties"]["range_m"]
    assert "; ".join(view["assumed"]) == stored["properties"]["assumed"]


def test_an_answer_tells_which_layers_are_newer_than_the_run(writer: Any) -> None:
    assert preview(writer)["changed_since"] == []
    with saved(writer, "c3", azimuth=10.0):
        assert preview(writer)["changed_since"] == ["cameras"]


def test_layers_that_are_asked_for(client: Any) -> None:
    assert set(preview(client, changed=[turned()], layers=["grids", "all"])["zones"]) == {"grids", "all"}


POINT = {"type": "Point", "coordinates": [102.001, 37.001]}


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"changed": [{"id": "nobody", "properties": {}}]}, 404, "no camera nobody"),
        ({"removed": ["nobody"]}, 404, "no camera nobody"),
        ({"outage": ["nobody"]}, 404, "no site or camera nobody"),
        ({"run": "0190"}, 404, "no run 0190"),
        ({"changed": [turned(azimuth=400)]}, 422, "impossible values: azimuth"),
        ({"changed": [turned(hfov=-5)]}, 422, "impossible values: hfov"),
        ({"changed": [turned(status="asleep")]}, 422, "status"),
        ({"changed": [turned(colour="red")]}, 422, "no field colour"),
        ({"changed": [{"properties": {}}]}, 422, "needs an id"),
        ({"changed": [turned(), turned()]}, 422, "given twice"),
        ({"changed": ["c3"]}, 422, "GeoJSON"),
        ({"changed": {"id": "c3"}}, 422, "must be a list"),
        ({"changed": [{"id": "c3", "geometry": {"type": "Point", "coordinates": [1e300, 0]}}]}, 422, ""),
        ({"changed": [{"id": "c3", "geometry": {"type": "Point", "coordinates": [0, 0]}}]}, 422, "far from all data"),
        ({"changed": [{"id": "c3", "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}]}, 422, ""),
        ({"added": [{"geometry": None}]}, 422, "needs a place"),
        ({"added": [{"id": "mine", "geometry": POINT}]}, 422, "given by this service"),
        ({"removed": [""] * 10_000}, 422, "at most 500 changes"),
        ({"removed": [5]}, 422, "must hold ids"),
        ({"changed": 0}, 422, "changed must be a list"),
        ({"outage": {}}, 422, "outage must be a list"),
        ({"layers": 0}, 422, "layers a list"),
        ({"changed": [{"id": "c3", "properties": []}]}, 422, "GeoJSON"),
        ({"layers": ["counties?"]}, 422, "no zone layer"),
        ({"draw": []}, 422, "no member draw"),
        ([], 400, "JSON object"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(writer: Any, body: Any, status: int, said: str) -> None:
    answer = writer.post("/preview", json=body)
    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]


def test_no_number_and_no_json_are_refused(client: Any) -> None:
    text = '{"changed": [{"id": "c3", "properties": {"azimuth": NaN}}]}'
    answer = client.post("/preview", content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert client.post("/preview", content="x", headers={"Content-Type": "text/plain"}).status_code == 415


def test_an_analysis_is_kept_until_the_store_changes_and_few_are(writer: Any) -> None:
    kept = writer.app.state.previews._kept
    preview(writer, changed=[turned()])
    [first] = kept.values()
    preview(writer, changed=[turned(azimuth=210.0)])
    assert list(kept.values()) == [first], "the same object: nothing was analysed again"
    with saved(writer, "c3", azimuth=10.0):
        preview(writer)
    [second] = kept.values()
    assert second is not first
    assert second.base.seen is first.base.seen, "only the camera was computed anew"
    for level in ("observe", "recognise"):
        assert writer.post("/runs", json={"level": level}).status_code == 201
        preview(writer)
    assert len(kept) == 2


# --- rights, in server mode ------------------------------------------------------------------------------------------


def ask(server: CountyServer, who: str, **body: object) -> Response:
    return server.client.post("/preview", json=body, headers=server.keys.get(who, {}))


def test_a_planner_changes_its_own_cameras_only(county_server: CountyServer) -> None:  # noqa: F811
    assert ask(county_server, "").status_code == 401
    assert ask(county_server, "vera").status_code == 403
    own = ask(county_server, "anna", changed=[turned()])
    assert own.status_code == 200, own.text
    for body in ({"removed": ["c4"]}, {"outage": ["p3"]}, {"changed": [{"id": "c4", "properties": {"azimuth": 1}}]}):
        hidden = ask(county_server, "anna", **body)
        nobody = ask(county_server, "anna", **_renamed(body))
        assert (hidden.status_code, nobody.status_code) == (404, 404)
        assert hidden.text.replace("c4", "zz").replace("p3", "zz") == nobody.text
        assert ask(county_server, "root", **body).status_code == 200


def _renamed(body: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [{**one, "id": "zz"} if isinstance(one, dict) else "zz" for one in items] for name, items in body.items()
    }


def test_a_camera_is_not_put_into_another_township(county_server: CountyServer) -> None:  # noqa: F811
    north = {"type": "Point", "coordinates": [102.001, 37.003]}
    for body in ({"changed": [{"id": "c1", "geometry": north}]}, {"added": [{"geometry": north}]}):
        answer = ask(county_server, "anna", **body)
        assert answer.status_code == 403, answer.text
        assert "outside your townships" in answer.json()["detail"]
        assert ask(county_server, "root", **body).status_code == 200


def test_figures_are_the_same_whoever_asks(county_server: CountyServer) -> None:  # noqa: F811
    told = [ask(county_server, who, changed=[turned()]).json()["zones"] for who in ("anna", "root")]
    assert told[0] == told[1]
    assert any(one["code"].startswith(T1) for one in told[0]["townships"]) or told[0]["all"]


def test_what_left_is_noted(county_server: CountyServer) -> None:  # noqa: F811
    store: Store = county_server.client.app.state.store  # type: ignore[attr-defined]
    before = store.audit(limit=1)
    ask(county_server, "anna")
    assert store.audit(limit=1) == before, "nothing left: the analysis was prepared"
    ask(county_server, "anna", changed=[turned()])
    entries = store.audit(limit=5)
    assert any((one["action"], one["layer"], one["who"]) == ("export", "views", "anna") for one in entries), entries
