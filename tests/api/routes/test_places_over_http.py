"""Write a claim, a place and an own zone over HTTP, and ask for the figures of the zone."""

from __future__ import annotations

from fastapi.testclient import TestClient

from geo.catalog.layers import LAYERS

ITEMS = "/ogc/collections/{}/items"
#: A square within the first grid of the drawn county.
SQUARE = [[102.0002, 37.0002], [102.0008, 37.0002], [102.0008, 37.0008], [102.0002, 37.0008], [102.0002, 37.0002]]


def post(client: TestClient, layer: str, key: str, geometry: object, **properties: object) -> int:
    named = {LAYERS[layer].key: key, **properties}
    body = {"type": "Feature", "id": key, "geometry": geometry, "properties": named}
    return client.post(ITEMS.format(layer), json=body, headers={"Content-Type": "application/geo+json"}).status_code


def test_a_claim_has_no_geometry_and_a_place_any(writer: TestClient) -> None:
    area, point = {"type": "Polygon", "coordinates": [SQUARE]}, {"type": "Point", "coordinates": SQUARE[0]}
    assert post(writer, "claims", "schools", None, level="observe", share=0.9) == 201
    assert post(writer, "claims", "roads", point) in (400, 422), "a table without places takes none"
    assert post(writer, "claims", "roads", None, level="clear") in (400, 422), "nor a level that there is not"
    assert post(writer, "places", "p1", area, kind="school", claim="schools") == 201
    assert post(writer, "places", "p2", point, kind="something else") == 201, "unknown kinds are kept"
    (claim,) = writer.get(ITEMS.format("claims")).json()["features"]
    assert (claim["geometry"], claim["properties"]["share"]) == (None, 0.9)
    kinds = {one["id"]: one["properties"]["kind"] for one in writer.get(ITEMS.format("places")).json()["features"]}
    assert kinds == {"p1": "school", "p2": "something else"}
    assert len(writer.get(ITEMS.format("places"), params={"kind": "school"}).json()["features"]) == 1


def test_own_zones_of_a_run_are_asked_for_by_their_kind(writer: TestClient) -> None:
    area = {"type": "Polygon", "coordinates": [SQUARE]}
    assert post(writer, "areas", "K1", area, kind="key_area", name="Station") == 201
    run = writer.post("/runs", json={"zones": ["grids", "areas:key_area"]}).json()["id"]
    (zone,) = writer.get(f"/runs/{run}/zones/areas:key_area").json()["areas:key_area"]
    assert (zone["code"], zone["name"], zone["kind"]) == ("K1", "Station", "key_area")
    assert writer.get(f"/runs/{run}/zones/areas:key_area", params={"f": "csv"}).status_code == 200
    assert writer.get(f"/runs/{run}/zones/areas:").status_code == 404
    assert writer.get(f"/runs/{run}/zones/areas:resettlement").status_code in (400, 404, 422)
    listed = writer.get(f"/runs/{run}/zones").json()["zones"]
    assert {"layer": "areas:key_area", "code": "K1", "name": "Station", "grids": []} in listed
    assert writer.get(f"/runs/{run}/gaps", params={"zone": "areas:K1"}).status_code == 200
    assert writer.get("/prints/sheet.pdf", params={"zone": "areas:key_area:K1"}).status_code == 200
    tiles = {one["id"] for one in writer.get(f"/runs/{run}/tiles").json()["tilesets"]}
    assert "areas:key_area" in tiles
    assert writer.get(f"/runs/{run}/tiles/areas:key_area/WebMercatorQuad/0/0/0").status_code in (200, 204)
    assert writer.post("/runs", json={"zones": ["estates"]}).status_code in (400, 422)
