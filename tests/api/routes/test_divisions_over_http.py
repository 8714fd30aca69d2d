"""Ask over HTTP for divisions that are names and codes only, beside those with shapes, at a desk and on a server."""

from __future__ import annotations

from fastapi.testclient import TestClient

ITEMS = "/ogc/collections/divisions/items"
HEADERS = {"Content-Type": "application/geo+json"}
SQUARE = [[102.0002, 37.0002], [102.0008, 37.0002], [102.0008, 37.0008], [102.0002, 37.0008], [102.0002, 37.0002]]


def feature(code: str, geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "id": code, "geometry": geometry, "properties": {"code": code, **properties}}


def test_a_division_without_a_shape_is_written_read_and_drawn_nowhere(writer: TestClient) -> None:
    before = writer.get("/ogc/collections/divisions").json()["extent"]
    listed = feature("880101100", None, name="空镇", level="township", aliases="旧镇")
    assert writer.post(ITEMS, json=listed, headers=HEADERS).status_code == 201
    found = writer.get(f"{ITEMS}/880101100")
    assert (found.json()["geometry"], found.json()["properties"]["aliases"]) == (None, "旧镇")
    assert "880101100" in {one["id"] for one in writer.get(ITEMS, params={"limit": 1000}).json()["features"]}
    boxed = writer.get(ITEMS, params={"bbox": "-180,-90,180,90", "limit": 1000}).json()["features"]
    assert "880101100" not in {one["id"] for one in boxed}
    assert boxed, "those with shapes are in the box"
    assert writer.get("/ogc/collections/divisions").json()["extent"] == before
    assert writer.get("/ogc/collections/divisions/tiles/WebMercatorQuad/0/0/0").status_code in (200, 204)
    for form in ("csv", "xlsx", "gpkg", "geojson"):
        assert writer.get(ITEMS, params={"f": form, "limit": 1000}).status_code == 200, form
    run = writer.post("/runs", json={}).json()
    assert "没有形状，只有名称与代码，不作区域" in str(run)
    sheet = writer.get("/prints/sheet.pdf", params={"zone": "空镇"})
    assert (sheet.status_code, "has no shape" in sheet.json()["detail"]) == (404, True), sheet.text
    drawn = feature("880101100", {"type": "Polygon", "coordinates": [SQUARE]}, name="空镇", level="township")
    etag = {"If-Match": found.headers["ETag"], **HEADERS}
    assert writer.put(f"{ITEMS}/880101100", json=drawn, headers=etag).status_code in (200, 204)
    assert writer.get(f"{ITEMS}/880101100").json()["geometry"]["type"] == "Polygon"
