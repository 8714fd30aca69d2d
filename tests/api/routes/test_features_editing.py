"""Edit features as planners do: create, replace, update, delete, each only on the version that was seen."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from geo.errors import BadValue
from geo.storage.records import LOCAL
from geo.studies.analysis import compute_run
from geo.studies.analyze_options import AnalyzeOptions
from tests.api.conftest import G1, T1, T2, frames
from tests.api.server_fixtures import Door, door

ITEMS = "/ogc/collections/{}/items"
CAMERAS = ITEMS.format("cameras")
PATCH = {"Content-Type": "application/merge-patch+json"}
LATLON = "http://www.opengis.net/def/crs/EPSG/0/4326"
#: In the lower half of the county, township T1; and in the upper, T2.
SOUTH, NORTH = [102.001, 37.001], [102.001, 37.003]


def camera(place: list[float] = SOUTH, **fields: object) -> dict:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": fields}


@pytest.fixture(scope="module", params=["embedded", pytest.param("county_server", marks=pytest.mark.server)])
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(request, frames(), tmp_path_factory.mktemp("editing")) as opened:
        yield opened


@pytest.fixture(scope="module")
def admin(at: Door) -> TestClient:
    return at.client("admin")


def made(client: TestClient, **fields: object) -> tuple[str, str]:
    answer = client.post(CAMERAS, json=camera(**fields))
    assert answer.status_code == 201, answer.text
    return answer.headers["location"], answer.headers["etag"]


@pytest.mark.parametrize(
    ("field", "bad", "edge"),
    [
        ("hfov", 400, 360), ("hfov", 0, 0.1), ("vfov", 180.5, 180), ("tilt", -91, -90), ("azimuth", 400, 360),
        ("max_range", -1, 0.5), ("height", 0, 0.1), ("width_px", -1, 1),
    ],
)  # fmt: skip
def test_an_impossible_value_is_refused_by_name(admin: TestClient, field: str, bad: float, edge: float) -> None:
    where, etag = made(admin, **{field: edge})
    told = {"If-Match": etag}
    patch = json.dumps({"properties": {field: bad}})
    for answer in (
        admin.post(CAMERAS, json=camera(**{field: bad})),
        admin.put(where, json=camera(**{field: bad}), headers=told),
        admin.patch(where, content=patch, headers={**told, **PATCH}),
    ):
        assert answer.status_code == 422, answer.text
        assert answer.json()["detail"] == f"impossible values: {field}"
        (fault,) = answer.json()["errors"]
        assert fault["reason"].startswith(f"{field} must be within ")
    assert admin.get(where).json()["properties"][field] == edge
    assert admin.delete(where, headers=told).status_code == 204


def test_of_two_editors_the_later_one_is_shown_both_versions(admin: TestClient) -> None:
    """412 has the stored camera, its ETag and what was sent: the change is sent again on top of the other."""
    where, etag = made(admin, name="a", height=4.0)
    first = admin.patch(where, content=json.dumps({"properties": {"height": 6.0}}), headers={"If-Match": etag, **PATCH})
    assert first.status_code == 200, first.text
    sent = {"properties": {"azimuth": 90.0}}
    late = admin.patch(where, content=json.dumps(sent), headers={"If-Match": etag, **PATCH})
    assert (late.status_code, late.json()["code"]) == (412, "stale-version")
    told = late.json()
    stored = admin.get(where)
    assert told["sent"] == sent
    assert told["stored"]["properties"] == stored.json()["properties"]
    assert told["stored"]["geometry"] == stored.json()["geometry"]
    assert told["etag"] == stored.headers["etag"]
    again = admin.patch(where, content=json.dumps(sent), headers={"If-Match": told["etag"], **PATCH})
    assert again.status_code == 200, again.text
    properties = again.json()["properties"]
    assert (properties["height"], properties["azimuth"]) == (6.0, 90.0)
    whole = admin.put(where, json=camera(name="b"), headers={"If-Match": etag})
    assert whole.json()["sent"]["properties"] == {"name": "b"}
    gone = admin.delete(where, headers={"If-Match": etag})
    assert (gone.status_code, gone.json()["sent"]) == (412, None)
    assert admin.delete(where, headers={"If-Match": again.headers["etag"]}).status_code == 204


def test_an_impossible_value_that_is_stored_stops_no_edit_and_no_analysis(at: Door, admin: TestClient) -> None:
    """Another program wrote it: the row can be named, and an analysis says that it took the value as missing."""
    where, etag = made(admin, hfov=80.0)
    key, store = where.rpartition("/")[2], at.app.state.store.acting(LOCAL)
    spoiled, version = store.get("cameras", key)
    spoiled["properties"]["hfov"] = 400.0
    store.put("cameras", key, spoiled, if_version=version, actor="QGIS")
    etag = admin.get(where).headers["etag"]
    named = admin.patch(where, content=json.dumps({"properties": {"name": "x"}}), headers={"If-Match": etag, **PATCH})
    assert (named.status_code, named.json()["properties"]["hfov"]) == (200, 400.0)
    notes = compute_run(store, AnalyzeOptions(domain="all")).summary["notes"]
    assert [one for one in notes if "hfov impossible, taken as missing" in one and key in one]
    assert admin.delete(where, headers={"If-Match": named.headers["etag"]}).status_code == 204


def test_a_feature_from_birth_to_death(admin: TestClient) -> None:
    where, etag = made(admin, name="新", hfov=80.0)
    read = admin.get(where)
    assert (read.headers["etag"], read.json()["properties"]["name"]) == (etag, "新")

    replaced = admin.put(where, json=camera(NORTH, name="换"), headers={"If-Match": etag})
    assert replaced.status_code == 200
    assert replaced.headers["content-location"] == where
    assert replaced.json()["geometry"]["coordinates"] == NORTH
    assert replaced.json()["properties"]["hfov"] is None, "what is not given is empty after a replacement"

    patch = json.dumps({"properties": {"class": 2, "name": None}})
    updated = admin.patch(where, content=patch, headers={"If-Match": replaced.headers["etag"], **PATCH})
    assert updated.status_code == 200, updated.text
    properties = updated.json()["properties"]
    assert (properties["class"], properties["name"]) == (2, None)
    assert updated.json()["geometry"]["coordinates"] == NORTH, "what is not given stays after an update"
    assert admin.get(where).json() == {**updated.json(), "links": admin.get(where).json()["links"]}

    gone = admin.delete(where, headers={"If-Match": updated.headers["etag"]})
    assert (gone.status_code, gone.content) == (204, b"")
    assert admin.get(where).status_code == 404
    assert admin.delete(where, headers={"If-Match": "*"}).status_code == 404


def test_nobody_writes_over_a_version_not_seen(admin: TestClient) -> None:
    where, first = made(admin)
    second = admin.put(where, json=camera(name="2"), headers={"If-Match": first}).headers["etag"]
    assert second != first
    for header in (first, f"W/{second}", '"999"', "2", '""', f'{first}, W/{second}, "9,9"', '"x"', second[:-1]):
        for answer in (
            admin.put(where, json=camera(name="3"), headers={"If-Match": header}),
            admin.patch(where, content=b"{}", headers={"If-Match": header, **PATCH}),
            admin.delete(where, headers={"If-Match": header}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (412, "stale-version"), header
    for answer in (
        admin.put(where, json=camera()),
        admin.patch(where, content=b"{}", headers=PATCH),
        admin.delete(where),
    ):
        assert (answer.status_code, answer.json()["code"]) == (428, "no-version")
    assert admin.get(where).json()["properties"]["name"] == "2"
    lines = [("If-Match", first), ("If-Match", second)]  # a list may come in several lines (RFC 9110, 5.3)
    assert admin.get(where, headers=[("If-None-Match", first), ("If-None-Match", second)]).status_code == 304
    second = admin.put(where, json=camera(name="2b"), headers=lines).headers["etag"]
    third = admin.put(where, json=camera(name="3"), headers={"If-Match": f'{first}, "x",{second}'})
    assert third.status_code == 200, "one in the list is the version stored (RFC 9110, 13.1.1)"
    assert admin.delete(where, headers={"If-Match": "*"}).status_code == 204


def test_a_version_known_is_not_sent_again(admin: TestClient) -> None:
    where, etag = made(admin)
    for header in (etag, f'"0", {etag}', f"W/{etag}", "*"):
        answer = admin.get(where, headers={"If-None-Match": header})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert admin.get(where, headers={"If-None-Match": '"0"'}).status_code == 200
    other = admin.get(where, params={"crs": LATLON})
    assert other.headers["etag"] != etag, "another representation has another tag"
    changed = admin.put(where, json=camera(name="x"), headers={"If-Match": other.headers["etag"]})
    assert changed.status_code == 200, "and it is a tag of the same version"
    assert admin.get(where, headers={"If-None-Match": etag}).status_code == 200


def test_coordinates_come_in_any_crs_offered(admin: TestClient) -> None:
    answer = admin.post(CAMERAS, json=camera([37.001, 102.001]), headers={"Content-Crs": f"<{LATLON}>"})
    assert answer.json()["geometry"]["coordinates"] == SOUTH
    zone = "http://www.opengis.net/def/crs/EPSG/0/4544"
    there = admin.get(answer.headers["location"], params={"crs": zone})
    assert there.headers["content-crs"] == f"<{zone}>"
    moved = camera(there.json()["geometry"]["coordinates"])
    put = admin.put(
        answer.headers["location"], json=moved, headers={"Content-Crs": f"<{zone}>", "If-Match": there.headers["etag"]}
    )
    assert put.json()["geometry"]["coordinates"] == pytest.approx(SOUTH, abs=1e-9)
    for bad in ("<x>", "EPSG:4326", "<http://www.opengis.net/def/crs/EPSG/0/1>"):
        assert admin.post(CAMERAS, json=camera(), headers={"Content-Crs": bad}).status_code == 400
    off = admin.post(CAMERAS, json=camera([1e12, 1e12]), headers={"Content-Crs": f"<{zone}>"})
    assert off.status_code == 422
    ring = [[102.001, 37.0], [102.001, 37.002], [102.0, 37.002], [102.001, 37.0]]
    grid = {"type": "Feature", "id": "1", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {}}
    zone = "<http://www.opengis.net/def/crs/EPSG/0/4501>"
    off = admin.post(ITEMS.format("grids"), json=grid, headers={"Content-Crs": zone})
    assert (off.status_code, off.json()["code"]) == (422, "bad-geometry"), "degrees are no metres of a zone"
    # A shape stored where a zone has no metres is never handed out without its place.
    far = admin.post(CAMERAS, json=camera([45.0, 0.0]))
    assert far.status_code == 201
    gone = admin.get(far.headers["location"], params={"crs": zone[1:-1]})
    assert gone.status_code == 400
    assert admin.delete(far.headers["location"], headers={"If-Match": "*"}).status_code == 204


def test_keys_are_taken_once(admin: TestClient) -> None:
    named = {**camera(), "id": "mine/1"}
    first = admin.post(CAMERAS, json=named)
    assert first.headers["location"].endswith("/cameras/items/mine%2F1")
    assert admin.get(first.headers["location"]).json()["id"] == "mine/1"
    again = admin.post(CAMERAS, json=named)
    assert (again.status_code, again.json()["detail"]) == (409, "this key is taken")
    other = admin.put(first.headers["location"], json={**camera(), "id": "yours"}, headers={"If-Match": "*"})
    assert other.status_code == 422, "a key is not changed"
    grid = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}
    assert admin.post(ITEMS.format("grids"), json={**grid, "properties": {}}).status_code == 422, "a code is chosen"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"[" * 100 + b"]" * 100, 400), (b"\xff", 400), (b'{"a": NaN}', 400),
        (b"[]", 422), (b"null", 422), (b"{}", 422), (b'{"type": "FeatureCollection", "features": []}', 422),
        (json.dumps({**camera(), "geometry": None}).encode(), 422),
        (json.dumps({**camera(), "geometry": {"type": "Circle", "coordinates": [0, 0]}}).encode(), 422),
        (json.dumps({**camera(), "geometry": {"type": "GeometryCollection", "geometries": []}}).encode(), 422),
        (json.dumps({**camera(), "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}).encode(), 422),
        (json.dumps(camera([200, 0])).encode(), 422), (json.dumps(camera([0])).encode(), 422),
        (json.dumps(camera(colour="red")).encode(), 422), (json.dumps(camera(hfov="wide")).encode(), 422),
        (json.dumps(camera(kind="drone")).encode(), 422), (json.dumps({**camera(), "properties": []}).encode(), 422),
        (json.dumps({**camera(), "id": 5}).encode(), 422), (json.dumps({**camera(), "id": "x\0y"}).encode(), 422),
        (json.dumps({**camera(), "id": "k" * 300}).encode(), 422), (json.dumps(camera(name="a\0b")).encode(), 422),
        (json.dumps(camera(valid_from="soon")).encode(), 422), (json.dumps(camera(name="\ud800")).encode(), 400),
    ],
)  # fmt: skip
def test_what_cannot_be_stored_is_refused_whole(admin: TestClient, body: bytes, status: int) -> None:
    before = admin.get(CAMERAS).json()["numberMatched"]
    answer = admin.post(CAMERAS, content=body, headers={"Content-Type": "application/geo+json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert admin.get(CAMERAS).json()["numberMatched"] == before


def test_other_media_types_are_refused(admin: TestClient) -> None:
    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"):
        answer = admin.post(CAMERAS, content=json.dumps(camera()), headers={"Content-Type": media})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media")


def test_options_say_what_a_caller_may_do(at: Door, admin: TestClient) -> None:
    """QGIS asks before it offers to edit, and only where POST is allowed."""
    where, _ = made(admin)
    assert admin.options(CAMERAS).headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert admin.options(where).headers["allow"] == "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"
    viewer = at.client("viewer")
    assert viewer.options(ITEMS.format("grids")).headers["allow"] == "GET, HEAD, OPTIONS"
    assert viewer.options(CAMERAS).status_code == 403
    assert admin.options(ITEMS.format("none")).status_code == 404


def test_a_viewer_reads_reference_layers_and_writes_nothing(at: Door) -> None:
    viewer = at.client("viewer")
    grid = f"{ITEMS.format('grids')}/{G1}"
    etag = viewer.get(grid).headers["etag"]
    assert viewer.get(CAMERAS).status_code == viewer.get(f"{CAMERAS}/c1").status_code == 403
    assert viewer.post(CAMERAS, json=camera()).status_code == 403
    assert viewer.put(grid, json=camera(), headers={"If-Match": etag}).status_code == 403
    assert viewer.patch(grid, content=b"{}", headers={"If-Match": etag, **PATCH}).status_code == 403
    assert viewer.delete(grid, headers={"If-Match": etag}).status_code == 403
    assert TestClient(at.app, base_url="http://127.0.0.1:8000").get(grid).status_code == 401
    listed = {one["id"] for one in viewer.get("/ogc/collections").json()["collections"]}
    assert "grids" in listed
    assert not listed & {"cameras", "demand", "protected"}


def test_a_planner_works_in_its_townships(at: Door, admin: TestClient) -> None:
    if at.kind == "embedded":
        assert at.client("planner").get(CAMERAS).status_code == 200, "embedded mode knows no townships"
        return
    south, north = at.client("planner", (T1,)), at.client("planner", (T2,))
    box = {"bbox": "102,37,102.004,37.0019"}
    mine = south.get(CAMERAS).json()
    assert {one["id"] for one in mine["features"]} >= {"c1", "c2", "c3"}
    assert mine["numberMatched"] == len(mine["features"])
    assert north.get(CAMERAS, params=box).json()["numberMatched"] == 0
    extents = {json.dumps(who.get("/ogc/collections/cameras").json()["extent"]) for who in (south, north, admin)}
    assert len(extents) == 1, "the box of a scoped layer is the county's, whoever asks"

    # The key a planner names is passed over, so that a taken one cannot be told from a free one.
    for name in ("c1", "c4", "brand-new"):
        answer = north.post(CAMERAS, json={**camera(NORTH), "id": name})
        assert answer.status_code == 201, answer.text
        assert answer.json()["id"] not in ("c1", "c4", "brand-new")
    assert north.post(CAMERAS, json=camera(SOUTH)).status_code == 403, "a place out of scope"

    # A camera out of scope answers like one that does not exist, to every method.
    etag = admin.get(f"{CAMERAS}/c1").headers["etag"]
    theirs = admin.get(f"{CAMERAS}/c1").json()
    for header in ("*", etag, '"1"'):
        for who, known in ((north, f"{CAMERAS}/c1"), (north, f"{CAMERAS}/cx")):
            answers = [
                who.get(known),
                who.put(known, json=camera(NORTH), headers={"If-Match": header}),
                who.patch(known, content=b"{}", headers={"If-Match": header, **PATCH}),
                who.delete(known, headers={"If-Match": header}),
            ]
            assert {answer.status_code for answer in answers} <= {404, 412}
            told = [(answer.status_code, answer.json()["detail"].replace("cx", "c1")) for answer in answers]
            assert who is not south
            if known.endswith("c1"):
                first = told
            else:
                assert told == first
    assert admin.get(f"{CAMERAS}/c1").json() == theirs

    # Tags of one scope mean nothing in another.
    tag = south.get(f"{CAMERAS}/c1").headers["etag"]
    assert tag != etag
    assert admin.put(f"{CAMERAS}/c1", json=camera(), headers={"If-Match": tag}).status_code == 412
    # Out of one's townships a camera cannot be moved.
    moved = south.patch(
        f"{CAMERAS}/c1",
        content=json.dumps({"geometry": {"type": "Point", "coordinates": NORTH}}),
        headers={"If-Match": tag, **PATCH},
    )
    assert moved.status_code == 403
    assert south.get(f"{CAMERAS}/c1").headers["etag"] == tag


def test_every_deed_is_in_the_audit_with_what_it_changed(at: Door, admin: TestClient) -> None:
    if at.kind == "embedded":
        with pytest.raises(BadValue):  # a workspace keeps none
            at.app.state.store.audit()
        return
    where, etag = made(admin)
    key = where.rpartition("/")[2]
    etag = admin.put(where, json=camera(name="2"), headers={"If-Match": etag}).headers["etag"]
    admin.delete(where, headers={"If-Match": '"77"'})  # refused: no deed
    admin.delete(where, headers={"If-Match": etag})
    deeds = [one for one in at.app.state.store.audit(limit=50) if one["feature"] == key]
    assert [(one["action"], one["layer"], one["role"]) for one in deeds] == [
        ("delete", "cameras", "admin"), ("replace", "cameras", "admin"), ("create", "cameras", "admin"),
    ]  # fmt: skip
    gone, put, new = deeds
    assert (new["before"], gone["after"]) == ("", "")
    assert new["after"] == put["before"] != put["after"] == gone["before"]
    assert all(len(one) == 64 for one in (new["after"], put["after"]))


def _patched(client: TestClient, where: str, etag: str, **fields: object):
    return client.patch(where, content=json.dumps({"properties": fields}), headers={"If-Match": etag, **PATCH})


def test_a_version_that_begins_later_can_be_read_edited_and_cancelled(admin: TestClient) -> None:
    where, etag = made(admin, name="今", hfov=80.0)
    planned = _patched(admin, where, etag, name="后", valid_from="2099-01-01")
    assert (planned.status_code, planned.json()["properties"]["name"]) == (200, "后")

    now = admin.get(where)
    assert now.json()["properties"]["name"] == "今"
    assert now.headers["link"].endswith('?datetime=2099-01-01>; rel="successor-version"')
    later = admin.get(where, params={"datetime": "2099-01-01"})
    assert (later.json()["properties"]["name"], later.headers["etag"]) == ("后", planned.headers["etag"])

    edited = _patched(admin, where, later.headers["etag"], name="更后")
    assert (edited.status_code, edited.json()["properties"]["name"]) == (200, "更后")
    today = _patched(admin, where, now.headers["etag"], name="今日")
    assert (today.status_code, today.json()["properties"]["name"]) == (200, "今日")
    assert admin.get(where, headers={"If-None-Match": today.headers["etag"]}).status_code == 304
    later = admin.get(where, params={"datetime": "2099-01-01"})
    assert later.json()["properties"]["name"] == "更后"
    assert _patched(admin, where, "*", hfov=70.0).json()["properties"]["name"] == "更后"

    later = admin.get(where, params={"datetime": "2099-01-01"})
    assert admin.delete(where, headers={"If-Match": later.headers["etag"]}).status_code == 204
    for days in ({}, {"datetime": "2099-01-01"}):
        assert admin.get(where, params=days).json()["properties"]["name"] == "今日"
    assert admin.delete(where, headers={"If-Match": admin.get(where).headers["etag"]}).status_code == 204
    assert admin.get(where).status_code == 404


def test_a_feature_that_begins_later_is_not_lost(admin: TestClient) -> None:
    where, etag = made(admin, name="明年", valid_from="2099-01-01")
    assert admin.get(where).headers["etag"] == etag
    assert _patched(admin, where, etag, name="改").json()["properties"]["name"] == "改"
    assert admin.delete(where, headers={"If-Match": "*"}).status_code == 204
    assert admin.get(where).status_code == 404
