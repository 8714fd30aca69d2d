"""Walk every route as somebody of another township, and find nothing: no id, name, place or number of rows.

Three ways of looking. Every answer is read in every format, and no mark of a foreign row may stand in it, while the
same questions asked by its own planner show that the marks would be found. Every answer about a foreign thing equals,
byte for byte, the one about a thing that does not exist. And figures are the same whoever asks. A route that this
file does not know fails it.
"""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote, urlencode

import mapbox_vector_tile
import pytest
import shapely
from fastapi.routing import iter_route_contexts
from httpx import Response
from pypdf import PdfReader
from uuid6 import uuid7

from geo.storage.postgis.store import open_database
from geo.storage.records import Caller
from tests import postgres
from tests.api.conftest import G1, G3, T1, T2
from tests.api.server_mode import MARK_A, MARK_B, CountyServer, county_server, scoped

SCOPED = {"cameras": "zq-a-cam1", "demand": "zq-a-d1", "protected": "zq-a-p1"}
#: A thing of A -> one of the same length that is nowhere, and sorts to the same place among B's.
TWIN = {"zq-a-cam1": "zq-a-cam8", "zq-a-d1": "zq-a-d8", "zq-a-p1": "zq-a-p8", "zq-a-site1": "zq-a-site8"}
FORMATS = ("json", "geojson", "csv", "xlsx", "gpkg", "kml&lang=zh", "shp&lang=en", "xlsx&lang=zh")
#: Who may see no mark of these townships.
BLIND = {
    "planner_b": (MARK_A,),
    "planner_a": (MARK_B,),
    "planner_none": (MARK_A, MARK_B),
    "viewer": (MARK_A, MARK_B),
    "public": (MARK_A, MARK_B),
}


@pytest.fixture(scope="module")
def house(server: str, migrated: str) -> Iterator[CountyServer]:
    """Give the county_server, with past versions: a camera of A renamed, and one that was moved from A to B."""
    with postgres.fresh_database(server, template=migrated) as url, county_server(url) as found:
        admin = found["admin"]
        path = "/ogc/collections/cameras/items"
        seen = admin.get(f"{path}/zq-a-cam4")
        renamed = admin.patch(
            f"{path}/zq-a-cam4",
            headers={"If-Match": seen.headers["etag"], "Content-Type": "application/merge-patch+json"},
            content=json.dumps({"properties": {"name": "zq-a-新"}}),
        )
        assert renamed.status_code == 200, renamed.text
        moved = {
            "type": "Feature",
            "id": "zq-m-cam",
            "geometry": {"type": "Point", "coordinates": [102.0004, 37.0012]},
        }
        made = admin.post(path, json={**moved, "properties": {"name": "zq-a-before"}})
        assert made.status_code == 201, made.text
        moved["geometry"] = {"type": "Point", "coordinates": [102.0004, 37.0032]}
        headers = {"If-Match": made.headers["etag"]}
        there = admin.put(f"{path}/zq-m-cam", json={**moved, "properties": {"name": "zq-b-after"}}, headers=headers)
        assert there.status_code == 200, there.text
        job = found["planner_a"].post("/runs", json={})
        assert job.status_code == 202, job.text
        found.ids["job_a"] = job.headers["location"].rpartition("/")[2]
        yield found


@dataclass(frozen=True)
class Ask:
    """Ask one thing; ``shows`` where its own planner sees marks in the answer."""

    path: str
    shows: bool = False
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    #: The least role that gets an answer and no refusal.
    role: str = "viewer"

    def of(self, house: CountyServer, who: str) -> Response:
        return house[who].request(self.method, self.path, headers=self.headers, content=self.body)


# What is asked of each route.


def _items(house: CountyServer) -> Iterator[Ask]:
    base = "/ogc/collections"
    for layer in SCOPED:
        for form in FORMATS:
            yield Ask(f"{base}/{layer}/items?f={form}", shows=True, role="planner")
        yield Ask(f"{base}/{layer}/items?bbox=101,36,103,38", shows=True, role="planner")
        yield Ask(f"{base}/{layer}/items?datetime=1990-01-01/..", shows=True, role="planner")
        yield Ask(f"{base}/{layer}/items?limit=1", shows=True, role="planner")
        yield Ask(f"{base}/{layer}/items?filter={quote('1=1 OR id IS NULL')}", role="planner")
        crs = quote("http://www.opengis.net/def/crs/EPSG/0/4326", safe="")
        yield Ask(f"{base}/{layer}/items?crs={crs}", shows=True, role="planner")
    texts = [
        "id LIKE 'zq-%'", "NOT (id = 'x')", "name IS NOT NULL", "id > 'a' AND id < 'zz'",
        "id IN ('zq-a-cam1','zq-b-cam1')",
        "CASEI(id) = CASEI('ZQ-A-CAM1')", "S_INTERSECTS(geometry, POLYGON((101 36,103 36,103 38,101 38,101 36)))",
        "class BETWEEN 0 AND 9", "S_DISJOINT(geometry, POINT(0 0))", "id = 'zq-a-cam1' OR TRUE",
    ]  # fmt: skip
    for text in texts:
        yield Ask(f"{base}/cameras/items?{urlencode({'filter': text, 'filter-lang': 'cql2-text'})}", role="planner")
    tree = json.dumps({"op": ">=", "args": [{"property": "id"}, "zq-a"]})
    yield Ask(
        f"{base}/cameras/items?{urlencode({'filter': tree, 'filter-lang': 'cql2-json'})}", shows=True, role="planner"
    )
    for wrong in (
        "name=zq",
        "class=x",
        "filter=secret(id)",
        "filter=township='990101101'",
        "township=990101101",
        "sortby=id",
    ):
        yield Ask(f"{base}/cameras/items?{wrong}", role="planner")
    for layer in ("grids", "addresses", "obstacles", "divisions", "roads", "villages"):
        yield Ask(f"{base}/{layer}/items")


def _item(house: CountyServer) -> Iterator[Ask]:
    for layer, key in SCOPED.items():
        yield Ask(f"/ogc/collections/{layer}/items/{key}", shows=True, role="planner")
    yield Ask("/ogc/collections/cameras/items/zq-m-cam", role="planner")
    yield Ask(f"/ogc/collections/grids/items/{G1}")


def _changes(method: str) -> Callable[[CountyServer], Iterator[Ask]]:
    def asks(house: CountyServer) -> Iterator[Ask]:
        media = "application/merge-patch+json" if method == "PATCH" else "application/geo+json"
        body = None if method == "DELETE" else FEATURE
        for layer, key in SCOPED.items():
            for match in ("*", '"1"', None):
                headers = {"Content-Type": media} | ({"If-Match": match} if match else {})
                yield Ask(f"/ogc/collections/{layer}/items/{key}", method=method, headers=headers, body=body)

    return asks


def _feature(lon: float, lat: float, **properties: object) -> bytes:
    shape = {"type": "Point", "coordinates": [lon, lat]}
    return json.dumps({"type": "Feature", "geometry": shape, "properties": properties}).encode()


FEATURE = _feature(102.0031, 37.0031, name="neu")


def _posts(house: CountyServer) -> Iterator[Ask]:
    for place in ((102.00101234, 37.00101234), (102.0011, 37.0011)):  # where A's camera is, and where nothing is
        headers = {"Content-Type": "application/geo+json"}
        yield Ask("/ogc/collections/cameras/items", method="POST", headers=headers, body=_feature(*place))


def _several_edits(house: CountyServer) -> Iterator[Ask]:
    """Ask for edits of rows of A in all three ways, beside one of what is nowhere."""
    headers = {"Content-Type": "application/json"}
    for layer, key in SCOPED.items():
        for one in (key, TWIN[key]):
            for body in (
                {"removed": [{"id": one, "etag": "*"}]},
                {"changed": [{"id": one, "etag": '"1"', "properties": {"name": "x"}}]},
                {"changed": [{"id": one, "etag": "*", "properties": {"name": "x"}}], "removed": [{"id": one}]},
            ):
                path = f"/ogc/collections/{layer}/edits"
                yield Ask(path, method="POST", headers=headers, body=json.dumps(body).encode(), role="planner")


_SQUARE = {
    "type": "Polygon",
    "coordinates": [[[102.0, 37.0], [102.001, 37.0], [102.001, 37.001], [102.0, 37.001], [102.0, 37.0]]],
}
_ACROSS = {"type": "LineString", "coordinates": [[102.0005, 36.9], [102.0005, 37.1]]}


def _shapes(what: str, **body: object) -> Callable[[CountyServer], Iterator[Ask]]:
    return _plain(f"/shapes/{what}", method="POST", body=json.dumps(body).encode(), role="planner")


def _of_run(name: str, *, shows: bool = True) -> Callable[[CountyServer], Iterator[Ask]]:
    def asks(house: CountyServer) -> Iterator[Ask]:
        for run in (house.run, house.older, "latest"):
            yield Ask(f"/runs/{run}/{name}", shows=shows, role="planner")
        for form in FORMATS[1:]:
            yield Ask(f"/runs/{house.run}/{name}?f={form}", shows=shows, role="planner")

    return asks


def _zones(house: CountyServer) -> Iterator[Ask]:
    for layer in ("grids", "microgrids", "villages", "townships", "all"):
        for form in FORMATS if layer == "townships" else FORMATS[:1]:
            yield Ask(f"/runs/{house.run}/zones/{layer}?f={form}", role="public")


def _outage(house: CountyServer) -> Iterator[Ask]:
    for sites in ("zq-a-site1", "zq-a-site1,zq-b-site1", "zq-b-site1", "nowhere"):
        for layer in ("grids", "all"):
            yield Ask(f"/runs/{house.run}/outage?sites={sites}&layer={layer}", role="planner")


def _compare(house: CountyServer) -> Iterator[Ask]:
    for form in ("json", "csv"):
        yield Ask(f"/runs/{house.run}/compare/{house.older}?f={form}")


def _tiles(house: CountyServer) -> Iterator[Ask]:
    for layer in (*SCOPED, "grids"):
        for z, row, col in _places():
            yield Ask(
                f"/ogc/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{col}", shows=layer != "grids" and z == 12
            )
        yield Ask(f"/ogc/collections/{layer}/tiles/WorldCRS84Quad/5/9/50")
    yield Ask("/ogc/collections/cameras/tiles/WebMercatorQuad/9/195/401?datetime=1990-01-01/..")


def _run_tiles(house: CountyServer) -> Iterator[Ask]:
    for layer in ("views", "possible", "coverage", "gaps", "grids", "townships"):
        for z, row, col in _places():
            shows = z == 12 and layer in ("views", "possible", "gaps")
            yield Ask(f"/runs/{house.run}/tiles/{layer}/WebMercatorQuad/{z}/{row}/{col}", shows=shows)


def _places() -> Iterator[tuple[int, int, int]]:
    """Give tiles that hold the county, and the small one round A's first camera."""
    import math

    for z, (lon, lat) in ((0, (102.002, 37.002)), (12, (102.002, 37.002)), (19, (102.00101234, 37.00101234))):
        row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
        yield z, int(row), int((lon + 180) / 360 * 2**z)


def _drawn_tiles(house: CountyServer) -> Iterator[Ask]:
    for layer in ("views", "possible", "coverage", "gaps", "cameras", "demand", "protected", "roads", "grids"):
        public, scoped = layer == "grids", layer not in ("roads", "grids")
        for z, row, col in _places():
            shows = z == 12 and layer in ("views", "possible", "cameras")
            role = "public" if public else "planner" if scoped else "viewer"
            yield Ask(f"/page/{house.run}/tiles/{layer}/{z}/{col}/{row}", shows=shows, role=role)


def _page_rows(house: CountyServer) -> Iterator[Ask]:
    for text in ("", "zq-a", "102"):
        yield Ask(f"/page/{house.run}/rows/gaps?q={text}", role="planner", shows=text == "")
    yield Ask(f"/page/{house.run}/rows/townships?sort=cameras&descending=true", role="public")
    yield Ask(f"/page/{house.run}/rows/cameras", role="planner", shows=True)
    for where in ({"id": "zq-a"}, {"lon": [102.001, None]}, {"status": {"is": "online"}}):
        query = urlencode({"sort": "name", "where": json.dumps(where)})
        yield Ask(f"/page/{house.run}/rows/cameras?{query}", role="planner")


def _page_row(house: CountyServer) -> Iterator[Ask]:
    for layer in ("cameras", "views", "possible"):
        for key in ("zq-a-cam1", "zq-b-cam1", "none"):
            yield Ask(f"/page/{house.run}/rows/{layer}/{key}", role="planner")
    yield Ask(f"/page/{house.run}/rows/gaps/1", role="planner")
    yield Ask(f"/page/{house.run}/rows/townships/{G1[:9]}", role="public")


def _page_authors(house: CountyServer) -> Iterator[Ask]:
    for layer in ("cameras", "grids"):
        for key in ("zq-a-cam1", "zq-b-cam1", "none", G1):
            yield Ask(f"/page/{house.run}/authors/{layer}/{key}", shows=False, role="planner")


def _page_cuts(house: CountyServer) -> Iterator[Ask]:
    for key in ("zq-a-cam1", "zq-b-cam1", "none"):
        yield Ask(f"/page/{house.run}/cuts/{key}", shows=False, role="planner")


def _jobs(house: CountyServer) -> Iterator[Ask]:
    yield Ask("/ogc/jobs", shows=False, role="planner")
    for status in ("accepted", "running", "failed"):
        yield Ask(f"/ogc/jobs?status={status}", role="planner")


def _plain(
    *paths: str, role: str = "viewer", method: str = "GET", body: bytes | None = None
) -> Callable[[CountyServer], Iterator[Ask]]:
    def asks(house: CountyServer) -> Iterator[Ask]:
        for path in paths:
            named = path.format(run=house.run, older=house.older, job=house.ids["job_a"])
            headers = {"Content-Type": "application/json"} if body else {}
            yield Ask(named, role=role, method=method, body=body, headers=headers)

    return asks


def _sheets(house: CountyServer) -> Iterator[Ask]:
    yield Ask(f"/prints/sheet.pdf?paper=A4&zone={G1}&lang=en")


def _atlases(house: CountyServer) -> Iterator[Ask]:
    yield Ask("/prints/atlas.pdf?paper=A4&lang=en")
    yield Ask(f"/prints/atlas.pdf?paper=A4&by=grids&zone={G1}&lang=en")


_LAYERS = (*SCOPED, "grids")


def _previews(_: CountyServer) -> Iterator[Ask]:
    for body in (
        {"changed": [{"id": "zq-a-cam1", "properties": {"azimuth": 77}}]}, {"removed": ["zq-a-cam1"]},
        {"outage": ["zq-a-site1"]}, {"changed": [{"id": "zq-b-cam1", "properties": {"azimuth": 77}}]},
        {"added": [{"geometry": {"type": "Point", "coordinates": [102.0031, 37.0031]}}]}, {},
    ):  # fmt: skip
        yield Ask(
            "/preview",
            method="POST",
            headers={"Content-Type": "application/json"},
            body=json.dumps(body).encode(),
            role="planner",
        )


ROUTES: dict[tuple[str, str], Callable[[CountyServer], Iterable[Ask]]] = {
    ("GET", "/"): _plain("/", "/?run=latest", role="public"),
    ("GET", "/login"): _plain("/login", role="public"),
    ("POST", "/login"): _plain("/login", role="public", method="POST", body=b"{}"),
    ("GET", "/login/issuer"): _plain("/login/issuer", role="public"),
    ("GET", "/login/callback"): _plain("/login/callback?code=a&state=b", role="public"),
    ("GET", "/logout"): _plain("/logout", role="public"),
    ("POST", "/logout"): _plain("/logout", role="public", method="POST"),
    ("GET", "/health"): _plain("/health", "/health?ready=1", role="public"),
    ("GET", "/metrics"): _plain("/metrics", role="admin"),
    ("GET", "/problems"): _plain("/problems", role="public"),
    ("GET", "/problems/{slug}"): _plain("/problems/not-found", "/problems/none", role="public"),
    ("GET", "/docs"): _plain("/docs", role="public"),
    ("GET", "/openapi.json"): _plain("/openapi.json", role="public"),
    ("MOUNT", "/static"): _plain("/static/app/source.js", role="public"),
    ("GET", "/locate"): _plain(
        "/locate?lon=102.00101234&lat=37.00101234&crs=wgs84", "/locate?address=zq-a", "/locate?address=zq-a-cam1"
    ),
    ("GET", "/suggest"): _plain("/suggest?q=zq-a", "/suggest?q=z", "/suggest?q=nan&lon=102.001&lat=37.001"),
    ("POST", "/locate"): _plain(
        "/locate", method="POST", body=b'[{"id":"1","lon":102.00101234,"lat":37.00101234,"crs":"wgs84"}]'
    ),
    ("GET", "/ogc"): _plain("/ogc", role="public"),
    ("GET", "/ogc/"): _plain("/ogc/", role="public"),
    ("GET", "/ogc/conformance"): _plain("/ogc/conformance", role="public"),
    ("GET", "/ogc/api"): _plain("/ogc/api", role="public"),
    ("GET", "/ogc/collections"): _plain("/ogc/collections"),
    ("GET", "/ogc/collections/{layer}"): _plain(*(f"/ogc/collections/{one}" for one in _LAYERS)),
    ("GET", "/ogc/collections/{layer}/queryables"): _plain(*(f"/ogc/collections/{one}/queryables" for one in _LAYERS)),
    ("GET", "/ogc/collections/{layer}/items"): _items,
    ("POST", "/ogc/collections/{layer}/items"): _posts,
    ("OPTIONS", "/ogc/collections/{layer}/items"): _plain("/ogc/collections/cameras/items", method="OPTIONS"),
    ("GET", "/ogc/collections/{layer}/items/{key:path}"): _item,
    ("PUT", "/ogc/collections/{layer}/items/{key:path}"): _changes("PUT"),
    ("PATCH", "/ogc/collections/{layer}/items/{key:path}"): _changes("PATCH"),
    ("DELETE", "/ogc/collections/{layer}/items/{key:path}"): _changes("DELETE"),
    ("OPTIONS", "/ogc/collections/{layer}/items/{key:path}"): _plain(
        "/ogc/collections/cameras/items/zq-a-cam1", method="OPTIONS"
    ),
    ("GET", "/ogc/tiles"): _plain("/ogc/tiles"),
    ("GET", "/ogc/tileMatrixSets"): _plain("/ogc/tileMatrixSets", role="public"),
    ("GET", "/ogc/tileMatrixSets/{grid}"): _plain("/ogc/tileMatrixSets/WebMercatorQuad", role="public"),
    ("GET", "/ogc/collections/{layer}/tiles"): _plain(*(f"/ogc/collections/{one}/tiles" for one in _LAYERS)),
    ("GET", "/ogc/collections/{layer}/tiles/{grid}"): _plain(
        *(f"/ogc/collections/{one}/tiles/WebMercatorQuad" for one in _LAYERS)
    ),
    ("GET", "/ogc/collections/{layer}/tiles/{grid}/{z}/{row}/{col}"): _tiles,
    ("GET", "/basemaps"): _plain("/basemaps"),
    ("GET", "/basemaps/{name}/{z}/{x}/{y}"): _plain("/basemaps/none/10/800/400"),
    ("GET", "/ogc/processes"): _plain("/ogc/processes"),
    ("GET", "/ogc/processes/{process_id}"): _plain(
        "/ogc/processes/analyze", "/ogc/processes/print", "/ogc/processes/x"
    ),
    ("POST", "/ogc/processes/{process_id}/execution"): _plain(
        "/ogc/processes/analyze/execution",
        "/ogc/processes/print/execution",
        method="POST",
        body=b'{"inputs":{"domain":"x"}}',
        role="planner",
    ),
    ("GET", "/ogc/jobs"): _jobs,
    ("GET", "/ogc/jobs/{job_id}"): _plain("/ogc/jobs/{job}", role="planner"),
    ("DELETE", "/ogc/jobs/{job_id}"): _plain("/ogc/jobs/x", method="DELETE", role="planner"),
    ("GET", "/ogc/jobs/{job_id}/results"): _plain("/ogc/jobs/{job}/results", role="planner"),
    ("GET", "/runs"): _plain("/runs", role="public"),
    ("POST", "/runs"): _plain("/runs", method="POST", body=b'{"level":"none"}', role="planner"),
    ("GET", "/runs/{run_id}"): _plain("/runs/{run}", "/runs/latest", "/runs/none", role="public"),
    ("DELETE", "/runs/{run_id}"): _plain("/runs/none", method="DELETE", role="planner"),
    ("PUT", "/runs/{run_id}/name"): _plain("/runs/none/name", method="PUT", body=b'{"name":"n"}', role="admin"),
    ("POST", "/runs/{run_id}/publish"): _plain("/runs/none/publish", method="POST", role="admin"),
    ("GET", "/runs/{run_id}/zones/{layer}"): _zones,
    ("GET", "/runs/{run_id}/zones"): _plain("/runs/latest/zones", role="public"),
    ("GET", "/runs/{run_id}/claims"): _plain("/runs/{run}/claims", "/runs/latest/claims?f=csv", role="public"),
    ("GET", "/runs/{run_id}/places"): _plain("/runs/{run}/places", "/runs/latest/places?f=csv", role="public"),
    ("GET", "/runs/{run_id}/rates"): _plain("/runs/{run}/rates", "/runs/latest/rates?f=csv"),
    ("GET", "/runs/{run_id}/gaps"): _of_run("gaps"),
    ("GET", "/runs/{run_id}/views"): _of_run("views"),
    ("GET", "/runs/{run_id}/possible"): _of_run("possible"),
    ("GET", "/runs/{run_id}/coverage"): _of_run("coverage", shows=False),
    ("GET", "/runs/{run_id}/drawn"): _plain(
        "/runs/{run}/drawn?zone=drawn:102_37~102.002_37~102.002_37.004~102_37.004",
        "/runs/latest/drawn?zone=drawn:102_37.003~102.002_37.003~102.002_37.004",
        role="planner",
    ),
    ("GET", "/runs/{run_id}/outage"): _outage,
    ("GET", "/runs/{run_id}/unknowns"): _of_run("unknowns", shows=False),
    ("GET", "/runs/{run_id}/unknowns/form"): _plain(
        *(
            f"/runs/{{run}}/unknowns/form?layer={layer}&f={f}"
            for layer in ("cameras", "obstacles")
            for f in ("xlsx", "pdf")
        ),
        role="planner",
    ),
    ("GET", "/ledger"): _plain(
        *(f"/ledger?area={area}&f={f}" for area in ("zq-zone", "none") for f in ("json", "csv", "pdf"))
    ),
    ("GET", "/runs/{run_id}/compare/{other}"): _compare,
    ("GET", "/runs/{run_id}/tiles"): _plain("/runs/{run}/tiles"),
    ("GET", "/runs/{run_id}/tiles/{layer}/{grid}/{z}/{row}/{col}"): _run_tiles,
    ("GET", "/page/{run_id}/tiles/{layer}/{z}/{x}/{y}"): _drawn_tiles,
    ("GET", "/page/{run_id}/tiles/ground/{layer}/{z}/{x}/{y}"): _plain(
        *(
            f"/page/{{run}}/tiles/ground/{layer}/{z}/{col}/{row}"
            for layer in ("roads", "obstacles", "areas")
            for z, row, col in _places()
        ),
    ),
    ("GET", "/page/{run_id}/overview"): _plain("/page/{run}/overview", "/page/latest/overview", role="public"),
    ("GET", "/page/{run_id}/counts"): _plain("/page/{run}/counts?bbox=-180,-85,180,85&zones=grids", role="public"),
    ("GET", "/page/{run_id}/age"): _plain("/page/{run}/age", "/page/latest/age", role="public"),
    ("GET", "/page/{run_id}/rows/{layer}"): _page_rows,
    ("GET", "/page/{run_id}/rows/{layer}/{key:path}"): _page_row,
    ("GET", "/page/{run_id}/cuts/{key:path}"): _page_cuts,
    ("GET", "/page/{run_id}/authors/{layer}/{key:path}"): _page_authors,
    ("GET", "/page/{run_id}/find"): _plain("/page/{run}/find?q=zq-a", "/page/{run}/find?q=102", role="public"),
    ("GET", "/reach"): _plain("/reach?kind=governance_centre", "/reach?kind=zq-a"),
    ("GET", "/patrol"): _plain(
        "/patrol?sectors=1", "/patrol?sectors=1&without=zq-a-site1", "/patrol?sectors=1&f=gpx", role="planner"
    ),
    ("GET", "/sightline"): _plain(
        "/sightline?from=102.0005,37.001&to=102.003,37.001&from_height=6",
        "/sightline?from=102.00101234,37.00101234&to=102.0011,37.0032&from_height=6&to_height=1.5",
        "/sightline?from=zq&to=102,37&from_height=6",
    ),
    ("POST", "/preview"): _previews,
    # Whose drafts are seen is walked by tests/api/routes/test_drafts_http.py, which makes some.
    ("GET", "/drafts"): _plain("/drafts", role="planner"),
    ("POST", "/drafts"): _plain(
        "/drafts",
        method="POST",
        body=b'{"name": "x", "changes": {"removed": ["zq-a-cam1"]}}',
        role="planner",
    ),
    ("GET", "/drafts/{draft_id}"): _plain("/drafts/none", role="planner"),
    ("PUT", "/drafts/{draft_id}"): _plain("/drafts/none", method="PUT", body=b"[]", role="planner"),
    ("DELETE", "/drafts/{draft_id}"): _plain("/drafts/none", method="DELETE", role="planner"),
    # Whose drafts of grids are seen is walked by tests/api/routes/test_grid_drafts_http.py, which makes some.
    ("GET", "/grids/drafts"): _plain("/grids/drafts", role="planner"),
    ("POST", "/grids/drafts"): _plain("/grids/drafts", method="POST", body=b'{"name": "x"}', role="planner"),
    ("GET", "/grids/drafts/{draft_id}"): _plain("/grids/drafts/none", role="planner"),
    ("PUT", "/grids/drafts/{draft_id}"): _plain("/grids/drafts/none", method="PUT", body=b"{}", role="planner"),
    ("GET", "/grids/drafts/{draft_id}/check"): _plain("/grids/drafts/none/check", role="planner"),
    ("POST", "/grids/drafts/{draft_id}/approve"): _plain(
        "/grids/drafts/none/approve", method="POST", body=b'{"effective": "2030-01-01"}', role="admin"
    ),
    ("POST", "/grids/drafts/{draft_id}/withdraw"): _plain("/grids/drafts/none/withdraw", method="POST", role="planner"),
    ("GET", "/grids/successions"): _plain("/grids/successions", role="planner"),
    ("GET", "/checks"): _plain("/checks", "/checks?layer=cameras&limit=10000", role="planner"),
    ("GET", "/templates/{layer}"): _plain("/templates/cameras", "/templates/none"),
    ("POST", "/ogc/collections/{layer}/edits"): _several_edits,
    ("POST", "/shapes/split"): _shapes("split", shape=_SQUARE, line=_ACROSS),
    ("POST", "/shapes/merge"): _shapes("merge", shapes=[_SQUARE, _SQUARE]),
    ("POST", "/verify"): _plain("/verify", method="POST", body='{"text": "监控点位2处，视频监控4路"}'.encode()),
    ("GET", "/prints/sheet.pdf"): _sheets,
    ("GET", "/prints/sheet.{form}"): _plain("/prints/sheet.svg?paper=A4&lang=en", "/prints/sheet.png?paper=A4&dpi=50"),
    ("GET", "/prints/camera.{form}"): _plain(
        "/prints/camera.pdf?camera=zq-a-cam1&lang=en", "/prints/camera.svg?camera=zq-b-cam1", role="planner"
    ),
    ("GET", "/prints/sector.{form}"): _plain(
        f"/prints/sector.pdf?zone={G1}&paper=A4", "/prints/sector.svg?camera=zq-a-cam1&lang=en", role="planner"
    ),
    # Whose drafts are printed is walked by tests/api/routes/test_form_prints.py, which makes some.
    ("GET", "/prints/draft.{form}"): _plain("/prints/draft.pdf?draft=none", role="planner"),
    # Whose drafts of grids are printed is walked by tests/api/routes/test_grid_drafts_http.py, which makes some.
    ("GET", "/prints/grid-draft.{form}"): _plain("/prints/grid-draft.pdf?draft=none", role="planner"),
    ("GET", "/prints/report.zip"): _plain(
        "/prints/report.zip?lang=en", "/prints/report.zip?run={older}&since={run}", role="planner"
    ),
    ("GET", "/prints/atlas.pdf"): _atlases,
    # What a preview shows is walked by tests/api/routes/test_imports.py, which sends files.
    ("POST", "/imports"): _plain(
        "/imports?layer=cameras&mode=none&filename=a.csv", method="POST", body=b"id\nzq-a-cam1\n", role="planner"
    ),
    ("GET", "/imports"): _plain("/imports", "/imports?limit=1", role="planner"),
    ("GET", "/imports/{import_id}"): _plain("/imports/none", role="planner"),
    ("GET", "/imports/{import_id}/changes"): _plain("/imports/none/changes", role="planner"),
    ("GET", "/imports/{import_id}/rejects"): _plain("/imports/none/rejects", role="planner"),
    ("DELETE", "/imports/{import_id}"): _plain("/imports/none", method="DELETE", role="planner"),
    ("POST", "/imports/{import_id}/accept"): _plain("/imports/none/accept", method="POST", role="planner"),
}


def test_every_route_is_known_here(house: CountyServer) -> None:
    found = set()
    for one in iter_route_contexts(house.app.routes):
        methods = set(one.methods or {"MOUNT"}) - ({"HEAD"} if "GET" in (one.methods or ()) else set())
        found |= {(method, one.path) for method in methods}
    assert found - set(ROUTES) == set(), "a route that the leak test does not walk"
    assert set(ROUTES) - found == set(), "a route that is gone"


# Reading an answer, whatever its format.


def texts(answer: Response) -> list[str]:
    """Return all that an answer says, unpacked: headers, body, and what lies in archives, tiles and sheets."""
    media = answer.headers.get("content-type", "")
    found = [f"{name}: {unquote(value)}" for name, value in answer.headers.items()]
    body = answer.content
    found += _unpacked(body)
    if "mapbox" in media or "mvt" in media:
        found.append(json.dumps(mapbox_vector_tile.decode(body), ensure_ascii=False))
    elif "json" in media:
        found.append(json.dumps(json.loads(body), ensure_ascii=False))
    return found


def _unpacked(body: bytes) -> list[str]:
    """Return the text of a file, of the pages of a PDF, and of the files in an archive, archives in it too."""
    found = [body.decode("utf-8", "replace")]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            found += [text for name in archive.namelist() for text in _unpacked(archive.read(name))]
    elif body[:5] == b"%PDF-":
        found += [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]
    return found


def _coordinates(mark: str) -> list[tuple[str, bytes]]:
    """Return the coordinates of a township's rows as text, short of the last digit, and as they lie in files."""
    numbers = set()
    for frame in scoped().values():
        mine = frame[frame["id"].str.startswith(mark)]
        numbers |= set(shapely.get_coordinates(mine.geometry.to_numpy()).ravel().tolist())
    return [(f"{number:.8f}"[:-1], struct.pack("<d", number)) for number in numbers]


COORDINATES = {mark: _coordinates(mark) for mark in (MARK_A, MARK_B)}


def marks(answer: Response, mark: str, *, asked: str = "") -> list[str]:
    """Return the marks of a township that an answer shows, those that the question itself named left out."""
    said = "\n".join(texts(answer))
    for word in sorted(set(re.findall(r"zq-[ab][-\w]*", unquote(asked))), key=len, reverse=True):
        said = said.replace(word, "")
    found = re.findall(rf"{mark}[-\w]*", said)
    named = unquote(asked)
    for text, raw in COORDINATES[mark]:
        if text not in named and (text in said or raw in answer.content):
            found.append(text)
    return found


def _asked(ask: Ask) -> str:
    return f"{ask.path} {(ask.body or b'').decode()}"


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_no_answer_shows_anything_of_another_township(house: CountyServer, route: tuple[str, str]) -> None:
    for ask in ROUTES[route](house):
        for who, forbidden in BLIND.items():
            if ask.method not in ("GET", "OPTIONS") and who == "planner_a":
                continue  # its own planner would change its things
            answer = ask.of(house, who)
            assert answer.status_code < 500, (who, ask.path, answer.text)
            for mark in forbidden:
                assert not marks(answer, mark, asked=_asked(ask)), (who, ask.method, ask.path)
            if who == "public" and ask.role != "public":
                assert answer.status_code == 401, (ask.path, answer.status_code)
            if who == "viewer" and ask.role in ("planner", "admin"):
                assert answer.status_code == 403, (ask.path, answer.status_code)
        if ask.shows:
            own = ask.of(house, "planner_a")
            assert own.status_code == 200, (ask.path, own.text)
            assert marks(own, MARK_A), f"the marks would not be found in {ask.path}"


def test_the_admin_shows_what_there_is_to_leak(house: CountyServer) -> None:
    gaps = house["admin"].get(f"/runs/{house.run}/gaps").json()["gaps"]
    foreign = [one for one in gaps if one["lat"] > 37.002 and (one["camera"] or "").startswith(MARK_A)]
    assert foreign, "no gap of B names a camera of A: the test of it would pass by chance"
    seen = {one["rank"]: one for one in house["planner_b"].get(f"/runs/{house.run}/gaps").json()["gaps"]}
    for one in foreign:
        assert (seen[one["rank"]]["camera"], seen[one["rank"]]["distance_m"]) == (None, None)
        assert one["distance_m"] > 0


def test_places_without_a_name_stay_in_their_township(house: CountyServer) -> None:
    """Gaps and coverage carry no mark: look where they lie."""
    border = 37.002
    for who, low, high in (("planner_a", 36.9, border), ("planner_b", border, 37.1)):
        gaps = house[who].get(f"/runs/{house.run}/gaps").json()["gaps"]
        assert gaps
        assert all(low <= one["lat"] <= high for one in gaps)
        parts = house[who].get(f"/runs/{house.run}/coverage?f=geojson").json()["features"]
        shapes = [shapely.geometry.shape(one["geometry"]) for one in parts if one["geometry"]]
        box = shapely.union_all([one for one in shapes if not one.is_empty]).bounds
        assert low - 1e-9 <= box[1] < box[3] <= high + 1e-9
    z, row, col = list(_places())[1]
    for layer in ("gaps", "coverage"):
        whole = _decoded(house["admin"].get(f"/runs/{house.run}/tiles/{layer}/WebMercatorQuad/{z}/{row}/{col}"))
        mine = _decoded(house["planner_b"].get(f"/runs/{house.run}/tiles/{layer}/WebMercatorQuad/{z}/{row}/{col}"))
        assert len(mine) < len(whole) or layer == "coverage", layer
        none = house["planner_none"].get(f"/runs/{house.run}/tiles/{layer}/WebMercatorQuad/{z}/{row}/{col}")
        assert none.status_code == 204


def _decoded(answer: Response) -> list[dict[str, Any]]:
    found = mapbox_vector_tile.decode(answer.content) if answer.status_code == 200 else {}
    return [one for layer in found.values() for one in layer["features"]]


# Things of A, and things that do not exist.

_VARIES = re.compile(r'"timeStamp":"[^"]*"|[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}')


def told(answer: Response, *words: str) -> tuple[int, str, str]:
    """Return an answer with what names the question masked: these words, times, and the request's id."""
    kept = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
    headers, body = json.dumps(kept, sort_keys=True), answer.content.decode("latin-1")
    for word in words:
        for form in (
            word,
            quote(word, safe=""),
            quote(word),
            base64.urlsafe_b64encode(word.encode()).decode().rstrip("="),
        ):
            headers, body = headers.replace(form, "*"), body.replace(form, "*")
    return answer.status_code, _VARIES.sub("~", headers), _VARIES.sub("~", body)


def assert_twins(house: CountyServer, ask: Ask, there: str, nowhere: str, *, who: str = "planner_b") -> int:
    """Assert that a question about a thing of A is answered as one about nothing; return the status.

    The place of the thing in the path is ``{}``.
    """
    paths = [ask.path.replace("{}", quote(one, safe="/,")) for one in (there, nowhere)]
    first, second = (replace(ask, path=path).of(house, who) for path in paths)
    assert told(first, there) == told(second, nowhere), (ask.method, ask.path, ask.headers)
    return first.status_code


MATCHES = (None, "*", '"1"', '"2"', 'W/"1"', "x")
BODIES = (FEATURE, b"", b"{", b"[]", b'{"type":"Feature","properties":{"class":9}}', _feature(102.001, 37.001))


@pytest.mark.parametrize(
    ("layer", "who"), [("cameras", "planner_b"), ("demand", "planner_none"), ("protected", "planner_b")]
)
def test_a_foreign_feature_answers_as_none(house: CountyServer, layer: str, who: str) -> None:
    there, base = SCOPED[layer], f"/ogc/collections/{layer}/items"
    every = layer == "cameras"
    crs = quote("http://www.opengis.net/def/crs/EPSG/0/4490", safe="")
    for query in ("", "?f=geojson", "?f=csv", f"?crs={crs}", "?x=1"):
        for known in ({}, {"If-None-Match": "*"}, {"If-None-Match": '"1"'}):
            for method in ("GET", "HEAD", "OPTIONS") if every else ("GET",):
                ask = Ask(base + "/{}" + query, method=method, headers=known)
                assert_twins(house, ask, there, TWIN[there], who=who)
    # A version as its own planner sees it, which a caller of another scope cannot have.
    etag = house["planner_a"].get(f"{base}/{there}").headers["etag"]
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        media = "application/merge-patch+json" if method == "PATCH" else "application/geo+json"
        for match in (*MATCHES, etag) if every else ("*", '"1"', etag):
            headers = {"Content-Type": media} | ({"If-Match": match} if match else {})
            for body in (None,) if method == "DELETE" else BODIES if every else BODIES[:2]:
                ask = Ask(base + "/{}", method=method, headers=headers, body=body)
                assert assert_twins(house, ask, there, TWIN[there], who=who) >= 400
    for match in ("*", '"1"', etag):
        for of_it in ({"removed": ({},)}, {"changed": ({"properties": {"name": "x"}},)}):
            first, second = (
                told(
                    house[who].post(
                        f"/ogc/collections/{layer}/edits",
                        json={
                            kind: [{**one, "id": key, "etag": match} for one in listed]
                            for kind, listed in of_it.items()
                        },
                    ),
                    key,
                )
                for key in (there, TWIN[there])
            )
            assert first == second
    assert house["planner_a"].get(f"{base}/{there}").headers["etag"] == etag


@pytest.mark.parametrize("layer", SCOPED)
def test_a_question_that_only_a_foreign_row_meets_finds_nothing(house: CountyServer, layer: str) -> None:
    there = SCOPED[layer]
    base = f"/ogc/collections/{layer}/items"
    tree = json.dumps({"op": "in", "args": [{"property": "id"}, ["@"]]})
    queries = [
        {"id": "@"}, {"filter": "id = '@'"}, {"filter": "id = '@' OR id = 'zq-b-cam1'"}, {"filter": "id LIKE '@%'"},
        {"filter": "NOT (id <> '@')"}, {"filter": tree, "filter-lang": "cql2-json"}, {"id": "@", "f": "csv"},
        {"id": "@", "datetime": "1990-01-01/.."},
    ]  # fmt: skip
    for query in queries:
        path = f"{base}?{urlencode(query).replace('%40', '{}')}"
        assert assert_twins(house, Ask(path), there, TWIN[there]) == 200, query
    tokens = [base64.urlsafe_b64encode(key.encode()).decode().rstrip("=") for key in (there, TWIN[there])]
    assert assert_twins(house, Ask(base + "?token={}"), *tokens) == 200


def test_a_place_where_only_a_foreign_row_lies_is_as_empty_as_any(house: CountyServer) -> None:
    there, nowhere = "102.0010,37.0010,102.0011,37.0011", "102.0035,37.0001,102.0036,37.0002"
    assert house["planner_a"].get(f"/ogc/collections/cameras/items?bbox={there}").json()["numberMatched"] == 1
    assert house["admin"].get(f"/ogc/collections/cameras/items?bbox={nowhere}").json()["numberMatched"] == 0
    for form in FORMATS[:3]:
        assert_twins(house, Ask("/ogc/collections/cameras/items?bbox={}&f=" + form), there, nowhere)
    z, row, col = list(_places())[2]
    tile = f"/ogc/collections/cameras/tiles/WebMercatorQuad/{z}"
    assert house["planner_a"].get(f"{tile}/{row}/{col}").status_code == 200
    assert house["admin"].get(f"{tile}/{row - 1}/{col}").status_code == 204
    assert_twins(house, Ask(tile + "/{}"), f"{row}/{col}", f"{row - 1}/{col}")


def test_writing_at_a_foreign_place_tells_nothing_of_what_is_there(house: CountyServer) -> None:
    taken, free = (102.00101234, 37.00101234), (102.0013, 37.0005)
    headers = {"Content-Type": "application/geo+json"}
    b = house["planner_b"]
    answers = [b.post("/ogc/collections/cameras/items", content=_feature(*at), headers=headers) for at in (taken, free)]
    assert told(answers[0]) == told(answers[1])
    assert answers[0].status_code == 403
    own = "/ogc/collections/cameras/items/zq-b-cam1"
    match = {**headers, "If-Match": b.get(own).headers["etag"]}
    moves = [b.put(own, content=_feature(*at), headers=match) for at in (taken, free)]
    assert told(moves[0]) == told(moves[1])
    assert moves[0].status_code == 403
    assert b.get(own).headers["etag"] == match["If-Match"]


def test_a_taken_key_is_not_told_of(house: CountyServer) -> None:
    """A planner's keys are issued here, so that no 409 tells of a row out of sight (docs/contract.md section 5)."""
    b, headers = house["planner_b"], {"Content-Type": "application/geo+json"}
    answers = []
    for key in ("zq-a-cam1", "zq-a-cam8"):
        body = json.dumps({**json.loads(FEATURE), "id": key, "properties": {"id": key}})
        answers.append(b.post("/ogc/collections/cameras/items", content=body, headers=headers))
    try:
        assert [one.status_code for one in answers] == [201, 201], answers[0].text
        assert told(answers[0]) == told(answers[1])
        assert len(marks(answers[0], MARK_A)) == 0
    finally:
        for one in answers:
            if one.status_code == 201:
                b.delete(one.headers["location"], headers={"If-Match": one.headers["etag"]})
    assert house["planner_a"].get("/ogc/collections/cameras/items/zq-a-cam1").json()["properties"]["name"] == "zq-a-名1"


def test_a_foreign_site_is_no_site(house: CountyServer) -> None:
    for sites in ("{}", "zq-b-site1,{}", "{},zq-b-site1"):
        for layer in ("grids", "all"):
            ask = Ask(f"/runs/{house.run}/outage?sites={sites}&layer={layer}")
            assert assert_twins(house, ask, "zq-a-site1", TWIN["zq-a-site1"]) == 404


def test_a_foreign_job_is_no_job(house: CountyServer) -> None:
    there, nowhere = house.ids["job_a"], str(uuid7())
    for method, tail in (("GET", ""), ("GET", "/results"), ("DELETE", "")):
        for who in ("planner_b", "planner_none"):
            ask = Ask("/ogc/jobs/{}" + tail, method=method)
            assert assert_twins(house, ask, there, nowhere, who=who) == 404
    assert there not in house["planner_b"].get("/ogc/jobs").text
    assert house["planner_a"].get(f"/ogc/jobs/{there}").json()["status"] == "accepted"


def test_what_a_moved_camera_was_stays_where_it_was(house: CountyServer) -> None:
    answers = [
        house["planner_b"].get(f"/ogc/collections/cameras/items?id=zq-m-cam&datetime={when}")
        for when in ("1990-01-01/..", "../..", "2020-01-01")
    ]
    assert (
        house["planner_b"].get("/ogc/collections/cameras/items/zq-m-cam").json()["properties"]["name"] == "zq-b-after"
    )
    assert all("zq-a-before" not in one.text for one in answers)


# Numbers.


def test_counts_are_of_the_callers_own_rows(house: CountyServer) -> None:
    own = {
        "cameras": {"planner_a": 5, "planner_b": 4},
        "demand": {"planner_a": 2, "planner_b": 1},
        "protected": {"planner_a": 2, "planner_b": 1},
    }
    for layer, numbers in own.items():
        for who, number in {**numbers, "planner_none": 0, "admin": sum(numbers.values())}.items():
            page = house[who].get(f"/ogc/collections/{layer}/items?limit=1").json()
            assert (page["numberMatched"], page["numberReturned"]) == (number, min(number, 1)), (layer, who)
            assert any(one["rel"] == "next" for one in page["links"]) == (number > 1)
            every = house[who].get(f"/ogc/collections/{layer}/items?filter={quote('id IS NOT NULL')}").json()
            assert every["numberMatched"] == number
            rows = house[who].get(f"/ogc/collections/{layer}/items?f=csv").text.strip().splitlines()
            assert len(rows) == 1 + number


def test_extents_are_the_countys_whoever_asks(house: CountyServer) -> None:
    for layer in SCOPED:
        boxes = {
            who: house[who].get(f"/ogc/collections/{layer}").json()["extent"]["spatial"]["bbox"]
            for who in ("admin", "planner_a", "planner_b", "planner_none")
        }
        assert list(boxes.values()) == [[[102.0, 37.0, 102.004, 37.004]]] * 4


ASKING = ("admin", "planner_a", "planner_b", "planner_none", "viewer")
CAMERA_FIELDS = {"cameras", "offline", "seeing"}


@pytest.mark.parametrize("layer", ["grids", "microgrids", "villages", "townships", "all"])
def test_a_figure_is_the_same_whoever_asks(house: CountyServer, layer: str) -> None:
    for form in ("json", "geojson", "csv"):
        path = f"/runs/{house.run}/zones/{layer}?f={form}"
        answers = {who: house[who].get(path).content for who in ASKING}
        assert len(set(answers.values())) == 1, (layer, form)
    shown = house["public"].get(f"/runs/{house.run}/zones/{layer}").json()[layer]
    whole = house["viewer"].get(f"/runs/{house.run}/zones/{layer}").json()[layer]
    assert shown == [{name: value for name, value in one.items() if name not in CAMERA_FIELDS} for one in whole]
    assert set(whole[0]) >= CAMERA_FIELDS


def test_an_outage_is_the_same_whoever_may_ask(house: CountyServer) -> None:
    path = f"/runs/{house.run}/outage?sites=zq-b-site1&layer=townships"
    assert house["planner_b"].get(path).content == house["admin"].get(path).content
    assert (
        house["planner_b"].get(path).json()["townships"]
        != house["planner_b"].get(f"/runs/{house.run}/zones/townships").json()["townships"]
    )


def test_a_run_is_told_alike_to_all_who_are_signed_in(house: CountyServer) -> None:
    for path in ("/runs", f"/runs/{house.run}", "/runs/latest"):
        assert len({house[who].get(path).content for who in ASKING if who != "admin"}) == 1
        assert not marks(house["admin"].get(path), MARK_A)
    public = house["public"].get(f"/runs/{house.run}").json()
    text = json.dumps(public)
    assert not CAMERA_FIELDS & set(re.findall(r'"(\w+)":', text)), "a public summary tells of cameras"
    assert "assumptions" not in public


# Caches.


def test_what_one_township_has_is_never_another_ones_304(house: CountyServer) -> None:
    z, row, col = list(_places())[1]
    paths = [
        "/ogc/collections/cameras/items/zq-m-cam",
        f"/ogc/collections/cameras/tiles/WebMercatorQuad/{z}/{row}/{col}",
    ]
    paths += [
        f"/runs/{house.run}/tiles/{layer}/WebMercatorQuad/{z}/{row}/{col}" for layer in ("views", "gaps", "coverage")
    ]
    for path in paths:
        seen = {who: house[who].get(path) for who in ("admin", "planner_a", "planner_b", "planner_none")}
        tags = {who: one.headers["etag"] for who, one in seen.items() if "etag" in one.headers}
        assert len(tags) >= 2
        assert len(set(tags.values())) == len(tags), (path, tags)
        for who, tag in tags.items():
            for other in tags:
                again = house[other].get(path, headers={"If-None-Match": tag})
                assert (again.status_code == 304) == (who == other), (path, who, other)


def test_answers_are_kept_by_no_shared_cache(house: CountyServer) -> None:
    for path in (
        "/ogc/collections/cameras/items",
        f"/runs/{house.run}/views",
        "/runs",
        "/locate?address=a",
        "/suggest?q=a",
        f"/runs/{house.run}/zones",
        f"/runs/{house.run}/unknowns",
        "/prints/sheet.pdf?paper=A4",
    ):
        headers = house["planner_b"].get(path).headers
        assert "private" in headers["cache-control"] or "no-store" in headers["cache-control"], path
        assert {"Authorization", "X-API-Key", "Cookie"} <= {one.strip() for one in headers["vary"].split(",")}, path


# The database itself.


def test_the_store_of_a_planner_holds_the_same_line(house: CountyServer) -> None:
    """Whatever a route might forget, the database does not: the store asked past all routes."""
    store = house.store.acting(Caller("b", "planner", (T2,)))
    for layer in SCOPED:
        assert not any(one.startswith(MARK_A) for one in store.read(layer)["id"])
        assert store.count(layer) == len(store.read(layer))
    run = store.run(house.run, layers=["views", "possible", "gaps", "coverage"])
    assert not any(one.startswith(MARK_A) for one in run.layers["views"]["id"])
    assert G3[:9] == T2
    assert T1 not in set(run.layers["gaps"]["grid"].str[:9])


def test_the_audit_names_who_took_what_away(house: CountyServer) -> None:
    b = house["planner_b"]
    b.get("/ogc/collections/cameras/items?f=csv")
    b.get(f"/runs/{house.run}/gaps?f=xlsx")
    b.get("/prints/sheet.pdf?paper=A4")
    deeds = house.store.audit(limit=3)
    assert [(one["action"], one["who"], one["key"]) for one in deeds] == [
        (action, "planner_b", house.ids["planner_b"]) for action in ("print", "export", "export")
    ]
    assert deeds[2]["layer"] == "cameras"
    assert deeds[2]["detail"]["rows"] == 4
    assert deeds[1]["run"] == deeds[0]["run"] == house.run
    assert all(one["address"] and one["request"] for one in deeds)


def test_an_operator_opens_the_same_database(house: CountyServer, server: str) -> None:
    """The helper's own URL is the login without rights; nothing here runs as a superuser."""
    name = house.app.state.settings.database_url
    assert name.split("//")[1].startswith("gridsight@")
    store = open_database(name, caller=Caller("x", "viewer", ()))
    try:
        assert store.count("grids") == 6
    finally:
        store.close()


def test_a_drawn_zone_is_cut_to_the_townships_of_its_planner(house: CountyServer) -> None:
    both, upper = "102_37.001~102.004_37.001~102.004_37.003~102_37.003", "102_37.003~102.002_37.003~102.002_37.004"
    path = f"/runs/{house.run}/drawn?zone=drawn:"
    whole = house["admin"].get(path + both).json()
    own = {who: house[who].get(path + both).json() for who in ("planner_a", "planner_b")}
    assert [whole["properties"]["part"], *(one["properties"]["part"] for one in own.values())] == [False, True, True]
    assert max(lat for _, lat in own["planner_a"]["geometry"]["coordinates"][0]) == pytest.approx(37.002)
    parts = [one["properties"]["domain_m2"] for one in own.values()]
    assert sum(parts) == pytest.approx(whole["properties"]["domain_m2"], rel=1e-6)
    assert house["planner_a"].get(path + upper).status_code == 403
    assert house["planner_b"].get(path + upper).status_code == 200
