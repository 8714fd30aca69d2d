"""Split and merge shapes over HTTP, and edit several features in one transaction: all of them, or none."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient

from tests.api.conftest import G1, G2, G3, G4, M1, M2

GRIDS = "/ogc/collections/grids"


def grid(client: TestClient, key: str) -> tuple[dict[str, Any], str]:
    answer = client.get(f"{GRIDS}/items/{key}?f=json")
    assert answer.status_code == 200, answer.text
    return answer.json(), answer.headers["etag"]


def shape(client: TestClient, key: str) -> shapely.Geometry:
    return shapely.geometry.shape(grid(client, key)[0]["geometry"])


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return shapely.geometry.mapping(shapely.box(west, south, east, north))


def test_a_grid_is_split_and_saved_with_the_neighbours_that_it_touches(writer: TestClient) -> None:
    beside = {key: grid(writer, key)[0]["geometry"] for key in (G1, G3, G4, M2)}
    line = {"type": "LineString", "coordinates": [[102.003, 36.999], [102.003, 37.003]]}
    answer = writer.post(
        "/shapes/split", json={"shape": grid(writer, G2)[0]["geometry"], "line": line, "beside": beside}
    )
    assert answer.status_code == 200, answer.text
    parts = [shapely.geometry.shape(one) for one in answer.json()["parts"]]
    assert sum(one.area for one in parts) == pytest.approx(shape(writer, G2).area, rel=1e-12)
    assert set(answer.json()["beside"]) == {G4}, "above the cut; the grid below does not exist"

    changed = [
        {"id": G2, "etag": grid(writer, G2)[1], "geometry": answer.json()["parts"][0]},
        {"id": G4, "etag": grid(writer, G4)[1], "geometry": answer.json()["beside"][G4]},
    ]
    new = {"type": "Feature", "id": f"{G2}x", "geometry": answer.json()["parts"][1]}
    added = [{**new, "properties": {"code": f"{G2}x", "name": "新格", "level": 1}}]
    saved = writer.post(f"{GRIDS}/edits", json={"changed": changed, "added": added})
    assert saved.status_code == 200, saved.text
    assert [one["id"] for one in saved.json()["changed"]] == [G2, G4]
    assert saved.json()["added"][0]["etag"] == grid(writer, f"{G2}x")[1]
    level_1 = [shape(writer, key) for key in (G1, G2, G3, G4, f"{G2}x")]
    whole = shapely.union_all(level_1)
    assert whole.area == pytest.approx(sum(one.area for one in level_1), rel=1e-12), "no overlap"
    assert whole.equals(shapely.box(102.0, 37.0, 102.004, 37.004)), "no gap"
    # Together again, it is what it was, and the corner that it shares with its neighbour stays.
    halves = [grid(writer, key) for key in (G2, f"{G2}x")]
    merged = writer.post("/shapes/merge", json={"shapes": [one["geometry"] for one, _ in halves]})
    assert merged.status_code == 200, merged.text
    body = {
        "changed": [{"id": G2, "etag": halves[0][1], "geometry": merged.json()["shape"]}],
        "removed": [{"id": f"{G2}x", "etag": halves[1][1]}],
    }
    assert writer.post(f"{GRIDS}/edits", json=body).json()["removed"] == [f"{G2}x"]
    assert shape(writer, G2).equals(shapely.box(102.002, 37.0, 102.004, 37.002))
    assert writer.get(f"{GRIDS}/items/{G2}x?f=json").status_code == 404


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ({"removed": [{"id": M1, "etag": '"1.000000000000000000000000"'}]}, 412),
        ({"removed": [{"id": M1}]}, 428),
        ({"removed": [{"id": "none", "etag": "*"}]}, 404),
        ({"added": [{"type": "Feature", "id": G1, "geometry": box(102, 37, 102.1, 37.1), "properties": {}}]}, 409),
        ({"added": [{"type": "Feature", "id": "n", "geometry": {"type": "Polygon", "coordinates": []}}]}, 422),
        ({"added": [{"type": "Feature", "id": "n", "geometry": box(1, 2, 3, 4), "properties": {"level": "x"}}]}, 422),
        ({"added": ["none"]}, 422),
        ({"added": [{}] * 501}, 422),
        ({"others": []}, 422),
    ],
)
def test_one_edit_that_is_refused_leaves_all_as_it_was(writer: TestClient, last: dict[str, Any], status: int) -> None:
    before = grid(writer, G1)
    good = {"id": G1, "etag": before[1], "properties": {"name": "改"}}
    answer = writer.post(f"{GRIDS}/edits", json={"changed": [good], **last})
    assert answer.status_code == status, answer.text
    assert grid(writer, G1) == before


def test_an_edit_without_a_version_names_the_member_that_is_missing(writer: TestClient) -> None:
    answer = writer.post(f"{GRIDS}/edits", json={"changed": [{"id": G1, "properties": {"name": "改"}}]})
    assert (answer.status_code, answer.json()["code"]) == (428, "no-version")
    assert "etag" in answer.json()["detail"]
    assert "If-Match" not in answer.json()["detail"]


def test_a_stale_version_answers_with_both(writer: TestClient) -> None:
    stale = grid(writer, G1)[1]
    patch = {"id": G1, "etag": stale, "properties": {"name": "甲"}}
    assert writer.post(f"{GRIDS}/edits", json={"changed": [patch]}).status_code == 200
    answer = writer.post(f"{GRIDS}/edits", json={"changed": [{**patch, "properties": {"name": "乙"}}]})
    assert answer.status_code == 412
    problem = answer.json()
    assert (problem["stored"]["properties"]["name"], problem["sent"]["properties"]["name"]) == ("甲", "乙")
    assert problem["etag"] == grid(writer, G1)[1]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("split", {"shape": box(0, 0, 2, 2)}, "geometry"),
        ("split", {"shape": box(0, 0, 2, 2), "line": box(0, 0, 2, 2)}, "at least two points"),
        (
            "split",
            {"shape": box(0, 0, 2, 2), "line": {"type": "LineString", "coordinates": [[0, 0]]}},
            "cannot be used",
        ),
        ("split", {"shape": box(0, 0, 2, 2), "lines": 1}, "no member lines"),
        ("split", {"shape": box(0, 0, 2, 2), "beside": []}, "at most 1000"),
        ("merge", {"shapes": [box(0, 0, 2, 2)]}, "list of two"),
        ("merge", {"shapes": [box(0, 0, 2, 2), box(3, 0, 4, 2)]}, "no border in common"),
    ],
)
def test_what_cannot_be_computed_is_said(client: TestClient, path: str, body: dict[str, Any], said: str) -> None:
    answer = client.post(f"/shapes/{path}", json=body)
    assert answer.status_code in (400, 422), answer.text
    assert said in answer.json()["detail"]
