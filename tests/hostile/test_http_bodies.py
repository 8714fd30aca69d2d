"""Send bodies and parameters that mean harm to every route of a served process: a 4xx problem, and it is well after."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.api.conftest import G1
from tests.hostile.conftest import Served
from tests.hostile.hostile_files import zigzag

JSON, CSV, GEOJSON = "Content-Type: application/json", "Content-Type: text/csv", "Content-Type: application/geo+json"
_ITEMS = "/ogc/collections/grids/items"
_SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
_BATCHES = {
    "deep": b"[" * 2_000_000,
    "wide": b"[" + b"[]," * 6_000_000 + b"[]]",
    "long": b"[" + b"0," * 3_000_000 + b"0]",
    "half a surrogate": b'[{"address":"\\ud800"}]',
    "infinite": b'[{"lon":1e999,"lat":1,"crs":"wgs84"}]',
    "nan": b'[{"lon":NaN,"lat":1,"crs":"wgs84"}]',
    "ten thousand digits": b'[{"lon":' + b"9" * 10_000 + b',"lat":1,"crs":"wgs84"}]',
    "overlong": b'[{"address":"\xc0\xaf"}]',
    "utf-16": '[{"address":"x"}]'.encode("utf-16"),
    "two values": b"[][]",
    "empty": b"",
}


#: What spoils one row of a batch of addresses and points, and nothing else of it.
_ROWS = ("half a surrogate", "infinite", "nan")


@pytest.mark.parametrize("name", _BATCHES)
@pytest.mark.parametrize("target", ["/locate", "/runs", "/ogc/processes/analyze/execution", _ITEMS])
def test_a_hostile_json_body_is_a_problem_at_every_door(well: Served, name: str, target: str) -> None:
    answer = well.request("POST", target, GEOJSON if target == _ITEMS else JSON, body=_BATCHES[name])
    if target == "/locate" and name in _ROWS:
        assert (answer.status, b'"status":"error"' in answer.body.replace(b" ", b"")) == (200, True)
        return
    assert 400 <= answer.status < 500
    assert answer.problem["status"] == answer.status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"address\n" + b"a\n" * 9_000_000, 413),
        (b"address\n" + b"a" * 2_000_000 + b"\n", 200),  # the row is answered with its error
        (b'address\n"' + b"a\n" * 100_000, 200),  # a line with an open quotation mark is a row of its own
        (b"address\n\xff\xfe\n", 400),
        (b"address," * 100_000 + b"\nx\n", 400),
        (b"lon\n1\n", 400),
    ],
    ids=["rows", "cell", "quote", "no utf-8", "columns", "no column"],
)
def test_a_hostile_csv_body_is_bounded(well: Served, body: bytes, status: int) -> None:
    assert well.request("POST", "/locate", CSV, body=body).status == status


def test_cells_of_an_answer_are_no_formulas(well: Served) -> None:
    body = b'id,address\n"=HYPERLINK(1)",x\n"+1",x\n"@a",x\n"\t=1",x\n"-1+1",x\n'
    answer = well.request("POST", "/locate", CSV, "Accept: text/csv", body=body)
    assert answer.status == 200
    assert not [line for line in answer.body.decode("utf-8-sig").splitlines() if line[:1] in "=+@-\t" and len(line) > 4]


def test_a_batch_names_few_systems(well: Served) -> None:
    rows = [{"lon": 1, "lat": 1, "crs": f"EPSG:{code}"} for code in range(2000, 5000)]
    answer = well.request("POST", "/locate", JSON, body=json.dumps(rows).encode())
    assert answer.status == 200
    assert answer.body.count(b"at most 20") + answer.body.count("最多 20".encode()) > 2_900


def _feature(geometry: Any, **properties: Any) -> bytes:
    return json.dumps({"type": "Feature", "geometry": geometry, "properties": {"code": "h1", **properties}}).encode()


_AREA = {"type": "Polygon", "coordinates": [_SQUARE]}
_FEATURES = {
    "collection": _feature({"type": "GeometryCollection", "geometries": [_AREA]}),
    "deep": b'{"type":"Feature","properties":{},"geometry":'
    + b'{"type":"GeometryCollection","geometries":[' * 50_000
    + b"]}" * 50_000
    + b"}",
    "vertices": _feature({"type": "Polygon", "coordinates": [[[0, 0]] * 1_000_001]}),
    "beyond 64 bits": _feature({"type": "Polygon", "coordinates": [[[2**64, 0], [1, 0], [1, 1], [2**64, 0]]]}),
    "off the globe": _feature({"type": "Polygon", "coordinates": [[[900, 0], [1, 0], [1, 1], [900, 0]]]}),
    "words": _feature({"type": "Polygon", "coordinates": [[["0", "0"], ["1", "0"], ["1", "1"], ["0", "0"]]]}),
    "nul key": _feature(_AREA, code="a\0b"),
    "long key": _feature(_AREA, code="k" * 10_000),
    "number as key": _feature(_AREA, code=10**15),
    "nul text": _feature(_AREA, name="a\0b"),
    "count beyond 64 bits": _feature(_AREA, households=2**63),
    "count of a thousand digits": _feature(_AREA, households=int("9" * 300)),
    "year beyond 9999": _feature(_AREA, valid_from="10000-01-01"),
    "list as text": _feature(_AREA, name=[[[[1]]]]),
    "no field": _feature(_AREA, **{'name"; DROP TABLE grids; --': "x"}),
    "no feature": b"[1]",
    "no geometry": _feature(None),
}


@pytest.mark.parametrize("name", _FEATURES)
def test_a_hostile_feature_is_a_problem(well: Served, name: str) -> None:
    answer = well.request("POST", _ITEMS, GEOJSON, body=_FEATURES[name])
    assert answer.status in {400, 413, 422}, answer
    assert answer.problem["status"] == answer.status
    replaced = well.request("PUT", f"{_ITEMS}/{G1}", GEOJSON, "If-Match: *", body=_FEATURES[name])
    assert 400 <= replaced.status < 500, replaced
    assert replaced.problem["status"] == replaced.status


@pytest.mark.parametrize("header", ['"' + "9" * 60_000 + '"', '"\xb2"', '"-1"', 'W/"1"', '"91","92"', "*, *", '"'])
def test_odd_versions_are_problems(well: Served, header: str) -> None:
    answer = well.request("DELETE", f"{_ITEMS}/{G1}", f"If-Match: {header}")
    assert 400 <= answer.status < 500
    assert answer.problem["status"] == answer.status


_FILTERS = {
    "deep text": "(" * 7_000 + "1=1" + ")" * 7_000,
    "many nots": "NOT%20" * 2_000 + "code=%27a%27",
    "sleep": "pg_sleep(10)=1",
    "setting": "set_config(%27role%27,%27gridsight_admin%27,true)=%27a%27",
    "file": "load_extension(%27x%27)=1",
    "nul": "code=%27a%00b%27",
    "deep shape": "S_INTERSECTS(geometry," + "GEOMETRYCOLLECTION(" * 2_000 + "POINT(0%200)" + ")" * 2_000 + ")",
    "infinite shape": "S_INTERSECTS(geometry,POINT(1e999%200))",
    "many": "%20OR%20".join(["code=%27a%27"] * 3_000),
    "column": "geom=1",
    "injected": "code=%27a%27;DROP%20TABLE%20grids",
    "pattern": "code%20LIKE%20%27" + "%25_" * 2_000 + "%27",
}


@pytest.mark.parametrize("name", _FILTERS)
def test_a_hostile_filter_is_a_problem(well: Served, name: str) -> None:
    answer = well.get(f"{_ITEMS}?filter={_FILTERS[name]}")
    assert (answer.status, answer.problem["code"]) == (400, "bad-query")


def test_a_filter_of_ten_thousand_levels_in_json_is_a_problem(well: Served) -> None:
    tree = "{%22op%22:%22not%22,%22args%22:[" * 1_500 + "]}" * 1_500
    for brackets in (tree.replace("{", "%7B").replace("}", "%7D").replace("[", "%5B").replace("]", "%5D"),):
        answer = well.get(f"{_ITEMS}?filter-lang=cql2-json&filter={brackets}")
        assert answer.status == 400


_QUERIES = [
    f"{_ITEMS}?bbox=nan,0,1,1", f"{_ITEMS}?bbox=1e309,0,1,1", f"{_ITEMS}?bbox=inf,0,1,1",
    f"{_ITEMS}?bbox=" + "1," * 3_000,
    f"{_ITEMS}?datetime=%D9%A2026-01-01", f"{_ITEMS}?datetime=10000-01-01", f"{_ITEMS}?datetime=0000-01-01",
    f"{_ITEMS}?datetime=" + "2026-01-01/" * 500, f"{_ITEMS}?limit=%D9%A1",
    f"{_ITEMS}?limit=-1", f"{_ITEMS}?limit=1e3", f"{_ITEMS}?level={'9' * 900}", f"{_ITEMS}?level=1e400",
    f"{_ITEMS}?code=%00", f"{_ITEMS}?token={'A' * 1_999}", f"{_ITEMS}?token=%00", f"{_ITEMS}?crs=file:///etc/passwd",
    f"{_ITEMS}?bbox-crs=http://evil.example/", f"{_ITEMS}?f=..%2f..", f"{_ITEMS}?code=a&code=b",
    "/health?" + "a=1&" * 10_000, "/locate?lon=nan&lat=1&crs=wgs84", "/locate?lon=1e309&lat=1&crs=wgs84",
    "/locate?lon=1e308&lat=1&crs=EPSG:4543", "/locate?lon=1&lat=1&crs=%00", "/locate?lon=1&lat=1&crs=EPSG:9999999",
    "/locate?lon=1&lat=1&crs=GEOGCS%5B" + "A%5B" * 40, "/locate?lon=1&lat=1&crs=%2Bproj=pipeline",
    "/locate?lon=1&lat=1&crs=EPSG:5801", "/locate?address=x&at=10000-01-01", "/locate?address=x&accuracy=1e309",
    "/suggest?q=" + "g" * 12_000, "/suggest?q=g&lon=nan&lat=1", "/suggest?q=g&lon=1", "/suggest?q=g&limit=1e3",
    "/locate?address=x&address=y", "/locate?address=" + "a" * 12_000, "/runs/latest/gaps?limit=0",
    "/runs/latest/gaps?f=csv%0d%0aX-A:1", "/prints/sheet.pdf?paper=A3%0d%0aX-A:1", "/prints/sheet.pdf?paper=A99",
    "/ogc/jobs?datetime=%D9%A2026-01-01", "/ogc/jobs?minDuration=" + "9" * 400,
]  # fmt: skip


@pytest.mark.parametrize("target", _QUERIES, ids=lambda target: target[:60])
def test_odd_parameters_are_problems(well: Served, target: str) -> None:
    answer = well.get(target)
    assert (answer.status, answer.problem["status"]) in {(400, 400), (404, 404)}
    assert "x-a" not in answer.headers


@pytest.mark.parametrize(
    "tile", ["99/0/0", "-1/0/0", "0/1/0", "0/0/-1", "9" * 400 + "/0/0", "%00/0/0", "1e3/0/0", "0/0/%D9%A1", "0/0/0.5"]
)
def test_odd_tiles_are_problems(well: Served, tile: str) -> None:
    answer = well.get(f"/ogc/collections/grids/tiles/WebMercatorQuad/{tile}")
    assert answer.status in {400, 404}
    assert answer.problem["status"] == answer.status


def test_the_log_keeps_one_line_a_request(well: Served) -> None:
    well.get("/forged%0a2026-01-01%20INFO%20signed-in%20admin", "X-Request-ID: a b", "User-Agent: \x1b[31m")
    lines = well.log.read_text(encoding="utf-8", errors="replace").splitlines()
    assert not [line for line in lines if line.startswith("2026-01-01 INFO") or "\x1b" in line]


def test_an_answer_may_take_longer_than_a_request_to_arrive(well: Served) -> None:
    """4 s is what the served process gives a request to arrive; its answer is not cut off after them."""
    body = b"address\n" + b"x\n" * 190_000
    with well.connect(timeout=60) as sock:
        head = f"POST /locate HTTP/1.1\r\nHost: 127.0.0.1:{well.port}\r\n{CSV}\r\nConnection: close\r\n"
        sock.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        time.sleep(6)
        data = b""
        while more := sock.recv(65_536):
            data += more
    assert data.count(b"not_found") == 190_000
    assert data.endswith(b"0\r\n\r\n")


def test_a_ring_that_crosses_itself_everywhere_costs_no_hours(well: Served) -> None:
    ring = {"type": "Polygon", "coordinates": [zigzag(50_000)]}
    answer = well.request("POST", _ITEMS, GEOJSON, body=_feature(ring, code="tangle"))
    assert (answer.status, answer.problem["code"]) == (422, "bad-geometry")
